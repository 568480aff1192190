"""Templates are listed by field and page, and read for a place; the check says what posting would."""

import pytest

from microintern.app import drafting
from microintern.domain.posting import FieldOfWork
from microintern.domain.problems import Invalid, Malformed, NotFound
from microintern.domain.quality import Severity
from microintern.domain.templates import all_templates
from tests.twins.clock import MemoryClock
from tests.unit.builders import NOW, POLICY, a_posting, employer, student

CLOCK = MemoryClock(NOW)


def test_templates_page_without_a_gap_or_a_repeat_in_the_order_of_their_fields() -> None:
    seen: list[str] = []
    cursor: str | None = None
    by = employer()
    while True:
        page = drafting.templates(by, None, 4, cursor)
        seen += [item.template_id for item in page.items]
        if (cursor := page.next_cursor) is None:
            break
    assert seen == [template.template_id for template in all_templates()]


@pytest.mark.parametrize("field", FieldOfWork)
def test_templates_of_a_field(field: FieldOfWork) -> None:
    page = drafting.templates(employer(), field, 50, None)
    assert page.items
    assert {item.field for item in page.items} == {field}
    assert page.next_cursor is None


def test_a_cursor_is_bound_to_the_caller_and_the_field() -> None:
    by = employer()
    cursor = drafting.templates(by, None, 2, None).next_cursor
    for other, field in ((student(), None), (by, FieldOfWork.DATA)):
        with pytest.raises(Malformed):
            drafting.templates(other, field, 2, cursor)


def test_a_template_is_read_for_a_place_with_the_floor_that_it_pays() -> None:
    view = drafting.read_template("clean-a-table", "US-NY-NYC", "America/New_York", clock=CLOCK)
    assert view.pay_floor.lowest_pay.amount_minor == view.posting.pay.amount_minor == 12 * 1_700
    assert view.posting.timeline.zone == "America/New_York"
    assert view.before_posting
    with pytest.raises(NotFound):
        drafting.read_template("none-of-this-name", "US", "UTC", clock=CLOCK)
    with pytest.raises(Invalid):
        drafting.read_template("clean-a-table", "ZZ", "UTC", clock=CLOCK)


@pytest.mark.parametrize(("amount_minor", "fee_minor"), [(30_000, 3_000), (30_005, 3_001), (20_400, 2_040)])
def test_the_check_says_what_it_costs_as_posting_would_charge_it(amount_minor: int, fee_minor: int) -> None:
    posting = a_posting(pay={"amount_minor": amount_minor, "currency": "USD"})
    cost = drafting.check(posting, clock=CLOCK, policy=POLICY).cost
    amounts = (cost.pay.amount_minor, cost.fee.amount_minor, cost.total_to_hold.amount_minor)
    assert amounts == (amount_minor, fee_minor, amount_minor + fee_minor)


def test_the_check_shows_the_floor_and_whether_the_pay_meets_it() -> None:
    enough = drafting.check(a_posting(), clock=CLOCK, policy=POLICY)
    assert (enough.would_be_accepted, enough.pay_is_enough) == (True, True)
    assert enough.pay_floor is not None
    assert (enough.pay_floor.jurisdiction, enough.pay_floor.lowest_pay.amount_minor) == ("US-NY-NYC", 20_400)
    assert enough.pay_floor.source
    short = drafting.check(a_posting(pay={"amount_minor": 20_399, "currency": "USD"}), clock=CLOCK, policy=POLICY)
    assert (short.would_be_accepted, short.pay_is_enough) == (False, False)
    assert short.findings[0].severity is Severity.REFUSED
    nowhere = drafting.check(a_posting(place_of_work="ZZ"), clock=CLOCK, policy=POLICY)
    assert (nowhere.pay_floor, nowhere.pay_is_enough, nowhere.would_be_accepted) == (None, False, False)


def test_what_is_refused_for_its_rounds_may_still_pay_enough() -> None:
    checked = drafting.check(a_posting(revision_rounds=5), clock=CLOCK, policy=POLICY)
    assert (checked.would_be_accepted, checked.pay_is_enough) == (False, True)
