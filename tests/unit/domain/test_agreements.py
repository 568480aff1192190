"""What both sides accept, by its hash, and where the law asks for more."""

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microintern.domain.agreements import Agreed, all_laws, all_terms, canonical, check_same, law_for, terms_in_force
from microintern.domain.policy import Policy
from microintern.domain.posting import Posting
from microintern.domain.problems import Conflict
from tests.unit.builders import BRIEF, POLICY, a_posting


def changed(**changes: Any) -> Posting:
    return a_posting().model_copy(update=changes)


def test_the_hash_is_of_what_anybody_can_write_down() -> None:
    agreed = Agreed.now(BRIEF, a_posting(), POLICY)
    said = json.loads(canonical(BRIEF, a_posting(), 1, POLICY.review_window_s, POLICY.kill_fee_bp))
    assert said["brief_id"] == BRIEF
    assert said["terms"] == json.loads(all_terms()[1].model_dump_json())
    assert said["posting"]["pay"]["amount_minor"] == a_posting().pay.amount_minor
    again = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(again.encode()).hexdigest() == agreed.sha256
    assert agreed.fits(BRIEF, a_posting())


@given(st.sampled_from(["title", "goals", "hours", "pay", "confidential", "timeline", "rubric", "revision_rounds"]))
def test_whatever_changes_in_a_brief_it_is_another_contract(name: str) -> None:
    other: dict[str, Any] = {
        "title": "Another title",
        "goals": "Other goals.",
        "hours": 13,
        "pay": a_posting().pay.model_copy(update={"amount_minor": 30_001}),
        "confidential": True,
        "timeline": a_posting().timeline.model_copy(update={"zone": "Europe/Prague"}),
        "rubric": list(reversed(a_posting().rubric)),
        "revision_rounds": 0,
    }
    agreed = Agreed.now(BRIEF, a_posting(), POLICY)
    assert not agreed.fits(BRIEF, changed(**{name: other[name]}))


def test_another_brief_and_other_numbers_are_another_contract_too() -> None:
    agreed = Agreed.now(BRIEF, a_posting(), POLICY)
    assert not agreed.fits("another-brief", a_posting())
    for other in (Policy(review_window_s=1), Policy(kill_fee_bp=1)):
        assert Agreed.now(BRIEF, a_posting(), other).sha256 != agreed.sha256


def test_who_accepts_another_contract_is_told_which_it_is() -> None:
    agreed = Agreed.now(BRIEF, a_posting(), POLICY)
    check_same(agreed, None)
    check_same(agreed, agreed.sha256)
    with pytest.raises(Conflict, match=agreed.sha256) as refused:
        check_same(agreed, "0" * 64)
    assert refused.value.code == "another_contract"


def test_confidentiality_is_part_of_it_where_the_brief_asks_for_it() -> None:
    terms = terms_in_force()
    assert terms.confidentiality not in terms.clauses_for(a_posting())
    assert terms.clauses_for(changed(confidential=True)) == [*terms.clauses, terms.confidentiality]


def test_the_terms_say_what_the_law_asks_for_and_that_they_are_no_advice() -> None:
    words = " ".join(clause.text for clause in terms_in_force().clauses)
    for said in ("list of the services", "due date", "payout account", "rights", "pass to the employer"):
        assert said in words
    assert "not legal advice" in terms_in_force().note
    assert sorted(all_terms()) == list(range(1, len(all_terms()) + 1))


@pytest.mark.parametrize(
    ("place", "amount_minor", "currency", "law"),
    [
        ("US-NY-NYC", 80_000, "USD", "New York Freelance Isn't Free Act"),
        ("US-NY", 79_999, "USD", None),
        ("US-IL-CHI", 50_000, "USD", "Illinois Freelance Worker Protection Act"),
        ("US-CA", 25_000, "USD", "California Freelance Worker Protection Act"),
        ("US-WA", 90_000, "USD", None),
        ("US-NY", 90_000, "CAD", None),
    ],
)
def test_a_law_holds_where_it_is_made_and_from_its_amount_on(
    place: str, amount_minor: int, currency: str, law: str | None
) -> None:
    pay = a_posting().pay.model_copy(update={"amount_minor": amount_minor, "currency": currency})
    found = law_for(changed(place_of_work=place, pay=pay))
    assert (found.law if found else None) == law
    assert all(each.source for each in all_laws())
