"""Who is in the demo, and what each step of it says."""

import time

from infra.local.accounts import create_account
from infra.local.caller import Caller, body_of, employ
from infra.local.stack import LocalStack

HEARD_OF = ["brief.posted", "brief.opened", "brief.submitted", "brief.approved", "brief.paid"]
"""What the employer's own system asks for."""
SCHOOL = "North City College"
STATEMENTS = {
    "Amara Okafor": body_of("applications")["statement"],
    "Jonas Weber": "I chart data for the student paper and know the style guides of three newspapers.",
    "Mei Tanaka": "I have built two scrapers and would like to learn how to write reports.",
}
"""Who applies, and with what words."""


class Stage:
    """An employer, three students and an operator, and the brief that they are at."""

    def __init__(self, stack: LocalStack) -> None:
        self.stack = stack
        self.brief_id = self.credential_url = ""
        self.started_s = self.last_s = time.monotonic()
        self.employer = self.person("employer", "Noor Haddad")
        self.students = [self.person("student", name) for name in STATEMENTS]
        self.student = self.students[0]
        self.student_id = self.student.get("/me")["account_id"]
        for student in self.students:
            student.put("/me/payout-account", {"destination": "sandbox-account"})
        self.say("everyone", "signs up, signs in, writes a profile", "")
        self.operator = self.person("operator", "Olga Petrov")
        self.organisation_id = employ(self.employer, self.operator, "Open Wages Institute")
        self.say("employer", "founds “Open Wages Institute”, an operator approves it", "")

    def say(self, actor: str, action: str, state: str) -> None:
        """One line per step: actor, action, state, seconds since the step before."""
        now_s = time.monotonic()
        print(f"  {actor:9} {action:62} {state:18} {now_s - self.last_s:5.1f} s", flush=True)
        self.last_s = now_s

    def person(self, role: str, name: str) -> Caller:
        """Somebody who has signed up, confirmed, signed in and written a profile."""
        account = create_account(self.stack, role, f"{first_name(name)}@example.com")
        person = Caller(self.stack.outputs.api_url, account.access_token, name)
        person.put("/me/profile", {"name": name, "school": SCHOOL} if role == "student" else {"name": name})
        return person

    def at(self, part: str) -> str:
        """The path of something of the brief."""
        return f"/briefs/{self.brief_id}/{part}".rstrip("/")


def first_name(name: str) -> str:
    """What somebody's address begins with here."""
    return name.split(maxsplit=1)[0].lower()
