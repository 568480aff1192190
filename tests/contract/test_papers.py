"""The Papers port."""

import hashlib
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from microintern.adapters.papers import S3Papers
from microintern.ports.agreements import Papers
from tests.contract.conftest import BOTH
from tests.contract.test_files import BUCKET, s3
from tests.twins.clock import MemoryClock
from tests.twins.files import MemoryPapers
from tests.unit.builders import NOW

__all__ = ["s3"]

AWARD = ("brief-1234", "application-1234")


@pytest.fixture(params=BOTH)
def papers(request: pytest.FixtureRequest) -> Papers:
    if request.param == "memory":
        return MemoryPapers(MemoryClock(NOW))
    return S3Papers(request.getfixturevalue("s3"), BUCKET)


def test_the_first_paper_of_an_edition_stays(papers: Papers) -> None:
    assert papers.editions(*AWARD) == []
    assert papers.keep(*AWARD, 4, b"first") is True
    assert papers.keep(*AWARD, 4, b"another") is False
    (kept,) = papers.editions(*AWARD)
    assert (kept.edition, kept.sha256, kept.size_bytes) == (4, hashlib.sha256(b"first").hexdigest(), 5)


def test_editions_are_in_order_and_those_of_another_award_are_not_among_them(papers: Papers) -> None:
    papers.keep("brief-1234", "application-5678", 4, b"of another student")
    papers.keep("brief-12345", "application-1234", 4, b"of another brief")
    for edition in (12, 4, 7):
        papers.keep(*AWARD, edition, b"%d" % edition)
    assert [paper.edition for paper in papers.editions(*AWARD)] == [4, 7, 12]


def test_a_link_leads_to_one_paper(papers: Papers) -> None:
    assert urlsplit(papers.url(*AWARD, 4, 120)).path.endswith("/agreements/brief-1234/application-1234/000004.pdf")


def test_on_s3_the_link_is_for_a_time_and_saves_a_pdf(s3: Any) -> None:
    query = parse_qs(urlsplit(S3Papers(s3, BUCKET).url(*AWARD, 4, 120)).query)
    assert query["X-Amz-Expires"] == ["120"]
    assert query["response-content-type"] == ["application/pdf"]
    assert query["response-content-disposition"][0].startswith('attachment; filename="agreement-brief-1234-4.pdf"')


def test_on_s3_what_cannot_be_kept_is_an_error(s3: Any) -> None:
    with pytest.raises(s3.exceptions.NoSuchBucket):
        S3Papers(s3, "no-such-bucket").keep(*AWARD, 4, b"first")
