"""What holds for every command: who may, when, once, and with how many calls to DynamoDB."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from microintern.domain.brief import Brief
from microintern.domain.states import Action, Role, State
from tests.functions.cases import ALLOWED, COMMANDS, HTTP, MEMBERS, OTHERS, prepare
from tests.functions.test_bad_input import refused
from tests.functions.world import BRIEF, STRANGER, World, command, documents_of, sample, the_brief

READ_AND_MOVE = ("GetItem UpdateItem", "GetItem")
READ_AND_WRITE = ("BatchGetItem TransactWriteItems", "BatchGetItem")
READ_AND_PUT = ("BatchGetItem PutItem", "BatchGetItem")
REWRITE = ("GetItem PutItem", "GetItem")
MOST_CALLS = 2
OF_TWO_TABLES = {
    *("webhooks_api/replay_delivery", "credits_api/revoke_credit"),
    *("portfolio_api/save_portfolio", "portfolio_api/decide_consent"),
}
"""What is to be sent again, revoked or shown is in another table than where it belongs, and each is read."""
MORE_CALLS = {
    "search_api/save_search": 3,
    "credits_api/grant_credit": 3,
    "cohorts_api/renew_consent": 1,
    "portfolio_api/show_brief": 4,
}
"""To see which of its terms is the rarest, one for each; the sample has two words and a field. Credit rests on what the
student did, the briefs and their reviews; whose cohort it is, a student's consent says. What is shown of a brief is
taken down from the brief, its review and submission, the files and who the employer is."""
CALLS: dict[str, tuple[str, str]] = {
    "briefs_api/post_brief": ("TransactWriteItems", "TransactWriteItems"),
    "briefs_api/fund_brief": ("GetItem TransactWriteItems", "GetItem"),
    "briefs_api/cancel_brief": READ_AND_MOVE,
    "briefs_api/apply": READ_AND_WRITE,
    "briefs_api/withdraw_application": READ_AND_PUT,
    "briefs_api/award_brief": READ_AND_WRITE,
    "briefs_api/withdraw_award": READ_AND_WRITE,
    "briefs_api/submit": READ_AND_WRITE,
    "briefs_api/approve": READ_AND_WRITE,
    "briefs_api/request_changes": READ_AND_WRITE,
    "briefs_api/open_dispute": READ_AND_WRITE,
    "briefs_api/answer_dispute": ("GetItem TransactWriteItems", "GetItem"),
    "briefs_api/resolve_dispute": ("GetItem TransactWriteItems", "GetItem"),
    "briefs_api/reopen_dispute": ("GetItem TransactWriteItems", "GetItem"),
    "amendments_api/propose_amendment": READ_AND_PUT,
    "amendments_api/accept_amendment": READ_AND_WRITE,
    "amendments_api/refuse_amendment": READ_AND_PUT,
    "amendments_api/withdraw_amendment": READ_AND_PUT,
    "messages_api/ask": READ_AND_WRITE,
    "messages_api/write_message": READ_AND_WRITE,
    "messages_api/name_mentor": READ_AND_WRITE,
    "messages_api/check_in": READ_AND_PUT,
    "files_api/announce": READ_AND_WRITE,
    "feedback_api/give_feedback": READ_AND_PUT,
    "accounts_api/save_profile": REWRITE,
    "accounts_api/save_notice_settings": ("GetItem TransactWriteItems", "GetItem"),
    "search_api/save_search": ("GetItem Query Query Query TransactWriteItems", "GetItem"),
    "search_api/remove_search": ("GetItem TransactWriteItems", "GetItem"),
    "search_api/save_strengths": READ_AND_PUT,
    "payout_account_api/save_payout_account": ("GetItem TransactWriteItems", "GetItem"),
    "roles_api/assign_role": ("GetItem PutItem", "GetItem"),
    "roles_api/set_standing": ("GetItem UpdateItem", "GetItem"),
    "organisations_api/found_organisation": ("TransactWriteItems", "TransactWriteItems"),
    "organisations_api/join_organisation": READ_AND_WRITE,
    "organisations_api/decide_organisation": ("GetItem UpdateItem", "GetItem"),
    "organisations_api/save_address": ("GetItem TransactWriteItems", "GetItem"),
    "organisations_api/appoint_member": ("GetItem TransactWriteItems", "GetItem"),
    "organisations_api/remove_member": ("GetItem TransactWriteItems", "GetItem"),
    "organisations_api/revoke_invitation": READ_AND_WRITE,
    "webhooks_api/create_webhook": ("TransactWriteItems", "TransactWriteItems"),
    "webhooks_api/replay_delivery": ("GetItem GetItem TransactWriteItems", "GetItem"),
    **{
        f"webhooks_api/{name}": ("GetItem TransactWriteItems", "GetItem")
        for name in ("change_webhook", "remove_webhook", "rotate_webhook", "test_webhook", "replay_webhook")
    },
    "credentials_api/choose": READ_AND_PUT,
    "portfolio_api/save_portfolio": ("GetItem GetItem TransactWriteItems", "GetItem"),
    "portfolio_api/share_portfolio": ("GetItem TransactWriteItems", "GetItem"),
    "portfolio_api/unshare_portfolio": ("GetItem TransactWriteItems", "GetItem"),
    "portfolio_api/show_brief": (
        "BatchGetItem BatchGetItem BatchGetItem BatchGetItem GetItem TransactWriteItems",
        "BatchGetItem BatchGetItem",
    ),
    "portfolio_api/decide_consent": ("GetItem BatchGetItem TransactWriteItems", "GetItem BatchGetItem"),
    "credentials_api/revoke": ("GetItem TransactWriteItems", "GetItem"),
    **{f"cohorts_api/{name}": READ_AND_WRITE for name in ("make_cohort", "change_cohort", "join", "remove_student")},
    "cohorts_api/renew_consent": ("GetItem BatchGetItem TransactWriteItems", "GetItem BatchGetItem"),
    "cohorts_api/withdraw_consent": ("GetItem TransactWriteItems", "GetItem"),
    "credits_api/grant_credit": (f"{'BatchGetItem ' * 4}TransactWriteItems", "BatchGetItem GetItem"),
    "credits_api/revoke_credit": ("BatchGetItem GetItem TransactWriteItems", "BatchGetItem GetItem"),
    "talent_api/move_candidate": ("GetItem PutItem", "GetItem"),
    "talent_api/remove_candidate": ("GetItem PutItem", "GetItem"),
    "talent_api/offer_brief": READ_AND_WRITE,
    "talent_api/withdraw_offer": READ_AND_PUT,
    "talent_api/accept_offer": READ_AND_WRITE,
    "talent_api/refuse_offer": READ_AND_PUT,
}
"""DynamoDB's calls of each command: the first time, and repeated with the same key."""


def lasting(answer: dict[str, Any]) -> Any:
    """The answer without the upload form, which is a fresh one each time."""
    body = json.loads(answer["body"])
    return answer["statusCode"], {k: v for k, v in body.items() if k != "form"}


@pytest.mark.parametrize("name", COMMANDS)
def test_repeated_a_command_answers_the_same_writes_nothing_and_calls_dynamodb_as_often_as_said(
    world: World, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    prepare(world, name)
    world.remembered(name)
    before = world.everything()
    with world.counting() as first:
        answer = world.call(name)
    after = world.everything()
    with world.counting() as repeat:
        again = world.call(name)
    assert answer["statusCode"] == COMMANDS[name].status
    assert after != before
    assert lasting(again) == lasting(answer)
    assert world.everything() == after
    calls = " ".join(first), " ".join(repeat)
    print(f"{name:34} first: {calls[0]:32} repeated: {calls[1]}")
    assert calls == CALLS[name]
    assert max(len(first) - MORE_CALLS.get(name, 0), len(repeat)) <= MOST_CALLS + (name in OF_TWO_TABLES)


@pytest.mark.parametrize("name", COMMANDS)
def test_repeated_after_every_deadline_it_still_answers_the_same(world: World, name: str) -> None:
    prepare(world, name)
    answer = world.call(name)
    world.clock.at += timedelta(days=100)
    world.remembered(name)
    with world.counting() as repeat:
        assert lasting(world.call(name)) == lasting(answer)
    assert len(repeat) <= MOST_CALLS


def test_every_command_is_counted() -> None:
    assert set(CALLS) == set(COMMANDS)


PUBLIC = {"payments_webhook/payments_webhook", "unsubscribe/unsubscribe"}
"""What nobody who is signed in sends."""
KEYLESS = {"organisations_api/revoke_invitation"}
"""What is remembered of this is what it led to: any command that asks for the same changes nothing."""


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - KEYLESS))
def test_a_key_with_another_body_is_refused(world: World, name: str) -> None:
    prepare(world, name)
    world.call(name)
    text = sample(name).get("body")
    # One more blank between tokens: the same values, but another body.
    other = command(name, body=f"{text} " if text else '{"different": true}')
    refused(world, name, other, 422, "idempotency_key_reused")


@pytest.mark.parametrize("name", [*COMMANDS, *sorted(set(OTHERS) - PUBLIC)])
def test_without_a_key_a_command_is_refused(world: World, name: str) -> None:
    prepare(world, name)
    refused(world, name, command(name, key=None), 400, "idempotency_key_missing")
    refused(world, name, command(name, key="short"), 400, "idempotency_key_malformed")
    refused(world, name, command(name, key="a key with é"), 400, "idempotency_key_malformed")


GUARDED = sorted(name for name in HTTP if "authorizer" in sample(name)["requestContext"])


@pytest.mark.parametrize("name", GUARDED)
def test_the_id_token_is_refused(world: World, name: str) -> None:
    prepare(world, name)
    refused(world, name, command(name, token_use="id"), 403, "not_an_access_token")


@pytest.mark.parametrize("name", GUARDED)
def test_an_account_without_a_role_is_refused(world: World, name: str) -> None:
    prepare(world, name)
    refused(world, name, command(name, role=""), 403, "no_role")
    refused(world, name, command(name, role="server"), 403, "no_role")


WRONG = [(name, role) for name, roles in ALLOWED.items() for role in Role if role not in (*roles, Role.SERVER)]


@pytest.mark.parametrize(("name", "role"), WRONG, ids=[f"{name}-{role}" for name, role in WRONG])
def test_a_wrong_role_is_refused(world: World, name: str, role: Role) -> None:
    prepare(world, name)
    refused(world, name, command(name, role=role.value), 403, "wrong_role")


OPEN_TO_ALL = {"apply", "post_brief", "browse", "my_briefs", "pay_floor", "read_brief", "disputes"}
BY_OPERATORS = {"resolve_dispute", "reopen_dispute"}
OF_BRIEFS = ("briefs_api", "files_api", "browse_api", "manifest_api", "feedback_api")
BOUND = [n for n in GUARDED if n.split("/")[0] in OF_BRIEFS]
PRIVATE = [n for n in BOUND if n.partition("/")[2] not in OPEN_TO_ALL | BY_OPERATORS]
PRIVATE += ["money_api/ledger_of", "money_api/ledger_csv", "records_api/applicant_record"]
ORGANISATIONS = ("read_organisation", "members", "invite", "invitations", "revoke_invitation", *MEMBERS)
OF_ORGANISATIONS = [f"organisations_api/{name}" for name in ORGANISATIONS]
_COHORTS_OPEN = {f"cohorts_api/{name}" for name in ("preview_cohort", "join", "own_cohorts")}
OF_COHORTS_HIDDEN = sorted(
    n for n in GUARDED if n.startswith(("cohorts_api/", "credits_api/")) and n not in _COHORTS_OPEN
)
OF_TALENT_HIDDEN = sorted(n for n in GUARDED if n.startswith("talent_api/") and n != "talent_api/own_offers")


@pytest.mark.parametrize("name", [*PRIVATE, *OF_ORGANISATIONS, *OF_TALENT_HIDDEN, *OF_COHORTS_HIDDEN])
def test_somebody_elses_brief_or_organisation_is_not_there(world: World, name: str) -> None:
    prepare(world, name)
    role = ALLOWED.get(name, (Role.STUDENT,))[0].value
    refused(world, name, command(name, sub=STRANGER, role=role), 404, "not_found")


@pytest.mark.parametrize(
    "name",
    [*PRIVATE, "browse_api/read_brief", "briefs_api/apply", *(f"briefs_api/{name}" for name in sorted(BY_OPERATORS))],
)
def test_a_brief_that_does_not_exist_looks_the_same(world: World, name: str) -> None:
    refused(world, name, sample(name), 404, "not_found")


def test_a_brief_that_is_no_longer_open_is_not_there_for_strangers(world: World) -> None:
    name = "browse_api/read_brief"
    world.seed(the_brief(State.AWARDED), *documents_of(State.AWARDED))
    for role in (Role.STUDENT, Role.EMPLOYER, Role.EDUCATOR):
        refused(world, name, command(name, sub=STRANGER, role=role.value), 404, "not_found")


WRONG_STATES: dict[str, tuple[State, str]] = {
    "fund_brief": (State.OPEN, "wrong_state"),
    "cancel_brief": (State.SUBMITTED, "wrong_state"),
    "apply": (State.AWARDED, "not_open"),
    "withdraw_application": (State.AWARDED, "application_not_open"),
    "award_brief": (State.AWARDED, "wrong_state"),
    "withdraw_award": (State.SUBMITTED, "wrong_state"),
    "submit": (State.SUBMITTED, "wrong_state"),
    "approve": (State.AWARDED, "wrong_state"),
    "request_changes": (State.APPROVED, "wrong_state"),
    "open_dispute": (State.AWARDED, "wrong_state"),
    "answer_dispute": (State.SUBMITTED, "wrong_state"),
    "resolve_dispute": (State.SUBMITTED, "wrong_state"),
    "reopen_dispute": (State.RESOLVED, "wrong_state"),
    "announce": (State.SUBMITTED, "wrong_state"),
    "give_feedback": (State.APPROVED, "not_ended"),
}
ELSEWHERE = {"announce": "files_api", "give_feedback": "feedback_api"}


@pytest.mark.parametrize("operation", WRONG_STATES)
def test_in_the_wrong_state_it_is_refused_with_the_current_one(world: World, operation: str) -> None:
    state, code = WRONG_STATES[operation]
    name = f"{ELSEWHERE.get(operation, 'briefs_api')}/{operation}"
    brief = the_brief(state)
    world.seed(brief, *documents_of(state))
    problem = refused(world, name, sample(name), 409, code)
    assert (problem["state"], problem["version"]) == (state.value, brief.version)


def settled_brief() -> Brief:
    """The dispute was decided, the decision became final, the money has moved."""
    return the_brief(State.RESOLVED, Action.SETTLE)


DECIDED: dict[str, tuple[str, Callable[[], Brief], str]] = {
    "a second decision": ("resolve_dispute", lambda: the_brief(State.DISPUTED, Action.RESOLVE), "already_decided"),
    "a decision after the money moved": ("resolve_dispute", settled_brief, "wrong_state"),
    "reopening after the money moved": ("reopen_dispute", settled_brief, "wrong_state"),
    "reopening what is undecided": ("reopen_dispute", lambda: the_brief(State.DISPUTED), "not_decided"),
    "reopening twice": (
        "reopen_dispute",
        lambda: the_brief(State.DISPUTED, Action.RESOLVE, Action.REOPEN, Action.RESOLVE),
        "reopened_already",
    ),
}


@pytest.mark.parametrize("what", DECIDED)
def test_a_decision_out_of_turn_is_refused_and_noted_for_operators_to_see(world: World, what: str) -> None:
    operation, brief, code = DECIDED[what]
    name = f"briefs_api/{operation}"
    world.seed(brief(), *documents_of(State.DISPUTED))
    problem = refused(world, name, sample(name), 409, code)
    (shown,) = json.loads(world.call("operations_api/audit_trail")["body"])["items"]
    assert (shown["finding"], shown["subject"]) == ("decision_refused", BRIEF)
    assert (shown["reason"], shown["facts"]) == (problem["detail"], {"code": code})
    again = json.loads(world.call(name)["body"])
    assert again["code"] == code
    assert len(world.findings(needs_person=False)) == 1, "the same again is noted once"


def test_reopening_comes_too_late_once_the_window_has_passed(world: World) -> None:
    prepare(world, "briefs_api/reopen_dispute")
    world.clock.at += timedelta(days=2)
    refused(world, "briefs_api/reopen_dispute", sample("briefs_api/reopen_dispute"), 409, "deadline_passed")


SHARES = {
    "halves": ({"student": 1, "employer": 1}, (16_500, 16_500, 0)),
    "thirds": ({"student": 1, "employer": 1, "fee": 1}, (11_000, 11_000, 11_000)),
    "what cannot be divided goes by remainder": ({"student": 2, "employer": 5}, (9_429, 23_571, 0)),
    "all to one side": ({"student": 0, "employer": 1}, (0, 33_000, 0)),
}


@pytest.mark.parametrize("what", SHARES)
def test_a_decision_by_shares_divides_the_escrow_to_the_cent(world: World, what: str) -> None:
    name = "briefs_api/resolve_dispute"
    shares, parts = SHARES[what]
    prepare(world, name)
    answer = world.call(name, command(name, body={"shares": shares, "reason": "Half of it is done."}))
    assert answer["statusCode"] == 200
    seen = json.loads(world.call("browse_api/read_brief")["body"])["progress"]
    split = seen["decision"]["split"]
    assert tuple(split[f"{party}_minor"] for party in ("student", "employer", "fee")) == parts
    assert sum(parts) == seen["escrow"]["amount_minor"]
    assert seen["split"] is None, "nothing moves before the decision is final"


def test_a_reopened_dispute_waits_for_a_decision_again(world: World) -> None:
    prepare(world, "briefs_api/reopen_dispute")
    assert world.call("briefs_api/reopen_dispute")["statusCode"] == 200
    assert json.loads(world.call("browse_api/read_brief")["body"])["progress"]["decision"] is None
    assert world.call("briefs_api/resolve_dispute")["statusCode"] == 200


def test_a_student_without_payout_account_cannot_be_awarded(world: World) -> None:
    name = "briefs_api/award_brief"
    prepare(world, name)
    world.clients["dynamodb"].delete_item(
        TableName="accounts", Key={"pk": {"S": the_brief(State.AWARDED).student_id}, "sk": {"S": "payout_account"}}
    )
    problem = refused(world, name, sample(name), 409, "payee_not_ready")
    assert problem["state"] == "open"


def test_after_the_deadline_it_is_refused(world: World) -> None:
    name = "briefs_api/award_brief"
    prepare(world, name)
    world.clock.at += timedelta(days=100)
    refused(world, name, sample(name), 409, "deadline_passed")


def test_an_operator_cannot_change_their_own_role(world: World) -> None:
    name = "roles_api/assign_role"
    refused(world, name, command(name, sub=sample(name)["pathParameters"]["account_id"]), 409, "own_role")
