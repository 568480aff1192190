"""A student's page: private by default, shown brief by brief, with what employers consent to, and gone when erased."""

import json
import secrets
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator
from pydantic import ValidationError

from microintern.app import accounts, exhibiting, portfolios
from microintern.app.requests import LinkRequest, PageConsentRequest, PortfolioRequest, ProfileRequest, ShownRequest
from microintern.app.views.portfolios import PortfolioView, PublicPortfolio, ShownView
from microintern.domain.brief import Command
from microintern.domain.documents import FileStatus, Review, ScanStatus, StoredFile, Submission
from microintern.domain.portfolio import MOST_LINKS, Consent, PageChoices, Portfolio
from microintern.domain.problems import NotFound
from microintern.domain.states import Role, State
from microintern.domain.trail import verify
from microintern.ports.conditions import StaleDocument, StudentErased
from tests.twins.portfolios import MemoryPortfolios
from tests.unit.app.bureau import Bureau
from tests.unit.app.test_organisations import Office, refusal
from tests.unit.app.world import World, a_world_in, rival, stranger
from tests.unit.builders import BODIES, NOW, POLICY, ROOT, STUDENT, a_posting, employer, operator, student

BASE = "https://api.example.com"
HANDLE = "amara-okafor"
QUOTE = BODIES["put /briefs/{brief_id}/consent"]["quote"]


class Gallery:
    """An approved brief, and everything that is done with the page of its student."""

    def __init__(self, world: World | None = None) -> None:
        self.world = world or a_world_in(State.APPROVED)
        if world is None:
            self.world.stream_delivers()
            self.world.events_are_counted()
        request = ProfileRequest(name="Amara Okafor")
        accounts.save_profile(student(), request, accounts=self.world.accounts, clock=self.world.clock)

    @property
    def kept(self) -> dict[str, Any]:
        return {"portfolios": self.world.portfolios, "clock": self.world.clock}

    @property
    def file_ids(self) -> list[str]:
        submission = self.world.document(Submission.key_of(self.world.brief.submissions))
        return [file.file_id for file in submission.files]

    def save(self, by: Command | None = None, **changes: Any) -> Portfolio:
        request = PortfolioRequest.model_validate(BODIES["put /me/portfolio"] | changes)
        return portfolios.save(by or student(), request, accounts=self.world.accounts, **self.kept)

    def share(self, handle: str | None = HANDLE, by: Command | None = None) -> Portfolio:
        return portfolios.share(
            by or student(), LinkRequest(handle=handle), **self.kept, handles=lambda: secrets.token_hex(16)
        )

    def unshare(self, by: Command | None = None) -> Portfolio:
        return portfolios.unshare(by or student(), **self.kept)

    def choose(self, by: Command | None = None, **changes: Any) -> ShownView:
        chosen = {"public": True, **({} if "file_ids" in changes else {"file_ids": self.file_ids}), **changes}
        wired = {"briefs": self.world.briefs, "organisations": self.world.organisations, **self.kept}
        return portfolios.choose(by or student(), self.world.brief_id, ShownRequest(**chosen), **wired)

    def consent(self, by: Command | None = None, *, files: bool = True, quote: str | None = QUOTE) -> Consent:
        request = PageConsentRequest(files=files, quote=quote)
        wired = {"briefs": self.world.briefs, **self.kept}
        return portfolios.consent(by or employer(), self.world.brief_id, request, **wired)

    def all_shown(self) -> "Gallery":
        for step in (self.save, self.share, self.choose, self.consent):
            step()
        return self

    def page(self, handle: str = HANDLE) -> PublicPortfolio:
        return exhibiting.page(handle, portfolios=self.world.portfolios, public_url=BASE)

    def file_url(self, file_id: str, handle: str = HANDLE) -> str:
        world = self.world
        wired: dict[str, Any] = {"briefs": world.briefs, "files": world.files, "portfolios": world.portfolios}
        return exhibiting.file_url(handle, file_id, life_s=60, **wired)

    def resume(self) -> dict[str, Any]:
        wired = {"accounts": self.world.accounts, **self.kept}
        return portfolios.own_resume(student(), public_url=BASE, **wired).as_json()


def is_there(gallery: Gallery, handle: str = HANDLE) -> bool:
    try:
        gallery.page(handle)
    except NotFound:
        return False
    return True


def test_a_page_is_private_until_it_has_a_link_and_once_that_is_taken_back() -> None:
    gallery = Gallery()
    gallery.save()
    gallery.choose()
    assert not is_there(gallery)
    gallery.share()
    assert is_there(gallery)
    gallery.unshare()
    assert not is_there(gallery)
    assert gallery.world.portfolios.page(STUDENT).handle is None


def test_a_new_link_ends_the_one_before_which_nobody_else_can_have() -> None:
    gallery = Gallery()
    gallery.share()
    handle = gallery.share(None).handle
    assert handle
    assert (is_there(gallery), is_there(gallery, handle), len(handle)) == (False, True, 32)
    assert refusal(gallery.share, HANDLE, rival()) == "handle_taken"
    assert gallery.share().handle == HANDLE
    assert (is_there(gallery), is_there(gallery, handle)) == (True, False)


def test_what_nobody_can_guess_is_new_each_time_and_nothing_that_can_be_chosen() -> None:
    gallery = Gallery()
    made = {gallery.share(None).handle or "" for _ in range(MOST_LINKS)}
    assert {len(handle) for handle in made} == {32}
    assert len(made) == MOST_LINKS
    with pytest.raises(ValidationError):
        LinkRequest(handle=made.pop())


def test_nobody_takes_handles_without_end_and_those_that_one_had_can_be_had_again() -> None:
    gallery = Gallery()
    for number in range(MOST_LINKS):
        left = PortfolioView.of(gallery.share(f"amara-{number}"), BASE).links_left
        assert left == MOST_LINKS - number - 1
    assert refusal(gallery.share, None) == "too_many_links"
    assert gallery.share("amara-0").handle == "amara-0"


def test_a_page_shows_what_was_chosen_and_consented_to() -> None:
    page = Gallery().all_shown().page()
    assert (page.name, page.about) == ("Amara Okafor", BODIES["put /me/portfolio"]["about"])
    (brief,) = page.briefs
    assert (brief.title, brief.by_silence) == (a_posting().title, False)
    assert brief.employer_name
    assert brief.score_percent is not None
    assert brief.scores.keys() == {score["criterion"] for score in BODIES["post /briefs/{brief_id}/approval"]["scores"]}
    assert brief.quote
    assert (brief.quote.text, brief.quote.by) == (QUOTE, brief.employer_name)
    assert len(brief.files) == 3
    assert page.growth
    (quarter,) = page.growth.quarters
    assert (quarter.quarter, quarter.total.briefs, quarter.total.scored) == (f"{NOW.year}-Q1", 1, 1)


def test_what_was_not_chosen_is_nowhere_on_the_page() -> None:
    gallery = Gallery().all_shown()
    gallery.save(show_name=False, about=None, show_growth=False)
    gallery.choose(show_employer=False, show_scores=False, show_quote=False, file_ids=[])
    page = gallery.page()
    (brief,) = page.briefs
    assert (page.name, page.about, page.growth) == (None, None, None)
    assert (brief.employer_name, brief.score_percent, brief.scores, brief.quote, brief.files) == (
        None,
        None,
        {},
        None,
        [],
    )
    organisation = gallery.world.organisations.read(gallery.world.brief.employer_id)
    assert organisation
    hidden = ("Amara", organisation.name, QUOTE, *gallery.file_ids, gallery.world.brief_id, STUDENT)
    assert [text for text in hidden if text in page.model_dump_json()] == []
    gallery.choose(public=False)
    assert gallery.page().briefs == []
    assert gallery.world.portfolios.read(STUDENT).shown[gallery.world.brief_id].facts is None


def test_growth_on_a_page_tells_no_score_that_is_not_shown() -> None:
    gallery = Gallery().all_shown()
    gallery.choose(show_scores=False)
    growth = gallery.page().growth
    assert growth
    assert (growth.quarters[0].total.scored, growth.quarters[0].total.mean_score_percent) == (0, None)


@pytest.mark.parametrize("files", [True, False])
def test_a_consent_counts_for_as_long_as_it_is_given(files: bool) -> None:
    gallery = Gallery()
    for step in (gallery.save, gallery.share):
        step()
    assert gallery.choose().waits_for_consent
    (brief,) = gallery.page().briefs
    assert (brief.quote, brief.files) == (None, [])
    assert refusal(gallery.file_url, gallery.file_ids[0]) == "not_found"
    gallery.consent(files=files)
    (brief,) = gallery.page().briefs
    assert (bool(brief.files), bool(brief.quote)) == (files, True)
    gallery.consent(files=False, quote=None)
    (brief,) = gallery.page().briefs
    assert (brief.quote, brief.files) == (None, [])
    assert refusal(gallery.file_url, gallery.file_ids[0]) == "not_found"


def test_a_file_is_had_by_its_page_only_and_only_while_it_is_clean() -> None:
    gallery = Gallery().all_shown()
    chosen, other, _ = gallery.file_ids
    gallery.choose(file_ids=[chosen])
    assert gallery.file_url(chosen)
    assert refusal(gallery.file_url, other) == "not_found"
    assert refusal(gallery.file_url, chosen, "somebody-else") == "not_found"
    stored = gallery.world.document(StoredFile.key_of(chosen))
    for change in ({"scan": ScanStatus.INFECTED}, {"status": FileStatus.REMOVED}, {"version_id": "another"}):
        gallery.world.briefs.overwrite(gallery.world.brief_id, stored.model_copy(update=change))
        assert refusal(gallery.file_url, chosen) == "not_found"
        assert refusal(gallery.choose) == "file_not_clean"
    gallery.world.briefs.overwrite(gallery.world.brief_id, stored)
    gallery.unshare()
    assert refusal(gallery.file_url, chosen) == "not_found"


def test_only_files_of_the_accepted_submission_can_be_shown() -> None:
    gallery = Gallery()
    assert refusal(gallery.choose, file_ids=["some-other-file"]) == "not_accepted_work"


@pytest.mark.parametrize("state", [State.AWARDED, State.SUBMITTED, State.DISPUTED])
def test_only_accepted_work_is_shown_or_consented_to(state: State) -> None:
    gallery = Gallery(a_world_in(state))
    assert refusal(gallery.choose, file_ids=[]) == "not_completed"
    assert refusal(gallery.consent) == "not_completed"


def test_nobody_chooses_consents_or_reads_for_others() -> None:
    gallery = Gallery().all_shown()
    assert refusal(gallery.choose, rival()) == "not_found"
    assert refusal(gallery.choose, employer()) == refusal(gallery.share, None, employer()) == "wrong_role"
    assert refusal(gallery.consent, stranger(Role.EMPLOYER)) == "not_found"
    assert refusal(gallery.consent, student()) == refusal(gallery.consent, operator()) == "wrong_role"
    kept: dict[str, Any] = {"portfolios": gallery.world.portfolios, "briefs": gallery.world.briefs}
    for by in (rival(), stranger(Role.EMPLOYER), operator()):
        assert refusal(portfolios.consent_of, by, gallery.world.brief_id, **kept) == "not_found"
    for by in (student(), employer()):
        assert portfolios.consent_of(by, gallery.world.brief_id, **kept).quote == QUOTE
    for by in (employer(), operator()):
        assert refusal(portfolios.own, by, portfolios=gallery.world.portfolios) == "wrong_role"
        assert refusal(portfolios.own_growth, by, records=gallery.world.records) == "wrong_role"
    assert portfolios.own(rival(), portfolios=gallery.world.portfolios).handle is None


@pytest.mark.parametrize("quote", ["Write to me: ada@example.com", "Call 0151 2345 6789"])
def test_a_quote_leads_to_nobody(quote: str) -> None:
    assert refusal(Gallery().consent, quote=quote) == "contact_data"


def test_a_name_is_shown_only_where_there_is_one() -> None:
    gallery = Gallery()
    assert refusal(gallery.save, rival(), show_name=True) == "profile_missing"
    assert gallery.save(rival(), show_name=False).name is None


def test_commands_are_told_from_repeats() -> None:
    gallery = Gallery()
    by, other = student("the-same-key"), student("the-same-key", "another body")
    for first, again in (
        (gallery.share(None, by), gallery.share(None, by)),
        (gallery.save(student("key-two-0")), gallery.save(student("key-two-0"))),
        (gallery.consent(employer("key-three")), gallery.consent(employer("key-three"))),
    ):
        assert first == again
    assert gallery.choose(student("key-four-0")) == gallery.choose(student("key-four-0"), public=False)
    assert refusal(gallery.share, None, other) == "idempotency_key_reused"
    gallery.unshare(by_again := student("key-five-0"))
    gallery.share()
    assert gallery.unshare(by_again).handle == HANDLE, "a repeat takes nothing back"


def test_of_two_copies_that_race_the_one_that_loses_finds_what_the_other_wrote(monkeypatch: pytest.MonkeyPatch) -> None:
    gallery = Gallery()
    save = MemoryPortfolios.save
    for step in (gallery.save, gallery.share, gallery.choose, gallery.consent):
        by = employer(f"racing-{step.__name__}") if step.__name__ == "consent" else student(f"racing-{step.__name__}")

        def twice(self: MemoryPortfolios, document: Any, link: str | None = None) -> None:
            save(self, document, link)
            raise StaleDocument

        with monkeypatch.context() as patched:
            patched.setattr(MemoryPortfolios, "save", twice)
            assert step(by=by) is not None

        def never(*_: Any) -> None:
            raise StaleDocument

        with monkeypatch.context() as patched:
            patched.setattr(MemoryPortfolios, "save", never)
            other = by.model_copy(update={"key": "another-key"})
            assert refusal(lambda step=step, other=other: step(by=other)) == "changed_meanwhile"


def test_the_trail_of_a_page_holds_together() -> None:
    gallery = Gallery().all_shown()
    entries = []
    for step in (gallery.unshare, gallery.share, gallery.consent):
        heads = gallery.world.portfolios.steps(STUDENT)
        entries += [head for head in heads if head not in entries]
        step()
    heads = gallery.world.portfolios.steps(STUDENT)
    assert {head.event.type for head in heads} == {"portfolio.shared", "portfolio.chosen", "consent.decided"}
    assert all(head.event.previous for head in heads if head.version > 1)
    assert verify(STUDENT, [], heads, gallery.world.clock.now()).broken is None


def a_settled_gallery() -> Gallery:
    """One whose organisation may be left."""
    world = a_world_in(State.PAID)
    world.stream_delivers()
    world.events_are_counted()
    return Gallery(world).all_shown()


def test_who_wrote_a_quote_and_is_erased_takes_it_along_and_the_last_member_the_files_too() -> None:
    gallery = a_settled_gallery()
    office, bureau = Office(gallery.world), Bureau(gallery.world)
    colleague, idle = office.join(), office.join("idle-colleague-1")
    gallery.consent(colleague)
    for by, quoted, files in ((idle, QUOTE, 3), (colleague, None, 3), (employer(), None, 0)):
        bureau.erase(by)
        bureau.finish()
        (shown,) = gallery.page().briefs
        assert ((shown.quote.text if shown.quote else None), len(shown.files)) == (quoted, files)
    consent = gallery.world.portfolios.read(STUDENT).consents[gallery.world.brief_id]
    assert consent.event
    assert (consent.event.role, consent.event.actor_id, consent.event.trigger) == (Role.SERVER, None, "erasure")
    assert consent.event.facts == {"brief_id": gallery.world.brief_id, "files": 0, "quote": 0}
    assert verify(STUDENT, [], gallery.world.portfolios.steps(STUDENT), gallery.world.clock.now()).broken is None
    before = consent.version
    bureau.finish()
    assert gallery.world.portfolios.read(STUDENT).consents[gallery.world.brief_id].version == before


@pytest.mark.parametrize(("failures", "quoted"), [([StaleDocument] * 3, None), ([StudentErased], QUOTE)])
def test_consent_that_changes_while_it_is_taken_back_is_looked_at_anew(
    monkeypatch: pytest.MonkeyPatch, failures: list[type[Exception]], quoted: str | None
) -> None:
    gallery = a_settled_gallery()
    bureau, save, failing = Bureau(gallery.world), MemoryPortfolios.save, list(failures)

    def saved(port: MemoryPortfolios, document: Any, link: str | None = None) -> None:
        if failing:
            raise failing.pop()
        save(port, document, link)

    monkeypatch.setattr(MemoryPortfolios, "save", saved)
    bureau.erase(employer())
    assert (bureau.finish(), failing) == (1, [])
    assert gallery.world.portfolios.read(STUDENT).consents[gallery.world.brief_id].quote == quoted


def test_it_is_said_how_long_files_are_shown() -> None:
    described = PageChoices.model_fields["file_ids"].description or ""
    assert "for a year after the brief was settled" in described
    assert POLICY.keep_files_s == 365 * 86_400


def test_what_can_be_shown_is_listed_with_what_is_chosen() -> None:
    gallery = Gallery().all_shown()
    wired: dict[str, Any] = {"records": gallery.world.records, "briefs": gallery.world.briefs}
    (item,) = portfolios.completed(student(), 20, None, portfolios=gallery.world.portfolios, **wired).items
    assert (item.brief_id, item.shown.choices.public, item.consent.files) == (gallery.world.brief_id, True, True)
    assert portfolios.completed(rival(), 20, None, portfolios=gallery.world.portfolios, **wired).items == []


def test_own_growth_counts_all_that_was_completed_shown_or_not() -> None:
    gallery = Gallery()
    growth = portfolios.own_growth(student(), records=gallery.world.records)
    (quarter,) = growth.quarters
    assert quarter.total.briefs == quarter.total.scored == 1
    assert quarter.total.hours == gallery.world.posting.hours
    assert quarter.by_skill.keys() == set(gallery.world.posting.skills)
    assert quarter.by_field.keys() == {gallery.world.posting.field}
    review = gallery.world.document(Review.key_of(1))
    assert quarter.total.mean_score_percent == review.score_percent
    assert growth.told
    assert portfolios.own_growth(rival(), records=gallery.world.records).quarters == []


SCHEMA = json.loads((Path(ROOT) / "node_modules/resume-schema/schema.json").read_text(encoding="utf-8"))


def test_a_resume_is_valid_json_resume_and_holds_what_was_chosen() -> None:
    gallery = Gallery()
    empty = gallery.resume()
    Draft4Validator(SCHEMA).validate(empty)
    assert (empty["projects"], "url" in empty["basics"]) == ([], False)
    full = gallery.all_shown().resume()
    Draft4Validator(SCHEMA).validate(full)
    assert (full["basics"]["name"], full["basics"]["url"]) == ("Amara Okafor", f"{BASE}/portfolios/{HANDLE}")
    (project,) = full["projects"]
    assert project["name"] == gallery.world.posting.title
    assert [skill["name"] for skill in full["skills"]] == sorted(gallery.world.posting.skills)
    assert [said["reference"] for said in full["references"]] == [QUOTE]
    gallery.choose(public=False)
    assert gallery.resume()["projects"] == []


def test_a_resume_needs_a_name() -> None:
    gallery = Gallery()
    wired: dict[str, Any] = {"accounts": gallery.world.accounts, "public_url": BASE, **gallery.kept}
    assert refusal(portfolios.own_resume, rival(), **wired) == "profile_missing"


def test_an_export_has_all_of_a_page_and_an_erasure_leaves_nothing_of_it() -> None:
    gallery = Gallery().all_shown()
    world, bureau = gallery.world, Bureau(gallery.world)
    world.money_moves()
    account = bureau.export(student()).account
    assert account
    assert account.portfolio
    assert account.portfolio.page.handle == HANDLE
    assert [(shown.brief_id, len(shown.choices.file_ids)) for shown in account.portfolio.shown] == [(world.brief_id, 3)]
    assert [consent.quote for consent in account.portfolio.consents] == [QUOTE]
    assert QUOTE not in bureau.export(rival()).model_dump_json()
    bureau.erase(student())
    bureau.finish()
    assert not is_there(gallery)
    assert world.portfolios.read(STUDENT) == (Portfolio(account_id=STUDENT), {}, {})
    assert [text for text in (STUDENT, HANDLE, QUOTE) if text in repr(vars(world.portfolios)["_documents"])] == []
    assert [text for text in (STUDENT, HANDLE) if text in repr(vars(world.portfolios)["_links"])] == []
    assert refusal(gallery.consent, employer("after-the-erasure")) == "student_erased"
    assert refusal(gallery.share, HANDLE, rival()) == "handle_taken", "nobody comes after them under their name"
