"""What is published: one CloudEvent per step, ids only, as its schema says."""

import json
from typing import Any

import jsonschema
import pytest

from microintern.domain.brief import Brief
from microintern.domain.events import DATA_OF, CloudEvent, EventType, of_application, of_brief, of_feedback, of_hint
from microintern.domain.feedback import Feedback, Given
from microintern.domain.payments import Hint
from microintern.domain.states import Action, Role, State
from tests.unit.builders import (
    BRIEF,
    NOW,
    ORGANISATION,
    PATH_TO,
    ROOT,
    STUDENT,
    a_brief,
    an_application,
    brief_in,
    student,
    take,
)

LIVES = [
    *PATH_TO.values(),
    [Action.REQUEST_FUNDING, Action.FUNDING_FAILED],
    [*PATH_TO[State.OPEN], Action.LAPSE, Action.SETTLE],
    [*PATH_TO[State.AWARDED], Action.LAPSE],
    [*PATH_TO[State.AWARDED], Action.WITHDRAW],
    [*PATH_TO[State.AWARDED], Action.AMEND],
    [*PATH_TO[State.DISPUTED], Action.ANSWER_DISPUTE],
    [*PATH_TO[State.DISPUTED], Action.LAPSE, Action.REOPEN, Action.RESOLVE, Action.LAPSE],
    [*PATH_TO[State.CHANGES_REQUESTED], Action.LAPSE],
]


def every_step() -> list[Brief]:
    """A brief after each step of lives that have all kinds of steps between them."""
    briefs: dict[tuple[str, State, int], Brief] = {}
    for life in LIVES:
        brief = a_brief()
        steps = [brief] + [brief := take(action, brief) for action in life]
        briefs |= {(step.event.type, step.state, step.version): step for step in steps}
    awarded = brief_in(State.AWARDED)
    late = take(Action.WITHDRAW, awarded, awarded.applications_close_at)
    return [*briefs.values(), late]


STEPS_TAKEN = every_step()


def schema_of(kind: str) -> dict[str, Any]:
    return json.loads((ROOT / f"events/schemas/{kind}.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def test_every_type_of_event_has_its_data_and_its_schema() -> None:
    assert set(DATA_OF) == set(EventType)
    assert {path.stem for path in (ROOT / "events/schemas").glob("*.json")} == {t.value for t in EventType}


def test_these_lives_have_every_type_of_event_of_a_brief() -> None:
    assert {brief.event.type for brief in STEPS_TAKEN} == {t for t in EventType if t.startswith("brief.")}


@pytest.mark.parametrize("brief", STEPS_TAKEN, ids=lambda b: f"{b.event.type}-{b.state}-{b.version}")
def test_each_step_publishes_an_event_that_its_schema_takes(brief: Brief) -> None:
    event = of_brief(brief)
    sent = event.model_dump(mode="json")
    jsonschema.Draft202012Validator(schema_of(event.type)).validate(sent)
    assert CloudEvent.model_validate(sent) == event
    assert event.id == f"{brief.brief_id}#{brief.version}"
    assert event.data["brief_id"] == event.subject == brief.brief_id
    assert event.data["state"] == brief.state


def test_the_events_of_applications_are_what_their_schemas_take() -> None:
    application = an_application()
    withdrawn = application.model_copy(update={"withdrawn_at": NOW, "version": 2})
    for made, kind in ((application, "application.received"), (withdrawn, "application.withdrawn")):
        event = of_application(made)
        assert event.type == kind
        jsonschema.Draft202012Validator(schema_of(kind)).validate(event.model_dump(mode="json"))
        assert event.id == f"{made.application_id}#{made.version}"


def test_the_events_of_feedback_are_what_their_schemas_take_and_say_nothing_of_what_was_said() -> None:
    said = Given(author_id=STUDENT, at=NOW, ratings={"clarity": 1}, text="They never answered.")
    parties = {"brief_id": BRIEF, "employer_id": ORGANISATION, "student_id": STUDENT}
    event = student().did("feedback.given", NOW)
    first = Feedback.model_validate({**parties, "student": said, "event": event})
    both = first.model_copy(update={"employer": said, "shown_at": NOW, "version": 2, "steps": 2})
    events = [of_feedback(first), of_feedback(both)]
    assert [[event.type for event in found] for found in events] == [
        ["feedback.given"],
        ["feedback.given", "feedback.shown"],
    ]
    for sent in (*events[0], *events[1]):
        told = sent.model_dump(mode="json")
        jsonschema.Draft202012Validator(schema_of(sent.type)).validate(told)
        assert told["data"] == parties | {"version": sent.data["version"], "by": Role.STUDENT}
    assert of_feedback(first.model_copy(update={"event": None})) == [], "closed by an erasure"


def test_what_an_applicant_wrote_is_not_published() -> None:
    sent = of_application(an_application()).model_dump_json()
    assert an_application().statement not in sent


def test_what_the_employer_pays_with_is_not_published() -> None:
    funded = take(Action.REQUEST_FUNDING, a_brief())
    assert funded.payment_method == "sandbox-card"
    assert "sandbox-card" not in of_brief(funded).model_dump_json()


def test_a_hint_about_a_transfer_names_it_and_its_brief_and_nothing_that_was_claimed_of_it() -> None:
    event = of_hint("sandbox", Hint(event_id="m-1", key=f"{BRIEF}#payout#2", reference="sbx_1"), NOW)
    assert event is not None
    assert (event.id, event.subject, event.time) == ("sandbox#m-1", BRIEF, NOW)
    assert event.data == {"brief_id": BRIEF, "transfer_id": f"{BRIEF}#payout#2"}
    jsonschema.Draft202012Validator(schema_of("payment.updated")).validate(event.model_dump(mode="json"))


def test_a_hint_about_a_destination_names_it() -> None:
    event = of_hint("stripe", Hint(event_id="evt_1", destination="acct_1"), NOW)
    assert event is not None
    assert (event.id, event.type, event.data) == ("stripe#evt_1", "payee.updated", {"destination": "acct_1"})
    jsonschema.Draft202012Validator(schema_of("payee.updated")).validate(event.model_dump(mode="json"))


@pytest.mark.parametrize(
    "about",
    [{}, {"reference": "sbx_1"}, {"key": "order-7"}, {"key": ""}, {"key": "#fund"}, {"destination": "-"}],
)
def test_a_hint_about_nothing_of_this_platform_is_no_event(about: dict[str, str]) -> None:
    assert of_hint("sandbox", Hint(event_id="m-1", **about), NOW) is None


def test_a_message_that_comes_again_is_the_same_event() -> None:
    hint = Hint(event_id="m-1", key=f"{BRIEF}#fund")
    events = [of_hint("sandbox", hint, NOW), of_hint("sandbox", hint, NOW.replace(hour=20))]
    assert len({event.id for event in events if event}) == 1
