"""What may become of a brief and its money, said once more and simply: the code under test is held to this."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from microintern.domain.brief import Brief

KILL_FEE_PERCENT = 25

_ENDED = ("approved", "paid", "expired", "cancelled", "resolved")

# Event, then who causes it, from which states and to which.
STEPS: dict[str, tuple[str, set[str], set[str]]] = {
    "brief.funding_requested": ("employer", {"posted"}, {"posted"}),
    "brief.funding_failed": ("server", {"posted"}, {"posted"}),
    "brief.opened": ("server", {"posted"}, {"open"}),
    "brief.cancelled": ("employer", {"posted", "open", "awarded"}, {"cancelled"}),
    "brief.expired": ("server", {"posted", "open", "awarded"}, {"expired"}),
    "brief.awarded": ("employer student", {"open"}, {"awarded"}),
    "brief.award_withdrawn": ("student", {"awarded"}, {"open", "cancelled"}),
    "brief.amended": ("employer student", {"awarded"}, {"awarded"}),
    "brief.submitted": ("student", {"awarded", "changes_requested"}, {"submitted"}),
    "brief.changes_requested": ("employer", {"submitted"}, {"changes_requested"}),
    "brief.approved": ("employer server", {"submitted"}, {"approved"}),
    "brief.disputed": ("employer student server", {"submitted", "changes_requested"}, {"disputed"}),
    "brief.dispute_answered": ("employer student", {"disputed"}, {"disputed"}),
    "brief.decided": ("operator server", {"disputed"}, {"disputed"}),
    "brief.reopened": ("operator", {"disputed"}, {"disputed"}),
    "brief.resolved": ("server", {"disputed"}, {"resolved"}),
    "brief.paid": ("server", {"approved"}, {"paid"}),
    "brief.settled": ("server", {"expired", "cancelled", "resolved"}, {"expired", "cancelled", "resolved"}),
}

Parts = tuple[int, int, int]
"""What student, employer and platform get."""


class Broken(AssertionError):
    """The system did what the model says it must not."""


def check(condition: object, said: str) -> None:
    """Raise Broken unless it holds."""
    if not condition:
        raise Broken(said)


@dataclass
class Expected:
    """One brief, as the model follows it from version to version."""

    pay_minor: int
    fee_minor: int
    currency: str
    state: str = "posted"
    version: int = 1
    collecting: bool = False
    funded: bool = False
    heard: list[str] = field(default_factory=list)
    decided: Parts | None = None
    reopened: bool = False
    parts: Parts | None = None
    """Who gets what, once it has ended."""
    settled: bool = False

    @property
    def escrow_minor(self) -> int:
        """What the employer pays."""
        return self.pay_minor + self.fee_minor

    def see(self, before: Brief, after: Brief, collected: bool) -> None:
        """Follow one step, or find fault with it. `collected`: the provider has the escrow at this time."""
        event = after.event
        said = f"{after.brief_id}: {event.type} by {event.role} from {before.state} to {after.state}"
        who, starts, ends = STEPS[event.type]
        check(after.version == self.version + 1, f"{said}: version {after.version} after {self.version}")
        check(event.role in who.split() and self.state in starts and after.state in ends, f"{said}: not a step")
        personal = event.role != "server"
        if personal and before.lapse_at:
            check(event.at < before.lapse_at, f"{said}: after the deadline")
        getattr(self, "_" + event.type.partition(".")[2], self._goes_on)(before, after, collected)
        self.state, self.version = str(after.state), after.version
        if self.state in _ENDED:
            check(self.parts is not None, f"{said}: nobody knows who gets what")
            split = after.split
            given = (split.student_minor, split.employer_minor, split.fee_minor) if split else None
            check(given == self.parts, f"{said}: {given} instead of {self.parts}")

    def _goes_on(self, before: Brief, after: Brief, collected: bool) -> None:
        check(after.state not in _ENDED, f"{after.brief_id} ended by {after.event.type}")

    def _funding_requested(self, before: Brief, after: Brief, collected: bool) -> None:
        check(not self.collecting, f"{after.brief_id}: collected twice at once")
        self.collecting = True

    def _funding_failed(self, before: Brief, after: Brief, collected: bool) -> None:
        check(self.collecting and not collected, f"{after.brief_id}: called failed, but the provider has the money")
        self.collecting = False

    def _opened(self, before: Brief, after: Brief, collected: bool) -> None:
        check(collected, f"{after.brief_id}: opened, but the provider has no money")
        self.collecting, self.funded = False, True

    def _cancelled(self, before: Brief, after: Brief, collected: bool) -> None:
        kill = (self.pay_minor * KILL_FEE_PERCENT + 50) // 100
        all_back = (0, self.escrow_minor, 0)
        ways: Mapping[str, Parts] = {"posted": (0, 0, 0), "open": all_back}
        self.parts = ways.get(self.state, (kill, self.escrow_minor - kill, 0))

    def _expired(self, before: Brief, after: Brief, collected: bool) -> None:
        check(before.lapse_at and after.event.at >= before.lapse_at, f"{after.brief_id}: expired before its time")
        self.parts = (0, 0, 0) if self.state == "posted" else (0, self.escrow_minor, 0)

    def _award_withdrawn(self, before: Brief, after: Brief, collected: bool) -> None:
        late = after.event.at >= before.applications_close_at
        check((after.state == "cancelled") == late, f"{after.brief_id}: given back to {after.state}")
        self.parts = (0, self.escrow_minor, 0) if late else None

    def _approved(self, before: Brief, after: Brief, collected: bool) -> None:
        if after.event.role == "server":
            check(before.lapse_at and after.event.at >= before.lapse_at, f"{after.brief_id}: silence came too early")
        self.parts = (self.pay_minor, 0, self.fee_minor)

    def _disputed(self, before: Brief, after: Brief, collected: bool) -> None:
        opener = {"submitted": "employer", "changes_requested": "student"}[self.state]
        # The employer has said what is missing by asking for changes.
        self.heard = ["employer" if after.event.role == "server" else opener]
        check(after.event.role in ("server", opener), f"{after.brief_id}: disputed by {after.event.role}")

    def _dispute_answered(self, before: Brief, after: Brief, collected: bool) -> None:
        check(self.decided is None and after.event.role not in self.heard, f"{after.brief_id}: heard twice")
        self.heard.append(str(after.event.role))

    def _decided(self, before: Brief, after: Brief, collected: bool) -> None:
        check(self.decided is None, f"{after.brief_id}: decided twice")
        decision = after.dispute.decision if after.dispute else None
        check(decision, f"{after.brief_id}: decided without a decision")
        assert decision is not None
        self.decided = (decision.split.student_minor, decision.split.employer_minor, decision.split.fee_minor)
        check(sum(self.decided) == self.escrow_minor, f"{after.brief_id}: {self.decided} is not the escrow")
        if after.event.role == "server":
            wins = (0, self.escrow_minor, 0) if self.heard == ["employer"] else (self.pay_minor, 0, self.fee_minor)
            check(self.decided == wins, f"{after.brief_id}: silence decided {self.decided}")

    def _reopened(self, before: Brief, after: Brief, collected: bool) -> None:
        check(self.decided is not None and not self.reopened, f"{after.brief_id}: reopened twice, or undecided")
        self.decided, self.reopened = None, True

    def _resolved(self, before: Brief, after: Brief, collected: bool) -> None:
        check(before.lapse_at and after.event.at >= before.lapse_at, f"{after.brief_id}: resolved too early")
        self.parts = self.decided

    def _paid(self, before: Brief, after: Brief, collected: bool) -> None:
        check(not self.settled, f"{after.brief_id}: settled twice")
        self.settled = True

    _settled = _paid


def due_of(expected: Expected, collected: bool) -> Parts:
    """Who gets what of the money that is really there: what came for a brief that had ended unfunded goes back."""
    if not collected:
        return (0, 0, 0)
    parts = expected.parts
    return parts if parts and sum(parts) else (0, expected.escrow_minor, 0)


def live(operations: list[Any], kind: str, brief_id: str) -> list[Any]:
    """What the provider did or is at, of one kind and for one brief."""
    return [o for o in operations if o.kind == kind and o.status != "failed" and o.key.startswith(f"{brief_id}#")]
