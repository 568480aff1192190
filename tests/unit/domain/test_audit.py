"""The audit trail: the same thing noticed again is the same entry."""

import pytest

from microintern.domain.audit import PERSON_NEEDED, Finding, entry
from tests.unit.builders import BRIEF, NOW, seconds


def test_an_entrys_id_follows_from_what_it_says_and_not_from_when() -> None:
    first = entry(Finding.STATUS_DIFFERS, BRIEF, "why", NOW, there=1, here="x")
    again = entry(Finding.STATUS_DIFFERS, BRIEF, "why", NOW + seconds(5), here="x", there=1)
    assert first.entry_id == again.entry_id


def test_whatever_an_entry_says_differently_makes_it_another_one() -> None:
    entries = [
        entry(Finding.STATUS_DIFFERS, BRIEF, "why", NOW),
        entry(Finding.AMOUNT_DIFFERS, BRIEF, "why", NOW),
        entry(Finding.STATUS_DIFFERS, "another", "why", NOW),
        entry(Finding.STATUS_DIFFERS, BRIEF, "why not", NOW),
        entry(Finding.STATUS_DIFFERS, BRIEF, "why", NOW, count=1),
        entry(Finding.STATUS_DIFFERS, BRIEF, "why", NOW, count=2),
    ]
    assert len({one.entry_id for one in entries}) == len(entries)


@pytest.mark.parametrize("finding", Finding)
def test_a_person_is_needed_for_what_the_system_cannot_put_right(finding: Finding) -> None:
    routine = finding.startswith("webhook_") or finding in {
        "decision_refused",
        "evidence_read",
        "payout_failed",
        "reconciled",
        "redriven",
    }
    assert entry(finding, BRIEF, "why", NOW).needs_person == (not routine) == (finding in PERSON_NEEDED)
