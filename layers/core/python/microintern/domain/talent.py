"""Whom an organisation keeps in view to hire: candidates with their stage, and offers of its next brief."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from microintern.domain.base import Day, Frozen, Id, Instant
from microintern.domain.brief import Brief, Command
from microintern.domain.documents import Review
from microintern.domain.policy import Policy
from microintern.domain.posting import Name, Posting
from microintern.domain.problems import Conflict, Invalid
from microintern.domain.states import Role, State
from microintern.domain.text import Paragraph
from microintern.domain.trail import Entry, Event, step

MOST_NOTES = 50
MOST_RESULTS = 50
"""Of the briefs that a candidate did; with more, the latest count."""


class Stage(StrEnum):
    """How far an organisation has got with a candidate."""

    MET = "met"
    SHORTLISTED = "shortlisted"
    INVITED = "invited"
    INTERVIEWING = "interviewing"
    HIRED = "hired"
    CLOSED = "closed"
    """Nothing comes of it, for now."""


_BEFORE_INVITED = frozenset({Stage.MET, Stage.SHORTLISTED, Stage.CLOSED})


class Note(Frozen):
    """What a member of the organisation noted about a candidate."""

    by: Id
    at: Instant
    text: Paragraph


class Result(Frozen):
    """What a candidate reached on one brief of the organisation; without scores when silence approved it."""

    brief_id: Id
    paid_at: Instant
    score_percent: int | None = None
    percent_of: dict[Name, int] = {}
    """By criterion of the rubric: the level reached, as a share of the best one's points, rounded down."""


class Hire(Frozen):
    """What came of it, when somebody was hired."""

    kind: Literal["internship", "part_time", "full_time", "contract"]
    starts_on: Day | None = None


class Candidate(Frozen):
    """A student whom an organisation has met on its briefs."""

    organisation_id: Id
    student_id: Id
    stage: Stage = Stage.MET
    stage_since: Instant
    notes: list[Note] = []
    results: list[Result] = []
    offered: list[Id] = []
    """The briefs that were offered, the latest last."""
    hire: Hire | None = None
    kept_until: Instant
    """Forgotten then, unless somebody has to do with the candidate again."""
    removed_at: Instant | None = None
    version: Annotated[int, Field(ge=1)] = 1
    event: Event | None = None
    done: list[str] = []

    @property
    def entry(self) -> Entry | None:
        """The step that led here."""
        return step(self.organisation_id, f"candidate#{self.student_id}", self.version, self.event)

    def percent_on(self, criterion: str) -> int | None:
        """The mean of what was reached on criteria of this name, rounded down; None when there were none."""
        return _mean(result.percent_of[criterion] for result in self.results if criterion in result.percent_of)

    @property
    def score_percent(self) -> int | None:
        """The mean of the scores of all briefs that were scored."""
        return _mean(result.score_percent for result in self.results if result.score_percent is not None)

    def moved(self, to: Stage, note: str | None, hire: Hire | None, by: Command, now: datetime) -> "Candidate":
        """At a stage, with a note if there is one; Invalid unless a hire says what for."""
        if (to is Stage.HIRED) != (hire is not None):
            raise Invalid.field("hire_and_stage_differ", "/hire", "Say as what somebody is hired, and only then.")
        if note and len(self.notes) >= MOST_NOTES:
            raise Conflict("too_many_notes", f"A candidate has at most {MOST_NOTES} notes.")
        notes = [*self.notes, Note(by=by.actor_id, at=now, text=note)] if note else self.notes
        since = self.stage_since if to is self.stage else now
        return self.model_copy(update={"stage": to, "stage_since": since, "notes": notes, "hire": hire})

    def with_offer(self, brief_id: str, now: datetime) -> "Candidate":
        """One whom a brief is offered counts as invited, unless it has gone further already."""
        news: dict[str, object] = {"offered": [*(b for b in self.offered if b != brief_id), brief_id][-MOST_RESULTS:]}
        if self.stage in _BEFORE_INVITED:
            news |= {"stage": Stage.INVITED, "stage_since": now}
        return self.model_copy(update=news)

    def with_result(self, result: Result) -> "Candidate":
        """With what one more brief came to; the same brief counts once."""
        others = [known for known in self.results if known.brief_id != result.brief_id]
        return self.model_copy(update={"results": [*others, result][-MOST_RESULTS:]})

    def removed(self, now: datetime) -> "Candidate":
        """Nothing that was noted is left, nor what was reached."""
        nothing: dict[str, object] = {"notes": [], "results": [], "offered": [], "hire": None, "stage": Stage.CLOSED}
        return self.model_copy(update={**nothing, "stage_since": now, "removed_at": now})


def kept_until(now: datetime, policy: Policy) -> datetime:
    """How long a candidate is kept from now on, when nobody has to do with them any more."""
    return now + timedelta(seconds=policy.keep_candidates_s)


def result_of(brief: Brief, posting: Posting, reviews: Iterable[Review], paid_at: datetime) -> Result:
    """What the review that approved a brief says of it."""
    approval = next((review for review in reviews if review.decision == "approve"), None)
    if approval is None:
        return Result(brief_id=brief.brief_id, paid_at=paid_at)
    percent_of = {}
    for score in approval.scores:
        criterion = posting.criterion(score.criterion)
        points = {level.label: level.points for level in criterion.levels} if criterion else {}
        if score.level in points and (best := max(points.values())):
            percent_of[score.criterion] = 100 * points[score.level] // best
    return Result(brief_id=brief.brief_id, paid_at=paid_at, score_percent=approval.score_percent, percent_of=percent_of)


class OfferStatus(StrEnum):
    """Where an offer stands."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    """Somebody else does the brief, or nobody can any more."""


class Offer(Frozen):
    """An organisation offers a student its next brief: accepted, it is awarded."""

    student_id: Id
    brief_id: Id
    organisation_id: Id
    message: Paragraph
    offered_at: Instant
    offered_by: Id
    refused_at: Instant | None = None
    withdrawn_at: Instant | None = None
    kept_until: Instant
    version: Annotated[int, Field(ge=1)] = 1
    event: Event | None = None
    done: list[str] = []

    @property
    def entry(self) -> Entry | None:
        """The step that led here."""
        return step(self.student_id, f"offer#{self.brief_id}", self.version, self.event)

    @property
    def stands(self) -> bool:
        """Whether neither side has taken it back."""
        return self.refused_at is None and self.withdrawn_at is None

    def status(self, brief: Brief) -> OfferStatus:
        """Derived from the brief, so that an acceptance is the award and nothing besides."""
        if brief.student_id == self.student_id:
            return OfferStatus.ACCEPTED
        if self.withdrawn_at is not None:
            return OfferStatus.WITHDRAWN
        if self.refused_at is not None:
            return OfferStatus.REFUSED
        return OfferStatus.OPEN if brief.state is State.OPEN else OfferStatus.LAPSED


def check_offerable(brief: Brief, now: datetime) -> None:
    """Raise Conflict unless the brief can be given to somebody now."""
    if brief.state is not State.OPEN or now >= brief.applications_close_at:
        detail = f"Only an open brief can be offered, while it takes applications; this one is {brief.state}."
        raise Conflict("not_open", detail, state=brief.state, version=brief.version)


def by_server(what: str, brief_id: str, at: datetime, after: Entry | None) -> Event:
    """The step that a brief's end is for a candidate."""
    previous = after.hash if after else None
    return Event(type=what, at=at, role=Role.SERVER, trigger="money", facts={"brief_id": brief_id}, previous=previous)


def _mean(values: Iterable[int]) -> int | None:
    found = list(values)
    return sum(found) // len(found) if found else None
