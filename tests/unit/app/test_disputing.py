"""An operator decides, by amounts or by shares, and may think again once before it is final."""

from typing import Any

import pytest
from pydantic import ValidationError

from microintern.app import disputing
from microintern.app.requests import ResolutionRequest
from microintern.domain.documents import Statement
from microintern.domain.payout_matrix import Split
from microintern.domain.problems import Conflict, Invalid
from microintern.domain.states import State
from tests.unit.app.world import World, a_world_in
from tests.unit.builders import NOTHING, POLICY, operator


def decide(world: World, **request: Any) -> Split:
    """What the operator's decision comes to."""
    body = ResolutionRequest.model_validate({"reason": "Half was done.", **request})
    shared: dict[str, Any] = {"briefs": world.briefs, "clock": world.clock, "policy": POLICY}
    disputing.resolve(operator(), world.brief_id, body, **shared)
    assert world.brief.dispute is not None
    assert world.brief.dispute.decision is not None
    return world.brief.dispute.decision.split


@pytest.mark.parametrize(
    ("shares", "parts"),
    [
        ({"student": 1, "employer": 1}, (16_500, 16_500, 0)),
        ({"student": 1, "employer": 1, "fee": 1}, (11_000, 11_000, 11_000)),
        ({"student": 1, "employer": 2, "fee": 4}, (4_714, 9_429, 18_857)),
        ({"student": 0, "employer": 10_000}, (0, 33_000, 0)),
    ],
)
def test_the_escrow_can_be_divided_by_shares_to_the_last_minor_unit(
    shares: dict[str, int], parts: tuple[int, int, int]
) -> None:
    split = decide(a_world_in(State.DISPUTED), shares=shares)
    assert (split.student_minor, split.employer_minor, split.fee_minor) == parts


@pytest.mark.parametrize(
    "request_",
    [
        {},
        {"split": NOTHING.model_dump(), "shares": {"student": 1, "employer": 1}},
        {"shares": {"student": 0, "employer": 0}},
        {"shares": {"student": -1, "employer": 2}},
        {"shares": {"student": 10_001, "employer": 2}},
    ],
)
def test_a_decision_is_by_amounts_or_by_shares_that_divide_something(request_: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ResolutionRequest.model_validate({"reason": "Half was done.", **request_})


def test_a_split_that_does_not_add_up_to_the_escrow_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        decide(a_world_in(State.DISPUTED), split=NOTHING.model_dump())
    assert refused.value.code == "split_does_not_add_up"


def test_no_money_moves_before_the_decision_is_final_and_then_as_the_last_one_says() -> None:
    world = a_world_in(State.DISPUTED)
    world.resolve()
    assert world.money_moves() == "nothing_to_do"
    world.reopen()
    assert world.money_moves() == "nothing_to_do"
    all_back = Split(student_minor=0, employer_minor=33_000, fee_minor=0)
    world.resolve(split=all_back)
    with pytest.raises(Conflict) as refused:
        world.reopen()
    assert refused.value.code == "reopened_already"
    world.deadline_lapses()
    assert world.money_moves() == "settled"
    assert world.moved == [("collect", 33_000), ("refund", 33_000)]
    assert world.brief.split == all_back


def test_everything_that_was_said_and_decided_is_kept_in_its_order() -> None:
    world = a_world_in(State.DISPUTED)
    world.answer_dispute()
    world.resolve()
    world.reopen()
    world.resolve()
    said: list[Statement] = world.briefs.list_documents(world.brief_id, Statement, 10).items
    assert [(s.role, s.reason) for s in said] == [
        ("employer", "A third is missing."),
        ("student", "Nothing is missing."),
        ("operator", "Half was done."),
        ("operator", "A file was overlooked."),
        ("operator", "Half was done."),
    ]


def test_a_decision_that_is_final_can_not_be_taken_back() -> None:
    world = a_world_in(State.RESOLVED)
    with pytest.raises(Conflict) as refused:
        world.reopen()
    assert refused.value.code == "wrong_state"
