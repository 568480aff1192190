"""What everybody carries away: feedback, credential, credit, a page, a shortlist, messages."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from infra.local.caller import BODIES, employ
from infra.local.demo.stage import HEARD_OF, SCHOOL, Stage, first_name
from infra.local.inspection import sent_mail
from infra.local.receiver import Receiver
from infra.local.sample.feedback import FEEDBACK_OF_EMPLOYER
from infra.local.steps import StepFailed

SIDES = ("from_employer", "from_student")


def give_feedback(on: Stage) -> None:
    """Both sides rate and write; neither sees the other's before both are in."""
    at = on.at("feedback")
    on.student.put(at, BODIES["put /briefs/{brief_id}/feedback"])
    if on.employer.get(at)["from_student"] is not None:
        raise StepFailed("the employer saw the student's feedback before giving their own")
    on.say("student", "rates the employer and writes; nobody sees it yet", "")
    on.employer.put(at, FEEDBACK_OF_EMPLOYER)
    if not all(who.get(at)[side] for who in (on.student, on.employer) for side in SIDES):
        raise StepFailed("both sides have given feedback, and do not see it")
    on.say("employer", "rates the student and writes; each now sees the other's", "")


def credit(on: Stage) -> None:
    """The approval leaves the student a credential, which nobody sees until the student shows it."""
    own, found = "/me/credentials", {}

    def is_issued() -> bool:
        found.update({item["brief_id"]: item for item in on.student.pages(own)})
        return on.brief_id in found

    on.student.wait_until("the credential is issued", is_issued)
    about = found[on.brief_id]
    on.credential_url = about["url"]
    if httpx.get(on.credential_url).status_code != httpx.codes.NOT_FOUND:
        raise StepFailed("a credential that is not public can be seen")
    on.say("platform", "issues a credential, signed; only the student can see it", "")
    shown = BODIES["put /me/credentials/{credential_id}/visibility"]
    on.student.put(f"{own}/{about['credential_id']}/visibility", shown)
    on.say("student", "makes it public, with name, employer and scores", "")
    png = httpx.get(f"{on.credential_url}/badge").raise_for_status()
    at, media_type = f"{on.student.api_url}/credentials/verification", png.headers["Content-Type"]
    said = httpx.post(at, content=png.content, headers={"Content-Type": media_type}).raise_for_status().json()
    if not said["valid"] or said["id"] != on.credential_url:
        raise StepFailed(f"the credential in the badge is not valid: {said}")
    on.say("anybody", f"verifies the badge, a PNG of {len(png.content):,} bytes: valid", "")
    print(f"            {on.credential_url}")


def teach(on: Stage) -> None:
    """An educator sees nothing of a student before she consents; then her progress, for which credit is granted."""
    educator = on.person("educator", "Edda Lindqvist")
    at = f"/organisations/{employ(educator, on.operator, SCHOOL)}/cohorts"
    today = datetime.now(UTC).date()
    period = {"starts_on": str(today), "ends_on": str(today + timedelta(days=120))}
    made = educator.post(at, {"name": "Field work in data", **period, "rules": {"hours_per_credit": 8}})
    at = f"{at}/{made['cohort_id']}"
    code = educator.post(f"{at}/code")["code"]
    if list(educator.pages(f"{at}/students")):
        raise StepFailed("an educator saw a student who had not consented")
    on.say("educator", f"founds “{SCHOOL}”, makes a cohort: sees nobody yet", "")
    offer = on.student.post("/me/cohorts/preview", {"code": code})
    on.student.post("/me/cohorts", {"code": code, "terms_version": offer["terms"]["version"]})
    on.say("student", f"reads {len(offer['terms']['covers'])} lines on what is seen, consents, joins", "")
    of_student = f"{at}/students/{on.student_id}"
    educator.wait_until("the approval is seen", lambda: educator.get(of_student)["credit"]["hundredths"])
    (seen,) = educator.pages(f"{at}/students")
    hundredths, risks = seen["credit"]["hundredths"], len(seen["at_risk"])
    name, hours = seen["student"]["name"], seen["hours_approved"]
    on.say("educator", f"sees {name}: {hours} hours approved, {risks} risks", "")
    granted = educator.post(f"{of_student}/credit", {"hundredths": hundredths})
    on.say("educator", f"grants {granted['credit']['written']} credits, a signed credential of the student's", "")
    on.student.post(f"/me/cohorts/{made['cohort_id']}/withdrawal")
    (kept,) = educator.pages(f"{at}/credits")
    if list(educator.pages(f"{at}/students")) or kept["student"] is not None:
        raise StepFailed("an educator saw a student who had withdrawn their consent")
    on.say("student", "withdraws her consent: nothing of her is seen, the credit stays", "")


def show(on: Stage) -> None:
    """The student shows the brief on a page of their own, which anybody sees who has the link."""
    submissions = on.student.get(on.at("submissions"))["items"]
    file_id = submissions[-1]["files"][0]["file_id"]
    page = on.student.post("/me/portfolio/link", {})["url"]
    on.student.put(f"/me/portfolio/briefs/{on.brief_id}", {"public": True, "file_ids": [file_id]})
    said = BODIES["put /briefs/{brief_id}/consent"]
    on.employer.put(on.at("consent"), said)
    (brief,) = httpx.get(page).raise_for_status().json()["briefs"]
    if brief["quote"]["text"] != said["quote"] or not brief["files"]:
        raise StepFailed(f"the page does not show what was chosen and consented to: {brief}")
    on.say("student", "shows the brief on a page of their own, by a link that nobody can guess", "")
    file = httpx.get(brief["files"][0]["url"], follow_redirects=True).raise_for_status()
    on.say("anybody", f"reads the employer's words there, and has a file of {len(file.content):,} bytes", "")
    print(f"            {page}")


def shortlist(on: Stage) -> None:
    """The employer keeps whoever did the work in view, and reads how its briefs went."""
    at, of_student = f"/organisations/{on.organisation_id}", {"stage": "shortlisted", "note": "Reads the source."}
    on.employer.wait_until("a candidate is there", lambda: list(on.employer.pages(f"{at}/candidates")))
    on.employer.put(f"{at}/candidates/{on.student_id}", of_student)
    on.say("employer", "shortlists her for the next brief, with a note that only they see", "")
    on.employer.wait_until("the end is counted", lambda: _reported(on)["by_state"].get("approved"))
    total = _reported(on)
    (pay,) = total["pay_by_field"]
    figures = f"mean pay {pay['mean_minor'] / 100:.2f} {pay['currency']}, first-timers {total['first_timers']}"
    on.say("employer", f"reads its report: funded {total['funded']}, {figures}, schools {total['schools']}", "")


def _reported(on: Stage) -> dict[str, Any]:
    total: dict[str, Any] = on.employer.get(f"/organisations/{on.organisation_id}/report")["total"]
    return total


def hear(on: Stage, receiver: Receiver) -> None:
    """By now that system has heard of each step, and verified each message."""
    on.employer.wait_until("every webhook came", lambda: receiver.has(on.brief_id, HEARD_OF))
    if receiver.refused:
        raise StepFailed(f"{receiver.refused} webhooks were not signed as they should be")
    on.say("employer", f"its system verified {len(receiver.of(on.brief_id))} signed webhooks", "paid")


def read_mail(on: Stage) -> None:
    """What the student was told came by e-mail, too, with links that end it; nothing leaves this machine."""
    to = [mail for mail in sent_mail(on.stack) if mail["To"] == [f"{first_name(on.student.name)}@example.com"]]
    if not any("You have been paid" in mail["BodyText"] for mail in to):
        raise StepFailed(f"no e-mail says that the student was paid: {[mail['Subject'] for mail in to]}")
    leads_on = sum("/unsubscribe/" in mail["BodyText"] for mail in to)
    on.say("student", f"has {len(to)} e-mails of it, {leads_on} with a link to unsubscribe", "paid")
