"""People on the deployed stack, and the shortest ways to bring a brief into a state."""

import itertools
import json
from dataclasses import dataclass, field
from typing import Any

from infra.local.accounts import create_account
from infra.local.caller import Caller, SampleFile, body_of, employ, posting
from infra.local.inspection import execution_status
from infra.local.stack import LocalStack

_numbers = itertools.count(1)

TEXT = SampleFile("answer.txt", "text/plain", b"The answer is in the appendix.\n", "answer")
ONE_DELIVERABLE = [
    {"name": "answer", "description": "A short answer.", "media_types": ["text/plain"], "most_bytes": 10_000}
]
SCORES = [{"criterion": name, "level": "good", "feedback": "As asked."} for name in ("correctness", "chart", "writing")]


@dataclass
class People:
    """One employer, one student who can be paid, one operator; more of each on demand."""

    stack: LocalStack
    employer: Caller = field(init=False)
    student: Caller = field(init=False)
    operator: Caller = field(init=False)

    def __post_init__(self) -> None:
        self.operator = self.someone("operator")
        self.employer = self.someone("employer")
        self.student = self.payable_student()

    def someone(self, role: str) -> Caller:
        account = create_account(self.stack, role, f"{role}{next(_numbers)}@example.com")
        person = Caller(self.stack.outputs.api_url, account.access_token, role)
        person.put("/me/profile", {"name": f"A {role}"})
        if role == "employer":
            employ(person, self.operator, f"Organisation of {account.email}")
        return person

    def payable_student(self) -> Caller:
        student = self.someone("student")
        student.put("/me/payout-account", {"destination": "sandbox-account"})
        return student

    def posted(self, **changes: Any) -> str:
        brief_id: str = self.employer.post("/briefs", posting(**{"deliverables": ONE_DELIVERABLE, **changes}))[
            "brief_id"
        ]
        return brief_id

    def warm_up(self) -> None:
        """Have every function of a collection started once: until then, windows may pass while they start."""
        for _ in range(6):
            brief_id = self.posted()
            self.fund(brief_id)
            if self.employer.wait_for(brief_id, "open", "expired") == "open":
                return
        raise TimeoutError("no brief was funded in time, however often it was tried")

    def opened(self, **changes: Any) -> str:
        brief_id = self.posted(**changes)
        self.fund(brief_id)
        self.employer.wait_for(brief_id, "open")
        return brief_id

    def fund(self, brief_id: str, payment_method: str = "sandbox-card") -> None:
        self.employer.post(f"/briefs/{brief_id}/funding", {"payment_method": payment_method})

    def applied(self, brief_id: str, student: Caller | None = None) -> str:
        # In other words for each brief: who sends one text to many is refused.
        body = body_of("applications", statement=f"I have done work like this before, and ask for {brief_id}.")
        application = (student or self.student).post(f"/briefs/{brief_id}/applications", body)
        application_id: str = application["application_id"]
        return application_id

    def awarded(self, student: Caller | None = None, **changes: Any) -> str:
        brief_id = self.opened(**changes)
        application_id = self.applied(brief_id, student)
        self.employer.post(f"/briefs/{brief_id}/award", {"application_id": application_id})
        return brief_id

    def hand_in(self, brief_id: str, student: Caller | None = None) -> int:
        student = student or self.student
        file_id = student.upload(brief_id, TEXT, "deliverable")
        files = [{"deliverable": TEXT.deliverable, "file_id": file_id}]
        number: int = student.post(f"/briefs/{brief_id}/submissions", {"files": files})["submissions"]
        return number

    def submitted(self, student: Caller | None = None, **changes: Any) -> str:
        brief_id = self.awarded(student, **changes)
        self.hand_in(brief_id, student)
        return brief_id

    def changes_requested(self, **changes: Any) -> str:
        brief_id = self.submitted(**changes)
        self.employer.post(f"/briefs/{brief_id}/change-requests", body_of("change-requests"))
        return brief_id

    def approve(self, brief_id: str, key: str | None = None, number: int = 1) -> Any:
        body = {"submission_number": number, "scores": SCORES, "feedback": "Good work."}
        return self.employer.post(f"/briefs/{brief_id}/approval", body, key)

    def credited(self, brief_id: str) -> str:
        """The id of the credential that the student was issued for an approved brief, once it is there."""
        found: list[str] = []

        def is_issued() -> bool:
            own = self.student.pages("/me/credentials")
            found.extend(item["credential_id"] for item in own if item["brief_id"] == brief_id)
            return bool(found)

        self.student.wait_until("the credential is issued", is_issued, limit_s=60)
        return found[0]

    def dispute(self, who: Caller, brief_id: str, part: str = "dispute") -> Any:
        return who.post(f"/briefs/{brief_id}/{part}", {"reason": "This is not what the brief says."})

    def money(self, brief_id: str) -> dict[str, int]:
        """What was moved, by the transfers' names; the books must balance."""
        ledger = self.operator.get(f"/briefs/{brief_id}/ledger")
        assert ledger["balanced"], ledger
        posted = [t for t in ledger["transfers"] if t["phase"] == "posted"]
        amounts = {t["name"]: t["amount"]["amount_minor"] for t in posted}
        assert len(amounts) == len(posted), f"something moved twice: {posted}"
        return amounts

    def sweep(self) -> dict[str, int]:
        """Have the sweeper run now; what it found."""
        return self._call(self.stack.outputs.function_sweep)

    def reconcile(self) -> dict[str, int]:
        """Have ledger and provider compared now; what was found."""
        return self._call(self.stack.outputs.function_reconcile)

    def tidy(self) -> dict[str, int]:
        """Have what nobody wants any more cleared away now; what was done."""
        return self._call(self.stack.outputs.function_tidy)

    def _call(self, function: str) -> dict[str, int]:
        answer = self.stack.client("lambda").invoke(FunctionName=function, Payload=b"{}")
        result: dict[str, int] = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, result
        return result

    def settled(self, brief_id: str, limit_s: float = 60) -> dict[str, Any]:
        """Wait until the money has moved and the workflow has ended; the brief as the operator sees it."""
        who = self.operator
        who.wait_until("the brief is settled", lambda: _brief(who, brief_id)["progress"]["settled_at"], limit_s)
        who.wait_until("the workflow ends", lambda: execution_status(self.stack, brief_id) == "SUCCEEDED", limit_s)
        return _brief(who, brief_id)


def _brief(who: Caller, brief_id: str) -> dict[str, Any]:
    brief: dict[str, Any] = who.get(f"/briefs/{brief_id}")
    return brief
