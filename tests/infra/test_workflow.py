"""The state machine is the domain's table, and nothing in it can be lost."""

import json
from typing import Any

import pytest

from microintern.domain.states import State
from microintern.domain.workflow import END, SETTLE, STEPS, answer_to_wait, caught, main_next
from tests.infra.deployment import Deployment, Json

DAY_S = 86_400
LONGEST_EXECUTION_S = 365 * DAY_S


@pytest.fixture(scope="module")
def states(deployment: Deployment) -> dict[str, Json]:
    (machine,) = deployment.properties("AWS::StepFunctions::StateMachine").values()
    assert machine["StateMachineType"] == "STANDARD"
    definition = json.loads(machine["DefinitionString"])
    assert definition["StartAt"] == STEPS[State.POSTED]
    states: dict[str, Json] = definition["States"]
    return states


def test_steps_are_those_of_the_domain(states: dict[str, Json]) -> None:
    assert list(states) == [*STEPS.values(), SETTLE]


def test_every_task_has_a_timeout_a_retry_and_a_catch(states: dict[str, Json]) -> None:
    for name, state in states.items():
        assert state["Type"] == "Task"
        assert 0 < state["TimeoutSeconds"] < LONGEST_EXECUTION_S, name
        assert state["Retry"][0]["MaxAttempts"] > 0, name
        assert state["Retry"][0]["JitterStrategy"] == "FULL", name
        assert state["Catch"], name


@pytest.mark.parametrize("state", list(STEPS))
def test_a_step_is_left_as_the_domain_says(states: dict[str, Json], state: State) -> None:
    step = states[STEPS[state]]
    named = {catch["ErrorEquals"][0]: catch["Next"] for catch in step["Catch"]}
    assert step["Next"] == main_next(state)
    assert named == {**{target: target for target in caught(state)}, "States.Timeout": STEPS[state]}


@pytest.mark.parametrize("waits_in", list(STEPS))
def test_whatever_the_stream_answers_is_understood(states: dict[str, Json], waits_in: State) -> None:
    step = states[STEPS[waits_in]]
    understood = {step["Next"], *(catch["Next"] for catch in step["Catch"])}
    answers = {answer_to_wait(waits_in, state, settled=settled) for state in State for settled in (False, True)} - {
        None
    }
    assert answers <= understood


def test_an_answer_is_never_retried_as_an_error(states: dict[str, Json]) -> None:
    for state in STEPS.values():
        (retry,) = states[state]["Retry"]
        assert all(error.startswith("DynamoDb.") for error in retry["ErrorEquals"])


def test_settlement_is_never_given_up(states: dict[str, Json]) -> None:
    settle = states[SETTLE]
    assert settle["Retry"][0]["ErrorEquals"] == ["States.ALL"]
    assert settle["Catch"] == [{"ErrorEquals": ["States.ALL"], "ResultPath": None, "Next": SETTLE}]
    assert settle["Retry"][0]["MaxDelaySeconds"] <= 3_600
    assert settle["TimeoutSeconds"] <= DAY_S, "an answer that was lost is asked for again within a day"
    assert settle["End"] is True


def test_the_last_step_waits_until_the_money_has_moved(states: dict[str, Json]) -> None:
    settle = states[SETTLE]
    assert settle["Resource"] == "arn:aws:states:::lambda:invoke.waitForTaskToken"
    assert settle["Parameters"] == {
        "FunctionName": "${SettlementFunction}",
        "Payload": {"brief_id.$": "$.brief_id", "token.$": "$$.Task.Token"},
    }


def test_only_a_settled_brief_ends_its_execution() -> None:
    ended = [state for state in State if state not in STEPS]
    assert {answer_to_wait(state, state, settled=False) for state in ended} == {None}
    assert {answer_to_wait(state, state, settled=True) for state in ended} == {END}


def test_nothing_but_the_id_of_the_brief_is_carried_along(states: dict[str, Json]) -> None:
    def nulls(state: Json) -> list[Any]:
        return [state["ResultPath"], *(catch["ResultPath"] for catch in state["Catch"])]

    assert {path for state in states.values() for path in nulls(state)} == {None}


def test_a_wait_writes_its_token_and_nothing_else(states: dict[str, Json]) -> None:
    for state, step in STEPS.items():
        parameters = states[step]["Parameters"]
        assert parameters["UpdateExpression"] == "SET #wait = :wait"
        assert parameters["ExpressionAttributeNames"] == {"#wait": "wait"}
        assert parameters["ConditionExpression"] == "attribute_exists(pk)"
        value = parameters["ExpressionAttributeValues"][":wait"]["M"]
        assert value == {"state": {"S": state.value}, "token": {"S.$": "$$.Task.Token"}}


def test_logs_hold_no_data(deployment: Deployment) -> None:
    (machine,) = deployment.properties("AWS::StepFunctions::StateMachine").values()
    logging = machine["LoggingConfiguration"]
    assert (logging["Level"], logging["IncludeExecutionData"]) == ("ERROR", False)
