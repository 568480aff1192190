"""A write to a brief, as the table's stream shows it, with the step of the workflow that waits for it."""

from microintern.domain.base import Frozen
from microintern.domain.brief import Brief
from microintern.domain.states import State


class Wait(Frozen):
    """A step of the workflow waits for the brief to leave a state; the token answers it."""

    state: State
    token: str


class Change(Frozen):
    """One write to a brief, as the stream shows it."""

    before: Brief | None
    after: Brief
    wait: Wait | None
    nudged: bool = False
    """Whether the sweeper asks that everything follows once more, in case that some of it was lost."""

    @property
    def moved(self) -> bool:
        """Whether the brief itself changed, and not only what the workflow waits for."""
        return self.before is None or self.before.version != self.after.version
