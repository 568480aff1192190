"""What an employer may post."""

import copy
from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from microintern.domain import lifecycle
from microintern.domain.policy import Policy
from microintern.domain.posting import Posting, check_timeline, local
from microintern.domain.problems import Invalid
from tests.unit.builders import BRIEF, NOW, POLICY, a_posting, employer, posting_body, timeline


def changed(path: str, value: Any) -> dict[str, Any]:
    """The example brief with one value changed, found by its JSON pointer."""
    body = posting_body()
    *parents, last = [int(part) if part.isdigit() else part for part in path.strip("/").split("/")]
    place: Any = body
    for part in parents:
        place = place[part]
    place[last] = value
    return body


def refusal(body: dict[str, Any]) -> tuple[str, str]:
    """Where and why the body is refused: a JSON pointer, and the rule in words."""
    with pytest.raises(ValidationError) as refused:
        Posting.model_validate(body)
    error = refused.value.errors()[0]
    return "".join(f"/{part}" for part in error["loc"]), error["msg"]


def test_the_example_brief_can_be_posted() -> None:
    assert a_posting().pay.amount_minor == 30_000


@pytest.mark.parametrize(
    ("path", "value", "rule"),
    [
        ("/pay/amount_minor", 300.5, "valid integer"),
        ("/pay/amount_minor", 30000.0, "valid integer"),
        ("/pay/amount_minor", -1, "greater than"),
        ("/pay/amount_minor", 0, "greater than 0"),
        ("/pay/amount_minor", "30000", "valid integer"),
        ("/pay/amount_minor", True, "valid integer"),
        ("/pay/currency", "EURO", "match pattern"),
        ("/pay/currency", "XYZ", "not an ISO 4217 currency"),
        ("/hours", 4, "greater than or equal to 5"),
        ("/hours", 41, "less than or equal to 40"),
        ("/hours", 12.0, "valid integer"),
        ("/blind", "yes", "valid boolean"),
        ("/title", "<b>Data</b>", "HTML is not accepted"),
        ("/title", "two\nlines", "one line"),
        ("/goals", "safe\u202etext", "U+202E"),
        ("/goals", "bell\x07", "U+0007"),
        ("/field", "astrology", "Input should be 'data'"),
        ("/skills/0", "Data Cleaning", "match pattern"),
        ("/skills", [], "at least 1 item"),
        ("/place_of_work", "New York", "match pattern"),
        ("/timeline/zone", "Mars/Olympus", "not an IANA time zone"),
        ("/timeline/zone", "EST5EDT6", "not an IANA time zone"),
        ("/timeline/applications_close_at", "2027-03-05T17:00:00", "needs an offset"),
        ("/timeline/applications_close_at", 1804284000, "RFC 3339"),
        ("/timeline/applications_close_at", "tomorrow", "RFC 3339"),
        ("/deliverables/0/media_types", [], "at least 1 item"),
        ("/deliverables/0/media_types/0", "csv", "match pattern"),
        ("/deliverables/0/most_bytes", 5 * 1024**3 + 1, "less than or equal to 5368709120"),
        ("/rubric/0/weight", 50.0, "valid integer"),
        ("/rubric/0/levels/0/points", -1, "greater than or equal to 0"),
        ("/revision_rounds", 6, "less than or equal to 5"),
    ],
)
def test_a_value_that_breaks_a_rule_is_named_with_the_rule(path: str, value: object, rule: str) -> None:
    where, why = refusal(changed(path, value))
    assert (where, rule in why) == (path, True), why


@pytest.mark.parametrize("path", ["/extra", "/pay/extra", "/timeline/extra", "/rubric/0/levels/0/extra"])
def test_an_unknown_field_is_refused(path: str) -> None:
    assert refusal(changed(path, "?")) == (path, "Extra inputs are not permitted")


@pytest.mark.parametrize("name", ["title", "goals", "pay", "place_of_work", "timeline", "rubric", "hours"])
def test_a_missing_field_is_named(name: str) -> None:
    assert refusal(posting_body(**{name: None})) == (f"/{name}", "Field required")


@pytest.mark.parametrize("exponent", [0, 3])
def test_an_amount_with_another_currencys_exponent_is_refused(exponent: int) -> None:
    where, why = refusal(changed("/pay/exponent", exponent))
    assert where == "/pay"
    assert f"USD has 2 decimal places, not {exponent}" in why


@pytest.mark.parametrize("weight", [49, 51])
def test_the_weights_of_a_rubric_add_up_to_a_hundred(weight: int) -> None:
    where, why = refusal(changed("/rubric/0/weight", weight))
    assert where == "/rubric"
    assert f"add up to {weight + 50}; they must add up to 100" in why


@pytest.mark.parametrize(
    ("path", "where", "what"),
    [
        ("/deliverables", "/deliverables", "deliverable cleaned-table"),
        ("/skills", "/skills", "skill data-cleaning"),
    ],
)
def test_a_name_stands_once(path: str, where: str, what: str) -> None:
    there = posting_body()[path.strip("/")]
    found, why = refusal(changed(path, [*there, copy.deepcopy(there[0])]))
    assert found == where
    assert f"the {what} stands twice" in why


def test_a_criterion_stands_once() -> None:
    half = posting_body()["rubric"][0] | {"weight": 50}
    where, why = refusal(posting_body(rubric=[half, half]))
    assert where == "/rubric"
    assert "the criterion correctness stands twice" in why


@pytest.mark.parametrize(("key", "what"), [("label", "level missing"), ("points", "number of points 0")])
def test_the_levels_of_a_criterion_differ(key: str, what: str) -> None:
    body = posting_body()
    levels = body["rubric"][0]["levels"]
    levels[1][key] = levels[0][key]
    where, why = refusal(body)
    assert where == "/rubric/0"
    assert what in why


@pytest.mark.parametrize("gap", [timedelta(0), timedelta(seconds=-1), timedelta(days=-3)])
def test_work_is_due_after_applications_close(gap: timedelta) -> None:
    closes_at = NOW + timedelta(days=5)
    where, why = refusal(posting_body(timeline=timeline(closes_at, closes_at + gap)))
    assert where == "/timeline"
    assert "later than applications_close_at" in why


@pytest.mark.parametrize("ago", [timedelta(0), timedelta(days=1)])
def test_a_deadline_in_the_past_is_refused(ago: timedelta) -> None:
    posting = a_posting(timeline=timeline(NOW - ago, NOW + timedelta(days=5)))
    with pytest.raises(Invalid) as refused:
        check_timeline(posting.timeline, NOW, POLICY)
    assert refused.value.code == "deadline_in_the_past"
    assert refused.value.members["errors"][0]["field"] == "/timeline/applications_close_at"


def test_a_deadline_may_be_as_far_as_the_policy_says_and_no_farther() -> None:
    def due_in(span: timedelta) -> Posting:
        return a_posting(timeline=timeline(NOW + timedelta(days=1), NOW + span))

    check_timeline(due_in(timedelta(days=180)).timeline, NOW, POLICY)
    with pytest.raises(Invalid) as refused:
        lifecycle.post(BRIEF, due_in(timedelta(days=180, seconds=1)), employer(), NOW, POLICY)
    assert refused.value.code == "deadline_too_far"
    assert refused.value.members["errors"][0]["field"] == "/timeline/submission_due_at"
    assert "180 days" in refused.value.detail


def test_deadlines_are_kept_in_utc_and_shown_on_the_employers_clock_in_summer_and_winter_time() -> None:
    brief = lifecycle.post(BRIEF, a_posting(), employer(), NOW, POLICY)
    assert brief.applications_close_at == datetime.fromisoformat("2027-03-05T22:00:00+00:00")
    assert brief.submission_due_at == datetime.fromisoformat("2027-03-26T21:00:00+00:00")
    assert local(brief.applications_close_at, brief.zone) == "2027-03-05T17:00:00-05:00"
    assert local(brief.submission_due_at, brief.zone) == "2027-03-26T17:00:00-04:00"


def test_the_fee_comes_on_top_of_the_pay() -> None:
    brief = lifecycle.post(BRIEF, a_posting(), employer(), NOW, Policy(fee_bp=1_250))
    assert (brief.pay_minor, brief.fee_minor, brief.escrow_minor) == (30_000, 3_750, 33_750)
