"""The twin of the table of briefs."""

import threading
from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from microintern.adapters.briefs import LISTED, VERSIONED, moves_by, shard_of
from microintern.domain.base import iso
from microintern.domain.brief import Brief
from microintern.domain.change import Wait
from microintern.domain.documents import Application, Content, Document, Review, StoredFile
from microintern.domain.organisations import OrganisationState
from microintern.domain.payments import PayoutStatus
from microintern.domain.problems import no_such
from microintern.domain.quotas import Desk, UploadQuota
from microintern.domain.standing import StandingState
from microintern.domain.states import State
from microintern.ports.briefs import BrowseFilter, Replaced, Snapshot
from microintern.ports.conditions import (
    NOTHING_ELSE,
    EmployerAddressMissing,
    Needs,
    NotMember,
    OfferGone,
    OrganisationNotApproved,
    PayeeNotReady,
    SelfDealing,
    Stale,
    StaleDocument,
    StudentAddressMissing,
    StudentNotActive,
)
from microintern.ports.paging import Page, Position
from tests.twins.accounts import MemoryAccounts, must_follow
from tests.twins.storing import kept, paged

D = TypeVar("D", bound=Document)


class MemoryBriefs:
    """The Briefs port."""

    def __init__(self, accounts: MemoryAccounts | None = None) -> None:
        self.lock = threading.RLock()
        self._accounts = accounts or MemoryAccounts()
        self._briefs: dict[str, Brief] = {}
        self.waits: dict[str, Wait] = {}
        self.nudged: list[str] = []
        self._documents: dict[tuple[str, str], Document] = {}

    def create(self, brief: Brief, content: Content) -> Brief | None:
        with self.lock:
            if brief.brief_id in self._briefs:
                return self._briefs[brief.brief_id]
            self._briefs[brief.brief_id] = kept(brief)
            self._documents[brief.brief_id, content.key] = kept(content)
            return None

    def read(self, brief_id: str, *keys: str, desk_of: str | None = None) -> Snapshot | None:
        with self.lock:
            if brief_id not in self._briefs:
                return None
            desk = self._accounts.desk(desk_of) if desk_of else None
            return self._snapshot(brief_id, *keys).model_copy(update={"desk": desk})

    def read_offered(self, brief_id: str, student_id: str, organisation_id: str | None = None) -> Snapshot | None:
        snapshot, talent = self.read(brief_id, Content.key_of), self._accounts.talent
        candidate = talent.candidate(organisation_id, student_id) if organisation_id else None
        beside = {"offer": talent.offer(student_id, brief_id), "candidate": candidate}
        return snapshot and snapshot.model_copy(update=beside)

    def save(self, before: Brief, after: Brief, *documents: Document, needs: Needs = NOTHING_ELSE) -> None:
        with self.lock:
            self.check_current(before)
            self._check(before.brief_id, needs)
            for document in documents:
                self._check_free(before.brief_id, document)
            self.put(after)
            self._documents |= {(before.brief_id, document.key): kept(document) for document in documents}

    def _check(self, brief_id: str, needs: Needs) -> None:
        """Raise what stands beside each of the needs that does not hold."""
        if needs.approved:
            organisation = self._accounts.organisations.read(needs.approved)
            if organisation is None or organisation.state is not OrganisationState.APPROVED:
                raise OrganisationNotApproved
        if needs.payee:
            self._check_payee(brief_id, needs.payee, needs)
        self._check_addresses(needs)
        self._check_member(needs)

    def _check_payee(self, brief_id: str, payee: str, needs: Needs) -> None:
        offer = self._accounts.talent.offer(payee, brief_id)
        if needs.offered and (offer is None or not offer.stands):
            raise OfferGone
        account = self._accounts.payout_account(payee)
        if account is None or account.status is not PayoutStatus.READY:
            raise PayeeNotReady
        if self._accounts.standings.read(payee).state is not StandingState.ACTIVE:
            raise StudentNotActive
        if needs.stranger_to and needs.stranger_since:
            member = self._accounts.organisations.membership(needs.stranger_to, payee)
            if member and not (member.left_at and member.left_at < needs.stranger_since):
                raise SelfDealing

    def _check_addresses(self, needs: Needs) -> None:
        if needs.addressed:
            student_id, organisation_id = needs.addressed
            profile = self._accounts.profile(student_id)
            if profile is None or profile.mailing_address is None:
                raise StudentAddressMissing
            organisation = self._accounts.organisations.read(organisation_id)
            if organisation is None or organisation.mailing_address is None:
                raise EmployerAddressMissing

    def _check_member(self, needs: Needs) -> None:
        if needs.member and needs.member_of:
            member = self._accounts.organisations.membership(needs.member_of, needs.member)
            if member is None or member.left_at is not None:
                raise NotMember

    def check_current(self, before: Brief) -> None:
        """Raise Stale unless the brief is at this version."""
        current = self._briefs.get(before.brief_id)
        if current is None:
            raise no_such("brief")
        if current.version != before.version:
            raise Stale(current)

    def put(self, brief: Brief) -> None:
        """Write a brief whose version was checked under the lock."""
        self._briefs[brief.brief_id] = kept(brief)

    def await_settlement(self, brief: Brief, token: str) -> None:
        self.waits[brief.brief_id] = Wait(state=brief.state, token=token)

    def nudge(self, brief_id: str) -> None:
        self.nudged.append(brief_id)

    def list_unsettled(
        self, shard: int, before: datetime, limit: int, after: Position | None = None, *, since: datetime | None = None
    ) -> Page:
        rows = [
            (Position(sort=iso(moves_by(brief)), item=brief.brief_id), brief)
            for brief in self._briefs.values()
            if not brief.settled_at and shard_of(brief.brief_id) == str(shard) and moves_by(brief) < before
            if since is None or moves_by(brief) >= since
        ]
        return paged(rows, limit, after)

    def add(
        self, brief_id: str, document: D, *, desk: Desk | None = None, quota: UploadQuota | None = None
    ) -> D | None:
        with self.lock:
            there = self._documents.get((brief_id, document.key))
            if there is not None:
                return there if isinstance(there, type(document)) else None
            if desk:
                self._accounts.put_desk(desk)
            if quota:
                self._accounts.count_upload(quota)
            self._documents[brief_id, document.key] = kept(document)
            return None

    def replace(
        self,
        document: Replaced,
        *,
        desk: Desk | None = None,
        needs: Needs = NOTHING_ELSE,
    ) -> None:
        with self.lock:
            self._check_free(document.brief_id, document)
            self._check(document.brief_id, needs)
            if desk:
                self._accounts.put_desk(desk)
            self._documents[document.brief_id, document.key] = kept(document)

    def find(self, brief_ids: Sequence[str], *, with_content: bool = True) -> dict[str, Snapshot]:
        keys = [Content.key_of] * with_content
        return {b: self._snapshot(b, *keys) for b in brief_ids if b in self._briefs}

    def find_reviews(self, wanted: Sequence[tuple[str, int]]) -> dict[str, Review]:
        found = {brief_id: self._documents.get((brief_id, Review.key_of(number))) for brief_id, number in wanted}
        return {brief_id: review for brief_id, review in found.items() if isinstance(review, Review)}

    def find_files(self, wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], StoredFile]:
        found = {at: self._documents.get((at[0], StoredFile.key_of(at[1]))) for at in wanted}
        return {at: file for at, file in found.items() if isinstance(file, StoredFile)}

    def list_awaited_files(self, shard: int, before: datetime, limit: int, after: Position | None = None) -> Page:
        rows = [
            (Position(sort=iso(file.settle_by), item=f"{brief_id}/{key}"), file)
            for (brief_id, key), file in self._documents.items()
            if isinstance(file, StoredFile) and file.settle_by and file.settle_by < before
            if shard_of(brief_id) == str(shard)
        ]
        return paged(rows, limit, after)

    def overwrite(self, brief_id: str, document: Document) -> None:
        with self.lock:
            if (brief_id, document.key) not in self._documents:
                raise StaleDocument
            self._documents[brief_id, document.key] = kept(document)

    def list_documents(self, brief_id: str, model: type[D], limit: int, after: Position | None = None) -> Page:
        rows = [
            (Position(sort=key, item=key), document)
            for (owner, key), document in self._documents.items()
            if owner == brief_id and isinstance(document, model)
        ]
        return paged(rows, limit, after)

    def list_in_state(
        self, state: State, limit: int, after: Position | None = None, only: BrowseFilter | None = None
    ) -> Page:
        rows = [
            (
                Position(sort=iso(brief.due_at), item=brief.brief_id),
                self._snapshot(brief.brief_id, Content.key_of),
            )
            for brief in self._briefs.values()
            if brief.state is state and state in LISTED and brief.due_at and _passes(brief, only or BrowseFilter())
        ]
        return paged(rows, limit, after)

    def find_open(self, brief_ids: Sequence[str]) -> list[Snapshot]:
        found = [self._snapshot(brief_id, Content.key_of) for brief_id in brief_ids if brief_id in self._briefs]
        return [snapshot for snapshot in found if snapshot.brief.state is State.OPEN]

    def list_of_employer(self, employer_id: str, limit: int, after: Position | None = None) -> Page:
        rows = [
            (
                Position(sort=iso(brief.posted_at), item=brief.brief_id),
                self._snapshot(brief.brief_id, Content.key_of),
            )
            for brief in self._briefs.values()
            if brief.employer_id == employer_id
        ]
        return paged(rows, limit, after, newest_first=True)

    def list_of_student(self, student_id: str, limit: int, after: Position | None = None) -> Page:
        rows = [
            (
                Position(sort=iso(document.applied_at), item=f"{brief_id}/{document.application_id}"),
                self._snapshot(brief_id, Content.key_of, key),
            )
            for (brief_id, key), document in self._documents.items()
            if isinstance(document, Application) and document.student_id == student_id
        ]
        return paged(rows, limit, after, newest_first=True)

    def _snapshot(self, brief_id: str, *keys: str) -> Snapshot:
        there = {key: self._documents[brief_id, key] for key in keys if (brief_id, key) in self._documents}
        return Snapshot(brief=self._briefs[brief_id], documents=there)

    def _check_free(self, brief_id: str, document: Document) -> None:
        there = self._documents.get((brief_id, document.key))
        if isinstance(document, VERSIONED):
            must_follow(there if isinstance(there, VERSIONED) else None, document)
        elif there is not None:
            raise StaleDocument


def _passes(brief: Brief, only: BrowseFilter) -> bool:
    closes_at = brief.due_at
    return bool(
        closes_at
        and (only.field is None or brief.field == only.field)
        and (only.skill is None or only.skill in brief.skills)
        and (only.currency is None or brief.currency == only.currency)
        and (only.pay_at_least_minor is None or brief.pay_minor >= only.pay_at_least_minor)
        and (only.hours_at_least is None or brief.hours >= only.hours_at_least)
        and (only.hours_at_most is None or brief.hours <= only.hours_at_most)
        and (only.closes_after is None or closes_at >= only.closes_after)
        and (only.closes_before is None or closes_at <= only.closes_before)
    )
