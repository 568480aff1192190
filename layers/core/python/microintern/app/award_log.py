"""What amending and checking in share: the next version of their log, and its write over the one before."""

from typing import Any, TypeVar

from microintern.app.accounts import remember, repeated
from microintern.app.commands import load
from microintern.domain.amendments import Amendments
from microintern.domain.brief import Brief, Command
from microintern.domain.check_ins import CheckIns
from microintern.domain.problems import Conflict
from microintern.domain.trail import Event
from microintern.ports.briefs import Briefs
from microintern.ports.conditions import StaleDocument

L = TypeVar("L", Amendments, CheckIns)

_WHOSE = {"brief_id", "application_id", "employer_id", "student_id"}


def place(before: L | None, by: Command, brief: Brief) -> dict[str, Any]:
    """What a new item says of itself: its number, the award that stands, and the command that it came with."""
    number = len(before.items) + 1 if before else 1
    return {"number": number, "command": by.key, **brief.model_dump(include={"application_id", "award"})}


def next_version(model: type[L], before: L | None, items: list[Any], event: Event, by: Command, brief: Brief) -> L:
    """What this event leads to, now that the log is about the award that stands."""
    return model(
        items=items,
        version=before.version + 1 if before else 1,
        steps=before.steps + 1 if before else 1,
        event=event,
        done=remember(before.done if before else [], by),
        **brief.model_dump(include=_WHOSE & model.model_fields.keys()),
    )


def write(after: L, by: Command, brief: Brief, briefs: Briefs, detail: str) -> L:
    """Write it over the version before; what is there then, which a copy of the command may have written.

    Raises Conflict, with this detail, when somebody else was first.
    """
    try:
        briefs.replace(after)
    except StaleDocument as stale:
        meanwhile = load(briefs, after.brief_id, after.key).find(type(after), after.key)
        if meanwhile and repeated(meanwhile.done, by):
            return meanwhile
        raise Conflict("changed_meanwhile", detail, state=brief.state, version=brief.version) from stale
    return after
