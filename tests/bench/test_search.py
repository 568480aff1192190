"""What a search reads is bounded, whatever is looked for and however many briefs are open."""

from typing import Any

import pytest
from moto import mock_aws

from microintern.adapters import dynamo, index
from tests.bench.search import SEARCHES, Row, SortedTable, measure, rows_of
from tests.contract import tables
from tests.contract.conftest import service
from tests.unit.builders import NOW

SIZES = (300, 5_000)
MOST_UNITS = 110
"""Of the index for one page; docs/performance.md has the same at 100,000 briefs."""


@pytest.fixture(scope="module")
def read() -> dict[int, dict[str, Row]]:
    return {size: measure(size) for size in SIZES}


@pytest.mark.parametrize("size", SIZES)
def test_no_page_reads_more_than_this(read: dict[int, dict[str, Row]], size: int) -> None:
    for name, wanted in SEARCHES.items():
        row, lists = read[size][name], max(1, len(wanted.terms))
        assert row["most_units"] <= MOST_UNITS, name
        assert row["calls"] <= lists + index.QUERIES_PER_PAGE, name
        assert row["rows"] <= lists * index.FIRST_ROWS + index.QUERIES_PER_PAGE * index.ROWS_PER_QUERY, name


def test_what_most_briefs_have_fills_its_page_with_what_few_rows_hold(read: dict[int, dict[str, Row]]) -> None:
    row = read[SIZES[-1]]["a word of most briefs"]
    assert (row["calls"], row["found"]) == (1, 20)
    assert row["units"] <= 5


def test_the_rarer_word_decides_what_is_read(read: dict[int, dict[str, Row]]) -> None:
    for size in SIZES:
        alone, together = read[size]["a word of few"], read[size]["the two together"]
        assert together["units"] <= alone["units"] + 5


def test_the_sorted_lists_answer_as_moto_does() -> None:
    """Whatever is measured on them is what the adapter does on a table."""
    rows = list(rows_of(60))
    with mock_aws():
        client: Any = service("dynamodb")
        tables.make(client)
        dynamo.put_many(client, tables.SEARCH, rows)
        for name, wanted in SEARCHES.items():
            lists: Any = SortedTable(rows)
            pages = [index.DynamoIndex(each, tables.SEARCH).find(wanted, NOW, 10) for each in (client, lists)]
            assert pages[0] == pages[1], name
