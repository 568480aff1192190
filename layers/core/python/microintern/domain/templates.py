"""Briefs to start from: one file each in `data/templates`, complete but for dates, place and pay."""

import json
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib import resources
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import Field

from microintern.domain.base import Frozen
from microintern.domain.pay_floors import PayFloor, floor_for, lowest_pay_minor
from microintern.domain.posting import Name, Posting
from microintern.domain.problems import no_such
from microintern.domain.text import Line, Paragraph

_WORKDAY_ENDS = time(17)
"""When suggested deadlines are, on the employer's clock: somebody is there who can be asked."""


class Suggested(Frozen):
    """The timeline that the work needs, in days from the day of posting."""

    applications_open_days: Annotated[int, Field(ge=3, le=30)]
    work_days: Annotated[int, Field(ge=3, le=60)]
    """From the closing of applications to the day that the work is due."""


class Template(Frozen):
    """A brief that was thought through; `brief` is a posting without dates, place and pay."""

    template_id: Name
    summary: Line
    before_posting: Annotated[list[Paragraph], Field(min_length=1, max_length=5)]
    """What the employer still has to do for it to be theirs."""
    suggested: Suggested
    brief: dict[str, Any]

    def posting(self, place: str, zone: str, today: date) -> tuple[Posting, PayFloor]:
        """The posting, dated from today and paid by the floor of the place; and that floor.

        Raises Invalid where no floor is known for the place.
        """
        closes_at = _evening(today, self.suggested.applications_open_days, zone)
        due_at = _evening(closes_at.date(), self.suggested.work_days, zone)
        floor = floor_for(place, today, due_at.astimezone(UTC).date())
        lowest = lowest_pay_minor(floor, self.brief["hours"])
        timeline = {"zone": zone, "applications_close_at": closes_at, "submission_due_at": due_at}
        pay = {"amount_minor": lowest, "currency": floor.currency}
        return Posting.model_validate({**self.brief, "pay": pay, "place_of_work": place, "timeline": timeline}), floor


def _evening(day: date, days: int, zone: str) -> datetime:
    return datetime.combine(day + timedelta(days=days), _WORKDAY_ENDS, ZoneInfo(zone))


@cache
def all_templates() -> tuple[Template, ...]:
    """The templates that come with the project, in the order of their fields and names."""
    folder = resources.files("microintern.domain").joinpath("data/templates")
    read = [Template.model_validate(json.loads(file.read_text(encoding="utf-8"))) for file in folder.iterdir()]
    return tuple(sorted(read, key=lambda template: (template.brief["field"], template.template_id)))


def template_named(template_id: str) -> Template:
    """The template of this name; NotFound when there is none."""
    found = next((each for each in all_templates() if each.template_id == template_id), None)
    if found is None:
        raise no_such("template")
    return found
