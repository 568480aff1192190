"""The audit trail: every step of a thing that changes, each carrying the hash of the one before.

The chain lies in the things themselves: what a command writes names, in its event, the hash of the step before. So the
one conditional write that decides also chains, and nothing has to be published for it. The table's stream copies each
step into a table of its own, where nobody changes it; recomputed from there, it must end at what the thing is now.
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from microintern.domain.base import Frozen, Id, Instant
from microintern.domain.states import Role, State

Fact = str | int | list[str]

Hash = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]
"""SHA-256 in base64url, without the padding."""

RequestId = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,128}$")]
"""What API Gateway calls a request; the answer to it and the logs have the same."""

Trigger = Literal["deadline", "money", "payee", "approval", "erasure", "delivery", "mail"]
"""What the server acts for when it acts by itself: a deadline that passed, money that moved, what the provider says, a
brief that was approved, somebody who is to be forgotten, what became of a webhook, what became
of an e-mail or a link in one."""

BRIEF = "brief"
"""What a brief is called in its own trail; what belongs to it is called by its key."""

ON_ITS_WAY_S = 900
"""How long a step may take from what it changed to the trail before it counts as missing."""


class Event(Frozen):
    """What happened last to a thing, and who caused it. Facts are ids, numbers and this system's own words."""

    type: str
    at: Instant
    role: Role
    actor_id: Id | None = None
    facts: dict[str, Fact] = {}
    request_id: RequestId | None = None
    trigger: Trigger | None = None
    """Why the server acted, where nobody asked it to."""
    previous: Hash | None = None
    """The hash of the step before; of what belongs to a brief, the first has that of the brief's latest step."""


class Entry(Frozen):
    """One step as it is kept: from the version before to this one, by whom, and sealed with a hash of all of it."""

    scope: str
    """Whose trail it stands in: a brief's id or an account's."""
    subject: str
    """What changed: the brief itself, or the key of what belongs to it."""
    version: Annotated[int, Field(ge=1)]
    event: Event
    state: State | None = None
    due_at: Instant | None = None
    lapse_at: Instant | None = None
    hash: str = ""

    @property
    def recomputed(self) -> str:
        """The hash that it must have: of everything in it, the hash before included."""
        sealed = self.model_dump(mode="json", exclude={"hash"}, exclude_none=True)
        digest = hashlib.sha256(json.dumps(sealed, sort_keys=True, separators=(",", ":")).encode()).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def sealed(self) -> "Entry":
        """The same, with its hash."""
        return self.model_copy(update={"hash": self.recomputed})


def unreadable(scope: str, subject: str, version: int) -> Entry:
    """What stands for an entry that is none any more: it says nothing, and has no hash that fits."""
    nothing = Event(type="", at=datetime(1970, 1, 1, tzinfo=UTC), role=Role.SERVER)
    return Entry.model_construct(scope=scope, subject=subject, version=version, event=nothing, hash="")


def step(scope: str, subject: str, version: int, event: Event | None) -> Entry | None:
    """The step that led to something that is no brief; None where nothing is known of one."""
    return Entry(scope=scope, subject=subject, version=version, event=event).sealed() if event else None


class Fault(StrEnum):
    """In which way an entry does not fit."""

    CHANGED = "changed"
    NOT_LINKED = "not_linked"
    MISSING = "missing"
    OUT_OF_PLACE = "out_of_place"
    NOT_AS_IT_IS = "not_as_it_is"


class Break(Frozen):
    """The first entry of a trail that does not fit, and why."""

    subject: str
    version: int
    fault: Fault


class Verdict(Frozen):
    """Whether a trail holds together up to what its things are now."""

    entries: int
    on_their_way: int = 0
    """Steps so fresh that the stream may still be about to bring them."""
    broken: Break | None = None


def verify(scope: str, entries: Iterable[Entry], heads: Sequence[Entry], now: datetime) -> Verdict:
    """Recompute every chain of a scope, from its first entry to the step that led to what the thing is now.

    What belongs to a brief hangs on one of the brief's own steps. Entries come in the order of their keys.
    """
    chains: dict[str, list[Entry]] = {head.subject: [] for head in heads}
    for entry in entries:
        chains.setdefault(entry.subject, []).append(entry)
    ends = {head.subject: head for head in heads}
    of_brief = [*chains.get(BRIEF, []), *([ends[BRIEF]] if BRIEF in ends else [])]
    hangs_on: set[str | None] = {entry.hash for entry in of_brief} or {None}
    count, late = sum(map(len, chains.values())), 0
    for subject in sorted(chains, key=lambda subject: (subject != BRIEF, subject)):
        chain, head = chains[subject], ends.get(subject)
        broken = _first_break(scope, chain, {None} if subject == BRIEF else hangs_on)
        if broken is None and head is not None:
            broken, missing = _up_to(chain, head, now)
            late += missing
        if broken is not None:
            return Verdict(entries=count, on_their_way=late, broken=broken)
    return Verdict(entries=count, on_their_way=late)


def _first_break(scope: str, chain: Sequence[Entry], follows: set[str | None]) -> Break | None:
    """The first entry that is not the next version, was changed, or does not name the hash before."""
    for version, entry in enumerate(chain, start=1):
        fault = None
        if (entry.scope, entry.version) != (scope, version):
            fault = Fault.MISSING if entry.version > version else Fault.OUT_OF_PLACE
        elif entry.hash != entry.recomputed:
            fault = Fault.CHANGED
        elif entry.event.previous not in follows:
            fault = Fault.NOT_LINKED
        if fault is not None:
            return Break(subject=entry.subject, version=version, fault=fault)
        follows = {entry.hash}
    return None


def _up_to(chain: Sequence[Entry], head: Entry, now: datetime) -> tuple[Break | None, int]:
    """What is wrong between a sound chain and what the thing is now, or how many entries are still on their way."""
    reached, last = len(chain), chain[-1] if chain else None
    if last and head.subject != BRIEF and head.event == last.event:
        return None, 0  # what was written since was no step: somebody was forgotten, say
    missing = head.version - reached
    fault, at = None, head.version
    if missing < 0:
        fault, at = Fault.OUT_OF_PLACE, head.version + 1
    elif missing == 0 and last != head:
        fault = Fault.NOT_AS_IT_IS
    elif missing and now - head.event.at > timedelta(seconds=ON_ITS_WAY_S):
        fault, at = Fault.MISSING, reached + 1
    elif missing == 1 and last and head.event.previous != last.hash:
        fault = Fault.NOT_LINKED
    return (Break(subject=head.subject, version=at, fault=fault), 0) if fault else (None, missing)
