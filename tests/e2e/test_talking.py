"""On the deployed stack: from a template to an answered question, and a thread that is for both sides alone."""

from functools import partial

import pytest

from infra.local.caller import Caller
from tests.e2e.people import ONE_DELIVERABLE, People
from tests.e2e.test_accounts import refusal

pytestmark = pytest.mark.local_stack


def test_a_template_passes_the_check_and_is_posted(people: People) -> None:
    employer = people.employer
    listed = list(employer.pages("/templates", field="writing"))
    assert {item["field"] for item in listed} == {"writing"}
    at = f"/templates/{listed[0]['template_id']}"
    template = employer.get(at, place="DE", zone="Europe/Berlin")
    assert employer.post("/briefs/check", template["posting"])["findings"] == []
    posted = employer.post("/briefs", template["posting"])
    assert posted["state"] == "posted"
    employer.post(f"/briefs/{posted['brief_id']}/cancellation")


def test_questions_before_the_award_and_messages_after_it(people: People) -> None:
    brief_id = people.opened(deliverables=ONE_DELIVERABLE)
    questions, messages = f"/briefs/{brief_id}/questions", f"/briefs/{brief_id}/messages"
    asked = people.student.post(questions, {"text": "May I write in German?"})
    assert refusal(people.student.post, questions, {"text": "Mail me: a@example.com"}) == (422, "contact_data")
    assert refusal(people.employer.post, messages, {"text": "Hello."}) == (409, "not_awarded")
    people.employer.post(questions, {"text": "English, please.", "answers": asked["number"]})
    assert [q["text"] for q in people.student.pages(questions)] == ["May I write in German?", "English, please."]
    application_id = people.applied(brief_id)
    people.employer.post(f"/briefs/{brief_id}/award", {"application_id": application_id})
    people.student.post(messages, {"text": "I begin on Monday."}, key="the-same-key-twice")
    people.student.post(messages, {"text": "I begin on Monday."}, key="the-same-key-twice")
    people.employer.post(messages, {"text": "Good."})
    assert [m["text"] for m in people.employer.pages(messages)] == ["I begin on Monday.", "Good."]
    assert refusal(people.operator.get, messages) == (404, "not_found")
    for person in (people.employer, people.student):
        told = partial(told_of, person, brief_id)
        person.wait_until("both notices are there", lambda told=told: told() == 2)
    trail = people.operator.get(f"/briefs/{brief_id}/audit")
    assert sum(step["action"] == "message.posted" for step in trail["items"]) == 4
    assert trail["chain"]["broken"] is None
    people.employer.post(f"/briefs/{brief_id}/cancellation")


def told_of(person: Caller, brief_id: str) -> int:
    """How many notices of messages somebody has."""
    notices = [notice for notice in person.pages("/me/notices") if notice["brief_id"] == brief_id]
    return [notice["type"] for notice in notices].count("message.posted")
