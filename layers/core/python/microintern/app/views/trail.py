"""Timelines and audit trails as callers see them."""

from typing import Any, Self

from pydantic import Field

from microintern.app.views.parts import Deadline
from microintern.domain.base import Frozen, Id, Instant
from microintern.domain.posting import local
from microintern.domain.states import Role, State
from microintern.domain.trail import Entry, Fact, Trigger, Verdict


class Step(Frozen):
    """One step of a brief's life: who did what, when, and which deadline began to run."""

    version: int
    at: Instant
    local: str
    type: str
    by: Role
    state: State
    facts: dict[str, Any]
    deadline: Deadline | None

    @classmethod
    def of(cls, entry: Entry, zone: str) -> Self:
        assert entry.state is not None  # every step of a brief leads to a state
        return cls(
            version=entry.version,
            at=entry.event.at,
            local=local(entry.event.at, zone),
            type=entry.event.type,
            by=entry.event.role,
            state=entry.state,
            facts=dict(entry.event.facts),
            deadline=Deadline.of(entry.state, entry.due_at, entry.lapse_at, zone),
        )


class TimelinePage(Frozen):
    """Some steps of a brief's life, the oldest first, and the cursor that leads on."""

    items: list[Step]
    next_cursor: str | None = None


class TrailStep(Frozen):
    """One step in the audit trail: who did what when, by which request, from which version to which."""

    scope: str = Field(description="The brief or the account in whose trail it stands.")
    subject: str = Field(description="`brief`, or the key of what belongs to the brief or the account.")
    action: str = Field(examples=["brief.approved"])
    at: Instant
    by: Role
    actor_id: Id | None = Field(description="Null for the server, and for who applied to a blind brief.")
    request_id: str | None = Field(description="The request that asked for it; the answer to it had the same.")
    trigger: Trigger | None = Field(description="For what the server acted, where nobody asked.")
    version_before: int
    version: int
    state: State | None = Field(description="The brief's, after this step.")
    due_at: Instant | None
    lapse_at: Instant | None
    facts: dict[str, Fact]
    previous: str | None = Field(description="The hash of the step before.")
    hash: str

    @classmethod
    def of(cls, entry: Entry, *, hidden: bool = False) -> Self:
        event = entry.event
        said = event.model_dump(include={"at", "request_id", "trigger", "facts", "previous"})
        kept = entry.model_dump(include={"scope", "subject", "version", "state", "due_at", "lapse_at", "hash"})
        return cls(
            **said,
            **kept,
            action=event.type,
            by=event.role,
            actor_id=None if hidden else event.actor_id,
            version_before=entry.version - 1,
        )


class TrailPage(Frozen):
    """Some steps of a trail, the oldest first, and what the recomputation of the whole chain says."""

    items: list[TrailStep]
    chain: Verdict
    next_cursor: str | None = None


class TrailDay(Frozen):
    """What was done on a day. A page may hold fewer steps than asked for and still lead on."""

    items: list[TrailStep]
    next_cursor: str | None = None
