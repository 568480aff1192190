"""Whoever may not act is refused at every route, before anything that they sent is read; and so is whoever floods."""

import json
from typing import Any

import pytest

from microintern.adapters.portfolios import DynamoPortfolios
from microintern.domain.policy import Policy
from microintern.domain.standing import Standing, StandingState
from microintern.domain.states import Role
from microintern.web.caller import OPEN_TO_SUSPENDED
from microintern.web.gate import gate
from tests.contract import tables
from tests.functions.cases import HTTP, prepare
from tests.functions.test_bad_input import refused
from tests.functions.test_commands import GUARDED
from tests.functions.world import LATER, NEWCOMER, STUDENT, World, command, sample

OPEN = sorted(name for name in GUARDED if sample(name)["routeKey"] in OPEN_TO_SUSPENDED)
CLOSED = sorted(set(GUARDED) - set(OPEN))


def caller_of(name: str) -> str:
    sub: str = sample(name)["requestContext"]["authorizer"]["jwt"]["claims"]["sub"]
    return sub


def stand(world: World, account_id: str, state: StandingState) -> None:
    standing = Standing(account_id=account_id, state=state, reason="Sent spam to forty briefs.", since=LATER)
    before = world.standings.read(account_id)
    world.standings.save(standing.model_copy(update={"version": before.version + 1}))
    gate().forget()


@pytest.mark.parametrize("name", CLOSED)
def test_a_suspended_account_is_refused_with_the_reason(world: World, name: str) -> None:
    prepare(world, name)
    stand(world, caller_of(name), StandingState.SUSPENDED)
    problem = refused(world, name, sample(name), 403, "account_suspended")
    assert problem["reason"] == "Sent spam to forty briefs."
    assert problem["since"] == "2027-02-20T16:00:00.000Z"
    refused(world, name, command(name, body="{not json"), 403, "account_suspended")
    stand(world, caller_of(name), StandingState.ACTIVE)
    assert world.call(name)["statusCode"] == HTTP[name].status


@pytest.mark.parametrize("name", OPEN)
def test_a_suspended_account_may_read_what_is_kept_of_it_and_have_no_more_of_it_seen(world: World, name: str) -> None:
    prepare(world, name)
    stand(world, caller_of(name), StandingState.SUSPENDED)
    assert world.call(name)["statusCode"] == HTTP[name].status


TAKEN_BACK = ("cohorts_api/withdraw_consent", "portfolio_api/unshare_portfolio")


@pytest.mark.parametrize("name", TAKEN_BACK)
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SERVER])
def test_what_somebody_let_be_seen_they_can_take_back_in_any_role(world: World, name: str, role: Role) -> None:
    prepare(world, name)
    if name == "portfolio_api/unshare_portfolio":
        world.call("portfolio_api/share_portfolio")
    stand(world, caller_of(name), StandingState.SUSPENDED)
    assert world.call(name, command(name, role=role.value))["statusCode"] == 200
    if name == "cohorts_api/withdraw_consent":
        (enrolment,) = world.cohorts.enrolments(STUDENT, 10).items
        assert enrolment.withdrawn_at is not None
    else:
        assert DynamoPortfolios(world.clients["dynamodb"], tables.PORTFOLIOS).page(STUDENT).handle is None


def test_it_reads_why(world: World) -> None:
    stand(world, STUDENT, StandingState.SUSPENDED)
    shown = json.loads(world.call("accounts_api/me")["body"])["standing"]
    assert (shown["state"], shown["reason"]) == ("suspended", "Sent spam to forty briefs.")


@pytest.mark.parametrize("name", GUARDED)
def test_an_erased_account_gets_nowhere(world: World, name: str) -> None:
    stand(world, caller_of(name), StandingState.ERASED)
    refused(world, name, sample(name), 403, "account_erased")


def test_suspending_signs_out_and_reinstating_lets_in_again(world: World) -> None:
    assert world.call("roles_api/set_standing")["statusCode"] == 200
    assert not world.newcomer().enabled
    shown = json.loads(world.call("roles_api/account_standing")["body"])
    assert (shown["account_id"], shown["state"]) == (NEWCOMER, "suspended")
    key = "7a0c2c1e-7f0a-4a52-9a8e-00000000ffff"
    again = command("roles_api/set_standing", key=key, body={"state": "active", "reason": "It was a mistake."})
    assert json.loads(world.call("roles_api/set_standing", again)["body"])["state"] == "active"
    assert world.newcomer().enabled


def test_nobody_suspends_themselves(world: World) -> None:
    name = "roles_api/set_standing"
    refused(world, name, command(name, sub=NEWCOMER), 409, "own_standing")


def test_a_flood_is_refused_until_its_window_ends(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate(), "_policy", Policy(most_requests=5, request_window_s=600))
    name = "accounts_api/notices"
    answers: list[Any] = [world.call(name) for _ in range(6)]
    assert [answer["statusCode"] for answer in answers] == [200] * 5 + [429]
    problem = json.loads(answers[-1]["body"])
    assert (problem["code"], problem["status"]) == ("too_many_requests", 429)
    assert answers[-1]["headers"]["Retry-After"] == str(problem["retry_after_s"])
    world.clock.forward(seconds=problem["retry_after_s"])
    assert world.call(name)["statusCode"] == 200


def test_when_it_cannot_be_told_how_somebody_stands_nobody_is_let_in(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: str) -> Standing:
        raise RuntimeError("the table is away")

    monkeypatch.setattr(gate()._standings, "read", broken)
    answer = world.call("accounts_api/me")
    assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (500, "internal")
