"""Briefs and their documents in one table, each an item under the brief's id; lists by sparse indexes."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from microintern.adapters import dynamo
from microintern.adapters.accounts import DESK, PAYOUT_ACCOUNT, PROFILE, STANDING
from microintern.adapters.dynamo import Item, Refused, Write
from microintern.adapters.organisations import ORGANISATION, member_key
from microintern.adapters.talent import OFFER_STANDS, candidate_key, offer_key
from microintern.domain.amendments import Amendments
from microintern.domain.base import iso
from microintern.domain.brief import Brief
from microintern.domain.change import Change, Wait
from microintern.domain.check_ins import CheckIns
from microintern.domain.documents import Application, Content, Document, Review, StoredFile
from microintern.domain.feedback import Feedback
from microintern.domain.mentors import Mentor
from microintern.domain.messages import Message, Sent, Talk
from microintern.domain.organisations import OrganisationState
from microintern.domain.payments import PayoutStatus
from microintern.domain.problems import no_such
from microintern.domain.quotas import Desk, UploadQuota
from microintern.domain.standing import StandingState
from microintern.domain.states import State
from microintern.domain.talent import Candidate, Offer
from microintern.ports.briefs import SHARDS, BrowseFilter, Replaced, Snapshot
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
    StaleDesk,
    StaleDocument,
    StudentAddressMissing,
    StudentNotActive,
    UploadsExhausted,
)
from microintern.ports.paging import Page, Position

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

D = TypeVar("D", bound=Document)

CONTROL = "control"
LISTED = frozenset({State.OPEN, State.DISPUTED})
"""The states whose briefs strangers list: students look for open ones, operators for disputed ones."""

FILES = "files-"
"""Before the shard of files that wait for their receipt or scan; they are in the list of briefs that wait."""

VERSIONED = (Application, StoredFile, Feedback, Talk, Mentor, Amendments, CheckIns)
"""The documents that are written over their version before; all others never change."""

PASSING = (Message, Sent, Talk)
"""The documents that the table drops by itself when their time is over."""

_DOCUMENTS: dict[str, type[Document]] = {model.kind: model for model in Document.__subclasses__()}

# What one page reads of the index at most when a filter passes over nearly everything: some 40 read units.
ROWS_PER_QUERY = 200
QUERIES_PER_PAGE = 5


def control_item(brief: Brief) -> Item:
    """The brief's own item; listed for strangers while they may see it, and for the sweeper until it is settled."""
    listing = {"listing": brief.state.value} if brief.state in LISTED else {}
    unsettled = {} if brief.settled_at else {"unsettled": shard_of(brief.brief_id), "moves_by": iso(moves_by(brief))}
    return {"pk": brief.brief_id, "sk": CONTROL, "kind": CONTROL, **dynamo.fields(brief), **listing, **unsettled}


def shard_of(brief_id: str) -> str:
    """Which part of the unsettled briefs this one is listed in."""
    return str(sum(brief_id.encode()) % SHARDS)


def moves_by(brief: Brief) -> datetime:
    """When the brief should have moved on: at its deadline while it waits for a person, else when it came here."""
    waits_for_person = brief.lapse_at is not None and not brief.collecting
    return brief.lapse_at if brief.lapse_at and waits_for_person else brief.event.at


def document_item(brief_id: str, document: Document) -> Item:
    """A document's item."""
    item = {"pk": brief_id, "sk": document.key, "kind": document.kind, **dynamo.fields(document)}
    if isinstance(document, StoredFile) and document.settle_by:
        return {**item, "unsettled": f"{FILES}{shard_of(brief_id)}", "moves_by": iso(document.settle_by)}
    if isinstance(document, PASSING):
        return {**item, "forget_at": int(document.keep_until.timestamp())}
    return item


def step(table: str, before: Brief, after: Brief) -> Write:
    """Replace one version by the next. Only what differs is written, so that the workflow's `wait` stays."""
    was, becomes = control_item(before), control_item(after)
    changed = {
        name: becomes.get(name) for name in sorted(was.keys() | becomes.keys()) if was.get(name) != becomes.get(name)
    }
    at = dynamo.key(before.brief_id, CONTROL)
    return dynamo.update(table, at, changed, "#version = :before", before=before.version)


def brief_of(item: Item | None) -> Brief:
    """The brief that a refused write met."""
    if item is None:
        raise no_such("brief")
    return dynamo.model_of(Brief, item)


def change_of(old_image: dict[str, Any] | None, new_image: dict[str, Any]) -> Change:
    """A write to a control item, as the table's stream shows it."""
    new = dynamo.unpacked(new_image)
    return Change(
        before=dynamo.model_of(Brief, dynamo.unpacked(old_image)) if old_image else None,
        after=dynamo.model_of(Brief, new),
        wait=Wait(**new["wait"]) if "wait" in new else None,
        nudged=old_image is not None and new.get("nudges") != dynamo.unpacked(old_image).get("nudges"),
    )


def application_of(new_image: dict[str, Any]) -> Application:
    """An application, as the table's stream shows it."""
    return dynamo.model_of(Application, dynamo.unpacked(new_image))


def message_of(new_image: dict[str, Any]) -> Message:
    """A message, as the table's stream shows it."""
    return dynamo.model_of(Message, dynamo.unpacked(new_image))


def mentor_of(new_image: dict[str, Any]) -> Mentor:
    """A brief's contact, as the table's stream shows it."""
    return dynamo.model_of(Mentor, dynamo.unpacked(new_image))


def amendments_of(new_image: dict[str, Any]) -> Amendments:
    """What was proposed under an award, as the table's stream shows it."""
    return dynamo.model_of(Amendments, dynamo.unpacked(new_image))


def check_ins_of(new_image: dict[str, Any]) -> CheckIns:
    """What was said of the work, as the table's stream shows it."""
    return dynamo.model_of(CheckIns, dynamo.unpacked(new_image))


def file_of(new_image: dict[str, Any]) -> StoredFile:
    """A file, as the table's stream shows it."""
    return dynamo.model_of(StoredFile, dynamo.unpacked(new_image))


def feedback_of(new_image: dict[str, Any]) -> Feedback:
    """Feedback, as the table's stream shows it."""
    return dynamo.model_of(Feedback, dynamo.unpacked(new_image))


class DynamoBriefs:
    """The Briefs port on DynamoDB."""

    def __init__(self, client: "DynamoDBClient", table: str, account_table: str | None = None) -> None:
        self._client = client
        self._table = table
        self._account_table = account_table

    def create(self, brief: Brief, content: Content) -> Brief | None:
        rows = [control_item(brief), document_item(brief.brief_id, content)]
        try:
            dynamo.commit(self._client, *(dynamo.put_new(self._table, row) for row in rows))
        except Refused as refused:
            return brief_of(refused.found.get(0))
        return None

    def read(self, brief_id: str, *keys: str, desk_of: str | None = None) -> Snapshot | None:
        if desk_of is not None:
            return self._with_desk(brief_id, keys, desk_of)
        if not keys:
            item = dynamo.get(self._client, self._table, brief_id, CONTROL)
            return Snapshot(brief=dynamo.model_of(Brief, item)) if item else None
        return next(iter(self._snapshots([(brief_id, keys)], consistent=True)), None)

    def save(self, before: Brief, after: Brief, *documents: Document, needs: Needs = NOTHING_ELSE) -> None:
        checks = list(self._checks_of(before.brief_id, needs))
        writes = [step(self._table, before, after), *(check for check, _ in checks)]
        writes += [self._write_of(before.brief_id, document) for document in documents]
        try:
            dynamo.commit(self._client, *writes)
        except Refused as refused:
            if 0 in refused.found:
                raise Stale(brief_of(refused.found[0])) from refused
            for position, (_, failure) in enumerate(checks, 1):
                if position in refused.found:
                    raise failure from refused
            raise StaleDocument from refused

    def await_settlement(self, brief: Brief, token: str) -> None:
        at = dynamo.key(brief.brief_id, CONTROL)
        wait = {"state": brief.state.value, "token": token}
        dynamo.commit(self._client, dynamo.update(self._table, at, {"wait": wait}, "attribute_exists(#pk)"))

    def nudge(self, brief_id: str) -> None:
        at = dynamo.key(brief_id, CONTROL)
        request = dynamo.expressions({"one": 1}, Update="ADD #nudges :one", Condition="attribute_exists(#pk)")
        dynamo.commit(self._client, {"Update": {"TableName": self._table, "Key": at, **request}})

    def list_unsettled(
        self, shard: int, before: datetime, limit: int, after: Position | None = None, *, since: datetime | None = None
    ) -> Page:
        start = {"moves_by": after.sort, "pk": after.item, "sk": CONTROL} if after else None
        rows, last = self._unsettled(str(shard), before, limit, start, since)
        found = [snapshot.brief for snapshot in self._snapshots([(row["pk"], []) for row in rows], consistent=True)]
        return Page(items=found, next=Position(sort=last["moves_by"], item=last["pk"]) if last else None)

    def add(
        self, brief_id: str, document: D, *, desk: Desk | None = None, quota: UploadQuota | None = None
    ) -> D | None:
        writes = [dynamo.put_new(self._table, document_item(brief_id, document))]
        writes += [self._desk(desk)] if desk else []
        writes += [self._counted(quota)] if quota else []
        try:
            dynamo.commit(self._client, *writes)
        except Refused as refused:
            if 0 in refused.found:
                return dynamo.model_of(type(document), refused.found[0] or {})
            raise (StaleDesk if desk else UploadsExhausted) from refused
        return None

    def replace(
        self,
        document: Replaced,
        *,
        desk: Desk | None = None,
        needs: Needs = NOTHING_ELSE,
    ) -> None:
        checks = list(self._checks_of(document.brief_id, needs))
        writes = [self._write_of(document.brief_id, document), *(check for check, _ in checks)]
        writes += [self._desk(desk)] if desk else []
        try:
            dynamo.commit(self._client, *writes)
        except Refused as refused:
            if 0 in refused.found:
                raise StaleDocument from refused
            for position, (_, failure) in enumerate(checks, 1):
                if position in refused.found:
                    raise failure from refused
            raise StaleDesk from refused

    def find(self, brief_ids: Sequence[str], *, with_content: bool = True) -> dict[str, Snapshot]:
        rows = [(brief_id, [Content.key_of] * with_content) for brief_id in brief_ids]
        return {snapshot.brief.brief_id: snapshot for snapshot in self._snapshots(rows, consistent=False)}

    def find_reviews(self, wanted: Sequence[tuple[str, int]]) -> dict[str, Review]:
        keys = [(brief_id, Review.key_of(number)) for brief_id, number in wanted]
        items = dynamo.get_many(self._client, self._table, keys, consistent=False) if keys else {}
        return {brief_id: dynamo.model_of(Review, item) for (brief_id, _), item in items.items()}

    def find_files(self, wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], StoredFile]:
        keys = [(brief_id, StoredFile.key_of(file_id)) for brief_id, file_id in wanted]
        items = dynamo.get_many(self._client, self._table, keys, consistent=True) if keys else {}
        found = [dynamo.model_of(StoredFile, item) for item in items.values()]
        return {(file.brief_id, file.file_id): file for file in found}

    def list_awaited_files(self, shard: int, before: datetime, limit: int, after: Position | None = None) -> Page:
        start = None
        if after:
            brief_id, _, sk = after.item.partition("/")
            start = {"moves_by": after.sort, "pk": brief_id, "sk": sk}
        rows, last = self._unsettled(f"{FILES}{shard}", before, limit, start)
        keys = [(row["pk"], row["sk"]) for row in rows]
        items = dynamo.get_many(self._client, self._table, keys, consistent=True) if keys else {}
        found = [dynamo.model_of(StoredFile, items[key]) for key in keys if key in items]
        position = Position(sort=last["moves_by"], item=f"{last['pk']}/{last['sk']}") if last else None
        return Page(items=found, next=position)

    def _unsettled(
        self, part: str, before: datetime, limit: int, start: Item | None, since: datetime | None = None
    ) -> tuple[list[Item], Item | None]:
        due, values = "#unsettled = :part AND #moves_by < :before", {"part": part, "before": iso(before)}
        if since:
            # Both ends belong to what is between; instants are whole milliseconds here.
            due = "#unsettled = :part AND #moves_by BETWEEN :since AND :before"
            values |= {"since": iso(since), "before": iso(before - timedelta(milliseconds=1))}
        request: dict[str, Any] = {
            "TableName": self._table,
            "IndexName": "unsettled",
            **dynamo.expressions(values, KeyCondition=due),
        }
        if start:
            request["ExclusiveStartKey"] = dynamo.packed({"unsettled": part, **start})
        return dynamo.query(self._client, request, limit)

    def overwrite(self, brief_id: str, document: Document) -> None:
        write = dynamo.put(self._table, document_item(brief_id, document), "attribute_exists(#pk)")
        try:
            dynamo.commit(self._client, write)
        except Refused as refused:
            raise StaleDocument from refused

    def list_documents(self, brief_id: str, model: type[D], limit: int, after: Position | None = None) -> Page:
        request: dict[str, Any] = {
            "TableName": self._table,
            "ConsistentRead": True,
            **dynamo.under(brief_id, f"{model.kind}#"),
        }
        if after:
            request["ExclusiveStartKey"] = dynamo.key(brief_id, after.sort)
        items, last = dynamo.query(self._client, request, limit)
        position = Position(sort=last["sk"], item=last["sk"]) if last else None
        return Page(items=[dynamo.model_of(model, item) for item in items], next=position)

    def list_in_state(
        self, state: State, limit: int, after: Position | None = None, only: BrowseFilter | None = None
    ) -> Page:
        only = only or BrowseFilter()
        if only.closes_after and only.closes_before and only.closes_after > only.closes_before:
            return Page(items=[])
        request = {"TableName": self._table, "IndexName": "listing", **_browsing(state, only)}
        if after:
            listed = {"listing": state.value, "due_at": after.sort, "pk": after.item, "sk": CONTROL}
            request["ExclusiveStartKey"] = dynamo.packed(listed)
        rows, last = dynamo.query(self._client, request, limit, QUERIES_PER_PAGE)
        found = self._snapshots([(row["pk"], [Content.key_of]) for row in rows], consistent=False)
        # The index lags behind the table by a moment; a brief that has moved on since is not shown.
        snapshots = [snapshot for snapshot in found if snapshot.brief.state is state]
        return Page(items=snapshots, next=Position(sort=last["due_at"], item=last["pk"]) if last else None)

    def find_open(self, brief_ids: Sequence[str]) -> list[Snapshot]:
        found = self._snapshots([(brief_id, [Content.key_of]) for brief_id in brief_ids], consistent=True)
        return [snapshot for snapshot in found if snapshot.brief.state is State.OPEN]

    def list_of_employer(self, employer_id: str, limit: int, after: Position | None = None) -> Page:
        start = {"pk": after.item, "sk": CONTROL} if after else None
        rows, last = self._newest("by_employer", ("employer_id", employer_id), "posted_at", limit, after, start)
        found = self._snapshots([(row["pk"], [Content.key_of]) for row in rows], consistent=False)
        return Page(items=found, next=Position(sort=last["posted_at"], item=last["pk"]) if last else None)

    def list_of_student(self, student_id: str, limit: int, after: Position | None = None) -> Page:
        start = None
        if after:
            # An application is found by its brief and its own id: the position has both.
            brief_id, _, application_id = after.item.partition("/")
            start = {"pk": brief_id, "sk": Application.key_of(application_id)}
        rows, last = self._newest("by_student", ("student_id", student_id), "applied_at", limit, after, start)
        found = self._snapshots([(row["pk"], [Content.key_of, row["sk"]]) for row in rows], consistent=False)
        if last is None:
            return Page(items=found)
        item = f"{last['pk']}/{last['sk'].partition('#')[2]}"
        return Page(items=found, next=Position(sort=last["applied_at"], item=item))

    def _newest(
        self,
        index: str,
        owner: tuple[str, str],
        sort: str,
        limit: int,
        after: Position | None,
        start: Item | None,
    ) -> tuple[list[Item], Item | None]:
        name, owner_id = owner
        request: dict[str, Any] = {
            "TableName": self._table,
            "IndexName": index,
            "ScanIndexForward": False,
            **dynamo.expressions({"owner": owner_id}, KeyCondition=f"#{name} = :owner"),
        }
        if after and start:
            request["ExclusiveStartKey"] = dynamo.packed({name: owner_id, sort: after.sort, **start})
        return dynamo.query(self._client, request, limit)

    def _snapshots(self, rows: Sequence[tuple[str, Sequence[str]]], *, consistent: bool) -> list[Snapshot]:
        """Each brief that is there with those of its documents that are, in the order asked for."""
        keys = [(brief_id, sk) for brief_id, sks in rows for sk in (CONTROL, *sks)]
        items = dynamo.get_many(self._client, self._table, keys, consistent=consistent) if keys else {}
        return [
            Snapshot(
                brief=dynamo.model_of(Brief, items[brief_id, CONTROL]),
                documents={sk: _document(items[brief_id, sk]) for sk in sks if (brief_id, sk) in items},
            )
            for brief_id, sks in rows
            if (brief_id, CONTROL) in items
        ]

    def _write_of(self, brief_id: str, document: Document) -> Write:
        item = document_item(brief_id, document)
        return (dynamo.put_version if isinstance(document, VERSIONED) else dynamo.put_new)(self._table, item)

    def read_offered(self, brief_id: str, student_id: str, organisation_id: str | None = None) -> Snapshot | None:
        offered = (student_id, offer_key(brief_id))
        kept = (organisation_id or student_id, candidate_key(student_id))
        snapshot, found = self._with_accounts(brief_id, (Content.key_of,), [offered, kept])
        offer, candidate = found.get(offered), found.get(kept)
        return snapshot and snapshot.model_copy(
            update={
                "offer": dynamo.model_of(Offer, offer) if offer else None,
                "candidate": dynamo.model_of(Candidate, candidate) if candidate else None,
            }
        )

    def _with_desk(self, brief_id: str, keys: Sequence[str], account_id: str) -> Snapshot | None:
        snapshot, found = self._with_accounts(brief_id, keys, [(account_id, DESK)])
        desk = dynamo.model_of(Desk, {"account_id": account_id, **found.get((account_id, DESK), {})})
        return snapshot and snapshot.model_copy(update={"desk": desk})

    def _with_accounts(
        self, brief_id: str, keys: Sequence[str], beside: Sequence[tuple[str, str]]
    ) -> tuple[Snapshot | None, dict[tuple[str, str], Item]]:
        """The brief with some of its documents and items of the table of accounts, in one call."""
        asked = [(brief_id, sk) for sk in (CONTROL, *keys)]
        found = dynamo.get_together(self._client, {self._table: asked, self._accounts: beside}, consistent=True)
        items = found[self._table]
        if (brief_id, CONTROL) not in items:
            return None, {}
        snapshot = Snapshot(
            brief=dynamo.model_of(Brief, items[brief_id, CONTROL]),
            documents={sk: _document(items[brief_id, sk]) for sk in keys if (brief_id, sk) in items},
        )
        return snapshot, found[self._accounts]

    @property
    def _accounts(self) -> str:
        if self._account_table is None:
            raise ValueError("what rests on accounts is for functions that know the account table")
        return self._account_table

    def _desk(self, desk: Desk) -> Write:
        return dynamo.put_version(self._accounts, {"pk": desk.account_id, "sk": DESK, **dynamo.fields(desk)})

    def _counted(self, quota: UploadQuota) -> Write:
        """One more file of the day, and its bytes; many at once do not stand in each other's way."""
        values = {
            "one": 1,
            "size": quota.size_bytes,
            "forget_at": quota.forget_at,
            "most": quota.most_uploads,
            "room": quota.most_bytes - quota.size_bytes,
        }
        request = dynamo.expressions(
            values,
            Update="ADD #uploads :one, #bytes :size SET #forget_at = :forget_at",
            Condition="attribute_not_exists(#uploads) OR (#uploads < :most AND #bytes <= :room)",
        )
        at = dynamo.key(quota.account_id, f"uploads#{quota.day}")
        return {"Update": {"TableName": self._accounts, "Key": at, **request}}

    def _checks_of(self, brief_id: str, needs: Needs) -> Iterator[tuple[Write, Exception]]:
        if needs == NOTHING_ELSE:
            return
        if needs.approved:
            at = dynamo.key(needs.approved, ORGANISATION)
            approved = OrganisationState.APPROVED.value
            yield dynamo.check(self._accounts, at, "#state = :approved", approved=approved), OrganisationNotApproved()
        if needs.payee:
            yield from self._checks_of_payee(brief_id, needs.payee, needs)
        if needs.addressed:
            student_id, organisation_id = needs.addressed
            given = "attribute_exists(#mailing_address)"
            yield dynamo.check(self._accounts, dynamo.key(student_id, PROFILE), given), StudentAddressMissing()
            of_employer = dynamo.key(organisation_id, ORGANISATION)
            yield dynamo.check(self._accounts, of_employer, given), EmployerAddressMissing()
        if needs.member and needs.member_of:
            at = dynamo.key(needs.member_of, member_key(needs.member))
            there = "attribute_exists(#pk) AND attribute_not_exists(#left_at)"
            yield dynamo.check(self._accounts, at, there), NotMember()

    def _checks_of_payee(self, brief_id: str, payee: str, needs: Needs) -> Iterator[tuple[Write, Exception]]:
        table = self._accounts
        if needs.offered:
            at = dynamo.key(payee, offer_key(brief_id))
            yield dynamo.check(table, at, OFFER_STANDS), OfferGone()
        at = dynamo.key(payee, PAYOUT_ACCOUNT)
        yield dynamo.check(table, at, "#status = :ready", ready=PayoutStatus.READY.value), PayeeNotReady()
        at = dynamo.key(payee, STANDING)
        may_act = "attribute_not_exists(#state) OR #state = :active"
        yield dynamo.check(table, at, may_act, active=StandingState.ACTIVE.value), StudentNotActive()
        if needs.stranger_to and needs.stranger_since:
            at = dynamo.key(needs.stranger_to, member_key(payee))
            gone = "attribute_not_exists(#pk) OR #left_at < :since"
            yield dynamo.check(table, at, gone, since=iso(needs.stranger_since)), SelfDealing()


def _document(item: Item) -> Document:
    return dynamo.model_of(_DOCUMENTS[item["kind"]], item)


FILTERS = {
    "field": "#field = :field",
    "skill": "contains(#skills, :skill)",
    "currency": "#currency = :currency",
    "pay_at_least_minor": "#pay_minor >= :pay_at_least_minor",
    "hours_at_least": "#hours >= :hours_at_least",
    "hours_at_most": "#hours <= :hours_at_most",
}

_CLOSING = {
    frozenset[str](): "",
    frozenset({"closes_after"}): " AND #due_at >= :closes_after",
    frozenset({"closes_before"}): " AND #due_at <= :closes_before",
    frozenset({"closes_after", "closes_before"}): " AND #due_at BETWEEN :closes_after AND :closes_before",
}


def _browsing(state: State, only: BrowseFilter) -> dict[str, Any]:
    """The index query for a filter: bounds of the deadline go into the key, the rest is filtered."""
    values = dynamo.fields(only)
    texts = {
        "KeyCondition": "#listing = :listing" + _CLOSING[frozenset(values.keys() & {"closes_after", "closes_before"})]
    }
    filters = [text for name, text in FILTERS.items() if name in values]
    if not filters:
        return dynamo.expressions({"listing": state.value, **values}, **texts)
    texts["Filter"] = " AND ".join(filters)
    return {"Limit": ROWS_PER_QUERY, **dynamo.expressions({"listing": state.value, **values}, **texts)}
