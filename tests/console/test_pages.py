"""Every page for everybody, and every dialog: by day on a screen, by night on a phone, looked at by axe-core."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser

from infra.local.browsing import visit
from infra.local.caller import BODIES, body_of
from infra.local.sample.work import materials
from tests.console.visitors import Served, Sweep, faults, fit, let_in, newcomer, offered
from tests.e2e.people import People

pytestmark = pytest.mark.local_stack

FEEDBACK: dict[str, Any] = BODIES["put /briefs/{brief_id}/feedback"]
OF_STUDENT = FEEDBACK | {"ratings": {"quality": 4, "communication": 4, "reliability": 4, "initiative": 4}}


class Seen(NamedTuple):
    """A page as somebody sees it: what it says, and the buttons on it that open dialogs."""

    role: str
    path: str
    says: str = ""
    opens: tuple[str, ...] = ()


@pytest.fixture(scope="package")
def sweep(served: Served, chrome: Browser) -> Sweep:
    return Sweep(served, chrome)


def look_at(sweep: Sweep, pages: list[Seen], within: str = "", name: str = "", **ids: str) -> list[str]:
    """What is wrong with these pages; pictures of a brief's are named after its stage."""
    for page in pages:
        path = within + page.path.format(**ids)
        called = (name + page.path).replace("_id", "").translate(str.maketrans("/", "-", "{}"))
        sweep.look(page.role, path, called.strip("-") or "home", page.says, page.opens)
    return sweep.found()


# briefs


def opens(people: People, brief_id: str) -> None:
    people.fund(brief_id)
    people.employer.wait_for(brief_id, "open")
    at = f"/briefs/{brief_id}/questions"
    asked = people.student.post(at, body_of("questions"))
    people.employer.post(at, {"text": "Yes, with its source.", "answers": asked["number"]})
    people.applied(brief_id)


def awards(people: People, brief_id: str) -> None:
    at = f"/briefs/{brief_id}"
    (application,) = people.employer.pages(f"{at}/applications")
    people.employer.post(f"{at}/award", {"application_id": application["application_id"]})
    people.employer.upload(brief_id, materials()[0], "material")
    people.student.post(f"{at}/messages", body_of("messages"))
    people.employer.post(f"{at}/messages", {"text": "Please do."})
    people.student.post(f"{at}/amendments", {"reason": "It takes longer.", "scope": "The answer may be longer, too."})


def asks_for_changes(people: People, brief_id: str) -> None:
    people.employer.post(f"/briefs/{brief_id}/change-requests", body_of("change-requests"))


def decides(people: People, brief_id: str) -> None:
    people.operator.post(f"/briefs/{brief_id}/dispute/resolution", body_of("dispute/resolution"))


class Stage(NamedTuple):
    """How a brief gets there from the stage before, and who looks at what of it then."""

    reach: Callable[[People, str], object]
    pages: list[Seen]


STAGES = {
    "posted": Stage(lambda *_: None, [Seen("employer", "", "Payment method", ("Cancel the brief",))]),
    "open": Stage(
        opens,
        [
            Seen("employer", "", "choose somebody among those who applied"),
            Seen("employer", "/applicants", "I have done work like this", ("Award", "Record")),
            Seen("employer", "/talk", "Your answer"),
            Seen("student", "", "You have applied."),
            Seen("educator", "", "The employer is to choose"),
        ],
    ),
    "awarded": Stage(
        awards,
        [
            Seen("employer", "/agreement", "Amendment 1", ("Propose a change",)),
            Seen("student", "", "do the work and hand it in", ("Give it back",)),
            Seen("student", "/work", "Still missing: Answer."),
            Seen("student", "/agreement", "Amendment 1", ("Propose a change",)),
        ],
    ),
    "submitted": Stage(
        People.hand_in,
        [
            Seen("employer", "", "Review the work", ("Open a dispute",)),
            Seen("employer", "/review", "Approve and pay"),
            Seen("employer", "/work", "Submission 1"),
            Seen("employer", "/trail", "unbroken"),
            Seen("student", "/work", "Submission 1"),
            Seen("student", "/talk", "Please do."),
            Seen("operator", "", "The employer is to review"),
        ],
    ),
    "changes-requested": Stage(
        asks_for_changes,
        [
            Seen("student", "", "make the changes and hand in again", ("Open a dispute",)),
            Seen("student", "/work", "Choose another file of what has changed."),
        ],
    ),
    "disputed": Stage(
        lambda people, brief_id: people.dispute(people.student, brief_id),
        [
            Seen("employer", "", "Your side of it"),
            Seen("student", "", "The employer is to answer"),
            Seen("operator", "", "Divide $330.00"),
            Seen("operator", "/talk", "Please do."),
            Seen("operator", "/agreement", "The agreement"),
        ],
    ),
    "answered": Stage(
        lambda people, brief_id: people.dispute(people.employer, brief_id, "dispute/answer"),
        [
            Seen("operator", "", "Your turn: decide the dispute"),
        ],
    ),
    "decided": Stage(
        decides,
        [
            Seen("student", "", "As decided, once it is final:"),
            Seen("operator", "", "becomes final by itself", ("Take the decision back",)),
        ],
    ),
}


class Life:
    """One brief that goes from stage to stage."""

    def __init__(self, people: People) -> None:
        self.people, self.brief_id = people, people.posted()
        self.ahead: Iterator[str] = iter(STAGES)
        self.stage = ""

    def reach(self, stage: str) -> str:
        while self.stage != stage:
            self.stage = next(self.ahead)
            STAGES[self.stage].reach(self.people, self.brief_id)
        return self.brief_id


@pytest.fixture(scope="module")
def life(served: Served) -> Life:
    return Life(served.people)


@pytest.mark.parametrize("stage", STAGES)
def test_a_brief_can_be_followed_by_everybody_at_each_stage(sweep: Sweep, life: Life, stage: str) -> None:
    within = f"/briefs/{life.reach(stage)}"
    assert look_at(sweep, STAGES[stage].pages, within, f"brief-{stage}") == []


def test_feedback_is_given_and_shown_after_the_end(sweep: Sweep, served: Served, paid: str) -> None:
    within = f"/briefs/{paid}"
    before = [
        Seen("employer", "", "It is over: approved."),
        Seen("employer", "/agreement", "What the student may show"),
        Seen("employer", "/feedback", "Neither side sees the other's"),
        Seen("student", "/feedback", "Neither side sees the other's"),
        Seen("operator", "", "It went:"),
    ]
    assert look_at(sweep, before, within, "brief-paid") == []
    served.people.student.put(f"{within}/feedback", FEEDBACK)
    served.people.employer.put(f"{within}/feedback", OF_STUDENT)
    after = [
        Seen("employer", "/feedback", "Both are in"),
        Seen("student", "/feedback", "From the employer"),
        Seen("operator", "/feedback", "From the student"),
    ]
    assert look_at(sweep, after, within, "brief-rated") == []


# everything else


@pytest.fixture(scope="package")
def shared(served: Served, paid: str) -> dict[str, str]:
    """Where anybody sees the page of the student, and a credential of theirs."""
    employer, student = served.people.employer, served.people.student
    employer.put(f"/briefs/{paid}/consent", BODIES["put /briefs/{brief_id}/consent"])
    (submission,) = student.get(f"/briefs/{paid}/submissions")["items"]
    files = [file["file_id"] for file in submission["files"]]
    student.put("/me/portfolio", BODIES["put /me/portfolio"])
    student.put(f"/me/portfolio/briefs/{paid}", {"public": True, "file_ids": files})
    credential_id = served.people.credited(paid)
    student.put(f"/me/credentials/{credential_id}/visibility", BODIES["put /me/credentials/{credential_id}/visibility"])
    (credential,) = [each for each in student.pages("/me/credentials") if each["credential_id"] == credential_id]
    page = student.get("/me/portfolio")["url"] or student.post("/me/portfolio/link", {})["url"]
    return {"portfolio": page, "credential": credential["url"]}


@pytest.fixture(scope="package")
def populated(served: Served, paid: str, shared: dict[str, str]) -> dict[str, str]:
    """Something on every page: an offer, a saved search, an organisation that waits, credit that was earned.

    The ids of what has a page of its own.
    """
    people = served.people
    offered(served)
    people.student.post("/me/searches", BODIES["post /me/searches"])
    newcomer(served, "employer").caller.post("/organisations", BODIES["post /organisations"])
    students = f"/organisations/{served.educator.get('/me')['organisation_id']}/cohorts/{served.cohort_id}/students"

    def has_credit() -> bool:
        return any(each["credit"] and each["credit"]["hundredths"] for each in served.educator.pages(students))

    served.educator.wait_until("the brief counts for the cohort", has_credit, limit_s=60)
    hooks = f"/organisations/{people.employer.get('/me')['organisation_id']}/webhooks"
    endpoint = people.employer.post(hooks, BODIES["post /organisations/{organisation_id}/webhooks"])["endpoint"]
    student_id = people.student.get("/me")["account_id"]
    return {"cohort_id": served.cohort_id, "endpoint_id": endpoint["endpoint_id"], "student_id": student_id}


PAGES = {
    "employer": [
        Seen("employer", "/", "Your briefs"),
        Seen("employer", "/post", "A blank brief"),
        Seen("employer", "/post/new", "What could be better"),
        Seen("employer", "/talent", "A student", ("Move or note", "Offer a brief", "Side by side")),
        Seen("employer", "/earnings", "Collected"),
        Seen("employer", "/organisation", "Invitations", ("Leave",)),
        Seen("employer", "/organisation/webhooks", "Where events are sent"),
        Seen("employer", "/organisation/webhooks/{endpoint_id}", "This endpoint"),
        Seen("employer", "/reports", "All these months together"),
        Seen("employer", "/verify"),
    ],
    "student": [
        Seen("student", "/", "Your briefs"),
        Seen("student", "/find", "Charts that pay well", ("Save this search",)),
        Seen("student", "/offers", "Decline"),
        Seen("student", "/earnings", "Paid out"),
        Seen("student", "/credentials", "Save the badge"),
        Seen("student", "/my-cohorts", "sees you", ("Withdraw my consent",)),
        Seen("student", "/portfolio", "on the page", ("Make it private",)),
        Seen("student", "/me", "What you can do", ("Erase my account",)),
        Seen("student", "/briefs/never-was-there", "There is nothing here"),
        Seen("student", "/never-was-there", "There is no such page."),
    ],
    "educator": [
        Seen("educator", "/", "Cohorts"),
        Seen("educator", "/cohorts", "Field work"),
        Seen("educator", "/cohorts/{cohort_id}", "A student", ("Change it", "Take out", "Grant credit")),
        Seen("educator", "/organisation", "Invitations"),
    ],
    "operator": [
        Seen("operator", "/", "Operate"),
        Seen("operator", "/operate/approvals", "Open Wages Institute", ("Approve", "Reject")),
        Seen("operator", "/operate/disputes"),
        Seen("operator", "/operate/money", "Paid in"),
        Seen("operator", "/operate/trail", "Commands of a day"),
        Seen("operator", "/operate/accounts", "Find an account"),
        Seen("operator", "/operate/accounts/{student_id}", "How it stands"),
        Seen("operator", "/reports", "All these months together"),
    ],
}


@pytest.mark.parametrize("role", PAGES)
def test_every_page_can_be_used_by_everybody(sweep: Sweep, populated: dict[str, str], role: str) -> None:
    assert look_at(sweep, PAGES[role], **populated) == []


@pytest.mark.usefixtures("populated")
def test_credit_that_was_granted_can_be_revoked(sweep: Sweep, served: Served) -> None:
    at = f"/organisations/{served.educator.get('/me')['organisation_id']}/cohorts/{served.cohort_id}/students"
    (earned,) = [
        each
        for each in served.educator.pages(at)
        if each["student"]["account_id"] == served.people.student.get("/me")["account_id"]
    ]
    credit = {"hundredths": earned["credit"]["hundredths"]}
    served.educator.post(f"{at}/{earned['student']['account_id']}/credit", credit)
    pages = [Seen("educator", "/cohorts/{cohort_id}", "Credit granted", ("Revoke",))]
    assert look_at(sweep, pages, name="credit", cohort_id=served.cohort_id) == []


NEWCOMERS = {
    "employer": ["/organisation", "/talent"],
    "student": ["/", "/portfolio"],
    "educator": ["/cohorts"],
}


@pytest.mark.parametrize("role", NEWCOMERS)
def test_whoever_is_new_is_told_how_to_begin(sweep: Sweep, served: Served, chrome: Browser, role: str) -> None:
    sweep.visitors[f"new-{role}"] = let_in(served, chrome, newcomer(served, role).email)
    assert look_at(sweep, [Seen(f"new-{role}", path) for path in NEWCOMERS[role]]) == []


def test_whoever_is_not_signed_in_sees_the_ways_in(served: Served, chrome: Browser) -> None:
    visitor = visit(chrome, served.origin)
    visitor.go("/briefs/somebody-elses")
    visitor.page.get_by_role("button", name="Sign in").wait_for()
    wrong = faults(visitor, "nobody", "desktop")
    visitor.page.get_by_role("button", name="Create an account").click()
    visitor.page.get_by_label("Password").wait_for()
    wrong += faults(visitor, "nobody-signs-up", "desktop") + faults(visitor, "nobody-signs-up", "phone")
    assert wrong == []
    assert visitor.complaints == []


@pytest.mark.parametrize("what", ["portfolio", "credential"])
def test_what_a_student_shares_can_be_read_by_anybody(
    served: Served, chrome: Browser, shared: dict[str, str], what: str
) -> None:
    anybody = visit(chrome, served.origin)
    for size in ("desktop", "phone"):
        fit(anybody, size)
        anybody.page.goto(shared[what])
        anybody.page.get_by_text("Clean and chart a table of hourly pay floors").first.wait_for()
        assert faults(anybody, f"public-{what}", size) == []
    assert anybody.complaints == []
