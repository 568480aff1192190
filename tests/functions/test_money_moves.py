"""The settlement function on whatever a provider says: late, twice, never, otherwise; and what wakes somebody up."""

import json
from datetime import timedelta
from typing import Any

import pytest

from microintern.app.settling import NotSettled
from microintern.domain.audit import Finding
from microintern.domain.ledger import Phase, TransferName
from microintern.domain.payments import OperationKind, PayoutStatus
from microintern.domain.states import Action, State
from microintern.ports.payments import PaymentUnavailable
from tests.functions.world import BRIEF, DELIVERIES, LATE_S, STUDENT, World, metrics, sample, the_brief

ASKED, TOLD, CALLED = "settlement/funding_requested", "settlement/payment_updated", "settlement/from_sweeper"
ESCROW, PAY = 33_000, 30_000


def asked_with(world: World, card: str) -> Any:
    """The employer has asked to be charged on this card; how that stands at first."""
    brief = the_brief(State.POSTED, Action.REQUEST_FUNDING)
    world.seed(brief.model_copy(update={"payment_method": card}))
    return world.call(ASKED)


def funded(world: World) -> None:
    """The escrow is held."""
    assert asked_with(world, "sandbox-card") == {"outcome": "waiting"}
    assert world.call(TOLD) == {"outcome": "opened"}


def phases(world: World, name: TransferName = TransferName.FUND) -> list[Phase]:
    return [transfer.phase for transfer in world.transfers if transfer.name is name]


def shown_to_operators(world: World, *, needs_person: bool) -> list[tuple[str, str]]:
    """What `GET /audit` shows."""
    event = sample("operations_api/audit_trail")
    event["queryStringParameters"] = {"needs_person": str(needs_person).lower()}
    items = json.loads(world.call("operations_api/audit_trail", event)["body"])["items"]
    return [(item["finding"], item["subject"]) for item in items]


def test_what_is_begun_and_what_is_ended_is_each_one_write_with_the_brief(world: World) -> None:
    world.seed(the_brief(State.POSTED, Action.REQUEST_FUNDING))
    with world.counting() as asking:
        world.call(ASKED)
    assert asking.count("TransactWriteItems") == 1, "pending, while the brief is as it was read"
    with world.counting() as told:
        world.call(TOLD)
    assert told.count("TransactWriteItems") == 2, "it was begun already, and the money and its brief move together"


@pytest.mark.parametrize("card", ["sandbox-late", "sandbox-silent", "sandbox-twice"])
def test_a_provider_that_is_late_silent_or_tells_twice_collects_once(world: World, card: str) -> None:
    assert asked_with(world, card) == {"outcome": "waiting"}
    if card == "sandbox-late":
        assert world.call(TOLD) == {"outcome": "waiting"}
        world.clock.at += timedelta(seconds=LATE_S)
    assert len(world.messages(DELIVERIES)) == {"sandbox-late": 1, "sandbox-silent": 0, "sandbox-twice": 2}[card]
    assert world.call(CALLED) == {"outcome": "opened"}
    assert [world.call(name) for name in (TOLD, TOLD, ASKED)] == [{"outcome": "nothing_to_do"}] * 3
    assert phases(world) == [Phase.PENDING, Phase.POSTED]
    assert world.findings(needs_person=True) == []


def test_a_declined_card_is_told_and_can_be_tried_again(world: World) -> None:
    asked_with(world, "sandbox-declined")
    assert world.call(TOLD) == {"outcome": "declined"}
    assert phases(world) == [Phase.PENDING, Phase.VOIDED]
    assert world.control(BRIEF)["event"]["M"]["type"] == {"S": "brief.funding_failed"}
    assert world.control(BRIEF)["state"] == {"S": "posted"}


@pytest.mark.parametrize("card", ["sandbox-other-amount", "sandbox-other-currency"])
def test_money_that_differs_moves_nothing_and_wakes_somebody_once(
    world: World, card: str, capsys: pytest.CaptureFixture[str]
) -> None:
    said = [asked_with(world, card), world.call(TOLD), world.call(CALLED)]
    assert said == [{"outcome": "needs_person"}] * 3
    assert phases(world) == [Phase.PENDING]
    assert world.control(BRIEF)["state"] == {"S": "posted"}
    assert shown_to_operators(world, needs_person=True) == [("amount_differs", f"{BRIEF}#fund")]
    (noted,) = world.findings(needs_person=True)
    assert "33000 USD" in noted.reason
    emitted = metrics(capsys.readouterr().out)
    assert emitted == {"PersonNeeded": [1]}


def test_a_transfer_that_the_ledger_does_not_know_is_for_a_person(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    funded(world)
    event = sample(TOLD)
    event["detail"]["data"]["transfer_id"] = f"{BRIEF}#refund"
    before = world.transfers
    assert world.call(TOLD, event) == {"outcome": "unknown"}
    assert world.call(TOLD, event) == {"outcome": "unknown"}
    assert world.transfers == before
    assert shown_to_operators(world, needs_person=True) == [("unknown_transfer", f"{BRIEF}#refund")]
    assert metrics(capsys.readouterr().out) == {"PersonNeeded": [1]}


def test_a_transfer_of_a_brief_that_does_not_exist_is_for_a_person(world: World) -> None:
    assert world.call(TOLD) == {"outcome": "unknown"}
    assert shown_to_operators(world, needs_person=True) == [("unknown_transfer", BRIEF)]


def test_a_provider_that_does_not_answer_is_asked_again_by_whoever_called(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    provider = world.functions["settlement"].treasury.provider

    def silence(*_: object) -> None:
        raise PaymentUnavailable("no answer in time")

    with monkeypatch.context() as broken:
        broken.setattr(provider, "collect", silence)
        with pytest.raises(PaymentUnavailable):
            asked_with(world, "sandbox-card")
    assert metrics(capsys.readouterr().out) == {"PayoutLate": [1]}
    assert phases(world) == [Phase.PENDING], "what was begun is known, whatever became of it"
    assert [world.call(CALLED), world.call(CALLED)] == [{"outcome": "waiting"}, {"outcome": "opened"}]
    assert phases(world) == [Phase.PENDING, Phase.POSTED]


def test_without_a_brief_a_token_is_not_left(world: World) -> None:
    with pytest.raises(NotSettled, match="has not ended"):
        world.call("settlement/from_workflow")
    world.seed(the_brief(State.OPEN))
    with pytest.raises(NotSettled, match="has not ended"):
        world.call("settlement/from_workflow")


HELD = {
    "missing": (None, "no payout account"),
    "pending": (("sandbox-pending-account", PayoutStatus.PENDING), "is pending"),
    "blocked": (("sandbox-blocked-account", PayoutStatus.BLOCKED), "is blocked"),
}


@pytest.mark.parametrize("what", HELD)
def test_a_payout_that_cannot_be_made_is_held_with_its_reason(
    world: World, what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    account, reason = HELD[what]
    funded(world)
    at: Any = {"TableName": "accounts", "Key": {"pk": {"S": STUDENT}, "sk": {"S": "payout_account"}}}
    world.clients["dynamodb"].delete_item(**at)
    brief = the_brief(State.APPROVED)
    world.seed(brief)  # which makes an account, too
    world.clients["dynamodb"].delete_item(**at)
    if account:
        world.payable(*account)
    capsys.readouterr()
    assert world.call("settlement/from_workflow") == {"outcome": "held"}
    assert world.call(CALLED) == {"outcome": "held"}
    assert metrics(capsys.readouterr().out) == {"PayoutHeld": [1, 1]}
    (held,) = json.loads(world.call("operations_api/holds")["body"])["items"]
    assert (held["party_id"], held["amount"]["amount_minor"], held["until"]) == (STUDENT, PAY, None)
    assert reason in held["reason"]
    told = world.accounts.notices(STUDENT, 10).items
    assert [notice.type for notice in told] == ["payout.held"], "told once"
    assert world.findings(needs_person=True) == []


def test_a_held_payout_is_made_once_the_student_can_be_paid(world: World) -> None:
    funded(world)
    world.seed(the_brief(State.APPROVED))
    world.payable("sandbox-blocked-account", PayoutStatus.BLOCKED, version=2)
    assert world.call(CALLED) == {"outcome": "held"}
    assert world.call("payout_account_api/save_payout_account")["statusCode"] == 200
    assert world.call(CALLED) == {"outcome": "held"}, "a changed account has to stand for a while"
    (held,) = json.loads(world.call("operations_api/holds")["body"])["items"]
    assert held["until"] == "2027-02-23T16:00:00.000Z"
    world.clock.at += timedelta(days=3)
    assert [world.call(CALLED), world.call(CALLED)] == [{"outcome": "waiting"}, {"outcome": "settled"}]
    assert json.loads(world.call("operations_api/holds")["body"])["items"] == []


def test_a_payout_that_fails_blocks_the_account_and_is_in_the_trail(world: World) -> None:
    funded(world)
    world.payable("sandbox-declined-account", version=2)
    world.seed(the_brief(State.APPROVED))
    assert [world.call(CALLED), world.call(CALLED)] == [{"outcome": "waiting"}, {"outcome": "held"}]
    assert phases(world, TransferName.PAYOUT) == [Phase.PENDING, Phase.VOIDED]
    account = world.accounts.payout_account(STUDENT)
    assert account
    assert account.status is PayoutStatus.BLOCKED
    assert shown_to_operators(world, needs_person=False) == [("payout_failed", f"{BRIEF}#payout")]


def test_a_refund_that_fails_is_for_a_person(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    funded(world)
    ended = the_brief(State.OPEN)
    split = {"student_minor": 0, "employer_minor": 32_901, "fee_minor": 99}  # the sandbox refuses what ends in 901
    declined = ended.model_validate(
        ended.model_dump() | {"state": State.CANCELLED, "split": split, "outcome": "not_awarded"}
    )
    world.seed(declined)
    capsys.readouterr()
    assert [world.call(CALLED), world.call(CALLED)] == [{"outcome": "waiting"}, {"outcome": "held"}]
    assert shown_to_operators(world, needs_person=True) == [("refund_failed", f"{BRIEF}#refund")]
    assert metrics(capsys.readouterr().out) == {"PersonNeeded": [1], "PayoutHeld": [1]}


def test_a_split_that_does_not_add_up_to_what_is_held_moves_nothing(world: World) -> None:
    funded(world)
    brief = the_brief(State.RESOLVED)
    assert brief.split
    world.seed(brief.model_copy(update={"split": brief.split.model_copy(update={"student_minor": 40_000})}))
    assert world.call(CALLED) == {"outcome": "needs_person"}
    assert [transfer.name for transfer in world.transfers] == [TransferName.FUND] * 2
    assert shown_to_operators(world, needs_person=True) == [("out_of_balance", BRIEF)]


def test_another_split_than_was_claimed_moves_nothing_more(world: World) -> None:
    funded(world)
    world.payable("sandbox-blocked-account", PayoutStatus.BLOCKED, version=2)
    world.seed(the_brief(State.APPROVED))
    assert world.call(CALLED) == {"outcome": "held"}
    before = world.transfers
    world.seed(the_brief(State.RESOLVED))
    assert world.call(CALLED) == {"outcome": "needs_person"}
    assert world.transfers == before
    assert shown_to_operators(world, needs_person=True) == [("claim_differs", BRIEF)]


def test_the_sweeper_says_how_long_the_oldest_has_waited_but_not_for_what_is_held(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    funded(world)
    world.payable("sandbox-blocked-account", PayoutStatus.BLOCKED, version=2)
    world.seed(the_brief(State.APPROVED))
    world.clock.at += timedelta(hours=1)
    capsys.readouterr()
    assert world.call("sweep/scheduled")["oldest_unsettled_s"] == 7_200
    assert metrics(capsys.readouterr().out) == {"OldestUnsettled": [7_200]}
    for name, event in world.asked:
        assert name == "settlement"
        assert world.call(CALLED, event) == {"outcome": "held"}
    assert world.call("sweep/scheduled")["oldest_unsettled_s"] == 0


def test_the_sweeper_calls_a_brief_back_whose_execution_died(world: World) -> None:
    world.seed(the_brief(State.AWARDED))
    states = world.clients["stepfunctions"]
    machine = states.list_state_machines()["stateMachines"][0]["stateMachineArn"]
    dead = states.start_execution(stateMachineArn=machine, name=BRIEF, input="{}")["executionArn"]
    assert world.call("sweep/scheduled")["revived"] == 0, "it runs"
    states.stop_execution(executionArn=dead)
    assert world.call("sweep/scheduled")["revived"] == 1
    assert world.call("sweep/scheduled")["revived"] == 0
    names = {execution["name"] for execution in states.list_executions(stateMachineArn=machine)["executions"]}
    assert names == {BRIEF, f"{BRIEF}-{the_brief(State.AWARDED).version}"}


def differs_in_amount(world: World) -> None:
    world.clients["dynamodb"].update_item(
        TableName="sandbox",
        Key={"pk": {"S": BRIEF}, "sk": {"S": f"{BRIEF}#fund"}},
        UpdateExpression="SET amount_minor = :other",
        ExpressionAttributeValues={":other": {"N": "32999"}},
    )


def is_not_at_the_provider(world: World) -> None:
    key: Any = {"pk": {"S": BRIEF}, "sk": {"S": f"{BRIEF}#fund"}}
    world.clients["dynamodb"].delete_item(TableName="sandbox", Key=key)


def is_not_in_the_ledger(world: World) -> None:
    for item in world.clients["dynamodb"].scan(TableName="ledger")["Items"]:
        key = {name: item[name] for name in ("pk", "sk")}
        world.clients["dynamodb"].delete_item(TableName="ledger", Key=key)


def is_out_of_balance(world: World) -> None:
    world.clients["dynamodb"].update_item(
        TableName="ledger",
        Key={"pk": {"S": BRIEF}, "sk": {"S": f"balance#escrow:{BRIEF}"}},
        UpdateExpression="ADD balance_minor :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
    )


DIFFERENCES = {
    Finding.AMOUNT_DIFFERS: differs_in_amount,
    Finding.NOT_AT_PROVIDER: is_not_at_the_provider,
    Finding.NOT_IN_LEDGER: is_not_in_the_ledger,
    Finding.OUT_OF_BALANCE: is_out_of_balance,
}


@pytest.mark.parametrize("finding", DIFFERENCES)
def test_the_reconciliation_reports_a_difference_and_changes_no_money(
    world: World, finding: Finding, capsys: pytest.CaptureFixture[str]
) -> None:
    funded(world)
    DIFFERENCES[finding](world)
    before = world.transfers
    capsys.readouterr()
    assert world.call("reconcile/scheduled")["differences"] == 1
    assert world.transfers == before
    assert [name for name, _ in shown_to_operators(world, needs_person=True)] == [finding]
    assert metrics(capsys.readouterr().out) == {"MoneyDiffers": [1]}
    assert world.call("reconcile/scheduled")["differences"] == 1
    assert len(world.findings(needs_person=True)) == 1, "a second run notes the same once"


def test_the_reconciliation_has_the_ledger_follow_what_nobody_told_of(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    asked_with(world, "sandbox-silent")
    assert world.call("reconcile/scheduled") == {"operations": 1, "transfers": 1, "behind": 1, "differences": 0}
    assert world.asked == [("settlement", {"brief_id": BRIEF})]
    assert world.call(CALLED, world.asked[0][1]) == {"outcome": "opened"}
    assert world.findings(needs_person=True) == []
    assert metrics(capsys.readouterr().out) == {"MoneyDiffers": [0]}


def test_the_provider_is_asked_under_the_id_of_the_transfer(world: World) -> None:
    funded(world)
    asked = world.provider_knows.recall(f"{BRIEF}#fund")
    assert asked
    assert (asked.kind, asked.amount_minor, asked.currency) == (OperationKind.COLLECT, ESCROW, "USD")
