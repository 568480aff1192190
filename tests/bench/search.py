"""What a search reads of the index, at 1,000, 10,000 and 100,000 open briefs, in units as DynamoDB counts them.

Briefs have some hundred words of a vocabulary that is used as people use one: the commonest words stand in most briefs,
most words in few. Only the lists that the searches read are filled in, as the others are never touched. The table is
sorted lists that answer the adapter's own queries, for moto takes minutes; a test holds it against moto.
usage: python -m tests.bench.search [SIZE …]
"""

import json
import math
import random
import re
import sys
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import accumulate
from operator import eq, ge, gt, itemgetter, le
from typing import Any

from microintern.adapters import index
from microintern.adapters.dynamo import Item, packed, unpacked
from microintern.domain.posting import FieldOfWork
from microintern.domain.searching import EVERYTHING, Listed, Wanted
from microintern.ports.paging import Page, Position
from tests.unit.builders import NOW

SIZES = (1_000, 10_000, 100_000)
WORDS, WORDS_WRITTEN = 20_000, 150
"""Of the vocabulary, and of a brief; what comes twice is listed once."""
_FIELDS = list(FieldOfWork)[:5]
_SKILLS = ("python", "excel", "figma", "sql", "charts", "editing", "surveys", "html")
ONLY_IN_DATA = "ledger"
"""A word of every brief of one field and of no other."""
_UNIT_BYTES = 4_096
_PAGE = 20

SEARCHES: dict[str, Wanted] = {
    "a word of most briefs": Wanted(words=["w0"]),
    "a word of few": Wanted(words=["w9000"]),
    "the two together": Wanted(words=["w0", "w9000"]),
    "two words of most": Wanted(words=["w0", "w1"]),
    "three that many have": Wanted(words=["w50", "w60", "w70"]),
    "eight words": Wanted(words=[f"w{number}" for number in range(0, 80, 10)]),
    "a skill and the least pay": Wanted(skill="sql", pay_at_least_minor=45_000),
    "a word and pay that none offers": Wanted(words=["w0"], pay_at_least_minor=10**9),
    "two that never meet": Wanted(words=[ONLY_IN_DATA], field=FieldOfWork.DESIGN),
    "no word, a filter": Wanted(hours_at_most=10),
}

Row = dict[str, float]


def briefs(number: int, seed: int = 7) -> Iterator[Listed]:
    """Open briefs, the next to close first."""
    rng = random.Random(seed)
    # By the law of Zipf and Mandelbrot, of which words that stand everywhere were taken out.
    weights = list(accumulate(1 / (rank + 20) for rank in range(WORDS)))
    names = [f"w{rank}" for rank in range(WORDS)]
    for place in range(number):
        field = rng.choice(_FIELDS)
        words = dict.fromkeys(rng.choices(names, cum_weights=weights, k=WORDS_WRITTEN))
        facts: dict[str, Any] = {
            "brief_id": f"brief{place:021d}",
            "version": 3,
            "open": True,
            "closes_at": NOW + timedelta(minutes=place + 1),
            "field": field,
            "skills": rng.sample(_SKILLS, 3),
            "hours": rng.randint(5, 40),
            "pay_minor": rng.randint(10_000, 60_000),
            "currency": "USD",
            "first_timer_places": rng.choice((0, 0, 1)),
            "words": [*([ONLY_IN_DATA] if field is FieldOfWork.DATA else []), *words],
        }
        yield Listed.model_construct(**facts)


class SortedTable:
    """Answers the queries of the index as DynamoDB does, and adds up what they read: calls, rows and units."""

    def __init__(self, rows: Iterable[Item]) -> None:
        self._lists: dict[str, list[tuple[str, Item, int]]] = {}
        for row in rows:
            self._lists.setdefault(row["pk"], []).append((row["sk"], row, _size_bytes(packed(row))))
        for found in self._lists.values():
            found.sort(key=_SORT_KEY)
        self.begin()

    def begin(self) -> None:
        """Count anew."""
        self.calls = self.rows = 0
        self.units = 0.0

    def query(self, **request: Any) -> Any:
        """Rows of a list between two sort keys, up to a limit, of which those are given that pass the filter."""
        values = unpacked(request["ExpressionAttributeValues"])
        found = self._lists.get(values[":pk"], [])
        first = bisect_left(found, values[":since"], key=_SORT_KEY)
        beyond = bisect_right(found, values[":until"], key=_SORT_KEY)
        read = found[first : min(beyond, first + request["Limit"])]
        self.calls += 1
        self.rows += len(read)
        self.units += max(1, math.ceil(sum(size for _, _, size in read) / _UNIT_BYTES)) / 2
        holds = [_holds(text, values) for text in filter(None, request.get("FilterExpression", "").split(" AND "))]
        fitting = [packed(row) for _, row, _ in read if all(each(row) for each in holds)]
        answer: dict[str, Any] = {"Items": fitting, "ScannedCount": len(read)}
        if len(read) == request["Limit"]:
            answer["LastEvaluatedKey"] = packed({"pk": values[":pk"], "sk": read[-1][0]})
        return answer


_SORT_KEY = itemgetter(0)
_COMPARED: dict[str, Callable[[Any, Any], bool]] = {"=": eq, ">=": ge, "<=": le, ">": gt}


def _holds(text: str, values: Item) -> Callable[[Item], bool]:
    """One condition of the filters that the index makes."""
    if inner := re.fullmatch(r"contains\(#(\w+), (:\w+)\)", text):
        name, wanted = inner[1], values[inner[2]]
        return lambda row: wanted in row.get(name, ())
    name, sign, value = text.removeprefix("#").split(" ")
    return lambda row: _COMPARED[sign](row[name], values[value])


def rows_of(number: int) -> Iterator[Item]:
    """What the searches read of so many briefs."""
    read = {term for wanted in SEARCHES.values() for term in (wanted.terms or [EVERYTHING])}
    for brief in briefs(number):
        yield from (row for row in index._rows(brief) if row["pk"] in read)


def _size_bytes(item: dict[str, Any]) -> int:
    """As DynamoDB counts: names and values; three bytes for a list or a set, and one for each of their elements."""
    return sum(len(name) + _value_bytes(value) for name, value in item.items())


def _value_bytes(attribute: dict[str, Any]) -> int:
    ((kind, value),) = attribute.items()
    match kind:
        case "S":
            return len(value.encode())
        case "N":
            return len(value) // 2 + 2
        case "L":
            return 3 + sum(1 + _value_bytes(each) for each in value)
        case "SS":
            return 3 + sum(1 + len(each) for each in value)
        case _:
            return 1


def measured(table: SortedTable, wanted: Wanted, after: Position | None = None) -> tuple[Row, Page]:
    """What a page of a search reads of the index, and the page."""
    table.begin()
    page = index.DynamoIndex(table, "any").find(wanted, NOW, _PAGE, after)  # type: ignore[arg-type]
    return {"calls": table.calls, "rows": table.rows, "units": table.units, "found": len(page.items)}, page


def measure(number: int) -> dict[str, Row]:
    """The first page of each search, at this size; with the most that any of its first five pages reads."""
    table, found = SortedTable(rows_of(number)), dict[str, Row]()
    for name, wanted in SEARCHES.items():
        first, page = measured(table, wanted)
        most, position = first["units"], page.next
        for _ in range(4):
            if position is None:
                break
            row, page = measured(table, wanted, position)
            most, position = max(most, row["units"]), page.next
        found[name] = {**first, "most_units": most}
    return found


def main(sizes: Sequence[int]) -> None:
    """Print a row for each search, and all of it as JSON at last."""
    table = {size: measure(size) for size in sizes}
    print(f"{'':34}" + "".join(f"{size:>24,}" for size in sizes))
    for name in SEARCHES:
        cells = (table[size][name] for size in sizes)
        print(f"{name:34}" + "".join(f"{c['units']:>8} / {c['most_units']:>5} ({c['found']:>2}) " for c in cells))
    print(json.dumps(table))


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or SIZES)
