"""What stands on a page: what was chosen, and of what is the employer's only what it consents to."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from microintern.domain.documents import FileStatus, ScanStatus
from microintern.domain.portfolio import (
    MOST_SHOWN,
    Consent,
    Facts,
    Handle,
    Kept,
    PageChoices,
    Portfolio,
    Shown,
    ShownFile,
    exhibits,
)
from tests.contract import examples
from tests.unit.builders import NOW, ORGANISATION, STUDENT, a_posting

FILE = ShownFile(
    file_id="file-000001", name="t.csv", media_type="text/csv", size_bytes=1, sha256="A" * 43 + "=", version_id="v1"
)


def shown(number: int = 1, *, public: bool = True, quote: bool = True) -> Shown:
    asked = a_posting().model_dump(include={"title", "goals", "field", "skills", "hours"})
    facts = Facts(
        **asked, accepted_at=NOW + timedelta(hours=number), by_silence=False, employer_name="Acme", files=[FILE]
    )
    choices = PageChoices(public=public, show_quote=quote, file_ids=[FILE.file_id])
    return Shown(account_id=STUDENT, brief_id=f"brief-{number:06d}", choices=choices, facts=facts if public else None)


def consent(number: int = 1, *, files: bool = True, quote: str | None = "Good.") -> Consent:
    who: dict[str, Any] = {"account_id": STUDENT, "brief_id": f"brief-{number:06d}", "employer_id": ORGANISATION}
    return Consent(**who, files=files, quote=quote, decided_at=NOW)


def a_page(chosen: list[Shown], consents: list[Consent]) -> Kept:
    return Kept(
        Portfolio(account_id=STUDENT),
        {each.brief_id: each for each in chosen},
        {each.brief_id: each for each in consents},
    )


@given(st.booleans(), st.booleans(), st.none() | st.booleans(), st.none() | st.just("Good."))
def test_nothing_is_shown_that_was_not_chosen_and_consented_to(
    public: bool, wants_quote: bool, files: bool | None, quote: str | None
) -> None:
    consents = [] if files is None else [consent(files=files, quote=quote)]
    found = exhibits(a_page([shown(public=public, quote=wants_quote)], consents))
    assert len(found) == public
    for exhibit in found:
        assert bool(exhibit.facts.files) == bool(files)
        assert (exhibit.quote is not None) == bool(wants_quote and consents and quote)


def test_a_consent_is_for_its_own_brief_only() -> None:
    (exhibit,) = exhibits(a_page([shown(1)], [consent(2)]))
    assert (exhibit.facts.files, exhibit.quote) == ([], None)


def test_the_newest_come_first_up_to_a_bound() -> None:
    found = exhibits(a_page([shown(number) for number in range(1, MOST_SHOWN + 5)], []))
    assert [e.brief_id for e in found] == [f"brief-{n:06d}" for n in range(MOST_SHOWN + 4, 4, -1)]


def test_whose_words_they_are_is_said_where_the_employer_is_named() -> None:
    (named,) = exhibits(a_page([shown()], [consent()]))
    assert named.quote
    assert named.quote.by == "Acme"
    hidden = shown()
    assert hidden.facts
    hidden = hidden.model_copy(update={"facts": hidden.facts.model_copy(update={"employer_name": None})})
    (unnamed,) = exhibits(a_page([hidden], [consent()]))
    assert unnamed.quote
    assert unnamed.quote.by is None


@pytest.mark.parametrize("handle", ["amara", "amara-okafor", "a1-b2-c3", "x" * 24])
def test_handles_that_can_be_chosen(handle: str) -> None:
    assert TypeAdapter[str](Handle).validate_python(handle) == handle


@pytest.mark.parametrize(
    "handle", ["", "four", "x" * 25, "Amara", "a--mara", "-amara", "amara-", "amara_o", "é" * 5, "a/b/c"]
)
def test_handles_that_cannot(handle: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter[str](Handle).validate_python(handle)


def test_no_file_stands_twice() -> None:
    with pytest.raises(ValidationError, match="stands twice"):
        PageChoices(file_ids=["file-000001", "file-000001"])


@pytest.mark.parametrize("status", FileStatus)
@pytest.mark.parametrize("scan", ScanStatus)
@pytest.mark.parametrize("version_id", ["v1", "v2", None])
def test_a_file_is_what_was_handed_in_only_while_it_is_received_and_clean(
    status: FileStatus, scan: ScanStatus, version_id: str | None
) -> None:
    stored = examples.file(examples.brief()).model_copy(
        update={"status": status, "scan": scan, "version_id": version_id}
    )
    still = (status, scan, version_id) == (FileStatus.RECEIVED, ScanStatus.CLEAN, "v1")
    assert FILE.is_still(stored) == still
    assert not FILE.is_still(None)
