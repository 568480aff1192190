"""From a first idea to an award: template, check, money held, questions, applications, agreement."""

from datetime import datetime, timedelta
from typing import Any

from infra.local.caller import Refused, body_of, posting
from infra.local.demo.stage import HEARD_OF, STATEMENTS, Stage
from infra.local.receiver import Receiver
from infra.local.sample.work import materials
from infra.local.steps import StepFailed


def connect(on: Stage, receiver: Receiver) -> None:
    """The employer has what happens sent to a system of its own, with a secret that is shown this once."""
    at = f"/organisations/{on.employer.get('/me')['organisation_id']}/webhooks"
    issued = on.employer.post(at, {"url": receiver.url, "event_types": HEARD_OF})
    receiver.secret = issued["secret"]
    on.say("employer", "has events sent to a system of its own", "")


def start_from_template(on: Stage) -> None:
    """A vague posting is told what it lacks; one that begins from a template can be posted as it is."""
    vague = posting(title="Improve our website", goals="Improve our website, make it nice, etc.")
    findings = on.employer.post("/briefs/check", vague)["findings"]
    on.say("platform", f"checks “{vague['title']}”: {len(findings)} things to do better", "")
    template = on.employer.get("/templates/clean-a-table", place="US-NY-NYC", zone="America/New_York")
    checked = on.employer.post("/briefs/check", template["posting"])
    if checked["findings"] or not findings:
        raise StepFailed(f"the check found {checked['findings']} in a template, and {findings} in what is vague")
    on.say("employer", f"takes the template {template['template_id']}: nothing to do better", "")
    held = checked["cost"]["total_to_hold"]["written"]
    posted = on.employer.post("/briefs", template["posting"])
    on.say("employer", f"posts it; {held} would be held", posted["state"])
    cancelled = on.employer.post(f"/briefs/{posted['brief_id']}/cancellation")
    on.say("employer", "cancels it, free of charge, to post one of their own", cancelled["state"])


def post_and_fund(on: Stage) -> None:
    """The employer posts and hands over materials; the brief opens once the money is held."""
    brief = posting()
    refuse_low_pay(on, brief)
    on.brief_id = on.employer.post("/briefs", brief)["brief_id"]
    on.say("employer", f"posts “{brief['title']}”", "posted")
    for material in materials():
        on.employer.upload(on.brief_id, material, "material")
        on.say("employer", f"uploads {material.name}, {len(material.content):,} bytes: scanned, clean", "posted")
    on.employer.post(on.at("funding"), body_of("funding"))
    held = on.employer.wait_for(on.brief_id, "open")
    escrow = on.employer.get(on.at(""))["progress"]["escrow"]["written"]
    on.say("platform", f"holds {escrow}: pay and fee", held)


def find(on: Stage) -> None:
    """A notice tells the student of the brief; she finds it by its words, and sees how well she fits and why."""
    found: list[dict[str, Any]] = []

    def is_found() -> bool:
        pages = on.student.pages("/search/briefs", text="charting pay floors")
        found[:] = [brief for brief in pages if brief["brief_id"] == on.brief_id]
        return bool(found)

    def is_told() -> bool:
        notices = on.student.pages("/me/notices")
        return ("search.matched", on.brief_id) in [(n["type"], n["brief_id"]) for n in notices]

    on.student.wait_until("the brief is found", is_found)
    on.student.wait_until("the student is told of it", is_told)
    fit = found[0]["fit"]
    parts = " + ".join(str(part["points"]) for part in fit["parts"])
    if fit["score"] != sum(part["points"] for part in fit["parts"]):
        raise StepFailed(f"the parts of the fit do not add up to it: {fit}")
    on.say("student", f"is told of it, searches, finds it: fit {fit['score']} of 100 = {parts}", "open")
    for part in fit["parts"]:
        print(f"{'':11} {part['points']:3} of {part['most']:2}  {part['skill'] or 'hours'}: {part['why']}")


def refuse_low_pay(on: Stage, brief: dict[str, Any]) -> None:
    """A brief under the pay floor is refused, with the lowest pay that would pass."""
    try:
        on.employer.post("/briefs", {**brief, "pay": {"amount_minor": 9_000, "currency": "USD"}})
    except Refused as refused:
        lowest = refused.problem["lowest_pay_minor"] / 100
        on.say("platform", f"refuses 90.00 USD for {brief['hours']} hours: at least {lowest:.2f}", "")
        return
    raise StepFailed("a brief under the pay floor was accepted")


def ask_and_answer(on: Stage) -> None:
    """A question before anybody applies: all can read it and its answer, and nobody sees who asked."""
    at = on.at("questions")
    asked = on.student.post(at, body_of("questions"))
    on.say("student", f"asks a question, number {asked['number']}, without being named", "open")
    on.employer.post(at, {"text": "Yes, with its source in the last column.", "answers": asked["number"]})
    question, answer = on.students[1].pages(at)
    if (question["alias"], question["asker"], answer["answers"]) != ("Student 1", None, asked["number"]):
        raise StepFailed(f"the question is shown as {question}, the answer as {answer}")
    on.say("employer", "answers; every student can read both", "open")


def apply_and_award(on: Stage) -> None:
    """Three students apply without the employer seeing who they are; one is picked by what they wrote."""
    for student in on.students:
        student.post(on.at("applications"), body_of("applications", statement=STATEMENTS[student.name]))
        on.say("student", f"{student.name} applies", "open")
    seen = list(on.employer.pages(on.at("applications")))
    if any(application["applicant"] for application in seen):
        raise StepFailed("a blind brief showed who applied")
    picked = next(a for a in seen if a["statement"] == STATEMENTS[on.student.name])
    on.employer.post(on.at("award"), {"application_id": picked["application_id"]})
    on.say("employer", f"awards {picked['alias']}, without having seen a name", "awarded")


def agree(on: Stage) -> None:
    """The award is on paper; a change of its deadline holds once both sides said yes, and is on paper too."""
    at = on.at("agreement")
    on.student.wait_until("the agreement is on paper", lambda: on.student.get(at)["editions"], limit_s=90)
    (paper,) = on.student.get(at)["editions"]
    on.say("both", f"have the agreement, a PDF of {paper['size_bytes']:,} bytes", "awarded")
    due_at = datetime.fromisoformat(on.student.get(on.at(""))["submission_due"]["due_at"]) + timedelta(days=2)
    proposal = {"reason": "Two sources answer late.", "submission_due_at": due_at.isoformat()}
    number = on.student.post(on.at("amendments"), proposal)["number"]
    on.employer.post(on.at(f"amendments/{number}/acceptance"))
    on.student.wait_until("the change is on paper", lambda: len(on.student.get(at)["editions"]) == 2, limit_s=90)
    on.say("student", "asks for two days more; the employer accepts, the pay stays", "awarded")
