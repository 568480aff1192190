"""The Portfolios port."""

from typing import Any

import pytest

from microintern.domain.brief import Command
from microintern.domain.portfolio import Consent, PageChoices, Portfolio, Shown, hashed
from microintern.domain.standing import Standing, StandingState
from microintern.domain.states import Role
from microintern.ports.accounts import Standings
from microintern.ports.conditions import StaleDocument, StudentErased
from microintern.ports.portfolios import LinkTaken, Portfolios
from tests.contract.examples import EMPLOYER, NOW, STUDENT

BY = Command(actor_id=STUDENT, role=Role.STUDENT, key="key", body="body")
OTHER = "student-0002"
BRIEF = "brief-000001"
LINK = hashed("amara-okafor")


def a_page(account_id: str = STUDENT, version: int = 1, **changes: Any) -> Portfolio:
    event = BY.did("portfolio.saved", NOW)
    return Portfolio(account_id=account_id, version=version, event=event, done=["key body"], **changes)


def a_choice(version: int = 1, **changes: Any) -> Shown:
    made: dict[str, Any] = {"choices": PageChoices(public=True), "event": BY.did("portfolio.chosen", NOW)}
    return Shown(account_id=STUDENT, brief_id=BRIEF, version=version, **{**made, **changes})


def a_consent(version: int = 1, brief_id: str = BRIEF) -> Consent:
    who: dict[str, Any] = {"account_id": STUDENT, "brief_id": brief_id, "employer_id": EMPLOYER}
    event = BY.did("consent.decided", NOW)
    return Consent(**who, files=True, quote="Größe!", decided_at=NOW, version=version, event=event)


def test_of_nobody_there_is_an_empty_page(portfolios: Portfolios) -> None:
    assert portfolios.read(STUDENT) == (Portfolio(account_id=STUDENT), {}, {})
    assert portfolios.page(STUDENT) == Portfolio(account_id=STUDENT)
    assert portfolios.of_brief(STUDENT, BRIEF) == (None, None)
    assert (portfolios.linked(LINK), portfolios.steps(STUDENT)) == (None, [])


def test_all_of_a_page_is_read_together_and_in_parts(portfolios: Portfolios) -> None:
    page, choice, consent = a_page(about="Charts."), a_choice(), a_consent()
    for document in (page, choice, consent):
        portfolios.save(document)
    portfolios.save(a_page(OTHER))
    assert portfolios.read(STUDENT) == (page, {BRIEF: choice}, {BRIEF: consent})
    assert portfolios.page(STUDENT) == page
    assert portfolios.of_brief(STUDENT, BRIEF) == (choice, consent)
    assert portfolios.of_brief(STUDENT, "brief-000002") == (None, None)
    assert portfolios.read(OTHER).shown == {}


def test_each_is_written_over_its_version_before_only(portfolios: Portfolios) -> None:
    makes: tuple[Any, ...] = (lambda v: a_page(version=v), a_choice, a_consent)
    for make in makes:
        with pytest.raises(StaleDocument):
            portfolios.save(make(2))
        portfolios.save(make(1))
        for late in (1, 3):
            with pytest.raises(StaleDocument):
                portfolios.save(make(late))
        portfolios.save(make(2))
    assert {step.version for step in portfolios.steps(STUDENT)} == {2}


def test_the_steps_are_those_of_everything_on_it(portfolios: Portfolios) -> None:
    documents: list[Portfolio | Shown | Consent] = [a_page(), a_choice(), a_consent()]
    for document in documents:
        portfolios.save(document)
    found = {step.subject: step for step in portfolios.steps(STUDENT)}
    assert found == {document.key: document.entry for document in documents}


def test_a_link_is_one_accounts_for_good(portfolios: Portfolios) -> None:
    portfolios.save(a_page(), LINK)
    assert portfolios.linked(LINK) == STUDENT
    with pytest.raises(LinkTaken):
        portfolios.save(a_page(OTHER), LINK)
    assert portfolios.page(OTHER).version == 0
    portfolios.save(a_page(version=2))
    with pytest.raises(LinkTaken):
        portfolios.save(a_page(OTHER), LINK)
    portfolios.save(a_page(version=3), LINK)
    assert portfolios.linked(LINK) == STUDENT


def test_with_a_stale_page_no_link_is_taken(portfolios: Portfolios) -> None:
    with pytest.raises(StaleDocument):
        portfolios.save(a_page(version=2), LINK)
    assert portfolios.linked(LINK) is None


@pytest.mark.parametrize("state", StandingState)
def test_of_who_was_erased_nothing_is_written(
    portfolios: Portfolios, standings: Standings, state: StandingState
) -> None:
    standings.save(Standing(account_id=STUDENT, state=state, since=NOW, version=1))
    for document in (a_page(), a_choice(), a_consent()):
        if state is StandingState.ERASED:
            with pytest.raises(StudentErased):
                portfolios.save(document, LINK if isinstance(document, Portfolio) else None)
        else:
            portfolios.save(document)
    assert bool(portfolios.steps(STUDENT)) == (state is not StandingState.ERASED)
    assert portfolios.linked(LINK) is None


def test_what_is_forgotten_is_gone_and_its_links_stay_taken(portfolios: Portfolios) -> None:
    portfolios.save(a_page(taken=[LINK]), LINK)
    portfolios.save(a_choice())
    for number in range(30):
        portfolios.save(a_consent(brief_id=f"brief-{number:06d}"))
    portfolios.save(a_page(OTHER))
    for _ in range(2):
        portfolios.forget(STUDENT)
        assert portfolios.read(STUDENT) == (Portfolio(account_id=STUDENT), {}, {})
        assert (portfolios.linked(LINK), portfolios.steps(STUDENT)) == (None, [])
    with pytest.raises(LinkTaken):
        portfolios.save(a_page(OTHER, version=2), LINK)
    assert portfolios.page(OTHER) == a_page(OTHER)
