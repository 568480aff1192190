"""What both sides of an ended brief say of each other: blind until both have, or until the window is over."""

from datetime import datetime, timedelta
from typing import Annotated, ClassVar

from pydantic import Field

from microintern.domain.base import Frozen, Id, Instant, whole_second
from microintern.domain.brief import Brief
from microintern.domain.documents import Document
from microintern.domain.payout_matrix import Outcome
from microintern.domain.policy import Policy
from microintern.domain.posting import Name, Posting
from microintern.domain.problems import Invalid
from microintern.domain.states import Role
from microintern.domain.text import LongText, Paragraph
from microintern.domain.trail import Entry, Event, step

TAKES_FEEDBACK = frozenset(
    {
        Outcome.APPROVED,
        Outcome.APPROVED_BY_SILENCE,
        Outcome.STUDENT_WON,
        Outcome.EMPLOYER_WON,
        Outcome.SPLIT,
        Outcome.NOT_SUBMITTED,
        Outcome.CANCELLED_AFTER_AWARD,
    }
)
"""The endings with somebody who was awarded the brief and had it to the end, whether or not anything was handed in.

Who gives an award back has no say and is not rated, whether the brief then opens again or ends: it is a right, and
somebody else may do the work. Without an award there are no two sides.
"""

QUESTIONS: dict[Role, dict[str, str]] = {
    Role.STUDENT: {
        "clarity": "How clearly did the brief say what was wanted?",
        "communication": "How well could you ask, and were you answered?",
        "usefulness": "How useful was the feedback on your work?",
        "fairness": "How fair were the review and how you were treated?",
    },
    Role.EMPLOYER: {
        "quality": "How good was the work?",
        "communication": "How well did the student ask, tell and answer?",
        "reliability": "How far could you rely on what was agreed?",
        "initiative": "How far did the student think along and go ahead?",
    },
}
"""What each side is asked about the other, to be answered from 1 (not at all) to 5 (very)."""

ABOUT_WORK = frozenset({"quality", "usefulness"})
"""Not asked where nothing was handed in."""

MOST_SUGGESTIONS = 20
Rating = Annotated[int, Field(strict=True, ge=1, le=5)]


class Suggestion(Frozen):
    """What could be better another time, and the criterion of the rubric that it is about."""

    criterion: Name
    suggestion: Paragraph


class Given(Frozen):
    """What one side says of the other. Text and suggestions are gone once either of the two is erased."""

    author_id: Id
    at: Instant
    ratings: dict[Name, Rating]
    text: LongText
    suggestions: list[Suggestion] = []
    done: list[str] = []
    """The latest commands that wrote this: key and body fingerprints with a blank between."""


class Feedback(Document):
    """Both sides' feedback in one item, so that one conditional write decides whether it is still blind."""

    kind: ClassVar[str] = "feedback"
    key_of: ClassVar[str] = "feedback#both"
    brief_id: Id
    employer_id: Id
    student_id: Id
    employer: Given | None = None
    student: Given | None = None
    shown_at: Instant | None = None
    """When the second of the two came in."""
    closed: bool = False
    """Somebody of it was erased: what is there stays, nothing more is taken."""
    version: int = 1
    """Of this item; each change of it replaces the version before."""
    event: Event | None = None
    steps: int = 1
    """How often somebody gave or changed theirs; that words are taken away is no step."""

    @property
    def key(self) -> str:
        return self.key_of

    @property
    def entry(self) -> Entry | None:
        """The step that led here."""
        return step(self.brief_id, self.key, self.steps, self.event)

    def of(self, side: Role) -> Given | None:
        """What one side said."""
        return self.employer if side is Role.EMPLOYER else self.student

    @property
    def given(self) -> list[Role]:
        """The sides that have said something."""
        return [side for side in (Role.EMPLOYER, Role.STUDENT) if self.of(side)]

    def is_shown(self, until: datetime, now: datetime) -> bool:
        """Whether each side may see what the other said."""
        return self.shown_at is not None or now >= until


def taken_until(brief: Brief, policy: Policy) -> datetime | None:
    """When feedback on the brief ends to be taken; None for a brief that takes none, or has not ended yet.

    A brief has ended when its money has moved: nobody writes about a side from which they still expect something.
    """
    if brief.settled_at is None or brief.student_id is None or brief.outcome not in TAKES_FEEDBACK:
        return None
    return whole_second(brief.settled_at + timedelta(seconds=policy.feedback_window_s))


def asked(brief: Brief, side: Role) -> dict[str, str]:
    """What a side is asked about this brief."""
    without = frozenset() if brief.submissions else ABOUT_WORK
    return {name: question for name, question in QUESTIONS[side].items() if name not in without}


def check_answers(brief: Brief, side: Role, ratings: dict[str, int], posting: Posting, cited: list[str]) -> None:
    """Raise Invalid unless exactly what was asked is rated, and suggestions cite the rubric that was posted."""
    wanted = asked(brief, side)
    if ratings.keys() != wanted.keys():
        missing = ", ".join(name for name in wanted if name not in ratings) or "none"
        unknown = ", ".join(name for name in ratings if name not in wanted) or "none"
        detail = f"Rate each of {', '.join(wanted)} once; missing: {missing}, unknown: {unknown}."
        raise Invalid.field("ratings_do_not_match", "/ratings", detail)
    for i, name in enumerate(cited):
        if posting.criterion(name) is None:
            names = ", ".join(criterion.name for criterion in posting.rubric)
            where = f"/suggestions/{i}/criterion"
            raise Invalid.field("unknown_criterion", where, f"The rubric has {names}; not {name}.")
