"""`make demo`: a sample brief from posting to payout, on a local AWS that is deployed for it and gone afterwards."""

import json
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from infra.local.accounts import create_account
from infra.local.caller import BODIES, Caller, Refused, SampleFile, body_of, employ, posting
from infra.local.inspection import sent_mail, transitions
from infra.local.receiver import Receiver
from infra.local.sample.feedback import FEEDBACK_OF_EMPLOYER
from infra.local.sample.malware import EICAR
from infra.local.sample.work import first_attempt, materials, revision
from infra.local.stack import LocalStack
from infra.local.steps import StepFailed, exit_with_reason
from microintern_client.verifying import verify

MOST_TRANSITIONS = 7
"""The states that the workflow enters for a brief with one revision; fewer when a decision outruns it."""

SIDES = ("from_employer", "from_student")

HEARD_OF = ["brief.posted", "brief.opened", "brief.submitted", "brief.approved", "brief.paid"]

_STATEMENTS = {
    "Amara Okafor": body_of("applications")["statement"],
    "Jonas Weber": "I chart data for the student paper and know the style guides of three newspapers.",
    "Mei Tanaka": "I have built two scrapers and would like to learn how to write reports.",
}


class Demo:
    """One brief, three applicants, one revision."""

    def __init__(self, stack: LocalStack) -> None:
        self.stack = stack
        self.brief_id = self.credential_url = ""
        self.started_s = self.last_s = time.monotonic()
        self.employer = self._person("employer", "Noor Haddad")
        self.students = [self._person("student", name) for name in _STATEMENTS]
        self.student = self.students[0]
        self.student_id = self.student.get("/me")["account_id"]
        for student in self.students:
            student.put("/me/payout-account", {"destination": "sandbox-account"})
        self.say("everyone", "signs up, signs in, writes a profile", "")
        self.operator = self._person("operator", "Olga Petrov")
        self.organisation_id = employ(self.employer, self.operator, "Open Wages Institute")
        self.say("employer", "founds “Open Wages Institute”, an operator approves it", "")

    def run(self, receiver: Receiver) -> dict[str, Any]:
        """Carry the brief to payout, heard of by a system of the employer's own; the figures at its end."""
        self.connect(receiver)
        self.student.put("/me/strengths", {"skills": ["python", "charts"], "hours_per_week": 6})
        self.student.post("/me/searches", {"name": "Charts", "text": "charts of pay floors"})
        self.say("student", "saves a search, and says which skills and hours she has", "")
        self.start_from_template()
        self.post_and_fund()
        self.find()
        self.ask_and_answer()
        self.apply_and_award()
        today = datetime.now(UTC).date()
        self.refuse_malware()
        self.hand_in(first_attempt(today))
        self.employer.post(self._at("change-requests"), body_of("change-requests"))
        self.say("employer", "asks for changes to the chart, citing the rubric", "changes_requested")
        self.hand_in(revision(today))
        self.approve()
        self.give_feedback()
        self.credit()
        self.teach()
        self.show()
        self.hear(receiver)
        self.read_mail()
        return self.figures()

    def connect(self, receiver: Receiver) -> None:
        """The employer has what happens sent to a system of its own, with a secret that is shown this once."""
        at = f"/organisations/{self.employer.get('/me')['organisation_id']}/webhooks"
        issued = self.employer.post(at, {"url": receiver.url, "event_types": HEARD_OF})
        receiver.secret = issued["secret"]
        self.say("employer", "has events sent to a system of its own", "")

    def hear(self, receiver: Receiver) -> None:
        """By now that system has heard of each step, and verified each message."""
        self.employer.wait_until("every webhook came", lambda: receiver.has(self.brief_id, HEARD_OF))
        if receiver.refused:
            raise StepFailed(f"{receiver.refused} webhooks were not signed as they should be")
        self.say("employer", f"its system verified {len(receiver.of(self.brief_id))} signed webhooks", "paid")

    def read_mail(self) -> None:
        """What the student was told came by e-mail, too, with links that end it; nothing leaves this machine."""
        to = [mail for mail in sent_mail(self.stack) if mail["To"] == [f"{first_name(self.student.name)}@example.com"]]
        if not any("You have been paid" in mail["BodyText"] for mail in to):
            raise StepFailed(f"no e-mail says that the student was paid: {[mail['Subject'] for mail in to]}")
        leads_on = sum("/unsubscribe/" in mail["BodyText"] for mail in to)
        self.say("student", f"has {len(to)} e-mails of it, {leads_on} with a link to unsubscribe", "paid")

    def start_from_template(self) -> None:
        """A vague posting is told what it lacks; one that begins from a template can be posted as it is."""
        vague = posting(title="Improve our website", goals="Improve our website, make it nice, etc.")
        findings = self.employer.post("/briefs/check", vague)["findings"]
        self.say("platform", f"checks “{vague['title']}”: {len(findings)} things to do better", "")
        template = self.employer.get("/templates/clean-a-table", place="US-NY-NYC", zone="America/New_York")
        checked = self.employer.post("/briefs/check", template["posting"])
        if checked["findings"] or not findings:
            raise StepFailed(f"the check found {checked['findings']} in a template, and {findings} in what is vague")
        self.say("employer", f"takes the template {template['template_id']}: nothing to do better", "")
        held = checked["cost"]["total_to_hold"]["written"]
        posted = self.employer.post("/briefs", template["posting"])
        self.say("employer", f"posts it; {held} would be held", posted["state"])
        cancelled = self.employer.post(f"/briefs/{posted['brief_id']}/cancellation")
        self.say("employer", "cancels it, free of charge, to post one of their own", cancelled["state"])

    def ask_and_answer(self) -> None:
        """A question before anybody applies: all can read it and its answer, and nobody sees who asked."""
        at = self._at("questions")
        asked = self.student.post(at, body_of("questions"))
        self.say("student", f"asks a question, number {asked['number']}, without being named", "open")
        self.employer.post(at, {"text": "Yes, with its source in the last column.", "answers": asked["number"]})
        question, answer = self.students[1].pages(at)
        if (question["alias"], question["asker"], answer["answers"]) != ("Student 1", None, asked["number"]):
            raise StepFailed(f"the question is shown as {question}, the answer as {answer}")
        self.say("employer", "answers; every student can read both", "open")

    def post_and_fund(self) -> None:
        """The employer posts and hands over materials; the brief opens once the money is held."""
        brief = posting()
        self.refuse_low_pay(brief)
        self.brief_id = self.employer.post("/briefs", brief)["brief_id"]
        self.say("employer", f"posts “{brief['title']}”", "posted")
        for material in materials():
            self.employer.upload(self.brief_id, material, "material")
            self.say("employer", f"uploads {material.name}, {len(material.content):,} bytes: scanned, clean", "posted")
        self.employer.post(self._at("funding"), body_of("funding"))
        held = self.employer.wait_for(self.brief_id, "open")
        escrow = self.employer.get(self._at(""))["progress"]["escrow"]["written"]
        self.say("platform", f"holds {escrow}: pay and fee", held)

    def find(self) -> None:
        """A notice tells the student of the brief; she finds it by its words, and sees how well she fits and why."""
        found: list[dict[str, Any]] = []

        def is_found() -> bool:
            pages = self.student.pages("/search/briefs", text="charting pay floors")
            found[:] = [brief for brief in pages if brief["brief_id"] == self.brief_id]
            return bool(found)

        def is_told() -> bool:
            notices = self.student.pages("/me/notices")
            return ("search.matched", self.brief_id) in [(n["type"], n["brief_id"]) for n in notices]

        self.student.wait_until("the brief is found", is_found)
        self.student.wait_until("the student is told of it", is_told)
        fit = found[0]["fit"]
        parts = " + ".join(str(part["points"]) for part in fit["parts"])
        if fit["score"] != sum(part["points"] for part in fit["parts"]):
            raise StepFailed(f"the parts of the fit do not add up to it: {fit}")
        self.say("student", f"is told of it, searches, finds it: fit {fit['score']} of 100 = {parts}", "open")
        for part in fit["parts"]:
            print(f"{'':11} {part['points']:3} of {part['most']:2}  {part['skill'] or 'hours'}: {part['why']}")

    def refuse_low_pay(self, brief: dict[str, Any]) -> None:
        """A brief under the pay floor is refused, with the lowest pay that would pass."""
        try:
            self.employer.post("/briefs", {**brief, "pay": {"amount_minor": 9_000, "currency": "USD"}})
        except Refused as refused:
            lowest = refused.problem["lowest_pay_minor"] / 100
            self.say("platform", f"refuses 90.00 USD for {brief['hours']} hours: at least {lowest:.2f}", "")
            return
        raise StepFailed("a brief under the pay floor was accepted")

    def apply_and_award(self) -> None:
        """Three students apply without the employer seeing who they are; one is picked by what they wrote."""
        for student in self.students:
            student.post(self._at("applications"), body_of("applications", statement=_STATEMENTS[student.name]))
            self.say("student", f"{student.name} applies", "open")
        seen = list(self.employer.pages(self._at("applications")))
        if any(application["applicant"] for application in seen):
            raise StepFailed("a blind brief showed who applied")
        picked = next(a for a in seen if a["statement"] == _STATEMENTS[self.student.name])
        self.employer.post(self._at("award"), {"application_id": picked["application_id"]})
        self.say("employer", f"awards {picked['alias']}, without having seen a name", "awarded")

    def hand_in(self, files: list[SampleFile]) -> None:
        """The student uploads the deliverables and submits them; the employer downloads one to be sure."""
        handed_in: list[dict[str, str]] = []
        for file in files:
            file_id = self.student.upload(self.brief_id, file, "deliverable")
            handed_in.append({"deliverable": str(file.deliverable), "file_id": file_id})
            self.say("student", f"uploads {file.name}, {len(file.content):,} bytes: scanned, clean", "")
        answer = self.student.post(self._at("submissions"), {"files": handed_in})
        self.say("student", f"submits, number {answer['submissions']}", answer["state"])
        if self.employer.download(self.brief_id, handed_in[0]["file_id"]) != files[0].content:
            raise StepFailed("the employer downloaded something else than the student uploaded")
        self.say("employer", f"downloads {files[0].name}: the same bytes", "")
        self.look_at(next(done["file_id"] for done in handed_in if done["deliverable"] == "chart"))
        self.prove(answer["submissions"], files)

    def look_at(self, file_id: str) -> None:
        """The employer is shown a picture that was drawn of the file, and not the file."""
        at, found = self._at(f"files/{file_id}/preview"), {"status": "pending"}

        def is_drawn() -> bool:
            found.update(self.employer.get(at))
            return found["status"] != "pending"

        self.employer.wait_until("the preview is drawn", is_drawn)
        if found["status"] != "ready":
            raise StepFailed(f"there is no preview of the chart: {found}")
        self.say("employer", "looks at a preview of the chart, drawn anew", "")

    def prove(self, number: int, files: list[SampleFile]) -> None:
        """Whoever has the files, the signed manifest and the public keys needs nobody to check what was handed in."""
        signed = self.employer.get(self._at(f"submissions/{number}/manifest"))
        keys = self.employer.get("/.well-known/jwks.json")
        with tempfile.TemporaryDirectory() as folder:
            for file in files:
                Path(folder, file.name).write_bytes(file.content)
            found = verify(signed, keys, Path(folder))
        if not found.complete:
            raise StepFailed(f"what was handed in is not what was signed: {found}")
        self.say("employer", f"verifies the signed manifest of submission {number}, offline", "")

    def refuse_malware(self) -> None:
        """The file that every scanner knows is found, whatever it is called, and put where nobody can have it."""
        file = SampleFile("pay_floors_final.csv", "text/csv", EICAR, "cleaned-table")
        try:
            self.student.upload(self.brief_id, file, "deliverable")
        except Refused:
            self.say("platform", f"finds malware in {file.name}: puts it away, tells both sides", "")
            return
        raise StepFailed("malware was accepted")

    def approve(self) -> None:
        """The employer scores the revision; the student is paid."""
        self.employer.post(self._at("approval"), body_of("approval"))
        self.say("employer", "approves with scores and feedback", "approved")
        self.employer.wait_for(self.brief_id, "paid")
        self.say("platform", "settles: the student is paid", "paid")

    def give_feedback(self) -> None:
        """Both sides rate and write; neither sees the other's before both are in."""
        at = self._at("feedback")
        self.student.put(at, BODIES["put /briefs/{brief_id}/feedback"])
        if self.employer.get(at)["from_student"] is not None:
            raise StepFailed("the employer saw the student's feedback before giving their own")
        self.say("student", "rates the employer and writes; nobody sees it yet", "")
        self.employer.put(at, FEEDBACK_OF_EMPLOYER)
        if not all(who.get(at)[side] for who in (self.student, self.employer) for side in SIDES):
            raise StepFailed("both sides have given feedback, and do not see it")
        self.say("employer", "rates the student and writes; each now sees the other's", "")

    def records(self) -> dict[str, dict[str, Any]]:
        """Wait until everything was counted, and print what each side's record says that is not nothing."""
        self.student.wait_until("the records are up to date", lambda: self._counted()["ratings counted"])
        print("\nRecords")
        found = self._counted()
        for side in ("employer", "student"):
            figures = {f["name"]: f for f in found[side]["figures"] if f["value"]}
            print(f"  {side:9} " + ", ".join(f"{name} {figure['value']}" for name, figure in figures.items()))
        hidden = [f["name"] for side in ("employer", "student") for f in found[side]["figures"] if f["value"] is None]
        print(f"  shown once three briefs stand behind them: {', '.join(dict.fromkeys(hidden))}"[:170])
        return found

    def _counted(self) -> dict[str, Any]:
        """Both records as they are now, and whether what both sides rated stands in them."""
        employer = self.student.get(f"/organisations/{self.organisation_id}/record")
        student = self.student.get(f"/students/{self.student_id}/record")
        rated = [f["briefs"] for record in (employer, student) for f in record["figures"] if "rating_" in f["name"]]
        return {"employer": employer, "student": student, "ratings counted": all(rated)}

    def credit(self) -> None:
        """The approval leaves the student a credential, which nobody sees until the student shows it."""
        own, found = "/me/credentials", {}

        def is_issued() -> bool:
            found.update({item["brief_id"]: item for item in self.student.pages(own)})
            return self.brief_id in found

        self.student.wait_until("the credential is issued", is_issued)
        about = found[self.brief_id]
        self.credential_url = about["url"]
        if httpx.get(self.credential_url).status_code != httpx.codes.NOT_FOUND:
            raise StepFailed("a credential that is not public can be seen")
        self.say("platform", "issues a credential, signed; only the student can see it", "")
        shown = BODIES["put /me/credentials/{credential_id}/visibility"]
        self.student.put(f"{own}/{about['credential_id']}/visibility", shown)
        self.say("student", "makes it public, with name, employer and scores", "")
        png = httpx.get(f"{self.credential_url}/badge").raise_for_status()
        at, media_type = f"{self.student.api_url}/credentials/verification", png.headers["Content-Type"]
        said = httpx.post(at, content=png.content, headers={"Content-Type": media_type}).raise_for_status().json()
        if not said["valid"] or said["id"] != self.credential_url:
            raise StepFailed(f"the credential in the badge is not valid: {said}")
        self.say("anybody", f"verifies the badge, a PNG of {len(png.content):,} bytes: valid", "")
        print(f"            {self.credential_url}")

    def teach(self) -> None:
        """An educator sees nothing of a student before she consents; then her progress, for which credit is granted."""
        educator = self._person("educator", "Edda Lindqvist")
        at = f"/organisations/{employ(educator, self.operator, 'North City College')}/cohorts"
        today = datetime.now(UTC).date()
        period = {"starts_on": str(today), "ends_on": str(today + timedelta(days=120))}
        made = educator.post(at, {"name": "Field work in data", **period, "rules": {"hours_per_credit": 8}})
        at = f"{at}/{made['cohort_id']}"
        code = educator.post(f"{at}/code")["code"]
        if list(educator.pages(f"{at}/students")):
            raise StepFailed("an educator saw a student who had not consented")
        self.say("educator", "founds “North City College”, makes a cohort: sees nobody yet", "")
        offer = self.student.post("/me/cohorts/preview", {"code": code})
        self.student.post("/me/cohorts", {"code": code, "terms_version": offer["terms"]["version"]})
        self.say("student", f"reads {len(offer['terms']['covers'])} lines on what is seen, consents, joins", "")
        of_student = f"{at}/students/{self.student_id}"
        educator.wait_until("the approval is seen", lambda: educator.get(of_student)["credit"]["hundredths"])
        (seen,) = educator.pages(f"{at}/students")
        hundredths, risks = seen["credit"]["hundredths"], len(seen["at_risk"])
        name, hours = seen["student"]["name"], seen["hours_approved"]
        self.say("educator", f"sees {name}: {hours} hours approved, {risks} risks", "")
        granted = educator.post(f"{of_student}/credit", {"hundredths": hundredths})
        self.say("educator", f"grants {granted['credit']['written']} credits, a signed credential of the student's", "")
        self.student.post(f"/me/cohorts/{made['cohort_id']}/withdrawal")
        (kept,) = educator.pages(f"{at}/credits")
        if list(educator.pages(f"{at}/students")) or kept["student"] is not None:
            raise StepFailed("an educator saw a student who had withdrawn their consent")
        self.say("student", "withdraws her consent: nothing of her is seen, the credit stays", "")

    def show(self) -> None:
        """The student shows the brief on a page of their own, which anybody sees who has the link."""
        submissions = self.student.get(self._at("submissions"))["items"]
        file_id = submissions[-1]["files"][0]["file_id"]
        page = self.student.post("/me/portfolio/link", {})["url"]
        self.student.put(f"/me/portfolio/briefs/{self.brief_id}", {"public": True, "file_ids": [file_id]})
        said = BODIES["put /briefs/{brief_id}/consent"]
        self.employer.put(self._at("consent"), said)
        (brief,) = httpx.get(page).raise_for_status().json()["briefs"]
        if brief["quote"]["text"] != said["quote"] or not brief["files"]:
            raise StepFailed(f"the page does not show what was chosen and consented to: {brief}")
        self.say("student", "shows the brief on a page of their own, by a link that nobody can guess", "")
        file = httpx.get(brief["files"][0]["url"], follow_redirects=True).raise_for_status()
        self.say("anybody", f"reads the employer's words there, and has a file of {len(file.content):,} bytes", "")
        print(f"            {page}")

    def figures(self) -> dict[str, Any]:
        """Print the timeline and the ledger; what the demo came to."""
        brief = self.student.get(self._at(""))
        ledger = self.student.get(self._at("ledger"))
        self.show_timeline()
        print("\nLedger")
        for transfer in ledger["transfers"]:
            way = f"{transfer['debit'][:34]:36} → {transfer['credit'][:34]:36}"
            print(f"  {transfer['name']:8} {transfer['phase']:8} {way} {transfer['amount']['written']:>12}")
        self.records()
        posted = [t for t in ledger["transfers"] if t["phase"] == "posted"]
        paid = sum(t["amount"]["amount_minor"] for t in posted if t["name"] == "payout")
        return {
            "brief_id": self.brief_id,
            "state": brief["state"],
            "paid_minor": paid,
            "currency": brief["pay"]["currency"],
            "transfers": len(posted),
            "balanced": ledger["balanced"],
            "revisions": brief["progress"]["rounds_used"],
            "feedback": len(self.student.get(self._at("feedback"))["given"]),
            "credential": self.credential_url,
            "transitions": transitions(self.stack, self.brief_id),
            "seconds": round(time.monotonic() - self.started_s, 1),
        }

    def show_timeline(self) -> None:
        """Every step with its exact time, and the deadline that began to run."""
        print("\nTimeline")
        for step in self.student.pages(self._at("timeline")):
            deadline = step["deadline"]
            then = f"until {deadline['local']}: else {deadline['then']}" if deadline else ""
            print(f"  {step['local']}  {step['by']:8} {step['type']:25} {then}"[:170])

    def say(self, actor: str, action: str, state: str) -> None:
        """One line per step: actor, action, state, seconds since the step before."""
        now_s = time.monotonic()
        print(f"  {actor:9} {action:62} {state:18} {now_s - self.last_s:5.1f} s", flush=True)
        self.last_s = now_s

    def _person(self, role: str, name: str) -> Caller:
        account = create_account(self.stack, role, f"{first_name(name)}@example.com")
        person = Caller(self.stack.outputs.api_url, account.access_token, name)
        person.put("/me/profile", {"name": name})
        return person

    def _at(self, part: str) -> str:
        return f"/briefs/{self.brief_id}/{part}".rstrip("/")


def first_name(name: str) -> str:
    """What somebody's address begins with here."""
    return name.split(maxsplit=1)[0].lower()


def check(figures: dict[str, Any]) -> None:
    """Raise with the reason unless the brief ended as it must."""
    pay = posting()["pay"]
    expected = {
        "state": "paid",
        "paid_minor": pay["amount_minor"],
        "currency": pay["currency"],
        "transfers": 4,
        "balanced": True,
        "revisions": 1,
        "feedback": 2,
    }
    if figures["transitions"] > MOST_TRANSITIONS:
        raise StepFailed(f"The workflow entered {figures['transitions']} states, not {MOST_TRANSITIONS} at most.")
    wrong = [f"{name} is {figures[name]}, not {value}" for name, value in expected.items() if figures[name] != value]
    if wrong:
        raise StepFailed("The demo went wrong: " + "; ".join(wrong))


def main() -> None:
    """Deploy, carry the brief, print the figures as the last line, and leave nothing running."""
    with LocalStack() as stack:
        stack.deploy()
        print("\nA brief, from posting to payout")
        with Receiver() as receiver:
            figures = Demo(stack).run(receiver)
    check(figures)
    print(json.dumps(figures))


if __name__ == "__main__":
    exit_with_reason(main)
