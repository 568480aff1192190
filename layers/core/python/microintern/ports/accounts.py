"""Whom the platform knows, how they stand, and who can sign in."""

from collections.abc import Sequence
from typing import Protocol

from microintern.domain.accounts import Assignment, Mark, Notice, PayoutAccount, Profile
from microintern.domain.quotas import Desk
from microintern.domain.standing import Standing
from microintern.domain.trail import Entry
from microintern.ports.paging import Page, Position


class Accounts(Protocol):
    """Where people's profiles, payout accounts and notices are kept."""

    def profile(self, account_id: str) -> Profile | None:
        """One profile, strongly consistent."""

    def profiles(self, account_ids: Sequence[str]) -> dict[str, Profile]:
        """Up to 100 profiles by account id; those that exist."""

    def save_profile(self, profile: Profile) -> None:
        """Write over the version before; StaleDocument when that is no longer there."""

    def payout_account(self, account_id: str) -> PayoutAccount | None:
        """Where this person is paid, strongly consistent."""

    def save_payout_account(self, account: PayoutAccount) -> None:
        """Write over the version before; StaleDocument when that is no longer there."""

    def desk(self, account_id: str) -> Desk:
        """What a student has applied for, strongly consistent."""

    def release(self, account_id: str, brief_id: str, version: int) -> None:
        """An application of this version, or an earlier one, cannot be picked any more; done already is fine."""

    def assignment(self, account_id: str) -> Assignment | None:
        """The role that an operator gave an account last, strongly consistent."""

    def save_assignment(self, assignment: Assignment) -> None:
        """Write over the version before; StaleDocument when that is no longer there."""

    def steps(self, scope: str) -> list[Entry]:
        """The steps that everything of an account, or of whatever else is kept here, is at; strongly consistent."""

    def forget(self, account_id: str) -> None:
        """Take away everything under this account but its standing; whose profile was there is named as erased."""

    def payees(self, destination: str) -> list[str]:
        """The accounts that said they are paid here, now or before (at most 100)."""

    def tell(self, notices: Sequence[Notice]) -> None:
        """Keep notices; the same notice again changes nothing."""

    def mark(self, mark: Mark) -> None:
        """Put an entry on a student's record; the same again changes nothing."""

    def notices(self, account_id: str, limit: int, after: Position | None = None) -> Page:
        """A person's notices, the newest first."""

    def told(self, account_id: str, keys: Sequence[str]) -> list[Notice]:
        """Those of a person's notices with these keys that are there, the oldest first."""

    def marks(self, account_id: str) -> list[Mark]:
        """The entries on a student's record (at most 100)."""


class Groups(Protocol):
    """Who has which role."""

    def roles_of(self, account_id: str) -> list[str]:
        """The account's roles; NotFound when there is no such account."""

    def assign(self, account_id: str, role: str) -> None:
        """Give the account exactly this role."""


class Standings(Protocol):
    """Which accounts may act, and how much they ask for."""

    def read(self, account_id: str) -> Standing:
        """How an account stands, strongly consistent; of one that nothing is kept of, that it is active."""

    def save(self, standing: Standing) -> None:
        """Write state, reason and what was done over the version before; StaleDocument when that is not there.

        The number of requests is left alone.
        """

    def erase(self, standing: Standing) -> None:
        """As `save`, and note that the erasure is to be finished."""

    def erasing(self, limit: int) -> list[str]:
        """The accounts whose erasure is to be finished, the longest waiting first."""

    def erased(self, account_id: str) -> None:
        """The erasure is finished; done already is fine."""

    def count(self, account_id: str, window: int, requests: int) -> None:
        """Add to the requests of this window, or begin it; of a window that is over nothing is kept."""


class Users(Protocol):
    """Who can sign in."""

    def shut_out(self, account_id: str) -> None:
        """Let the account get no more tokens; NotFound when there is no such account."""

    def let_in(self, account_id: str) -> None:
        """Let the account sign in again; NotFound when there is no such account."""

    def address(self, account_id: str) -> str | None:
        """The e-mail address that the account is signed in to by, if it is verified; None also without an account."""

    def delete(self, account_id: str) -> None:
        """Take the account away, with its e-mail address; one that is gone is fine."""
