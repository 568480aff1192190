"""The page of a credential: what people wrote is text on it, and nothing more."""

import re
from datetime import UTC, datetime

import pytest

from microintern.domain.credentials import Choices, Credential, CredentialState
from microintern.domain.states import Role
from microintern.domain.status_lists import Place
from microintern.domain.trail import Event
from microintern.web.credential_page import page
from tests.unit.badging.test_picture import work

AT = datetime(2026, 12, 1, tzinfo=UTC)
HOSTILE = "a < b & \"c\" '$title' ${id}"
DOCUMENT = {"credentialSubject": {"identifier": [{"hashed": False, "identityHash": HOSTILE}]}}


def a_credential(**changes: object) -> Credential:
    event = Event(type="credential.issued", at=AT, role=Role.SERVER)
    known = {"credential_id": "a-credential", "brief_id": "brief-000001", "place": Place(number=0, index=1)}
    made = Credential.model_validate({**known, "issued_at": AT, "event": event, "choices": Choices(public=True)})
    return made.model_copy(update={"work": work(), **changes})


@pytest.mark.parametrize("field", ["title", "goals", "employer_name"])
def test_what_people_wrote_is_text(field: str) -> None:
    html = page(a_credential(work=work(**{field: HOSTILE})), DOCUMENT)
    assert "a &lt; b &amp; &quot;c&quot; &#x27;$title&#x27; ${id}" in html
    assert HOSTILE not in html


def test_what_is_not_to_be_shown_is_not_on_it() -> None:
    shown = page(a_credential(choices=Choices(public=True, show_employer=False, show_scores=False)), DOCUMENT)
    assert "Acme" not in shown
    assert "The scores are not shown" in shown


def test_silence_is_told_as_such() -> None:
    html = page(a_credential(work=work(by_silence=True, scores={}, score_percent=None)), DOCUMENT)
    assert "Nobody objected" in html
    assert "Level reached" not in html


def test_a_revoked_one_is_told_as_such_and_not_by_colour_alone() -> None:
    html = page(a_credential(state=CredentialState.REVOKED, revoked_at=AT), DOCUMENT)
    assert "<strong>Revoked</strong> on 01 December 2026" in html
    assert "<strong>Valid" not in html


def test_it_can_be_read_aloud() -> None:
    html = page(a_credential(), DOCUMENT)
    assert '<html lang="en">' in html
    assert re.findall(r"<h(\d)", html) == ["1", "2", "2", "2"]
    assert html.count('<th scope="') == 3 + len(work().rubric)
    assert "<caption>" in html
    assert all('alt="' in image for image in re.findall(r"<img[^>]*>", html))
