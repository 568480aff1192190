"""Students' pages in a table of their own: what anybody may ask about lies beside nothing else that is kept."""

from typing import TYPE_CHECKING, Any, TypeVar

from microintern.adapters import dynamo
from microintern.adapters.accounts import TRACKED, not_erased, step_of_item
from microintern.adapters.dynamo import Item, Refused, Write
from microintern.domain.base import Frozen
from microintern.domain.portfolio import CONSENT, PORTFOLIO, SHOWN, Consent, Kept, Portfolio, Shown
from microintern.domain.trail import Entry
from microintern.ports.conditions import StaleDocument, StudentErased
from microintern.ports.portfolios import LinkTaken

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

M = TypeVar("M", bound=Frozen)

_LINK = "link"
_DOCUMENT, _STUDENT = 0, 1
"""Which of the writes is the document's, and which looks at the student."""
_ROWS_AT_ONCE = 200


class DynamoPortfolios:
    """The Portfolios port on DynamoDB; whoever writes needs the table of accounts."""

    def __init__(self, client: "DynamoDBClient", table: str, account_table: str = "") -> None:
        self._client = client
        self._table = table
        self._account_table = account_table

    def read(self, account_id: str) -> Kept:
        rows = list(dynamo.every(self._client, self._all(account_id)))
        return Kept(
            _page(account_id, next((row for row in rows if row["sk"] == PORTFOLIO), None)),
            {shown.brief_id: shown for shown in _models(rows, SHOWN, Shown)},
            {consent.brief_id: consent for consent in _models(rows, CONSENT, Consent)},
        )

    def page(self, account_id: str) -> Portfolio:
        return _page(account_id, dynamo.get(self._client, self._table, account_id, PORTFOLIO))

    def of_brief(self, account_id: str, brief_id: str) -> tuple[Shown | None, Consent | None]:
        keys = [(account_id, f"{SHOWN}{brief_id}"), (account_id, f"{CONSENT}{brief_id}")]
        found = dynamo.get_many(self._client, self._table, keys, consistent=True)
        shown, consent = map(found.get, keys)
        return (
            dynamo.model_of(Shown, shown) if shown else None,
            dynamo.model_of(Consent, consent) if consent else None,
        )

    def save(self, document: Portfolio | Shown | Consent, link: str | None = None) -> None:
        item = {"pk": document.account_id, "sk": document.key, "kind": TRACKED, **dynamo.fields(document)}
        student = not_erased(self._account_table, document.account_id)
        taken = [self._taking(link, document.account_id)] if link else []
        try:
            dynamo.commit(self._client, dynamo.put_version(self._table, item), student, *taken)
        except Refused as refused:
            if _STUDENT in refused.found:
                raise StudentErased from refused
            raise (StaleDocument if _DOCUMENT in refused.found else LinkTaken) from refused

    def _taking(self, link: str, account_id: str) -> Write:
        """An erased account's link has no account any more, and is nobody's."""
        item = {**_link_key(link), "account_id": account_id}
        condition = "attribute_not_exists(#pk) OR #account_id = :account_id"
        return dynamo.put(self._table, item, condition, account_id=account_id)

    def linked(self, link: str) -> str | None:
        at = _link_key(link)
        found = dynamo.get(self._client, self._table, at["pk"], at["sk"])
        return found.get("account_id") if found else None

    def steps(self, scope: str) -> list[Entry]:
        rows = dynamo.every(self._client, self._all(scope))
        return [entry for row in rows if (entry := step_of_item(row)) is not None]

    def forget(self, account_id: str) -> None:
        # The links first: which they are, only the page says.
        taken = self.page(account_id).taken
        dynamo.put_many(self._client, self._table, [_link_key(link) for link in taken])
        while True:
            rows, _ = dynamo.query(self._client, self._all(account_id), _ROWS_AT_ONCE)
            if not rows:
                return
            dynamo.delete_many(self._client, self._table, [(row["pk"], row["sk"]) for row in rows])

    def _all(self, account_id: str) -> dict[str, Any]:
        return {"TableName": self._table, "ConsistentRead": True, **dynamo.under(account_id, "")}


def _models(rows: list[Item], prefix: str, model: type[M]) -> list[M]:
    return [dynamo.model_of(model, row) for row in rows if row["sk"].startswith(prefix)]


def _page(account_id: str, item: Item | None) -> Portfolio:
    return dynamo.model_of(Portfolio, item or {"account_id": account_id})


def _link_key(link: str) -> Item:
    return {"pk": f"{_LINK}#{link}", "sk": _LINK}
