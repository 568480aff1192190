"""The ports that set things going: events, deadlines, the workflow, groups and the clock."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from botocore.stub import Stubber
from moto import mock_aws

from microintern.adapters.clock import SystemClock
from microintern.adapters.deadlines import SchedulerDeadlines
from microintern.adapters.events import EventBridgeBus, NotTaken
from microintern.adapters.groups import CognitoGroups
from microintern.adapters.users import CognitoUsers
from microintern.adapters.workflow import StepFunctionsWorkflow
from microintern.domain.base import iso
from microintern.domain.problems import NotFound
from microintern.ports.accounts import Groups, Users
from microintern.ports.clock import Clock
from microintern.ports.workflow import Deadlines, EventBus, Workflow
from tests.contract import tables
from tests.contract.conftest import BOTH, calls_of, service
from tests.contract.examples import NOW
from tests.twins.clock import MemoryClock
from tests.twins.services import MemoryBus, MemoryDeadlines, MemoryGroups, MemoryUsers, MemoryWorkflow

ACCOUNT = "123456789012"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/any"
LIMIT_S = 10.0


def eventually(look: Callable[[], Any]) -> Any:
    """What `look` finds, as soon as it finds something."""
    until = time.monotonic() + LIMIT_S
    while time.monotonic() < until:
        if found := look():
            return found
        time.sleep(0.01)
    raise AssertionError(f"nothing within {LIMIT_S} s")


class TestEvents:
    EVENTS = tuple({"id": str(number), "type": "brief.opened", "data": {"brief_id": "b"}} for number in range(23))

    @pytest.fixture(params=BOTH)
    def bus(self, request: pytest.FixtureRequest) -> EventBus:
        if request.param == "memory":
            return MemoryBus()
        request.getfixturevalue("aws")
        client = service("events")
        client.create_event_bus(Name="bus")
        return EventBridgeBus(client, "bus")

    def test_any_number_is_taken(self, bus: EventBus) -> None:
        bus.publish([])
        bus.publish(list(self.EVENTS))

    def test_the_twin_keeps_them_in_order(self) -> None:
        bus = MemoryBus()
        bus.publish(list(self.EVENTS))
        assert bus.events == list(self.EVENTS)

    def test_ten_go_in_one_call_as_whole_cloudevents(self, aws: None) -> None:
        client, entries = service("events"), []
        answer = {"FailedEntryCount": 0, "Entries": []}

        def note(params: dict[str, Any], **_: Any) -> None:
            entries.append(params["Entries"])

        client.meta.events.register("provide-client-params.events.PutEvents", note)
        with Stubber(client) as stub:
            for _ in range(3):
                stub.add_response("put_events", answer)
            EventBridgeBus(client, "bus").publish(list(self.EVENTS))
        client.meta.events.unregister("provide-client-params.events.PutEvents", note)
        assert [len(chunk) for chunk in entries] == [10, 10, 3]
        first = entries[0][0]
        assert json.loads(first.pop("Detail")) == self.EVENTS[0]
        assert first == {"EventBusName": "bus", "Source": "microintern", "DetailType": "brief.opened"}

    def test_an_entry_that_was_not_taken_raises(self, aws: None) -> None:
        client = service("events")
        entries = [{"EventId": "1"}, {"ErrorCode": "ThrottlingException", "ErrorMessage": "slow down"}]
        with Stubber(client) as stub:
            stub.add_response("put_events", {"FailedEntryCount": 1, "Entries": entries})
            with pytest.raises(NotTaken, match="1 of 2 events: ThrottlingException"):
                EventBridgeBus(client, "bus").publish(list(self.EVENTS[:2]))


class TestDeadlines:
    LAPSE_AT = (NOW + timedelta(days=3)).replace(microsecond=0)

    class Side(NamedTuple):
        """The port, and a way to see which deadlines are set."""

        deadlines: Deadlines
        pending: Callable[[], set[tuple[str, datetime]]]

    @staticmethod
    def on_scheduler(clock: Clock | None = None) -> tuple[Any, SchedulerDeadlines]:
        client = service("scheduler")
        client.create_schedule_group(Name="briefs")
        deadlines = SchedulerDeadlines(
            client,
            group="briefs",
            target_arn=f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:lapse",
            role_arn=ROLE_ARN,
            dead_letter_arn=f"arn:aws:sqs:eu-west-1:{ACCOUNT}:missed",
            clock=clock or MemoryClock(NOW),
        )
        return client, deadlines

    @pytest.fixture(params=BOTH)
    def side(self, request: pytest.FixtureRequest) -> Side:
        if request.param == "memory":
            twin = MemoryDeadlines()
            return self.Side(twin, lambda: twin.pending)
        request.getfixturevalue("aws")
        client, deadlines = self.on_scheduler()

        def pending() -> set[tuple[str, datetime]]:
            names = [found["Name"] for found in client.list_schedules(GroupName="briefs")["Schedules"]]
            parts = [name.rpartition("-") for name in names]
            return {(brief_id, datetime.fromtimestamp(int(at), UTC)) for brief_id, _, at in parts}

        return self.Side(deadlines, pending)

    def test_set_and_dropped_once_however_often_asked(self, side: Side) -> None:
        later = self.LAPSE_AT + timedelta(seconds=1)
        for _ in range(2):
            side.deadlines.set("brief-000001", self.LAPSE_AT)
            side.deadlines.set("brief-000001", later)
            side.deadlines.set("brief-000002", later)
        assert side.pending() == {
            ("brief-000001", self.LAPSE_AT),
            ("brief-000001", later),
            ("brief-000002", later),
        }
        for _ in range(2):
            side.deadlines.drop("brief-000001", later)
        assert side.pending() == {("brief-000001", self.LAPSE_AT), ("brief-000002", later)}

    def test_a_schedule_fires_once_with_retries_and_a_dead_letter_queue(self, aws: None) -> None:
        client, deadlines = self.on_scheduler()
        deadlines.set("brief-000001", self.LAPSE_AT)
        name = client.list_schedules(GroupName="briefs")["Schedules"][0]["Name"]
        found = client.get_schedule(GroupName="briefs", Name=name)
        assert found["ScheduleExpression"] == "at(2026-12-04T09:30:00)"
        assert found["ScheduleExpressionTimezone"] == "UTC"
        assert found["FlexibleTimeWindow"] == {"Mode": "OFF"}
        assert found["ActionAfterCompletion"] == "DELETE"
        target = found["Target"]
        assert json.loads(target["Input"]) == {"brief_id": "brief-000001", "lapse_at": iso(self.LAPSE_AT)}
        assert target["Arn"].endswith(":function:lapse")
        assert target["DeadLetterConfig"]["Arn"].endswith(":missed")
        assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 86_400, "MaximumRetryAttempts": 185}

    def test_a_deadline_that_has_passed_fires_soon(self, aws: None) -> None:
        clock = MemoryClock(self.LAPSE_AT + timedelta(hours=1))
        client, deadlines = self.on_scheduler(clock)
        deadlines.set("brief-000001", self.LAPSE_AT)
        found = client.get_schedule(GroupName="briefs", Name=f"brief-000001-{int(self.LAPSE_AT.timestamp())}")
        assert found["ScheduleExpression"] == "at(2026-12-04T10:30:05)"
        assert json.loads(found["Target"]["Input"])["lapse_at"] == iso(self.LAPSE_AT)


class TestWorkflow:
    class Machine(NamedTuple):
        """A running state machine that waits as the real one does."""

        workflow: StepFunctionsWorkflow
        token: Callable[[str], str]
        steps: Callable[[str], list[str]]

    DEFINITION: dict[str, Any] = {
        "StartAt": "Await",
        "States": {
            "Await": {
                "Type": "Task",
                "Resource": "arn:aws:states:::aws-sdk:dynamodb:updateItem.waitForTaskToken",
                "Parameters": {
                    "TableName": tables.BRIEFS,
                    "Key": {"pk": {"S.$": "$.brief_id"}, "sk": {"S": "control"}},
                    "UpdateExpression": "SET #wait = :wait",
                    "ExpressionAttributeNames": {"#wait": "wait"},
                    "ExpressionAttributeValues": {":wait": {"S.$": "$$.Task.Token"}},
                },
                "Next": "Main",
                "Catch": [{"ErrorEquals": ["Branch"], "Next": "Branch"}],
            },
            "Main": {"Type": "Succeed"},
            "Branch": {"Type": "Succeed"},
        },
    }

    @pytest.fixture
    def machine(self) -> Iterator[Machine]:
        with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
            dynamodb, client = service("dynamodb"), service("stepfunctions")
            tables.make(dynamodb)
            arn = client.create_state_machine(name="brief", definition=json.dumps(self.DEFINITION), roleArn=ROLE_ARN)[
                "stateMachineArn"
            ]

            def token(brief_id: str) -> str:
                key = {"pk": {"S": brief_id}, "sk": {"S": "control"}}

                def wait() -> Any:
                    return dynamodb.get_item(TableName=tables.BRIEFS, Key=key).get("Item", {}).get("wait")

                found: str = eventually(wait)["S"]
                return found

            def steps(brief_id: str) -> list[str]:
                execution = arn.replace(":stateMachine:", ":execution:") + f":{brief_id}"
                ended = eventually(lambda: client.describe_execution(executionArn=execution)["status"] == "SUCCEEDED")
                assert ended
                history = client.get_execution_history(executionArn=execution)["events"]
                return [e["stateEnteredEventDetails"]["name"] for e in history if "stateEnteredEventDetails" in e]

            yield self.Machine(StepFunctionsWorkflow(client, arn), token, steps)

    def test_along_the_main_path(self, machine: Machine) -> None:
        machine.workflow.start("brief-000001")
        token = machine.token("brief-000001")
        machine.workflow.move(token, "Main", main=True)
        assert machine.steps("brief-000001") == ["Await", "Main"]
        machine.workflow.move(token, "Main", main=True)
        machine.workflow.move(token, "Branch", main=False)

    def test_a_branch_is_caught_by_its_name(self, machine: Machine) -> None:
        machine.workflow.start("brief-000001")
        machine.workflow.move(machine.token("brief-000001"), "Branch", main=False)
        assert machine.steps("brief-000001") == ["Await", "Branch"]

    def test_the_same_start_again_is_fine(self, machine: Machine) -> None:
        machine.workflow.start("brief-000001")
        machine.workflow.start("brief-000001")
        machine.workflow.move(machine.token("brief-000001"), "Main", main=True)
        assert machine.steps("brief-000001") == ["Await", "Main"]

    def test_a_start_after_the_end_is_fine(self, aws: None) -> None:
        client = service("stepfunctions")
        with Stubber(client) as stub:
            stub.add_client_error("start_execution", "ExecutionAlreadyExists")
            expected = {"stateMachineArn": "arn:machine", "name": "b", "input": '{"brief_id": "b"}'}
            stub.add_response(
                "start_execution",
                {"executionArn": "arn:execution", "startDate": NOW},
                expected_params=expected,
            )
            for _ in range(2):
                StepFunctionsWorkflow(client, "arn:machine").start("b")
            stub.assert_no_pending_responses()

    @pytest.mark.parametrize("side", BOTH)
    def test_another_execution_is_started_when_none_runs_any_more_and_once_for_each_version(
        self, side: str, aws: None
    ) -> None:
        workflow, die = in_memory_workflow() if side == "memory" else on_step_functions()
        workflow.start("brief0001")
        assert not workflow.revive("brief0001", 3)
        assert workflow.died() == []
        die("brief0001")
        assert workflow.died() == ["brief0001"]
        assert workflow.revive("brief0001", 3)
        assert not workflow.revive("brief0001", 3)
        # The one for version 3 still runs.
        assert not workflow.revive("brief0001", 4)
        die("brief0001")
        assert not workflow.revive("brief0001", 3)
        assert workflow.revive("brief0001", 4)

    @pytest.mark.parametrize("side", BOTH)
    def test_a_brief_whose_execution_never_started_gets_one(self, side: str, aws: None) -> None:
        workflow, _ = in_memory_workflow() if side == "memory" else on_step_functions()
        assert workflow.revive("brief0001", 1)
        assert not workflow.revive("brief0001", 2)

    def test_a_start_that_comes_late_finds_the_execution_that_was_started_in_its_place(self, aws: None) -> None:
        """Two that run at once would write over each other's tokens, and one would wait for ever."""
        workflow, _ = on_step_functions()
        assert workflow.revive("brief0001", 2)
        workflow.start("brief0001")
        client = service("stepfunctions")
        (machine,) = client.list_state_machines()["stateMachines"]
        found = client.list_executions(stateMachineArn=machine["stateMachineArn"])["executions"]
        assert [execution["name"] for execution in found] == ["brief0001"]

    def test_each_brief_died_once_whatever_became_of_its_executions(self, aws: None) -> None:
        client = service("stepfunctions")
        with Stubber(client) as stub:
            for status, names in (("FAILED", ["b1-3", "b1", "b2"]), ("TIMED_OUT", ["b3"]), ("ABORTED", ["b2-7"])):
                common = {"stateMachineArn": "arn:machine", "status": status, "startDate": NOW}
                rows = [{"executionArn": name, "name": name, **common} for name in names]
                expected = {"stateMachineArn": "arn:machine", "statusFilter": status, "maxResults": 100}
                stub.add_response("list_executions", {"executions": rows}, expected)
            assert StepFunctionsWorkflow(client, "arn:machine").died() == ["b1", "b2", "b3"]

    @pytest.mark.parametrize("code", ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"])
    def test_a_task_that_waits_no_more_is_fine(self, aws: None, code: str) -> None:
        client = service("stepfunctions")
        with Stubber(client) as stub:
            stub.add_client_error("send_task_success", code)
            stub.add_client_error("send_task_failure", code)
            workflow = StepFunctionsWorkflow(client, "arn:machine")
            workflow.move("token", "Main", main=True)
            workflow.move("token", "Branch", main=False)
            stub.assert_no_pending_responses()

    def test_any_other_error_is_raised(self, aws: None) -> None:
        client = service("stepfunctions")
        with Stubber(client) as stub:
            stub.add_client_error("send_task_success", "InvalidOutput")
            with pytest.raises(client.exceptions.InvalidOutput):
                StepFunctionsWorkflow(client, "arn:machine").move("token", "Main", main=True)

    def test_the_twin_starts_once_and_keeps_the_first_answer(self) -> None:
        twin = MemoryWorkflow()
        port: Workflow = twin
        for _ in range(2):
            port.start("brief-000001")
        port.move("token", "Main", main=True)
        port.move("token", "Branch", main=False)
        assert twin.started == ["brief-000001"]
        assert twin.answers == {"token": ("Main", True)}


def in_memory_workflow() -> tuple[Workflow, Callable[[str], None]]:
    """The twin, and a way for a brief's execution to die."""
    twin = MemoryWorkflow()
    return twin, twin.running.discard


def on_step_functions() -> tuple[Workflow, Callable[[str], None]]:
    """The adapter, and a way for whatever runs for a brief to die."""
    client = service("stepfunctions")
    arn = client.create_state_machine(name="brief", definition="{}", roleArn=ROLE_ARN)["stateMachineArn"]

    def die(brief_id: str) -> None:
        for execution in client.list_executions(stateMachineArn=arn, statusFilter="RUNNING")["executions"]:
            if execution["name"].startswith(brief_id):
                client.stop_execution(executionArn=execution["executionArn"])

    return StepFunctionsWorkflow(client, arn), die


class TestGroups:
    class Side(NamedTuple):
        """The port, and an account without a role."""

        groups: Groups
        account_id: str

    @pytest.fixture(params=BOTH)
    def side(self, request: pytest.FixtureRequest) -> Side:
        if request.param == "memory":
            return self.Side(MemoryGroups({"account-0001": []}), "account-0001")
        request.getfixturevalue("aws")
        client = service("cognito-idp")
        pool_id = client.create_user_pool(PoolName="people", UsernameAttributes=["email"])["UserPool"]["Id"]
        for role in ("student", "educator", "operator"):
            client.create_group(UserPoolId=pool_id, GroupName=role)
        user = client.admin_create_user(UserPoolId=pool_id, Username="ada@example.org")["User"]
        sub = next(a["Value"] for a in user["Attributes"] if a["Name"] == "sub")
        return self.Side(CognitoGroups(client, pool_id), sub)

    def test_an_account_has_exactly_the_role_assigned(self, side: Side) -> None:
        assert side.groups.roles_of(side.account_id) == []
        for role in ("student", "operator", "operator", "educator"):
            side.groups.assign(side.account_id, role)
            assert side.groups.roles_of(side.account_id) == [role]

    def test_nobody_has_no_roles(self, side: Side) -> None:
        with pytest.raises(NotFound):
            side.groups.roles_of("account-0404")
        with pytest.raises(NotFound):
            side.groups.assign("account-0404", "student")

    @pytest.mark.parametrize("side", ["aws"], indirect=True)
    def test_joining_adds_a_role_in_one_call(self, side: Side) -> None:
        groups = side.groups
        assert isinstance(groups, CognitoGroups)
        with calls_of(service("cognito-idp")) as sent:
            groups.join(side.account_id, "student")
            groups.join(side.account_id, "student")
        assert sent == ["AdminAddUserToGroup"] * 2
        groups.join(side.account_id, "educator")
        assert sorted(groups.roles_of(side.account_id)) == ["educator", "student"]
        groups.assign(side.account_id, "operator")
        assert groups.roles_of(side.account_id) == ["operator"]


class TestUsers:
    class Side(NamedTuple):
        """The port, an account that is there, and whether that can sign in."""

        users: Users
        account_id: str
        can_sign_in: Callable[[], bool]
        verify: Callable[[str], object]

    @pytest.fixture(params=BOTH)
    def side(self, request: pytest.FixtureRequest) -> Side:
        if request.param == "memory":
            twin = MemoryUsers("account-0001")
            known = {"true": {"account-0001": "ada@example.com"}, "false": {}}
            can = lambda: twin.can_sign_in["account-0001"]  # noqa: E731
            return self.Side(twin, "account-0001", can, lambda verified: setattr(twin, "addresses", known[verified]))
        request.getfixturevalue("aws")
        client = service("cognito-idp")
        at = {"UserPoolId": client.create_user_pool(PoolName="people")["UserPool"]["Id"], "Username": "ada"}
        client.admin_create_user(**at, MessageAction="SUPPRESS")

        def verify(verified: str) -> None:
            said = {"email": "ada@example.com", "email_verified": verified}
            attributes = [{"Name": name, "Value": value} for name, value in said.items()]
            client.admin_update_user_attributes(**at, UserAttributes=attributes)

        users = CognitoUsers(client, at["UserPoolId"])
        return self.Side(users, "ada", lambda: client.admin_get_user(**at)["Enabled"], verify)

    def test_who_is_shut_out_cannot_sign_in_until_let_in_again_however_often_asked(self, side: Side) -> None:
        for change, can in ((side.users.shut_out, False), (side.users.let_in, True)):
            for _ in range(2):
                change(side.account_id)
                assert side.can_sign_in() is can

    def test_who_is_deleted_is_gone_and_once_more_is_fine(self, side: Side) -> None:
        for _ in range(2):
            side.users.delete(side.account_id)
        with pytest.raises(NotFound):
            side.users.let_in(side.account_id)

    def test_an_address_is_told_once_it_is_verified(self, side: Side) -> None:
        assert side.users.address("nobody") is None
        for verified, address in (("false", None), ("true", "ada@example.com")):
            side.verify(verified)
            assert side.users.address(side.account_id) == address

    def test_nobody_cannot_be_shut_out(self, side: Side) -> None:
        for change in (side.users.shut_out, side.users.let_in):
            with pytest.raises(NotFound):
                change("nobody")

    def test_tokens_that_are_about_are_taken_back(self, aws: None) -> None:
        client = service("cognito-idp")
        at = {"UserPoolId": client.create_user_pool(PoolName="people")["UserPool"]["Id"], "Username": "ada"}
        client.admin_create_user(**at, MessageAction="SUPPRESS")
        with calls_of(client) as sent:
            CognitoUsers(client, at["UserPoolId"]).shut_out("ada")
        assert sent == ["AdminDisableUser", "AdminUserGlobalSignOut"]


class TestClock:
    @pytest.mark.parametrize("clock", [SystemClock(), MemoryClock(NOW)], ids=BOTH)
    def test_the_time_is_utc_to_the_millisecond(self, clock: Clock) -> None:
        now = clock.now()
        assert now.utcoffset() == timedelta(0)
        assert datetime.fromisoformat(iso(now)) == now

    def test_the_systems_clock_tells_the_present(self) -> None:
        assert abs((datetime.now(UTC) - SystemClock().now()).total_seconds()) < 1

    def test_the_twin_moves_when_told(self) -> None:
        clock = MemoryClock(NOW)
        assert clock.forward(days=1, seconds=5) == NOW + timedelta(days=1, seconds=5)
        assert clock.now() == NOW + timedelta(days=1, seconds=5)
