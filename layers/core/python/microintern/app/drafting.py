"""Help before posting: briefs to start from, and a check of what was written. Nothing is kept."""

from microintern.app.cursors import decode, encode
from microintern.app.views.briefs import FloorView
from microintern.app.views.drafting import CheckView, Cost, TemplatePage, TemplateSummary, TemplateView
from microintern.domain.brief import Command
from microintern.domain.pay_floors import PayFloor, floor_for
from microintern.domain.policy import Policy
from microintern.domain.posting import FieldOfWork, Posting
from microintern.domain.problems import Invalid
from microintern.domain.quality import Severity, check_posting
from microintern.domain.templates import Template, all_templates, template_named
from microintern.ports.clock import Clock
from microintern.ports.paging import Position

_OF_PAY = frozenset({"pay_floor_unknown", "currency_not_of_place", "pay_under_floor"})


def templates(by: Command, field: FieldOfWork | None, limit: int, cursor: str | None) -> TemplatePage:
    """The templates of a field of work, or all of them, in the order of their fields."""
    scope = ("templates", by.actor_id, field or "")
    after = decode(cursor, *scope)
    wanted = [each for each in all_templates() if field is None or each.brief["field"] == field]
    left = [each for each in wanted if after is None or _place(each) > (after.sort, after.item)]
    shown = left[:limit]
    last = shown[-1] if len(left) > limit else None
    position = Position(sort=_place(last)[0], item=_place(last)[1]) if last else None
    return TemplatePage(items=[TemplateSummary.of(each) for each in shown], next_cursor=encode(position, *scope))


def _place(template: Template) -> tuple[str, str]:
    return template.brief["field"], template.template_id


def read_template(template_id: str, place: str, zone: str, *, clock: Clock) -> TemplateView:
    """A template filled in for a place: dated from today, paid by the floor."""
    found, today = template_named(template_id), clock.now().date()
    posting, floor = found.posting(place, zone, today)
    shown = found.model_dump(include={"template_id", "summary", "before_posting", "suggested"})
    return TemplateView(**shown, posting=posting, pay_floor=FloorView.of(floor, posting.hours, today))


def check(posting: Posting, *, clock: Clock, policy: Policy) -> CheckView:
    """What could be better about a posting, and what it would cost. Writes nothing."""
    now = clock.now()
    findings = check_posting(posting, now, policy)
    refused = {finding.code for finding in findings if finding.severity is Severity.REFUSED}
    try:
        floor: PayFloor | None = floor_for(posting.place_of_work, now.date(), posting.timeline.submission_due_at.date())
    except Invalid:
        floor = None  # the findings say so
    return CheckView(
        would_be_accepted=not refused,
        findings=findings,
        cost=Cost.of(posting, policy),
        pay_is_enough=not refused & _OF_PAY,
        pay_floor=FloorView.of(floor, posting.hours, now.date()) if floor else None,
    )
