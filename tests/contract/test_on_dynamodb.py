"""What only the table shows: the number of calls, the layout of items, and what else DynamoDB can answer."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from microintern.adapters import dynamo
from microintern.adapters.accounts import TRACKED, step_of
from microintern.adapters.briefs import application_of, change_of, control_item
from microintern.adapters.dynamo import Refused
from microintern.domain.audit import Finding, entry
from microintern.domain.brief import Brief
from microintern.domain.change import Wait
from microintern.domain.documents import Content
from microintern.domain.ledger import Settlement, Transfer, paying_out
from microintern.domain.payments import OperationStatus
from microintern.domain.payout_matrix import Split
from microintern.domain.states import Role, State
from microintern.domain.trail import Event
from microintern.ports.briefs import BrowseFilter
from microintern.ports.conditions import Needs, PayeeNotReady, Stale
from tests.contract import examples, tables
from tests.contract.conftest import Stores, calls_of, on_dynamodb
from tests.contract.examples import EMPLOYER, NOW, STUDENT
from tests.contract.test_ledger import a_hold

WAIT = {"state": "posted", "token": "token-1"}


@pytest.fixture
def stores(dynamodb: Any) -> Stores:
    """The adapters only."""
    return on_dynamodb(dynamodb)


@pytest.fixture
def posted(stores: Stores) -> Brief:
    """A brief that is there, with an application."""
    brief = examples.brief()
    stores.briefs.create(brief, examples.content())
    stores.briefs.add(brief.brief_id, examples.application(brief))
    stores.briefs.add(brief.brief_id, examples.file(brief))
    return brief


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dynamo, "_pause", lambda attempt: None)


def raw(client: Any, pk: str, sk: str, table: str = tables.BRIEFS) -> dict[str, Any]:
    item = client.get_item(TableName=table, Key=dynamo.key(pk, sk))["Item"]
    return dynamo.unpacked(item)


def register_wait(client: Any, brief_id: str) -> None:
    """What the workflow does by itself."""
    client.update_item(
        TableName=tables.BRIEFS,
        Key=dynamo.key(brief_id, "control"),
        UpdateExpression="SET #wait = :wait",
        ConditionExpression="attribute_exists(pk)",
        ExpressionAttributeNames={"#wait": "wait"},
        ExpressionAttributeValues=dynamo.packed({":wait": WAIT}),
    )


def voided(of: Brief) -> Transfer:
    """The record that its money did not come."""
    return examples.ended(examples.fund(of), OperationStatus.FAILED)


def given_back(of: Brief) -> Settlement:
    """A claim that gives the whole escrow back."""
    return examples.settlement(of, split=Split(student_minor=0, employer_minor=of.escrow_minor, fee_minor=0))


Operation = Callable[[Stores, Brief], Any]


class TestCalls:
    @pytest.mark.parametrize(
        ("operation", "call"),
        [
            (lambda on, b: on.briefs.create(examples.brief(2), examples.content()), "TransactWriteItems"),
            (lambda on, b: on.briefs.create(b, examples.content()), "TransactWriteItems"),
            (lambda on, b: on.briefs.read(b.brief_id), "GetItem"),
            (lambda on, b: on.briefs.read(b.brief_id, "content", "file#file-000001"), "BatchGetItem"),
            (lambda on, b: on.briefs.save(b, examples.moved(b)), "UpdateItem"),
            (lambda on, b: on.briefs.save(b, examples.moved(b), examples.submission()), "TransactWriteItems"),
            (lambda on, b: on.briefs.add(b.brief_id, examples.submission()), "PutItem"),
            (lambda on, b: on.briefs.add(b.brief_id, examples.application(b)), "PutItem"),
            (lambda on, b: on.briefs.replace(examples.application(b, version=2)), "PutItem"),
            (lambda on, b: on.briefs.replace(examples.file(b, version=2)), "PutItem"),
            (lambda on, b: on.briefs.await_settlement(b, "token"), "UpdateItem"),
            (lambda on, b: on.briefs.nudge(b.brief_id), "UpdateItem"),
            (lambda on, b: on.ledger.begin(examples.fund(b)), "PutItem"),
            (lambda on, b: on.ledger.begin(examples.fund(b), b), "TransactWriteItems"),
            (lambda on, b: on.ledger.record(voided(b)), "PutItem"),
            (lambda on, b: on.ledger.record(examples.ended(examples.fund(b))), "TransactWriteItems"),
            (lambda on, b: on.ledger.record(voided(b), b, examples.moved(b)), "TransactWriteItems"),
            (lambda on, b: on.ledger.claim(given_back(b), b), "TransactWriteItems"),
            (lambda on, b: on.ledger.transfers(b.brief_id), "Query"),
            (lambda on, b: on.ledger.balances(b.brief_id), "Query"),
            (lambda on, b: on.ledger.holds(5), "Query"),
            (lambda on, b: on.audit.note(entry(Finding.RECONCILED, "s", "r", NOW)), "PutItem"),
            (lambda on, b: on.accounts.save_payout_account(examples.payout_account()), "TransactWriteItems"),
        ],
    )
    def test_one_each(self, stores: Stores, posted: Brief, dynamodb: Any, operation: Operation, call: str) -> None:
        with calls_of(dynamodb) as sent:
            operation(stores, posted)
        assert sent == [call]

    def test_a_refusal_costs_no_second_call(self, stores: Stores, posted: Brief, dynamodb: Any) -> None:
        stores.briefs.save(posted, examples.moved(posted))
        with calls_of(dynamodb) as sent:
            for documents in ([], [examples.submission()]):
                with pytest.raises(Stale):
                    stores.briefs.save(posted, examples.moved(posted), *documents)
        assert sent == ["UpdateItem", "TransactWriteItems"]

    def test_a_funding_that_came_late_costs_no_second_call(self, stores: Stores, posted: Brief, dynamodb: Any) -> None:
        stores.briefs.save(posted, examples.moved(posted))
        with calls_of(dynamodb) as sent, pytest.raises(Stale):
            stores.ledger.record(examples.ended(examples.fund(posted)), posted, examples.moved(posted))
        assert sent == ["TransactWriteItems"]

    def test_bounds_that_leave_nothing_are_not_asked_about(self, stores: Stores, dynamodb: Any) -> None:
        """DynamoDB refuses a BETWEEN whose bounds are the wrong way round."""
        only = BrowseFilter(closes_after=NOW, closes_before=NOW - timedelta(days=1))
        with calls_of(dynamodb) as sent:
            assert stores.briefs.list_in_state(State.OPEN, 5, only=only).items == []
        assert sent == []

    def test_a_page_is_one_query_and_one_read(self, stores: Stores, dynamodb: Any) -> None:
        for number in range(60):
            stores.briefs.create(examples.open_brief(number), examples.content())
        with calls_of(dynamodb) as sent:
            assert len(stores.briefs.list_in_state(State.OPEN, 25).items) == 25
            assert len(stores.briefs.list_of_employer(EMPLOYER, 25).items) == 25
        assert sent == ["Query", "BatchGetItem"] * 2
        with calls_of(dynamodb) as sent:
            assert len(stores.briefs.list_in_state(State.OPEN, 60).items) == 60
        assert sent == ["Query", "BatchGetItem", "BatchGetItem"]

    def test_a_filter_that_nothing_passes_stops_after_a_bound(
        self, stores: Stores, dynamodb: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("microintern.adapters.briefs.ROWS_PER_QUERY", 2)
        for number in range(15):
            stores.briefs.create(examples.open_brief(number), examples.content())
        with calls_of(dynamodb) as sent:
            page = stores.briefs.list_in_state(State.OPEN, 5, only=BrowseFilter(skill="none"))
        assert sent == ["Query"] * 5
        assert page.items == []
        assert page.next is not None
        last = stores.briefs.list_in_state(State.OPEN, 5, page.next, BrowseFilter(skill="none"))
        assert last.next is None


class TestItems:
    def test_the_workflows_wait_survives_every_kind_of_save(self, stores: Stores, posted: Brief, dynamodb: Any) -> None:
        register_wait(dynamodb, posted.brief_id)
        second = examples.moved(posted, state=State.OPEN)
        stores.ledger.record(examples.ended(examples.fund(posted)), posted, second)
        third = examples.moved(second, state=State.EXPIRED, due_at=None, lapse_at=None)
        stores.briefs.save(second, third)
        fourth = examples.moved(third, collecting=True)
        stores.briefs.save(third, fourth, examples.submission())
        fifth = examples.moved(fourth, settled_at=NOW)
        stores.ledger.record(examples.ended(examples.fund(posted)), fourth, fifth)
        assert raw(dynamodb, posted.brief_id, "control") == {**control_item(fifth), "wait": WAIT}

    def test_a_nudge_and_a_token_stay_beside_the_brief(self, stores: Stores, posted: Brief, dynamodb: Any) -> None:
        ended = examples.moved(posted, state=State.EXPIRED)
        stores.briefs.save(posted, ended)
        stores.briefs.await_settlement(ended, "token-2")
        stores.briefs.nudge(posted.brief_id)
        stores.briefs.nudge(posted.brief_id)
        settled = examples.moved(ended, settled_at=NOW)
        stores.briefs.save(ended, settled)
        wait = {"state": "expired", "token": "token-2"}
        assert raw(dynamodb, posted.brief_id, "control") == {**control_item(settled), "wait": wait, "nudges": 2}

    def test_neither_a_nudge_nor_a_token_makes_a_brief_that_is_not_there(self, stores: Stores, dynamodb: Any) -> None:
        with pytest.raises(Refused):
            stores.briefs.nudge("brief-000404")
        with pytest.raises(Refused):
            stores.briefs.await_settlement(examples.brief(404), "token")
        assert dynamodb.scan(TableName=tables.BRIEFS)["Count"] == 0

    def test_each_index_of_the_ledger_holds_its_own_kind_only(
        self, stores: Stores, posted: Brief, dynamodb: Any
    ) -> None:
        fund = examples.fund(posted)
        stores.ledger.begin(fund)
        stores.ledger.record(examples.ended(fund))
        claim = stores.ledger.claim(examples.settlement(posted), posted)
        payout = paying_out(claim, 1, "bank", NOW)
        stores.ledger.begin(payout)
        stores.ledger.record(examples.ended(payout))
        stores.ledger.hold(a_hold())
        keys = {
            index: {item["sk"]["S"] for item in dynamodb.scan(TableName=tables.LEDGER, IndexName=index)["Items"]}
            for index in ("by_work", "by_party", "by_month", "by_payee")
        }
        posted_rows = {f"transfer#{name}#001#ended" for name in ("fund", "release", "fee", "payout")}
        assert keys == {
            "by_work": {"hold#payout"},
            "by_party": posted_rows,
            "by_month": posted_rows,
            "by_payee": {"transfer#payout#001#ended"},
        }

    def test_the_listing_is_set_and_removed_with_the_state(self, stores: Stores, posted: Brief, dynamodb: Any) -> None:
        brief = posted
        for state, listing in (
            (State.OPEN, "open"),
            (State.AWARDED, None),
            (State.DISPUTED, "disputed"),
            (State.RESOLVED, None),
        ):
            after = examples.moved(brief, state=state)
            stores.briefs.save(brief, after)
            assert raw(dynamodb, posted.brief_id, "control").get("listing") == listing
            brief = after

    def test_items_say_their_kind_and_numbers_are_numbers(self, stores: Stores, posted: Brief, dynamodb: Any) -> None:
        control = dynamodb.get_item(TableName=tables.BRIEFS, Key=dynamo.key(posted.brief_id, "control"))["Item"]
        assert control["kind"] == {"S": "control"}
        assert control["version"] == {"N": "1"}
        assert control["due_at"] == {"S": "2026-12-04T09:30:00.123Z"}
        assert "student_id" not in control
        assert "wait" not in control
        assert raw(dynamodb, posted.brief_id, "content")["kind"] == "content"
        assert raw(dynamodb, posted.brief_id, "application#application-0001")["kind"] == "application"

    def test_each_index_holds_its_own_kind_only(self, stores: Stores, dynamodb: Any) -> None:
        brief = examples.open_brief(student_id=STUDENT)
        stores.briefs.create(brief, examples.content())
        stores.briefs.add(brief.brief_id, examples.application(brief))
        kinds = {
            index: {item["sk"]["S"] for item in dynamodb.scan(TableName=tables.BRIEFS, IndexName=index)["Items"]}
            for index in ("listing", "by_employer", "by_student")
        }
        assert kinds == {
            "listing": {"control"},
            "by_employer": {"control"},
            "by_student": {"application#application-0001"},
        }

    def test_a_brief_that_left_the_state_after_the_index_was_read_is_not_shown(
        self, stores: Stores, dynamodb: Any
    ) -> None:
        brief = examples.open_brief()
        stores.briefs.create(brief, examples.content())
        # The index here cannot lag; an item whose state and listing differ stands for one that does.
        dynamodb.update_item(
            TableName=tables.BRIEFS,
            Key=dynamo.key(brief.brief_id, "control"),
            UpdateExpression="SET #state = :state",
            ExpressionAttributeNames={"#state": "state"},
            ExpressionAttributeValues={":state": {"S": "awarded"}},
        )
        assert stores.briefs.list_in_state(State.OPEN, 5).items == []

    def test_the_escrow_holds_what_was_funded_until_it_is_settled(
        self, stores: Stores, posted: Brief, dynamodb: Any
    ) -> None:
        balance = f"balance#escrow:{posted.brief_id}"
        stores.ledger.record(examples.ended(examples.fund(posted)))
        assert raw(dynamodb, posted.brief_id, balance, tables.LEDGER)["balance_minor"] == posted.escrow_minor
        stores.ledger.claim(examples.settlement(posted), posted)
        assert raw(dynamodb, posted.brief_id, balance, tables.LEDGER)["balance_minor"] == 0

    def test_a_payout_account_that_is_not_ready_is_no_payee(self, stores: Stores, posted: Brief, dynamodb: Any) -> None:
        stores.accounts.save_payout_account(examples.payout_account())
        dynamodb.update_item(
            TableName=tables.ACCOUNTS,
            Key=dynamo.key(STUDENT, "payout_account"),
            UpdateExpression="SET #status = :status",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={":status": {"S": "blocked"}},
        )
        with pytest.raises(PayeeNotReady):
            stores.briefs.save(posted, examples.moved(posted), needs=Needs(payee=STUDENT))

    def test_attributes_of_a_later_version_of_the_code_are_passed_over(
        self, stores: Stores, posted: Brief, dynamodb: Any
    ) -> None:
        item = {**control_item(posted), "pk": "brief-000009", "brief_id": "brief-000009", "colour": "blue"}
        dynamodb.put_item(TableName=tables.BRIEFS, Item=dynamo.packed(item))
        snapshot = stores.briefs.read("brief-000009")
        assert snapshot is not None
        assert snapshot.brief.version == posted.version

    def test_a_full_control_item_stays_small(self, stores: Stores) -> None:
        size = sum(len(name) + len(str(value)) for name, value in control_item(examples.brief()).items())
        assert size < 1_024


class TestStreamImages:
    def test_a_control_items_images_are_a_change(self) -> None:
        before = examples.brief()
        after = examples.moved(before, state=State.OPEN)
        images = [dynamo.packed(control_item(before)), dynamo.packed({**control_item(after), "wait": WAIT})]
        change = change_of(images[0], images[1])
        assert (change.before, change.after) == (before, after)
        assert change.wait == Wait(state=State.POSTED, token="token-1")
        assert not change.nudged
        first = change_of(None, images[0])
        assert (first.before, first.wait, first.nudged) == (None, None, False)

    def test_a_nudge_shows_in_the_images_and_stays_only_in_the_one_that_it_was(self) -> None:
        item = control_item(examples.brief())
        images = [dynamo.packed(item | nudges) for nudges in ({}, {"nudges": 1}, {"nudges": 2})]
        assert change_of(images[0], images[1]).nudged
        assert change_of(images[1], images[2]).nudged
        assert not change_of(images[2], images[2]).nudged
        assert not change_of(None, images[1]).nudged
        assert not change_of(images[0], images[1]).moved

    def test_an_image_of_an_account_is_a_step_if_its_event_is_another(self) -> None:
        event = Event(type="profile.saved", at=examples.NOW, role=Role.STUDENT, actor_id=STUDENT)
        item = {"pk": STUDENT, "sk": "profile", "kind": TRACKED, "version": 3, "event": dynamo.fields(event)}
        image, counted = dynamo.packed(item), dynamo.packed(item | {"requests": 20})
        found = step_of(None, image)
        assert found is not None
        assert (found.scope, found.subject, found.version, found.event) == (STUDENT, "profile", 3, event)
        assert found.hash == found.recomputed
        assert step_of(counted, image) is None, "only how often somebody asked was counted"
        assert step_of(image, None) is None, "it was erased"
        assert step_of(None, dynamo.packed({"pk": STUDENT, "sk": "notice#1", "event": dynamo.fields(event)})) is None

    def test_an_applications_image_is_the_application(self, posted: Brief, dynamodb: Any) -> None:
        application = examples.application(posted)
        image = dynamodb.get_item(TableName=tables.BRIEFS, Key=dynamo.key(posted.brief_id, application.key))["Item"]
        assert application_of(image) == application


class TestConflicts:
    """What DynamoDB answers under load; no emulator does, so the answers are played."""

    WRITES = (dynamo.put_new("t", {"pk": "a", "sk": "1"}), dynamo.put_new("t", {"pk": "a", "sk": "2"}))

    @staticmethod
    def cancelled(stub: Stubber, *codes: str) -> None:
        reasons = {"CancellationReasons": [{"Code": code} for code in codes]}
        stub.add_client_error("transact_write_items", "TransactionCanceledException", modeled_fields=reasons)

    def test_a_transaction_that_met_another_is_tried_again(self, dynamodb: Any) -> None:
        with Stubber(dynamodb) as stub:
            self.cancelled(stub, "None", "TransactionConflict")
            self.cancelled(stub, "ThrottlingError", "TransactionConflict")
            stub.add_response("transact_write_items", {})
            dynamo.commit(dynamodb, *self.WRITES)
            stub.assert_no_pending_responses()

    def test_a_single_write_that_met_a_transaction_is_tried_again(self, dynamodb: Any) -> None:
        with Stubber(dynamodb) as stub:
            stub.add_client_error("put_item", "TransactionConflictException")
            stub.add_response("put_item", {})
            dynamo.commit(dynamodb, self.WRITES[0])
            stub.assert_no_pending_responses()

    def test_it_gives_up_in_the_end(self, dynamodb: Any) -> None:
        with Stubber(dynamodb) as stub:
            for _ in range(dynamo.MOST_TRIES):
                self.cancelled(stub, "TransactionConflict", "None")
            with pytest.raises(ClientError, match="TransactionCanceled"):
                dynamo.commit(dynamodb, *self.WRITES)
            stub.assert_no_pending_responses()

    def test_a_condition_that_failed_beside_a_conflict_decides(self, dynamodb: Any) -> None:
        with Stubber(dynamodb) as stub:
            self.cancelled(stub, "TransactionConflict", "ConditionalCheckFailed")
            with pytest.raises(Refused) as refused:
                dynamo.commit(dynamodb, *self.WRITES)
            assert refused.value.found == {1: None}

    def test_any_other_error_is_raised_at_once(self, dynamodb: Any) -> None:
        with Stubber(dynamodb) as stub:
            self.cancelled(stub, "ValidationError", "TransactionConflict")
            with pytest.raises(ClientError):
                dynamo.commit(dynamodb, *self.WRITES)
            stub.assert_no_pending_responses()

    def test_what_a_batch_left_over_is_asked_for_again(self, dynamodb: Any) -> None:
        item = dynamo.packed({"pk": "a", "sk": "1"})
        keys: dict[str, Any] = {"t": {"Keys": [dynamo.key("a", "2")]}}
        with Stubber(dynamodb) as stub:
            stub.add_response("batch_get_item", {"Responses": {"t": [item]}, "UnprocessedKeys": keys})
            stub.add_response("batch_get_item", {"Responses": {"t": []}}, {"RequestItems": keys})
            found = dynamo.get_many(dynamodb, "t", [("a", "1"), ("a", "2")], consistent=True)
            assert found == {("a", "1"): {"pk": "a", "sk": "1"}}
            stub.assert_no_pending_responses()
        left: dict[str, Any] = {"t": [{"PutRequest": {"Item": item}}]}
        with Stubber(dynamodb) as stub:
            stub.add_response("batch_write_item", {"UnprocessedItems": left})
            stub.add_response("batch_write_item", {}, {"RequestItems": left})
            dynamo.put_many(dynamodb, "t", [{"pk": "a", "sk": "1"}])
            stub.assert_no_pending_responses()

    def test_a_batch_that_stays_undone_is_an_error(self, dynamodb: Any) -> None:
        keys: dict[str, Any] = {"t": {"Keys": [dynamo.key("a", "2")]}}
        with Stubber(dynamodb) as stub:
            for _ in range(dynamo.MOST_TRIES):
                stub.add_response("batch_get_item", {"Responses": {}, "UnprocessedKeys": keys})
            with pytest.raises(RuntimeError, match="throttling"):
                dynamo.get_many(dynamodb, "t", [("a", "2")], consistent=True)


def test_content_is_read_back_by_its_kind(stores: Stores, posted: Brief) -> None:
    snapshot = stores.briefs.read(posted.brief_id, Content.key_of)
    assert snapshot is not None
    assert isinstance(snapshot.documents[Content.key_of], Content)
