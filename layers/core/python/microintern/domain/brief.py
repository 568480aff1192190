"""The brief's control item: small, versioned, and the whole truth about where a brief stands."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, model_serializer, model_validator

from microintern.domain import trail
from microintern.domain.base import Frozen, Id, Instant, Minor, iso
from microintern.domain.money import Currency
from microintern.domain.payout_matrix import Outcome, Split
from microintern.domain.posting import FieldOfWork, Skill, Zone
from microintern.domain.problems import Conflict, Invalid
from microintern.domain.states import Role, State
from microintern.domain.trail import Entry, Event, Fact, RequestId


class Answer(Frozen):
    """What a command answers, and answers again when it is repeated with the same key."""

    brief_id: Id
    version: int
    state: State
    due_at: Instant | None = Field(default=None, description="When the next deadline passes, if one is running.")
    submissions: int = Field(default=0, description="How many submissions there are; the newest has this number.")


class Done(Frozen):
    """A command that was carried out: the fingerprint of its body, and its answer. Kept for the brief's whole life.

    Written as one short text: every write to a brief carries all of them, and is charged for each kilobyte.
    """

    body: str
    version: int
    state: State
    due_at: Instant | None = None
    submissions: int = 0

    @model_serializer
    def _written(self) -> str:
        due = iso(self.due_at) if self.due_at else ""
        return f"{self.body} {self.version} {self.state.value} {self.submissions} {due}".rstrip()

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        body, version, state, submissions, *due = value.split(" ")
        found = {"body": body, "version": int(version), "state": state, "submissions": int(submissions)}
        return found | ({"due_at": due[0]} if due else {})


_ANSWERED = tuple(name for name in Answer.model_fields if name != "brief_id")


class Command(Frozen):
    """Who asks, under which idempotency key, with which body (as fingerprints; never the key or body itself)."""

    actor_id: Id
    role: Role
    key: str
    body: str
    request_id: RequestId | None = None
    organisation_id: Id | None = None
    """The organisation that an employer, or the institution that an educator, acts for."""
    ties: frozenset[str] = frozenset()
    """The organisations that whoever asks belongs to, or did until lately."""

    def did(self, what: str, at: datetime, after: Entry | None = None, facts: dict[str, Fact] | None = None) -> Event:
        """The event of this command, chained to the step that it comes after."""
        return Event(
            type=what,
            at=at,
            role=self.role,
            actor_id=self.actor_id,
            facts=facts or {},
            request_id=self.request_id,
            previous=after.hash if after else None,
        )


class Decision(Frozen):
    """How a dispute ends unless it is opened again before the brief's next deadline."""

    outcome: Outcome
    split: Split


class Dispute(Frozen):
    """Who opened a dispute and who has been heard; the reasons are kept apart, as documents of the brief."""

    opened_by: Role
    heard: list[Role]
    decision: Decision | None = None
    reopened: bool = False


class Brief(Frozen):
    """Where a brief stands. Amounts in minor units of `currency`; instants in UTC, shown in `zone`."""

    brief_id: Id
    version: Annotated[int, Field(ge=1)] = 1
    state: State = State.POSTED
    employer_id: Id
    """The organisation that posted it; who did what for it, the events say."""
    student_id: Id | None = None
    application_id: Id | None = None
    award: int | None = None
    """The version at which it was awarded, while that stands: it tells two awards to the same student apart."""
    review_window_s: int | None = None
    kill_fee_bp: int | None = None
    """What was agreed on for the award, whatever new briefs are given since."""
    field: FieldOfWork
    skills: list[Skill]
    hours: int
    pay_minor: Minor
    fee_minor: Minor
    currency: Currency
    zone: Zone
    blind: bool
    rounds_allowed: int
    rounds_used: int = 0
    submissions: int = 0
    posted_at: Instant
    applications_close_at: Instant
    submission_due_at: Instant
    posted_due_at: Instant | None = None
    """When the work was due as posted, once an amendment has moved that."""
    due_at: Instant | None = None
    lapse_at: Instant | None = None
    collecting: bool = False
    funding_attempts: int = 0
    payment_method: str | None = None
    outcome: Outcome | None = None
    split: Split | None = None
    dispute: Dispute | None = None
    settled_at: Instant | None = None
    event: Event
    """What happened last. It travels in the control item's stream image, which is its outbox."""
    done: dict[str, Done] = {}

    @property
    def escrow_minor(self) -> int:
        """What the employer is charged: the pay, and the fee on top."""
        return self.pay_minor + self.fee_minor

    @property
    def entry(self) -> Entry:
        """The step that led here."""
        return Entry(
            scope=self.brief_id,
            subject=trail.BRIEF,
            version=self.version,
            event=self.event,
            state=self.state,
            due_at=self.due_at,
            lapse_at=self.lapse_at,
        ).sealed()

    def side_of(self, by: Command) -> Role | None:
        """The side of the brief that somebody is on: every member of the organisation that posted it is on its side."""
        if by.role is Role.EMPLOYER and by.organisation_id == self.employer_id:
            return Role.EMPLOYER
        return Role.STUDENT if by.role is Role.STUDENT and by.actor_id == self.student_id else None

    def submission_due(self, *, party: bool) -> datetime:
        """When the work is due, as a party knows it or as others do: what the two sides amended is theirs."""
        return self.submission_due_at if party else self.posted_due_at or self.submission_due_at

    def answer(self) -> Answer:
        """The answer to the command that led here."""
        return Answer(
            brief_id=self.brief_id,
            version=self.version,
            state=self.state,
            due_at=self.due_at,
            submissions=self.submissions,
        )

    def answer_to(self, command: Command) -> Answer | None:
        """The stored answer when this command was carried out before; Invalid when its key came with another body."""
        done = self.done.get(command.key)
        if done is None:
            return None
        if done.body != command.body:
            raise key_reused()
        return Answer(brief_id=self.brief_id, **{name: getattr(done, name) for name in _ANSWERED})

    def remembering(self, command: Command) -> "Brief":
        """The same brief, which now knows that the command led to it."""
        answer = self.answer()
        done = Done(body=command.body, **{name: getattr(answer, name) for name in _ANSWERED})
        return self.model_copy(update={"done": {**self.done, command.key: done}})


def key_reused() -> Invalid:
    """The same idempotency key, another body."""
    detail = "This Idempotency-Key was used with another body; send a new key with a new command."
    return Invalid("idempotency_key_reused", detail)


def changed_meanwhile(current: Brief) -> Conflict:
    """Somebody else was first."""
    return Conflict(
        "changed_meanwhile",
        f"The brief changed while you decided; it is now {current.state}. Read it again and decide anew.",
        state=current.state,
        version=current.version,
    )
