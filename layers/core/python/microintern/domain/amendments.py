"""Changes of what was agreed: proposed by either side while the work is under way, and good once the other accepts.

Only scope and deadline can change. The pay cannot: what is held was collected before the award, and a brief that asks
for more work than it pays for is another brief.
"""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from microintern.domain.agreements import Amended
from microintern.domain.award_log import AwardLog, Logged
from microintern.domain.base import Id, Instant, whole_second
from microintern.domain.brief import Brief, Command
from microintern.domain.documents import Document
from microintern.domain.pay_floors import check_pay, floor_for
from microintern.domain.policy import Policy
from microintern.domain.posting import Posting
from microintern.domain.problems import Conflict, Invalid, no_such
from microintern.domain.states import Role, State
from microintern.domain.text import Paragraph

MOST_AMENDMENTS = 20
"""Of one award, refused ones included; they are kept in one item."""


class AmendmentStatus(StrEnum):
    """Where an amendment stands."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    """Nobody answered in time, or the work was handed in or given back meanwhile."""


class Amendment(Logged):
    """One change that a side proposed, and what became of it."""

    proposed_by: Role
    proposer_id: Id
    reason: Paragraph
    scope: Paragraph | None = None
    submission_due_at: Instant | None = None
    proposed_at: Instant
    lapses_at: Instant
    ended_as: AmendmentStatus | None = None
    ended_by: Id | None = None
    ended_at: Instant | None = None

    def status(self, brief: Brief, now: datetime) -> AmendmentStatus:
        """Nothing is written when one lapses: that follows from the time, and from where the brief stands."""
        if self.ended_as:
            return self.ended_as
        waits = brief.state is State.AWARDED and self.award == brief.award and now < self.lapses_at
        return AmendmentStatus.OPEN if waits else AmendmentStatus.LAPSED


class Amendments(AwardLog[Amendment], Document):
    """All that was proposed on a brief; `application_id`, like `student_id`, is of the award of the last step."""

    kind: ClassVar[str] = "amendments"
    key_of: ClassVar[str] = "amendments#all"
    application_id: Id

    def agreed_under(self, award: int | None) -> list[Amended]:
        """What was changed of one award, as it stands on the paper of the agreement."""
        return [
            Amended(
                **each.model_dump(include={"number", "reason", "scope", "submission_due_at", "proposed_at"}),
                proposed_by=each.proposer_id,
                accepted_by=each.ended_by or each.proposer_id,
                accepted_at=each.ended_at or each.proposed_at,
            )
            for each in self.under(award)
            if each.ended_as is AmendmentStatus.ACCEPTED
        ]

    def numbered(self, number: int, award: int | None) -> Amendment:
        """The amendment of this number, under this award; NotFound when there is none."""
        found = next((each for each in self.under(award) if each.number == number), None)
        if found is None:
            raise no_such("amendment")
        return found

    def check_free(self, brief: Brief, now: datetime) -> None:
        """Raise Conflict while one is open, or when there have been too many."""
        at = {"state": brief.state, "version": brief.version}
        own = self.under(brief.award)
        for each in own:
            if each.status(brief, now) is AmendmentStatus.OPEN:
                detail = f"Amendment {each.number} is open; it is to be accepted, refused or withdrawn first."
                raise Conflict("amendment_open", detail, number=each.number, **at)
        if len(own) >= MOST_AMENDMENTS:
            detail = f"At most {MOST_AMENDMENTS} amendments can be proposed under one award."
            raise Conflict("too_many_amendments", detail, **at)


def check_may_end(amendment: Amendment, brief: Brief, how: AmendmentStatus, by: Command, now: datetime) -> None:
    """Raise Conflict unless this side can end an amendment so: who proposed it withdraws, the other side answers."""
    at: dict[str, object] = {"state": brief.state, "version": brief.version}
    status = amendment.status(brief, now)
    if status is not AmendmentStatus.OPEN:
        detail = f"The amendment is {status}; only an open one can be answered or withdrawn."
        raise Conflict("amendment_not_open", detail, amendment_status=status, **at)
    own = by.role is amendment.proposed_by
    if own and how is not AmendmentStatus.WITHDRAWN:
        raise Conflict("own_amendment", "The other side has to answer what yours proposed; you can withdraw it.", **at)
    if not own and how is AmendmentStatus.WITHDRAWN:
        raise Conflict("not_own_amendment", "Only the side that proposed it withdraws it; you can refuse it.", **at)


def lapses_at(brief: Brief, now: datetime, policy: Policy) -> datetime:
    """Until when it can be answered: for some days, and no longer than until the work is due as it is."""
    window_ends = whole_second(now, policy.amendment_window_s)
    return min(window_ends, brief.due_at) if brief.due_at else window_ends


def check_new_deadline(due_at: datetime, brief: Brief, now: datetime, policy: Policy) -> None:
    """Raise Invalid unless the work can be due then."""
    field = "/submission_due_at"
    if due_at == brief.submission_due_at:
        raise Invalid.field("same_deadline", field, "The work is due then already; leave it out, or name another.")
    if due_at <= now:
        raise Invalid.field("deadline_in_the_past", field, "This instant has passed; choose one in the future.")
    if (due_at - brief.posted_at).total_seconds() > policy.longest_brief_s:
        days = policy.longest_brief_s // 86_400
        detail = f"The work must be due within {days} days of posting; a micro-internship is short."
        raise Invalid.field("deadline_too_far", field, detail)


def check_floor(due_at: datetime, brief: Brief, posting: Posting) -> None:
    """Raise Invalid unless the pay, which stays as it is, meets the floor of all the time until then."""
    try:
        floor = floor_for(posting.place_of_work, brief.posted_at.date(), due_at.date())
        check_pay(floor, brief.pay_minor, brief.currency, brief.hours)
    except Invalid as unmet:
        facts = {name: value for name, value in unmet.members.items() if name != "errors"}
        detail = f"The pay is fixed, and for work until {due_at.date()} too low; name an earlier day. {unmet.detail}"
        raise Invalid.field(unmet.code, "/submission_due_at", detail, **facts) from unmet
