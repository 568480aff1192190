"""The Audit port: what was noticed stays as it was first noted."""

from datetime import timedelta

import pytest

from microintern.domain.audit import AuditEntry, Finding, entry
from microintern.ports.dead_letters import Redrive, Redriven
from microintern.ports.trail import Audit
from tests.contract.examples import NOW
from tests.contract.test_briefs import walk


def noted(number: int, finding: Finding = Finding.OUT_OF_BALANCE, minutes: int | None = None) -> AuditEntry:
    at = NOW + timedelta(minutes=number if minutes is None else minutes)
    return entry(finding, f"brief-{number:06d}", "kept 1, rebuilt 0", at, kept=number, currency="USD")


def test_the_same_thing_noticed_again_is_not_written_again(audit: Audit) -> None:
    first = noted(1)
    assert not audit.has(first.entry_id)
    assert audit.note(first)
    assert audit.has(first.entry_id)
    assert not audit.note(first.model_copy(update={"at": NOW + timedelta(days=1)}))
    assert audit.entries(needs_person=True, limit=5).items == [first]


def test_an_answer_stays_as_it_was_first_kept(audit: Audit) -> None:
    first = Redrive(key="key-1", body="body", queues=[Redriven(queue="notify", redriven=2)])
    assert audit.redrive("key-1") is None
    assert audit.answered(first) == first
    assert audit.answered(first.model_copy(update={"queues": []})) == first
    assert audit.redrive("key-1") == first
    assert audit.redrive("key-2") is None
    assert audit.entries(needs_person=False, limit=5).items == []


def test_what_needs_a_person_is_listed_apart(audit: Audit) -> None:
    alarming, routine = noted(1), noted(2, Finding.WEBHOOK_APPLIED)
    for one in (alarming, routine):
        audit.note(one)
    assert audit.entries(needs_person=True, limit=5).items == [alarming]
    assert audit.entries(needs_person=False, limit=5).items == [routine]


@pytest.mark.parametrize("limit", [1, 2, 3, 10])
def test_the_newest_come_first_page_by_page(audit: Audit, limit: int) -> None:
    for number in (3, 1, 5, 2, 4):
        audit.note(noted(number))
        audit.note(noted(number, Finding.WEBHOOK_APPLIED))
    pages = walk(lambda after: audit.entries(needs_person=True, limit=limit, after=after))
    assert [e.subject[-1] for page in pages for e in page.items] == ["5", "4", "3", "2", "1"]


@pytest.mark.parametrize("limit", [1, 2, 10])
def test_what_was_noticed_at_the_same_instant_is_each_shown_once(audit: Audit, limit: int) -> None:
    for number in range(5):
        audit.note(noted(number, minutes=0))
    pages = walk(lambda after: audit.entries(needs_person=True, limit=limit, after=after))
    assert sorted(e.subject[-1] for page in pages for e in page.items) == ["0", "1", "2", "3", "4"]
