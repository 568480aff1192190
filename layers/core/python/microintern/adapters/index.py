"""What briefs are found by: an inverted index in a table of its own, with what is filtered by in every row.

One row for each term that a brief is found by, in the order in which briefs close; DynamoDB takes it away after that.
A search reads the list of one of its terms and has DynamoDB check the others in each row. Which list that is needs no
statistics: a few rows of each show which reaches furthest, and whatever fits stands in every one of them.
"""

import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from microintern.adapters import dynamo
from microintern.adapters.briefs import FILTERS
from microintern.adapters.dynamo import Item
from microintern.domain.base import iso
from microintern.domain.searching import EVERYTHING, Listed, Wanted
from microintern.ports.paging import Page, Position

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

FIRST_ROWS = 40
"""What is read of each list before one of them is chosen; 101 for the largest page."""
ROWS_PER_QUERY = 150
QUERIES_PER_PAGE = 4
"""Of the chosen list, beside its first rows: then the page is handed out as it is."""
_END = "~"
"""Comes after all instants."""


class _Part(NamedTuple):
    """Some of a list: what fits in it, and the key of the last row that was read; the end of all if it is over."""

    fitting: list[Item]
    reaches: str
    rows: int


def mark_of(word: str) -> str:
    """24 bits of a hash in 4 characters: what a row has of the other words, and the odds that one stands for two."""
    return base64.urlsafe_b64encode(hashlib.sha256(word.encode()).digest()[:3]).decode()


class DynamoIndex:
    """The Index port on DynamoDB."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def keep(self, brief: Listed) -> None:
        dynamo.put_many(self._client, self._table, _rows(brief))

    def find(self, wanted: Wanted, now: datetime, limit: int, after: Position | None = None) -> Page:
        since = max(iso(now), iso(wanted.closes_after) if wanted.closes_after else "")
        since = max(since, f"{after.sort}#{after.item} ") if after else since
        until = f"{iso(wanted.closes_before)}{_END}" if wanted.closes_before else _END
        if since > until:
            return Page(items=[])
        most = max(FIRST_ROWS, limit + 1)
        parts = {term: self._read(term, wanted, since, until, most) for term in wanted.terms or [EVERYTHING]}
        term, part = max(parts.items(), key=lambda found: found[1].reaches)
        found, reaches = list(part.fitting), part.reaches
        for _ in range(QUERIES_PER_PAGE):
            if len(found) > limit or reaches == _END:
                break
            part = self._read(term, wanted, f"{reaches} ", until, ROWS_PER_QUERY)
            found, reaches = [*found, *part.fitting], part.reaches
        if len(found) > limit:
            found, reaches = found[:limit], found[limit - 1]["sk"]
        return Page(items=[_brief_id(row["sk"]) for row in found], next=None if reaches == _END else _position(reaches))

    def rarest(self, terms: Sequence[str], now: datetime) -> str:
        parts = {term: self._read(term, Wanted(), iso(now), _END, FIRST_ROWS) for term in terms}
        whole = [term for term in terms if parts[term].reaches == _END]
        if whole:
            return min(whole, key=lambda term: parts[term].rows)
        return max(terms, key=lambda term: parts[term].reaches)

    def _read(self, term: str, wanted: Wanted, since: str, until: str, rows: int) -> _Part:
        """Up to so many rows of a term's list, and what fits among them."""
        asked = dynamo.fields(wanted)
        filters = [text for name, text in FILTERS.items() if name in asked]
        filters += ["#first_timer_places > :none"] if wanted.for_first_timers else []
        marks = {f"word_{place}": mark_of(word) for place, word in enumerate(wanted.words)}
        filters += [f"contains(#words, :{name})" for name in marks]
        values = {"pk": term, "since": since, "until": until, **marks} | {n: asked[n] for n in FILTERS if n in asked}
        values |= {"none": 0} if wanted.for_first_timers else {}
        texts = {"KeyCondition": "#pk = :pk AND #sk BETWEEN :since AND :until"}
        texts |= {"Filter": " AND ".join(filters)} if filters else {}
        request = dynamo.expressions(values, **texts)
        answer: dict[str, Any] = dict(self._client.query(TableName=self._table, Limit=rows, **request))
        last = answer.get("LastEvaluatedKey")
        fitting = [dynamo.unpacked(item) for item in answer["Items"]]
        return _Part(fitting, dynamo.unpacked(last)["sk"] if last else _END, answer["ScannedCount"])


def _rows(brief: Listed) -> list[Item]:
    """What a brief is found by; it says of each word as much as tells it from others."""
    facts = brief.model_dump(mode="json", include={"field", "skills", "hours", "pay_minor", "currency"})
    facts |= {"first_timer_places": brief.first_timer_places, "forget_at": int(brief.closes_at.timestamp())}
    facts |= {"words": frozenset(map(mark_of, brief.words))} if brief.words else {}
    sk = f"{iso(brief.closes_at)}#{brief.brief_id}"
    return [{"pk": term, "sk": sk, **facts} for term in brief.terms]


def _brief_id(sk: str) -> str:
    return sk.partition("#")[2]


def _position(sk: str) -> Position:
    closes_at, _, brief_id = sk.partition("#")
    return Position(sort=closes_at, item=brief_id)
