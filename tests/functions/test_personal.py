"""What is kept of a person, in the tables themselves: all of it, and then nothing but ids."""

import json
from typing import Any

import pytest

from microintern.adapters.briefs import feedback_of
from microintern.adapters.files import object_key
from microintern.adapters.users import CognitoUsers
from microintern.domain.accounts import Notice, Profile
from microintern.domain.documents import Application, Document, FileStatus
from microintern.domain.feedback import Feedback, Suggestion
from microintern.domain.fit import Strengths, work_of
from microintern.domain.searching import SavedSearch, SavedSearches, Wanted
from microintern.domain.standing import StandingState
from microintern.domain.states import Action, Role, State
from microintern.web.gate import gate
from tests.functions.test_bad_input import refused
from tests.functions.test_samples import collected
from tests.functions.world import (
    BRIEF,
    BUCKET,
    COHORT,
    LATER,
    ORGANISATION,
    RIVAL,
    STUDENT,
    World,
    application,
    command,
    file,
    sample,
    the_brief,
)
from tests.unit.builders import BODIES

SECRET_WORDS = (
    *("Zqamara", "Zqstatistics", "Zqstatement", "zqportfolio", "zqfile", "Zqnote", "zqdestination"),
    *("zqlooking", "Zqsearch", "zqskill"),
)
SAID = ("Zqfeedback", "Zqsuggestion", "Zqopinion")
"""What both sides said of each other, shown to both."""


def named_file(number: int) -> Any:
    announced = file("report", f"file-{number:08d}", FileStatus.RECEIVED)
    return announced.model_copy(update={"name": f"zqfile-{number}.pdf"})


def said_much() -> Feedback:
    """Both sides have given feedback."""
    image = sample("brief_stream/feedback_given")["Records"][0]["dynamodb"]["NewImage"]
    feedback = feedback_of(image)
    assert feedback.student
    assert feedback.employer
    hint = Suggestion(criterion="chart", suggestion="Zqsuggestion of mine.")
    mine = feedback.student.model_copy(update={"text": "Zqfeedback of mine.", "suggestions": [hint]})
    theirs = feedback.employer.model_copy(update={"text": "Zqopinion of theirs."})
    return feedback.model_copy(update={"student": mine, "employer": theirs})


def told_much(world: World, state: State, *further: Action) -> None:
    """A brief on which somebody has left words everywhere."""
    own = application(STUDENT).model_copy(
        update={"statement": "Zqstatement of mine.", "links": ["https://example.com/zqportfolio"]}
    )
    documents: list[Document] = [own, application(RIVAL), named_file(1), named_file(2), said_much()]
    world.seed(the_brief(state, *further), *documents)
    for number in (1, 2):
        key = object_key(BRIEF, f"file-{number:08d}")
        put = world.clients["s3"].put_object(Bucket=BUCKET, Key=key, Body=b"zqcontent")
        received = named_file(number).model_copy(update={"version_id": put["VersionId"]})
        world.briefs.overwrite(BRIEF, received)
    world.accounts.save_profile(Profile(account_id=STUDENT, name="Zqamara", about="Zqstatistics."))
    at = {"account_id": STUDENT, "notice_id": "notice-1", "brief_id": BRIEF, "type": "brief.awarded", "at": LATER}
    world.accounts.tell([Notice.model_validate({**at, "text": "Zqnote."})])
    world.payable("zqdestination", version=2)
    wanted = Wanted(text="zqlooking", words=["zqlook"])
    search = SavedSearch(search_id="search-00000001", name="Zqsearch", wanted=wanted, filed_under="word zqlook")
    world.searches.save(SavedSearches(account_id=STUDENT, searches=[search], version=1), search)
    world.students.save_strengths(Strengths(account_id=STUDENT, skills=["zqskill"], hours_per_week=7))
    world.students.record(STUDENT, "another-brief-1", work_of(the_brief(State.AWARDED)))


@pytest.fixture
def people(world: World, functions: Any, monkeypatch: pytest.MonkeyPatch) -> CognitoUsers:
    """The user pool, as the function that erases knows it."""
    users = CognitoUsers(world.clients["cognito-idp"], world.pool_id)
    monkeypatch.setattr(functions["erase"], "users", users)
    return users


def test_an_export_has_all_of_it_and_a_suspended_account_may_have_it(world: World) -> None:
    told_much(world, State.RESOLVED, Action.SETTLE)
    answer = world.call("personal_data_api/export")
    assert answer["statusCode"] == 200
    missing = [word for word in (*SECRET_WORDS, *SAID) if word not in answer["body"]]
    assert missing == []
    assert RIVAL not in answer["body"]


def test_of_who_is_erased_no_word_is_left_in_any_table_or_file_and_the_ledger_is_as_it_was(
    world: World, people: CognitoUsers
) -> None:
    collected(world)
    told_much(world, State.RESOLVED, Action.SETTLE)
    transfers = world.transfers
    assert world.call("records/feedback_shown") == {"records": 2}
    kept = "\n".join(world.everything())
    words = (*SECRET_WORDS, *SAID)
    assert [word for word in words if word not in kept] == []
    asked = command("personal_data_api/erase_me", sub=STUDENT, body={"account_id": STUDENT})
    answer = world.call("personal_data_api/erase_me", asked)
    assert (answer["statusCode"], json.loads(answer["body"])["state"]) == (202, "erased")
    gate().forget()
    refused(world, "accounts_api/me", sample("accounts_api/me"), 403, "account_erased")
    assert world.call("erase/scheduled") == {"erased": 1}
    left = "\n".join(world.everything())
    assert [word for word in words if word in left] == []
    figures = world.records.read(ORGANISATION, Role.EMPLOYER), world.records.read(STUDENT, Role.STUDENT)
    assert [record.counts.get("rating/clarity") for record in figures] == [5, None]
    assert world.call("records/feedback_shown") == {"records": 0}, "an event that comes late counts nothing"
    versions = world.clients["s3"].list_object_versions(Bucket=BUCKET)
    assert "Versions" not in versions
    assert world.transfers == transfers
    assert transfers
    brief = world.control(BRIEF)
    assert (brief["student_id"], brief["state"]) == ({"S": STUDENT}, {"S": "resolved"})
    other = world.briefs.read(BRIEF, Application.key_of(application(RIVAL).application_id))
    assert other is not None
    assert other.need(Application, application(RIVAL).key).statement == application(RIVAL).statement
    assert world.call("erase/scheduled") == {"erased": 0}
    assert world.standings.read(STUDENT).state is StandingState.ERASED


def test_while_a_brief_is_under_way_nothing_is_erased_and_it_is_said_which(world: World) -> None:
    told_much(world, State.AWARDED)
    name = "personal_data_api/erase_me"
    event = command(name, sub=STUDENT, body={"account_id": STUDENT})
    problem = refused(world, name, event, 409, "briefs_under_way")
    assert problem["brief_ids"] == [BRIEF]
    refused(world, name, command(name, sub=STUDENT), 422, "not_confirmed", "/account_id")
    assert BODIES["post /me/erasure"] == {"account_id": RIVAL}


def test_an_operator_has_an_account_erased_that_is_then_gone_from_the_pool(world: World, people: CognitoUsers) -> None:
    name = "personal_data_api/erase_account"
    for _ in range(2):
        assert world.call(name)["statusCode"] == 202


def test_who_is_erased_is_in_no_cohort_any_more(world: World, people: CognitoUsers) -> None:
    world.follow()
    assert len(world.cohorts.students(COHORT, 9).items) == 1
    asked = command("personal_data_api/erase_me", sub=STUDENT, body={"account_id": STUDENT})
    assert world.call("personal_data_api/erase_me", asked)["statusCode"] == 202
    assert world.call("erase/scheduled") == {"erased": 1}
    assert world.cohorts.students(COHORT, 9).items == []
    assert world.cohorts.enrolment(STUDENT, COHORT) is None
