"""Saved searches: each student's with the account, and where a brief that opens asks for them beside the index."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from microintern.adapters import dynamo
from microintern.adapters.accounts import SEARCHES, TRACKED
from microintern.adapters.dynamo import Refused, Write
from microintern.domain.base import fingerprint
from microintern.domain.searching import SavedSearch, SavedSearches, Watch
from microintern.ports.conditions import StaleDocument

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_ANY = "#"
"""Beside the searches filed under a term: says in a read by key that there may be some. It stays, and names nobody."""
_ROWS_PER_CALL = 500


def _filed(term: str) -> str:
    """Where searches are filed; as a hash, for what people look for is theirs."""
    return f"watch {fingerprint(term)}"


class DynamoSearches:
    """The Searches port on DynamoDB."""

    def __init__(self, client: "DynamoDBClient", search_table: str, account_table: str) -> None:
        self._client = client
        self._table = search_table
        self._account_table = account_table

    def of(self, account_id: str) -> SavedSearches:
        item = dynamo.get(self._client, self._account_table, account_id, SEARCHES)
        return dynamo.model_of(SavedSearches, {"account_id": account_id, **(item or {})})

    def save(self, after: SavedSearches, changed: SavedSearch) -> None:
        item = {"pk": after.account_id, "sk": SEARCHES, "kind": TRACKED, **dynamo.fields(after)}
        added = after.find(changed.search_id) is not None
        follows = self._file(after.account_id, changed) if added else [self._unfile(after.account_id, changed)]
        try:
            dynamo.commit(self._client, dynamo.put_version(self._account_table, item), *follows)
        except Refused as refused:
            raise StaleDocument from refused

    def watching(self, terms: Sequence[str]) -> Iterator[Watch]:
        keys = [(_filed(term), _ANY) for term in terms]
        for pk, _ in sorted(dynamo.get_many(self._client, self._table, keys, consistent=False)):
            request: dict[str, Any] = {"TableName": self._table, "Limit": _ROWS_PER_CALL, **dynamo.under(pk, "")}
            for item in dynamo.every(self._client, request):
                if item["sk"] != _ANY:
                    yield dynamo.model_of(Watch, item)

    def forget(self, account_id: str) -> None:
        keys = [(_filed(s.filed_under), f"{account_id}#{s.search_id}") for s in self.of(account_id).searches]
        dynamo.delete_many(self._client, self._table, keys)

    def _file(self, account_id: str, search: SavedSearch) -> list[Write]:
        pk = _filed(search.filed_under)
        fields = {"search_id": search.search_id, "name": search.name, "wanted": search.wanted}
        watch = Watch.model_validate({"account_id": account_id, **fields})
        row = {"pk": pk, "sk": f"{account_id}#{search.search_id}", **dynamo.fields(watch)}
        return [dynamo.put_over(self._table, row), dynamo.put_over(self._table, {"pk": pk, "sk": _ANY})]

    def _unfile(self, account_id: str, search: SavedSearch) -> Write:
        at = dynamo.key(_filed(search.filed_under), f"{account_id}#{search.search_id}")
        return {"Delete": {"TableName": self._table, "Key": at}}
