"""Records of employers and students, counted from events: the same in whichever order and however often they come.

For each brief and party there is a row: the steps that were heard of, by the brief's version, and what the other side
rated. What a row counts for is worked out from the whole of it; a record is the sum over its rows.
"""

from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple

from microintern.domain.base import Frozen, Id, Instant
from microintern.domain.events import CloudEvent, EventType
from microintern.domain.feedback import QUESTIONS
from microintern.domain.money import Currency
from microintern.domain.payout_matrix import Outcome
from microintern.domain.posting import FieldOfWork
from microintern.domain.states import Role, State

Counts = dict[str, int]

FEWEST_BRIEFS = 3
"""Shares and means of fewer say more of single briefs than of a party, and would give away who rated what."""

COMPLETED = frozenset({Outcome.APPROVED, Outcome.APPROVED_BY_SILENCE, Outcome.STUDENT_WON})
_ENDS = (
    *(EventType.BRIEF_APPROVED, EventType.BRIEF_RESOLVED, EventType.BRIEF_EXPIRED),
    *(EventType.BRIEF_CANCELLED, EventType.BRIEF_AWARD_WITHDRAWN),
)
OF_BRIEFS = frozenset(
    {
        *(EventType.BRIEF_OPENED, EventType.BRIEF_AWARDED, EventType.BRIEF_DISPUTED),
        *(EventType.BRIEF_PAID, EventType.BRIEF_SETTLED),
        *_ENDS,
    }
)
"""The steps of a brief that count for something."""
OF_STUDENTS = frozenset({EventType.BRIEF_AWARDED, EventType.BRIEF_DISPUTED, *_ENDS})
"""Those of them that count for the student."""
OF_FEEDBACK = frozenset({EventType.FEEDBACK_GIVEN, EventType.FEEDBACK_SHOWN})


class Work(Frozen):
    """What an ended brief's documents say of the work: numbers only, and the same whenever they are read."""

    submissions: int = 0
    rounds: int = 0
    review_s: list[int] = []
    """How long each review took that somebody wrote, from the submission on."""
    skills: list[str] = []
    field: FieldOfWork | None = None
    hours: int | None = None
    score_percent: int | None = None

    @property
    def without_scores(self) -> "Work":
        """The same, without what tells of the student."""
        return self.model_copy(update={"skills": [], "field": None, "hours": None, "score_percent": None})


class Posted(Frozen):
    """What a funded brief pays, and for what; it does not change."""

    field: FieldOfWork
    pay_minor: int
    fee_minor: int
    currency: Currency


class Heard(Frozen):
    """One step of a brief, as far as it counts."""

    type: EventType
    at: Instant
    by: Role
    student_id: Id | None = None
    outcome: Outcome | None = None
    paid: bool = False
    work: Work | None = None
    posted: Posted | None = None
    """Of the step that opened it, for the organisation."""
    first_timer: bool | None = None
    """Of an award: whether to somebody who had completed no brief, as far as was counted."""

    @classmethod
    def of(cls, event: CloudEvent, student_id: str | None, work: Work | None) -> "Heard":
        """What an event of a brief says."""
        data = event.data
        finished = data["state"] in (State.PAID, State.RESOLVED)
        return cls(
            type=event.type,
            at=event.time,
            by=data["by"],
            student_id=student_id,
            outcome=data.get("outcome"),
            paid=finished and data.get("student_minor", 0) > 0,
            work=work if data.get("outcome") else None,
        )


class Rated(Frozen):
    """What the other side rated, by its version; it counts once both sides see it."""

    version: int
    ratings: dict[str, int]
    until: Instant
    shown: bool = False


class Row(Frozen):
    """What was heard of one brief for one party."""

    brief_id: Id
    steps: dict[str, Heard] = {}
    rated: Rated | None = None

    def hearing(self, version: int, step: Heard) -> "Row":
        """With one more step; of a version that is there already, what was heard first stays."""
        return self.model_copy(update={"steps": {str(version): step, **self.steps}})

    def rating(self, news: Rated) -> "Row":
        """With what was rated, unless that is known in a later version."""
        known = self.rated
        if known and (known.version, known.shown) >= (news.version, news.shown):
            return self
        return self.model_copy(update={"rated": news})

    def forgetting(self, student_id: str) -> "Row":
        """Without the id of a student who is erased; what it counts for stays."""
        steps = {
            at: step.model_copy(update={"student_id": None}) if step.student_id == student_id else step
            for at, step in self.steps.items()
        }
        return self.model_copy(update={"steps": steps})

    def in_order(self, *types: EventType) -> list[Heard]:
        """The steps of these types, in the order of versions."""
        return [self.steps[at] for at in sorted(self.steps, key=int) if self.steps[at].type in types]

    @property
    def holder(self) -> str | None:
        """Who was awarded the brief and has not given it back, as far as was heard."""
        turns = self.in_order(EventType.BRIEF_AWARDED, EventType.BRIEF_AWARD_WITHDRAWN)
        return turns[-1].student_id if turns and turns[-1].type is EventType.BRIEF_AWARDED else None

    @property
    def end(self) -> Heard | None:
        """How it ended."""
        return next((step for step in self.in_order(*_ENDS) if step.outcome), None)


class Record(Frozen):
    """What is counted of a party. `side` says as what: an organisation is an employer."""

    party_id: Id
    side: Role
    version: int = 0
    counts: Counts = {}
    erased: bool = False
    """The account is erased: nothing is counted of it any more."""

    def moved(self, before: Counts, after: Counts) -> "Record":
        """The next version, when a row counts for `after` that counted for `before`."""
        changed = {name: self.counts.get(name, 0) + after.get(name, 0) - before.get(name, 0) for name in before | after}
        counts = {name: count for name, count in (self.counts | changed).items() if count}
        return self.model_copy(update={"version": self.version + 1, "counts": counts})


def counts_of(row: Row, side: Role) -> Counts:
    """What a row counts for."""
    counts = _of_employer(row) if side is Role.EMPLOYER else _of_student(row)
    if row.rated and row.rated.shown:
        counts |= {f"rating/{name}": rating for name, rating in row.rated.ratings.items()}
        counts |= {f"rated/{name}": 1 for name in row.rated.ratings}
    return {name: count for name, count in counts.items() if count}


def _of_employer(row: Row) -> Counts:
    opened, awards = row.in_order(EventType.BRIEF_OPENED), row.in_order(EventType.BRIEF_AWARDED)
    timed = bool(opened and awards)
    end, work = row.end, (row.end.work if row.end else None) or Work()
    outcome = end.outcome if end else None
    return {
        "funded": bool(opened),
        "awarded": bool(awards),
        "paid": any(step.paid for step in row.steps.values()),
        "timed": timed,
        "award_s": (awards[0].at - opened[0].at) // timedelta(seconds=1) if timed else 0,
        "reviewed": bool(work.review_s),
        "reviews": len(work.review_s),
        "review_s": sum(work.review_s),
        "accepted": outcome in (Outcome.APPROVED, Outcome.APPROVED_BY_SILENCE),
        "silent": outcome is Outcome.APPROVED_BY_SILENCE,
        "disputed": bool(row.in_order(EventType.BRIEF_DISPUTED)),
    }


def _of_student(row: Row) -> Counts:
    end, work = row.end, (row.end.work if row.end else None) or Work()
    outcome = end.outcome if end else None
    disputes = row.in_order(EventType.BRIEF_DISPUTED)
    # Of disputes, the server opens only those about a revision that did not come.
    late = bool(work.submissions) and any(step.by is Role.SERVER for step in disputes)
    scored = work.score_percent is not None
    counts: Counts = {
        "awarded": bool(row.in_order(EventType.BRIEF_AWARDED)),
        "given_back": bool(row.in_order(EventType.BRIEF_AWARD_WITHDRAWN)),
        "completed": outcome in COMPLETED,
        "due": bool(work.submissions) or outcome is Outcome.NOT_SUBMITTED,
        "on_time": bool(work.submissions) and not late,
        "late": late,
        "not_submitted": outcome is Outcome.NOT_SUBMITTED,
        "handed_in": bool(work.submissions),
        "rounds": work.rounds,
        "disputed": bool(disputes),
    }
    if scored:
        counts |= {f"scored/{skill}": 1 for skill in work.skills}
        counts |= {f"score/{skill}": work.score_percent or 0 for skill in work.skills}
    return counts


def rehires(briefs: int) -> int:
    """How often a student was awarded again who holds so many briefs of one employer."""
    return max(0, briefs - 1)


class Unit(StrEnum):
    """What a figure counts."""

    BRIEFS = "briefs"
    SHARE = "share"
    SECONDS = "seconds"
    ROUNDS = "rounds"
    PERCENT = "percent"
    POINTS = "points_of_5"


class Figure(NamedTuple):
    """One figure of a record: a count, or `over` divided by `of`; from so many briefs as `briefs` counts."""

    name: str
    unit: Unit
    how: str
    over: str
    briefs: str
    of: str | None = None

    def value(self, counts: Counts) -> float | int | None:
        """How much it is; None where too few briefs stand behind a share or a mean."""
        over = counts.get(self.over, 0)
        if self.of is None:
            return over
        if counts.get(self.briefs, 0) < FEWEST_BRIEFS:
            return None
        return round(over / counts[self.of], 2)


def _counted(name: str, briefs: str, how: str, unit: Unit = Unit.BRIEFS) -> Figure:
    return Figure(name, unit, how, name, briefs)


def _rated(by: Role) -> Iterable[Figure]:
    for name, question in QUESTIONS[by].items():
        how = f"Mean of the {by}s' answers, from 1 to 5, that both sides have seen, to: {question}"
        yield Figure(f"rating_{name}", Unit.POINTS, how, f"rating/{name}", f"rated/{name}", f"rated/{name}")


_OF_EMPLOYER = [
    _counted("funded", "funded", "Briefs whose money was held, so that students could apply."),
    _counted("awarded", "funded", "Of these, those that somebody was awarded."),
    _counted("paid", "awarded", "Of these, those whose student was paid for work that was handed in, in full or part."),
    Figure("time_to_award", Unit.SECONDS, "Mean time from opening to the first award.", "award_s", "timed", of="timed"),
    Figure(
        "time_to_review",
        Unit.SECONDS,
        "Mean time from a submission to the review that was written of it, on briefs that have ended.",
        "review_s",
        "reviewed",
        of="reviews",
    ),
    Figure(
        "approved_by_silence",
        Unit.SHARE,
        "Of the briefs whose work was approved, the share in which nobody said so before the window closed.",
        "silent",
        "accepted",
        of="accepted",
    ),
    _counted("disputed", "awarded", "Briefs with a dispute, whoever opened it and however it was decided."),
    _counted("rehired", "awarded", "Awards to a student who had been awarded another brief of this organisation."),
    *_rated(Role.STUDENT),
]
_OF_STUDENT = [
    _counted("awarded", "awarded", "Briefs that the student was awarded."),
    _counted("completed", "awarded", "Of these, those whose work was approved, by silence too, or won its dispute."),
    Figure(
        "on_time",
        Unit.SHARE,
        "Of the briefs with work due that have ended, the share in which no deadline was missed.",
        "on_time",
        "due",
        of="due",
    ),
    _counted("late", "due", "Briefs whose work came, and a revision that was asked for did not come in time."),
    _counted("not_submitted", "due", "Briefs on which nothing was handed in before the deadline."),
    _counted("given_back", "awarded", "Awards that the student gave back in time."),
    _counted("disputed", "awarded", "Briefs with a dispute, whoever opened it and however it was decided."),
    Figure(
        "rounds_used",
        Unit.ROUNDS,
        "Mean number of revisions that were asked for, on ended briefs with work handed in.",
        "rounds",
        "handed_in",
        of="handed_in",
    ),
    *_rated(Role.EMPLOYER),
]


def figures_of(record: Record) -> list[Figure]:
    """The figures that a record has; scores are those of the skills that were scored."""
    if record.side is Role.EMPLOYER:
        return _OF_EMPLOYER
    skills = sorted(name.partition("/")[2] for name in record.counts if name.startswith("scored/"))
    how = "Mean score by the rubric, from 0 to 100, of approved briefs that ask for this skill."
    scores = [
        Figure(f"score_{skill}", Unit.PERCENT, how, f"score/{skill}", f"scored/{skill}", of=f"scored/{skill}")
        for skill in skills
    ]
    return [*_OF_STUDENT, *scores]
