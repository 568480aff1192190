"""People's profiles, payout accounts, notices and marks: one partition each."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from microintern.adapters import dynamo
from microintern.adapters.dynamo import Item, Refused, Write
from microintern.domain.accounts import Assignment, Mark, Notice, PayoutAccount, Profile
from microintern.domain.quotas import Desk
from microintern.domain.standing import StandingState
from microintern.domain.trail import Entry, Event, step
from microintern.ports.conditions import StaleDocument
from microintern.ports.paging import Page, Position

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PROFILE = "profile"
STANDING = "standing"
PAYOUT_ACCOUNT = "payout_account"
PAYEE = "payee"
DESK = "desk"
ROLE = "role"
SEARCHES = "searches"
STRENGTHS = "strengths"
EXPERIENCE = "experience"
NOTICE = "notice"
"""The kind of a notice, and what its key begins with."""
TRACKED = "tracked"
"""The kind of every item whose changes stand in the audit trail."""
MOST_MARKS = 100
MOST_LISTED = 200
ERASED_ACCOUNT = "Erased account"
MOST_PAYEES = 100


class DynamoAccounts:
    """The Accounts port on DynamoDB."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def profile(self, account_id: str) -> Profile | None:
        item = dynamo.get(self._client, self._table, account_id, PROFILE)
        return dynamo.model_of(Profile, item) if item else None

    def profiles(self, account_ids: Sequence[str]) -> dict[str, Profile]:
        keys = [(account_id, PROFILE) for account_id in account_ids]
        found = dynamo.get_many(self._client, self._table, keys, consistent=False)
        return {pk: dynamo.model_of(Profile, item) for (pk, _), item in found.items()}

    def save_profile(self, profile: Profile) -> None:
        try:
            dynamo.commit(self._client, dynamo.put_version(self._table, _item(profile, PROFILE)))
        except Refused as refused:
            raise StaleDocument from refused

    def payout_account(self, account_id: str) -> PayoutAccount | None:
        item = dynamo.get(self._client, self._table, account_id, PAYOUT_ACCOUNT)
        return dynamo.model_of(PayoutAccount, item) if item else None

    def save_payout_account(self, account: PayoutAccount) -> None:
        named = {"pk": f"{PAYEE}#{account.destination}", "sk": account.account_id}
        account_write = dynamo.put_version(self._table, _item(account, PAYOUT_ACCOUNT))
        try:
            dynamo.commit(self._client, account_write, dynamo.put_over(self._table, named))
        except Refused as refused:
            raise StaleDocument from refused

    def desk(self, account_id: str) -> Desk:
        item = dynamo.get(self._client, self._table, account_id, DESK)
        return dynamo.model_of(Desk, {"account_id": account_id, **(item or {})})

    def release(self, account_id: str, brief_id: str, version: int) -> None:
        # The version rises: whoever has read the desk before must not write the slot back.
        request = dynamo.expressions(
            {"one": 1, "applied": version},
            Update="REMOVE #open.#brief ADD #version :one",
            Condition="#open.#brief.#version <= :applied",
        )
        request["ExpressionAttributeNames"]["#brief"] = brief_id
        at = {"TableName": self._table, "Key": dynamo.key(account_id, DESK)}
        try:
            dynamo.commit(self._client, {"Update": {**at, **request}})
        except Refused:
            return

    def assignment(self, account_id: str) -> Assignment | None:
        item = dynamo.get(self._client, self._table, account_id, ROLE)
        return dynamo.model_of(Assignment, item) if item else None

    def save_assignment(self, assignment: Assignment) -> None:
        try:
            dynamo.commit(self._client, dynamo.put_version(self._table, _item(assignment, ROLE)))
        except Refused as refused:
            raise StaleDocument from refused

    def steps(self, scope: str) -> list[Entry]:
        request: dict[str, Any] = {
            "TableName": self._table,
            "ConsistentRead": True,
            **dynamo.expressions({"pk": scope, "kind": TRACKED}, KeyCondition="#pk = :pk", Filter="#kind = :kind"),
        }
        items = dynamo.every(self._client, request)
        return [entry for item in items if (entry := step_of_item(item)) is not None]

    def forget(self, account_id: str) -> None:
        profile = self.profile(account_id)
        if profile:
            named = Profile(account_id=account_id, name=ERASED_ACCOUNT, version=profile.version)
            dynamo.put_many(self._client, self._table, [_item(named, PROFILE)])
        account = self.payout_account(account_id)
        keys = [(f"{PAYEE}#{account.destination}", account_id)] if account else []
        while found := self._all_but(account_id, {STANDING, PROFILE}):
            dynamo.delete_many(self._client, self._table, [*keys, *found])
            keys = []

    def _all_but(self, account_id: str, kept: set[str]) -> list[tuple[str, str]]:
        request = {"TableName": self._table, "ConsistentRead": True, **dynamo.under(account_id, "")}
        items, _ = dynamo.query(self._client, request, MOST_LISTED)
        return [(item["pk"], item["sk"]) for item in items if item["sk"] not in kept]

    def payees(self, destination: str) -> list[str]:
        request = {"TableName": self._table, "ConsistentRead": True, **dynamo.under(f"{PAYEE}#{destination}", "")}
        items, _ = dynamo.query(self._client, request, MOST_PAYEES)
        return [item["sk"] for item in items]

    def tell(self, notices: Sequence[Notice]) -> None:
        # The key is made of what the notice says and when, so that the same notice overwrites itself.
        rows = [_item(notice, f"{NOTICE}#{notice.key}") for notice in notices]
        dynamo.put_many(self._client, self._table, rows)

    def mark(self, mark: Mark) -> None:
        try:
            dynamo.commit(self._client, dynamo.put_new(self._table, _item(mark, f"mark#{mark.brief_id}")))
        except Refused:
            return

    def notices(self, account_id: str, limit: int, after: Position | None = None) -> Page:
        request: dict[str, Any] = {
            "TableName": self._table,
            "ScanIndexForward": False,
            **dynamo.under(account_id, "notice#"),
        }
        if after:
            request["ExclusiveStartKey"] = dynamo.key(account_id, f"notice#{after.sort}#{after.item}")
        items, last = dynamo.query(self._client, request, limit)
        found = [dynamo.model_of(Notice, item) for item in items]
        if last is None:
            return Page(items=found)
        _, at, notice_id = last["sk"].split("#", 2)
        return Page(items=found, next=Position(sort=at, item=notice_id))

    def notices_at(self, account_id: str, keys: Sequence[str]) -> list[Notice]:
        wanted = [(account_id, f"{NOTICE}#{key}") for key in keys]
        found = dynamo.get_many(self._client, self._table, wanted, consistent=True) if wanted else {}
        return sorted((dynamo.model_of(Notice, item) for item in found.values()), key=lambda notice: notice.key)

    def marks(self, account_id: str) -> list[Mark]:
        request = {"TableName": self._table, "ConsistentRead": True, **dynamo.under(account_id, "mark#")}
        items, _ = dynamo.query(self._client, request, MOST_MARKS)
        return [dynamo.model_of(Mark, item) for item in items]


def _item(model: Profile | PayoutAccount | Assignment | Notice | Mark, sk: str) -> Item:
    kinds: dict[type, dict[str, str]] = {Notice: {"kind": NOTICE}, Mark: {}}
    kind = kinds.get(type(model), {"kind": TRACKED})
    return {"pk": model.account_id, "sk": sk, **kind, **dynamo.fields(model)}


def notice_of(old_image: dict[str, Any] | None, new_image: dict[str, Any] | None) -> Notice | None:
    """The notice that a write was, as the table's stream shows it; None for one that was there, or is gone."""
    if old_image or not new_image:
        return None
    return dynamo.model_of(Notice, dynamo.unpacked(new_image))


def step_of(old_image: dict[str, Any] | None, new_image: dict[str, Any] | None) -> Entry | None:
    """The step that a write was, as the table's stream shows it; None when only something else was counted or noted."""
    before, after = (step_of_item(dynamo.unpacked(image)) if image else None for image in (old_image, new_image))
    return after if after and (before is None or before.event != after.event) else None


def not_erased(table: str, account_id: str) -> Write:
    """Only while nobody has asked for the account to be forgotten: nothing is written of it any more."""
    condition = "attribute_not_exists(#state) OR #state <> :erased"
    return dynamo.check(table, dynamo.key(account_id, STANDING), condition, erased=StandingState.ERASED.value)


def step_of_item(item: Item) -> Entry | None:
    """The step that an item is at; None for one whose changes are none."""
    if item.get("kind") != TRACKED or not item.get("event"):
        return None
    return step(item["pk"], item["sk"], item["version"], Event.model_validate(item["event"]))
