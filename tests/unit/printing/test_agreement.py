"""The paper of an agreement: everything is on it, in any script, and the same gives the same bytes."""

from datetime import timedelta
from typing import Any

import pypdfium2
import pytest

from microintern.domain.agreements import Agreed, Agreement, Amended, Party
from microintern.printing.agreement import pdf_of
from tests.unit.builders import BRIEF, NOW, POLICY, a_posting

pytestmark = pytest.mark.slow

EMPLOYER = Party(
    party_id="organisation-1",
    name="Open Wages Institute",
    mailing_address="120 Broadway\nNew York, NY 10271",
    accepted_by="employer-1234",
    accepted_at=NOW,
)
STUDENT = Party(
    party_id="student-1234",
    name="Amara Okafor",
    mailing_address="7 Elm Street\nAlbany, NY 12207",
    accepted_by="student-1234",
    accepted_at=NOW - timedelta(hours=2),
)


def an_agreement(**changes: Any) -> Agreement:
    posting = a_posting().model_copy(update=changes.pop("posting", {}))
    agreed = Agreed.now(BRIEF, posting, POLICY)
    made: dict[str, Any] = {"application_id": "application-1", "edition": 4, "made_at": NOW, "posting": posting}
    parties = {"employer": EMPLOYER, "student": STUDENT}
    return Agreement.model_validate({"brief_id": BRIEF, "agreed": agreed, **made, **parties, **changes})


def words_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return " ".join(" ".join(page.get_textpage().get_text_range() for page in document).split())


def named(name: str) -> Agreement:
    return an_agreement(student=STUDENT.model_copy(update={"name": name}))


def test_everything_that_the_law_asks_for_is_on_it() -> None:
    made, text = an_agreement(), words_of(pdf_of(an_agreement()))
    for party in (EMPLOYER, STUDENT):
        assert (party.name or "") in text
        assert " ".join((party.mailing_address or "").split()) in text
        assert f"by the account {party.accepted_by}" in text
    for deliverable in made.posting.deliverables:
        assert f"{deliverable.name} (required, included in the price)" in text
    assert "worth 300.00 USD, a fixed price" in text
    assert "sent to the payout account of the student" in text
    assert "handed in by 2027-03-26T21:00:00.000Z (2027-03-26T17:00:00-04:00, America/New_York)" in text
    assert "on 2027-04-09T21:00:00.000Z at the latest" in text
    assert "cancels after the award: 75.00 USD" in text
    assert made.agreed.sha256 in text
    for clause in made.agreed.terms.clauses:
        assert clause.title in text
    assert "not legal advice" in text
    assert "Confidentiality" not in text


def test_an_amendment_that_moves_the_deadline_says_until_when_is_paid_then() -> None:
    made = an_agreement()
    due_at = made.posting.timeline.submission_due_at + timedelta(days=60)
    shared: dict[str, Any] = {"reason": "The data came late.", "proposed_by": "student-1234", "proposed_at": NOW}
    shared |= {"accepted_by": "employer-1234", "accepted_at": NOW}
    amended = [
        Amended(number=1, scope=None, submission_due_at=due_at, **shared),
        Amended(number=2, scope="No chart is needed.", submission_due_at=None, **shared),
    ]
    text = words_of(pdf_of(made.model_copy(update={"amendments": amended})))
    moved = text[text.index("Amendment 1") : text.index("Amendment 2")]
    assert "handed in by 2027-05-25T21:00:00.000Z (2027-05-25T17:00:00-04:00, America/New_York) instead" in moved
    assert "due on 2027-06-08T21:00:00.000Z at the latest" in moved
    assert text.count("at the latest") == 2


def test_confidentiality_is_on_it_when_it_was_asked_for() -> None:
    assert "Confidentiality" in words_of(pdf_of(an_agreement(posting={"confidential": True})))


def test_what_was_not_given_is_said_to_be_missing() -> None:
    text = words_of(pdf_of(an_agreement(student=STUDENT.model_copy(update={"name": None, "mailing_address": None}))))
    assert "name not given" in text
    assert "Mailing address: not given" in text


@pytest.mark.parametrize("name", ["Amara Okafor", "王小明 김민수 さくら"])
def test_the_same_agreement_is_the_same_bytes(name: str) -> None:
    assert pdf_of(named(name)) == pdf_of(named(name))


@pytest.mark.parametrize("name", ["Žofia Nováková", "Ελένη", "Иван Ёлкин", "王小明", "山田さくら", "김민수", "สมชาย"])
def test_names_are_written_in_their_own_script(name: str) -> None:
    assert name in words_of(pdf_of(named(name)))


def test_lines_of_an_address_stay_lines_and_what_no_font_has_is_spelled_out() -> None:
    text = words_of(pdf_of(an_agreement(student=STUDENT.model_copy(update={"mailing_address": "A 1\nB 2 \U0001f600"}))))
    assert "A 1 B 2 [grinning face]" in text
