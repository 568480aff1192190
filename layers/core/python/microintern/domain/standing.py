"""Whether an account may act at present, and how much it has asked for lately."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from microintern.domain.base import Frozen, Id, Instant, iso
from microintern.domain.organisations import CATEGORY_OF, MemberRole, OrganisationCategory
from microintern.domain.policy import Policy
from microintern.domain.problems import Forbidden, TooMany
from microintern.domain.states import Role
from microintern.domain.text import Paragraph
from microintern.domain.trail import Entry, Event, step


class StandingState(StrEnum):
    """Whether an account may act."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    ERASED = "erased"


class Standing(Frozen):
    """How an account stands. One that nothing is kept of is active."""

    account_id: Id
    state: StandingState = StandingState.ACTIVE
    reason: Paragraph | None = None
    """Why it is suspended, in the operator's words for the person."""
    since: Instant | None = None
    organisation_id: Id | None = None
    """The organisation that it acts for, one at a time."""
    category: OrganisationCategory = OrganisationCategory.EMPLOYER
    """What that organisation is."""
    member_role: MemberRole | None = None
    left: frozenset[str] = frozenset()
    """The organisations that it belonged to, each with when it left: see `left_entry`."""
    version: Annotated[int, Field(ge=0)] = 0
    """Of what operators decided."""
    event: Event | None = None
    done: list[str] = []
    window: int = 0
    """The number of the window that `requests` are of, counted since 1970."""
    requests: int = 0

    def acts_for(self, role: Role) -> str | None:
        """What somebody of this role acts for: an employer never for an institution, nor the reverse."""
        return self.organisation_id if CATEGORY_OF.get(role) is self.category else None

    def ties(self, since: datetime) -> set[str]:
        """The organisations that it belongs to, or belonged to at some time since then."""
        left = {entry.partition("#")[0] for entry in self.left if entry.partition("#")[2] > iso(since)}
        return left | ({self.organisation_id} if self.organisation_id else set())

    @property
    def entry(self) -> Entry | None:
        """The step that led here; none for an account that operators never decided about."""
        return step(self.account_id, "standing", self.version, self.event)

    def check_active(self) -> None:
        """Raise Forbidden unless the account may act."""
        if self.state is StandingState.SUSPENDED:
            detail = (
                f"This account is suspended: {self.reason} You can still read your account and your data, "
                "withdraw from cohorts and make your page private; an operator can reinstate it."
            )
            since = iso(self.since) if self.since else None
            raise Forbidden("account_suspended", detail, reason=self.reason, since=since)
        if self.state is StandingState.ERASED:
            raise Forbidden("account_erased", "This account was erased.")


def left_entry(organisation_id: str, left_at: datetime) -> str:
    """What a standing keeps of a membership that is over."""
    return f"{organisation_id}#{iso(left_at)}"


def check_requests(requests: int, now: datetime, policy: Policy) -> None:
    """Raise TooMany when an account has asked more often in this window than anybody should."""
    if requests > policy.most_requests:
        ends_at = datetime.fromtimestamp((window_at(now, policy) + 1) * policy.request_window_s, now.tzinfo)
        detail = (
            f"More than {policy.most_requests} requests in {policy.request_window_s} seconds; "
            "wait, and repeat with the same Idempotency-Key."
        )
        wait_s = -((now - ends_at) // timedelta(seconds=1))
        raise TooMany("too_many_requests", detail, retry_after_s=wait_s)


def window_at(now: datetime, policy: Policy) -> int:
    """The number of the window in which requests are counted now."""
    return int(now.timestamp()) // policy.request_window_s
