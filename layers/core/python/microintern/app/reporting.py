"""Reports, for those whom they are about: an organisation's own, and for operators the whole platform's."""

from datetime import datetime

from microintern.app.commands import require_role
from microintern.app.talent import require_inside
from microintern.app.views.reports import MonthRow, Report, rows_of
from microintern.domain.brief import Command
from microintern.domain.problems import Invalid
from microintern.domain.records import Counts
from microintern.domain.reports import MOST_MONTHS, scope_of, shards, summed
from microintern.domain.states import Role
from microintern.ports.clock import Clock
from microintern.ports.records import Records

_USUAL_MONTHS = 12


def of_organisation(
    by: Command, organisation_id: str, first: str | None, last: str | None, *, records: Records, clock: Clock
) -> Report:
    """How the briefs of one's own organisation went."""
    require_inside(by, organisation_id)
    return _report([scope_of(organisation_id)], first, last, records, clock.now())


def of_platform(by: Command, first: str | None, last: str | None, *, records: Records, clock: Clock) -> Report:
    """How all briefs went, for operators. What is counted lies in parts, which are added here."""
    require_role(by, Role.OPERATOR)
    return _report(shards(), first, last, records, clock.now())


def as_rows(report: Report) -> list[MonthRow]:
    """The same as a table: a row for each figure of each month, in one order."""
    return [row for month in report.months for row in rows_of(month)]


def _report(scopes: list[str], first: str | None, last: str | None, records: Records, now: datetime) -> Report:
    begins, ends = _months(first, last, now)
    counted: dict[str, Counts] = summed(records.report_of(scope, begins, ends) for scope in scopes)
    return Report.of(begins, ends, counted)


def _months(first: str | None, last: str | None, now: datetime) -> tuple[str, str]:
    """From and to which month: the last twelve, unless said otherwise."""
    ends = last or f"{now:%Y-%m}"
    begins = first or _before(ends, _USUAL_MONTHS - 1)
    if not begins <= ends:
        raise Invalid.field("months_reversed", "/first", f"The first month, {begins}, is after the last, {ends}.")
    if begins < _before(ends, MOST_MONTHS - 1):
        detail = f"A report covers {MOST_MONTHS} months at most; from {begins} to {ends} are more."
        raise Invalid.field("too_many_months", "/first", detail)
    return begins, ends


def _before(month: str, months: int) -> str:
    year, number = divmod(int(month[:4]) * 12 + int(month[5:]) - 1 - months, 12)
    return f"{year:04d}-{number + 1:02d}"
