"""The templates are postings that could be posted as they are, and that the check finds nothing wrong with."""

import re
from collections import Counter
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microintern.app import posting as posting_app
from microintern.domain.pay_floors import all_floors, lowest_pay_minor
from microintern.domain.posting import FieldOfWork
from microintern.domain.problems import Invalid, NotFound
from microintern.domain.quality import check_posting
from microintern.domain.quality.size import HOURS_A_WEEK, least_hours
from microintern.domain.states import State
from microintern.domain.templates import Template, all_templates, template_named
from tests.twins.briefs import MemoryBriefs
from tests.twins.clock import MemoryClock
from tests.unit.builders import NOW, POLICY, ROOT, employer

PLACES = sorted({floor.jurisdiction for floor in all_floors()})
TODAY = NOW.date()
each = pytest.mark.parametrize("template", all_templates(), ids=lambda t: t.template_id)


def test_there_is_one_for_every_field_and_a_dozen_at_least() -> None:
    fields = Counter(template.brief["field"] for template in all_templates())
    assert set(fields) == set(FieldOfWork)
    assert fields.total() >= 12


def test_a_file_is_called_as_its_template() -> None:
    folder = ROOT / "layers/core/python/microintern/domain/data/templates"
    assert {path.name for path in folder.iterdir()} == {f"{t.template_id}.json" for t in all_templates()}


@each
def test_it_lacks_only_what_the_employer_sets(template: Template) -> None:
    posting, _ = template.posting("US-NY-NYC", "America/New_York", TODAY)
    required = {name for name, field in type(posting).model_fields.items() if field.is_required()}
    assert required - template.brief.keys() == {"pay", "place_of_work", "timeline"}
    assert min(len(criterion.levels) for criterion in posting.rubric) >= 3
    assert 2 <= len(posting.rubric) <= 5


@each
def test_the_check_finds_nothing(template: Template) -> None:
    posting, _ = template.posting("US-NY-NYC", "America/New_York", TODAY)
    assert check_posting(posting, NOW, POLICY) == []


@each
def test_its_hours_are_worth_the_work(template: Template) -> None:
    """The check only finds what is far too much; a template is to leave room to do it well."""
    assert least_hours(template.posting("US", "UTC", TODAY)[0]) <= template.brief["hours"] / 2
    assert template.suggested.work_days >= template.brief["hours"] * 7 / HOURS_A_WEEK


@each
@pytest.mark.parametrize("place", PLACES)
def test_it_pays_the_floor_of_every_place_and_not_more(template: Template, place: str) -> None:
    posting, floor = template.posting(place, "Europe/Berlin", TODAY)
    assert floor.jurisdiction in (place, *(place[: match.start()] for match in re.finditer("-", place)))
    assert posting.pay.amount_minor == lowest_pay_minor(floor, posting.hours) > 0
    assert posting.pay.currency == floor.currency
    assert check_posting(posting, NOW, POLICY) == []


@each
def test_it_can_be_posted_as_it_is(template: Template) -> None:
    posting, _ = template.posting("GB", "Europe/London", TODAY)
    answer = posting_app.post(employer(), posting, briefs=MemoryBriefs(), clock=MemoryClock(NOW), policy=POLICY)
    assert answer.state is State.POSTED


@given(
    st.sampled_from(all_templates()),
    st.dates(date(2026, 12, 1), date(2031, 1, 1)),
    st.sampled_from(["UTC", "America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati", "Europe/Berlin"]),
)
def test_deadlines_are_at_the_end_of_a_working_day_on_the_employers_clock(
    template: Template, today: date, zone: str
) -> None:
    timeline = template.posting("US-CA", zone, today)[0].timeline
    closes, due = (at.astimezone(ZoneInfo(zone)) for at in (timeline.applications_close_at, timeline.submission_due_at))
    assert (closes.hour, closes.minute, due.hour, due.minute) == (17, 0, 17, 0)
    assert closes.date() - today == timedelta(days=template.suggested.applications_open_days)
    assert due.date() - closes.date() == timedelta(days=template.suggested.work_days)


def test_a_place_without_a_floor_and_a_name_without_a_template_are_refused() -> None:
    with pytest.raises(Invalid) as refused:
        template_named("clean-a-table").posting("ZZ", "UTC", TODAY)
    assert refused.value.code == "pay_floor_unknown"
    with pytest.raises(NotFound):
        template_named("no-such-template")
