"""The twin of the table of accounts."""

import threading
from collections.abc import Sequence
from typing import TypeAlias

from microintern.adapters.accounts import ERASED_ACCOUNT
from microintern.domain.accounts import Assignment, Mark, Notice, PayoutAccount, Profile
from microintern.domain.base import iso
from microintern.domain.messages import Talk
from microintern.domain.quotas import Desk, UploadQuota
from microintern.domain.trail import Entry
from microintern.ports.briefs import Replaced
from microintern.ports.conditions import StaleDesk, StaleDocument, UploadsExhausted
from microintern.ports.paging import Page, Position
from tests.twins.cohorts import MemoryCohorts
from tests.twins.discovery import MemorySearches, MemoryStudents
from tests.twins.mailing import MemoryAgenda, MemoryMailings, MemorySentMail
from tests.twins.organisations import MemoryOrganisations, MemoryStandings
from tests.twins.storing import kept, paged
from tests.twins.talent import MemoryTalent
from tests.twins.webhooks import MemoryEndpoints


class MemoryAccounts:
    """The Accounts port."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self.standings = MemoryStandings()
        self.organisations = MemoryOrganisations(self.standings)
        self.endpoints = MemoryEndpoints(self.organisations)
        self.talent = MemoryTalent()
        self.cohorts = MemoryCohorts(self.organisations, self.standings)
        self.searches, self.students = MemorySearches(), MemoryStudents()
        self.mailings, self.agenda, self.sent_mail = MemoryMailings(self.standings), MemoryAgenda(), MemorySentMail()
        self._profiles: dict[str, Profile] = {}
        self._payout_accounts: dict[str, PayoutAccount] = {}
        self._assignments: dict[str, Assignment] = {}
        self._payees: set[tuple[str, str]] = set()
        self._desks: dict[str, Desk] = {}
        self._uploads: dict[tuple[str, str], tuple[int, int]] = {}
        self._notices: dict[tuple[str, str, str], Notice] = {}
        self._marks: dict[tuple[str, str], Mark] = {}

    def profile(self, account_id: str) -> Profile | None:
        return self._profiles.get(account_id)

    def profiles(self, account_ids: Sequence[str]) -> dict[str, Profile]:
        return {account_id: self._profiles[account_id] for account_id in account_ids if account_id in self._profiles}

    def save_profile(self, profile: Profile) -> None:
        with self._lock:
            must_follow(self._profiles.get(profile.account_id), profile)
            self._profiles[profile.account_id] = kept(profile)

    def payout_account(self, account_id: str) -> PayoutAccount | None:
        return self._payout_accounts.get(account_id)

    def save_payout_account(self, account: PayoutAccount) -> None:
        with self._lock:
            must_follow(self._payout_accounts.get(account.account_id), account)
            self._payout_accounts[account.account_id] = kept(account)
            self._payees.add((account.destination, account.account_id))

    def desk(self, account_id: str) -> Desk:
        return self._desks.get(account_id) or Desk(account_id=account_id)

    def forget(self, account_id: str) -> None:
        with self._lock:
            profile = self._profiles.get(account_id)
            if profile:
                named = Profile(account_id=account_id, name=ERASED_ACCOUNT, version=profile.version)
                self._profiles[account_id] = named
            account = self._payout_accounts.pop(account_id, None)
            if account:
                self._payees.discard((account.destination, account_id))
            self._desks.pop(account_id, None)
            self.talent.forget(account_id)
            self.cohorts.drop(account_id)
            self.searches.drop(account_id)
            self.students.drop(account_id)
            self.mailings.drop(account_id)
            self.sent_mail.forget(account_id)
            self._uploads = {at: count for at, count in self._uploads.items() if at[0] != account_id}
            self._notices = {at: notice for at, notice in self._notices.items() if at[0] != account_id}
            self._marks = {at: mark for at, mark in self._marks.items() if at[0] != account_id}

    def put_desk(self, desk: Desk) -> None:
        """Write a desk over its version before."""
        with self._lock:
            if self.desk(desk.account_id).version != desk.version - 1:
                raise StaleDesk
            self._desks[desk.account_id] = kept(desk)

    def release(self, account_id: str, brief_id: str, version: int) -> None:
        with self._lock:
            desk = self.desk(account_id)
            slot = desk.open.get(brief_id)
            if slot and slot.version <= version:
                rest = {other: found for other, found in desk.open.items() if other != brief_id}
                self._desks[account_id] = desk.model_copy(update={"open": rest, "version": desk.version + 1})

    def count_upload(self, quota: UploadQuota) -> None:
        """Count one more file of the day."""
        at = (quota.account_id, quota.day)
        uploads, size_bytes = self._uploads.get(at, (0, 0))
        full = uploads >= quota.most_uploads or size_bytes + quota.size_bytes > quota.most_bytes
        if at in self._uploads and full:
            raise UploadsExhausted
        self._uploads[at] = (uploads + 1, size_bytes + quota.size_bytes)

    def assignment(self, account_id: str) -> Assignment | None:
        return self._assignments.get(account_id)

    def save_assignment(self, assignment: Assignment) -> None:
        with self._lock:
            must_follow(self._assignments.get(assignment.account_id), assignment)
            self._assignments[assignment.account_id] = kept(assignment)

    def steps(self, scope: str) -> list[Entry]:
        profile, payout = self._profiles.get(scope), self._payout_accounts.get(scope)
        of_account = (self._assignments.get(scope), self.standings.read(scope), self.searches.of(scope))
        kept = (payout, profile, *of_account, self.students.strengths(scope), self.mailings.of(scope))
        tracked = (
            *self.organisations.tracked(scope),
            *self.talent.tracked(scope),
            *self.cohorts.tracked(scope),
        )
        found = [found.entry for found in (*kept, *tracked) if found and found.entry]
        return [*found, *self.endpoints.steps(scope)]

    def payees(self, destination: str) -> list[str]:
        return sorted(account_id for named, account_id in self._payees if named == destination)

    def tell(self, notices: Sequence[Notice]) -> None:
        self._notices |= {(n.account_id, iso(n.at), n.notice_id): kept(n) for n in notices}

    def mark(self, mark: Mark) -> None:
        self._marks.setdefault((mark.account_id, mark.brief_id), kept(mark))

    def notices(self, account_id: str, limit: int, after: Position | None = None) -> Page:
        rows = [
            (Position(sort=at, item=id_), n) for (owner, at, id_), n in self._notices.items() if owner == account_id
        ]
        return paged(rows, limit, after, newest_first=True)

    def notices_at(self, account_id: str, keys: Sequence[str]) -> list[Notice]:
        found = [notice for (owner, *_), notice in sorted(self._notices.items()) if owner == account_id]
        return [notice for notice in found if notice.key in keys]

    def marks(self, account_id: str) -> list[Mark]:
        return [mark for (owner, _), mark in sorted(self._marks.items()) if owner == account_id]


Versioned: TypeAlias = "Assignment | Profile | PayoutAccount | Talk | Replaced"


def must_follow(old: "Versioned | None", new: Versioned) -> None:
    """Raise StaleDocument unless `old` is the version before `new`; nothing is before the first."""
    if (old.version if old else 0) != new.version - 1:
        raise StaleDocument
