"""What forgets a person: each part of it can be done again."""

from datetime import timedelta

import pytest

from microintern.domain.accounts import Mark, Notice, Profile
from microintern.domain.documents import Application
from microintern.domain.organisations import MemberRole
from microintern.domain.quotas import UploadQuota
from microintern.domain.standing import Standing, StandingState
from microintern.ports.conditions import StaleDocument
from tests.contract import examples
from tests.contract.conftest import Stores
from tests.contract.examples import EMPLOYER, NOW, STUDENT
from tests.contract.test_organisations import a_member, an_organisation, join, left
from tests.contract.test_quotas import a_desk

OTHER = "student-0002"


def test_an_account_that_is_to_be_erased_is_found_until_it_is(stores: Stores) -> None:
    standings = stores.standings
    erased = Standing(account_id=STUDENT, state=StandingState.ERASED, since=NOW, version=1)
    standings.erase(erased)
    assert standings.read(STUDENT) == erased
    later = erased.model_copy(update={"account_id": OTHER, "since": NOW + timedelta(hours=1)})
    standings.erase(later)
    with pytest.raises(StaleDocument):
        standings.erase(later)
    assert (standings.erasing(9), standings.erasing(1)) == ([STUDENT, OTHER], [STUDENT])
    for _ in range(2):
        standings.erased(STUDENT)
        assert standings.erasing(9) == [OTHER]
    assert standings.read(STUDENT).state is StandingState.ERASED


def test_a_reason_does_not_outlive_its_account(stores: Stores) -> None:
    suspended = Standing(account_id=STUDENT, state=StandingState.SUSPENDED, reason="Spam.", version=1, done=["a b"])
    stores.standings.save(suspended)
    erased = Standing(account_id=STUDENT, state=StandingState.ERASED, since=NOW, version=2)
    stores.standings.erase(erased)
    assert stores.standings.read(STUDENT) == erased
    with pytest.raises(StaleDocument):
        stores.standings.erase(erased)


def test_everything_under_an_account_goes_but_how_it_stands(stores: Stores) -> None:
    accounts = stores.accounts
    for account_id in (STUDENT, OTHER):
        accounts.save_profile(Profile(account_id=account_id, name="Ada", about="Tables."))
        accounts.save_payout_account(examples.payout_account(account_id=account_id))
        accounts.mark(Mark(account_id=account_id, brief_id="brief-000001", reason="not_submitted", at=NOW))
        named = {"brief_id": "brief-000001", "type": "brief.awarded", "text": "Told."}
        many = [{"notice_id": f"notice-{n}", "at": NOW + timedelta(minutes=n), **named} for n in range(210)]
        accounts.tell([Notice.model_validate({"account_id": account_id, **notice}) for notice in many])
    brief = examples.open_brief()
    stores.briefs.create(brief, examples.content())
    stores.briefs.add(brief.brief_id, examples.application(brief), desk=a_desk(one=1))
    quota = UploadQuota(account_id=STUDENT, day="2026-12-01", size_bytes=1, most_uploads=1, most_bytes=9)
    stores.briefs.add(brief.brief_id, examples.file(brief), quota=quota)
    stores.standings.count(STUDENT, 7, 20)
    for _ in range(2):
        accounts.forget(STUDENT)
        named_now = accounts.profile(STUDENT)
        assert named_now is not None
        assert (named_now.name, named_now.about, named_now.done) == ("Erased account", None, [])
        assert (accounts.payout_account(STUDENT), accounts.marks(STUDENT)) == (None, [])
        assert accounts.notices(STUDENT, 9).items == []
        assert accounts.desk(STUDENT).version == 0
        assert accounts.payees("sandbox-bank") == [OTHER]
    assert stores.standings.read(STUDENT).requests == 20
    stores.briefs.add(brief.brief_id, examples.file(brief, 2), quota=quota)
    assert len(accounts.notices(OTHER, 500).items) == 210
    kept = accounts.profile(OTHER)
    assert kept is not None
    assert kept.name == "Ada"
    accounts.forget("nobody-0001")
    assert accounts.profile("nobody-0001") is None


def test_a_document_is_written_over_only_where_there_is_one(stores: Stores) -> None:
    brief = examples.open_brief()
    stores.briefs.create(brief, examples.content())
    application = examples.application(brief)
    with pytest.raises(StaleDocument):
        stores.briefs.overwrite(brief.brief_id, application)
    stores.briefs.add(brief.brief_id, application)
    blank = application.model_copy(update={"statement": "(erased)", "links": []})
    for _ in range(2):
        stores.briefs.overwrite(brief.brief_id, blank)
        snapshot = stores.briefs.read(brief.brief_id, application.key)
        assert snapshot is not None
        assert snapshot.find(Application, application.key) == blank


def test_the_only_member_leaves_an_organisation_behind_and_nobody_else_can(stores: Stores) -> None:
    organisations, only = stores.organisations, a_member()
    organisations.found(an_organisation(), only)
    member = join(organisations)
    with pytest.raises(StaleDocument):
        organisations.close(only, left(only))
    organisations.leave(member, left(member), EMPLOYER)
    organisations.close(only, left(only))
    with pytest.raises(StaleDocument):
        organisations.close(only, left(only))
    found, standing = organisations.read(only.organisation_id), stores.standings.read(EMPLOYER)
    assert found is not None
    assert (found.members, found.owners) == (0, 0)
    assert (standing.organisation_id, standing.member_role) == (None, None)
    assert standing.ties(NOW) == {only.organisation_id}
    assert organisations.members(only.organisation_id) == []
    assert only.role is MemberRole.OWNER
