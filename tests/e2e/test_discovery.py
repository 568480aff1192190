"""Students find briefs on the deployed stack: by words, by notices, with their fit; first-timers have their places."""

import pytest

from infra.local.caller import Caller, Refused
from tests.e2e.people import People

pytestmark = pytest.mark.local_stack

TITLE = "Transcribe zwieback recipes"


def found(who: Caller, **wanted: object) -> list[str]:
    return [brief["brief_id"] for brief in who.pages("/search/briefs", **wanted)]


def told_of(who: Caller) -> list[str]:
    return [n["brief_id"] for n in who.pages("/me/notices") if n["type"] == "search.matched"]


def test_a_brief_is_told_of_found_awarded_and_found_no_more(people: People) -> None:
    student, other = people.student, people.payable_student()
    student.put("/me/strengths", {"skills": ["python"], "hours_per_week": 10})
    for name in ("Recipes", "Python"):
        body = {"name": name, "text": "zwieback recipe"} if name == "Recipes" else {"name": name, "skill": "python"}
        student.post("/me/searches", body)
    away = other.post("/me/searches", {"name": "Zwieback", "text": "zwieback"})
    assert other.post(f"/me/searches/{away['search_id']}/removal")["items"] == []

    brief_id = people.opened(title=TITLE, first_timer_places=1)
    student.wait_until("the brief is found", lambda: found(student, text="transcribing zwieback") == [brief_id])
    student.wait_until("the student is told", lambda: brief_id in told_of(student))
    assert told_of(student).count(brief_id) == 1, "however many searches it fits"
    assert brief_id not in told_of(other)
    assert found(student, text="zwieback", for_first_timers=True) == [brief_id]
    assert found(student, text="zwieback", field="design") == []
    fit = student.get(f"/briefs/{brief_id}")["fit"]
    assert fit["score"] == sum(part["points"] for part in fit["parts"]) > 0
    assert people.employer.get(f"/briefs/{brief_id}")["fit"] is None

    people.applied(brief_id)
    application_id = people.applied(brief_id, other)
    first, second = people.employer.pages(f"/briefs/{brief_id}/applications")
    assert (first["application_id"], first["first_timer"], first["place_kept"]) == (application_id, True, True)
    assert (second["first_timer"], second["place_kept"]) == (False, False), "who has completed one"
    people.employer.post(f"/briefs/{brief_id}/award", {"application_id": application_id})
    assert found(student, text="zwieback") == [], "at once"
    other.wait_until("the hours are taken", lambda: other.get("/me/strengths")["hours_taken"] > 0)


def test_a_search_without_a_word_is_refused(people: People) -> None:
    with pytest.raises(Refused) as refused:
        found(people.student, text="of the")
    assert (refused.value.status, refused.value.problem["code"]) == (422, "no_words")
