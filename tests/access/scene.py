"""The people and the briefs that the matrix is about: real ones, on a deployed stack whose deadlines are days away."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from infra.local.accounts import Account, create_account
from infra.local.caller import BODIES, Caller, announcement, employ, http, posting
from infra.local.stack import LocalStack
from microintern.adapters.mailer import SecretMailKeys
from microintern.domain.base import iso
from microintern.domain.feedback import QUESTIONS
from microintern.domain.policy import Policy
from microintern.domain.states import Role
from microintern_client.local import base64_sha256
from tests.access.tokens import Forger
from tests.e2e.mails import mail_keys_of
from tests.e2e.people import ONE_DELIVERABLE, TEXT, People

PEOPLE = {
    "employer_a": "employer",
    "employer_b": "employer",
    "student_a": "student",
    "student_b": "student",
    "student_c": "student",
    "educator": "educator",
    "operator": "operator",
}
"""The kinds of people with a good token, by their role."""

START_LIMIT_S = 120
ONE_CREDIT = 100
"""In hundredths."""
AMENDMENT: dict[str, Any] = {"reason": "It takes longer.", "scope": "The answer may be longer, too."}
DEARER = {"pay": {"amount_minor": 90_000, "currency": "USD"}}
REASON = {"reason": "This is not what the brief says."}


@dataclass
class Thing:
    """What one operation is tried on: what stands in its path, and what its body must name."""

    brief_id: str = ""
    application_id: str = ""
    file_id: str = ""
    organisation_id: str = ""
    account_id: str = ""
    """A member of the organisation that employer A owns, or a candidate of it."""
    rival_id: str = ""
    """Another candidate."""
    invitation_id: str = ""
    credential_id: str = ""
    endpoint_id: str = ""
    """Where that organisation's events are sent."""
    delivery_id: str = ""
    search_id: str = ""
    cohort_id: str = ""
    code: str = ""
    """What students join that cohort by."""
    handle: str = ""
    """Of the page of a student who has nothing to do with anything else here."""


@dataclass
class Scene:
    """Everybody in the matrix. Briefs are made when they are asked for; those that are only read, once."""

    stack: LocalStack
    people: People = field(init=False)
    accounts: dict[str, Account] = field(init=False)
    spare: Account = field(init=False)
    """Somebody whose role is changed."""
    suspended: dict[str, Account] = field(init=False)
    """Somebody of each role who may not act any more."""

    def __post_init__(self) -> None:
        self.people = People(self.stack)
        self.accounts = {kind: self._account(kind, role) for kind, role in PEOPLE.items()}
        self.spare = create_account(self.stack, "educator", "spare@example.com")
        self.people.employer, self.people.student = self.caller("employer_a"), self.caller("student_a")
        self.people.operator = self.caller("operator")
        self.organisation_id = employ(self.caller("employer_a"), self.people.operator, "Organisation A")
        employ(self.caller("employer_b"), self.people.operator, "Organisation B")
        self.institution_id = employ(self.caller("educator"), self.people.operator, "College")
        for kind, role in PEOPLE.items():
            self.caller(kind).put("/me/profile", {"name": f"The {kind.replace('_', ' ')}"})
            if role == "student":
                self.caller(kind).put("/me/payout-account", {"destination": "sandbox-account"})
        self.suspended = {role: self._suspended(role) for role in dict.fromkeys(PEOPLE.values())}
        self._read_only = threading.Lock()
        self.one_by_one = threading.Lock()
        # Emulated functions start slowly the first time; everything below may then rely on them.
        first = self.people.posted()
        self.people.fund(first)
        self.people.employer.wait_for(first, "open", limit_s=START_LIMIT_S)

    @cached_property
    def endpoint_id(self) -> str:
        """Where employer A's organisation has events sent."""
        return self.an_endpoint()

    def an_endpoint(self) -> str:
        """One more."""
        at = f"/organisations/{self.organisation_id}/webhooks"
        endpoint_id: str = self.caller("employer_a").post(at, NOBODY_LISTENS)["endpoint"]["endpoint_id"]
        return endpoint_id

    def _suspended(self, role: str) -> Account:
        """Somebody who signed in, and was suspended then: the token is still good."""
        account = self._account("suspended", role)
        body = {"state": "suspended", "reason": "Looked at by an operator."}
        self.people.operator.put(f"/accounts/{account.account_id}/standing", body)
        return account

    def _account(self, kind: str, role: str) -> Account:
        return create_account(self.stack, role, f"{kind.replace('_', '-')}-{role}@example.com")

    def link_for(self, kind: str) -> str:
        """What a link in an e-mail to somebody says that unsubscribes."""
        return self._mail_keys.token(self.accounts[kind].account_id, "daily")

    @cached_property
    def _mail_keys(self) -> SecretMailKeys:
        return mail_keys_of(self.stack)

    def caller(self, kind: str) -> Caller:
        """Somebody of this kind."""
        return Caller(self.stack.outputs.api_url, self.accounts[kind].access_token, kind)

    @cached_property
    def forger(self) -> Forger:
        """Who makes tokens that should open nothing."""
        return Forger(self.stack)

    def thing(self, on: str) -> Thing:
        """A brief in the state that a row asks for; a finished one for everything that is read."""
        if on in ("paid", "shown"):
            with self._read_only:
                return self._paid if on == "paid" else self._shown
        return STATES[on](self)

    @cached_property
    def _paid(self) -> Thing:
        thing = _settled(self, "student_b")
        thing.credential_id = self.people.credited(thing.brief_id)
        at = f"/me/credentials/{thing.credential_id}/visibility"
        self.people.student.put(at, BODIES["put /me/credentials/{credential_id}/visibility"])
        return thing

    @cached_property
    def _shown(self) -> Thing:
        """A page with a file on it, of somebody whose page no row changes."""
        account = create_account(self.stack, "student", "shown-student@example.com")
        student = Caller(self.stack.outputs.api_url, account.access_token, "shown")
        student.put("/me/profile", {"name": "Somebody"})
        student.put("/me/payout-account", {"destination": "sandbox-account"})
        brief_id = self.people.awarded(student)
        file_id = student.upload(brief_id, TEXT, "deliverable")
        student.post(f"/briefs/{brief_id}/submissions", _handed_in(Thing(file_id=file_id)))
        self.people.approve(brief_id)
        self.people.employer.put(f"/briefs/{brief_id}/consent", {"files": True})
        student.put(f"/me/portfolio/briefs/{brief_id}", {"public": True, "file_ids": [file_id]})
        handle = student.post("/me/portfolio/link", {})["handle"]
        return Thing(brief_id, file_id=file_id, handle=handle)


def _applied(scene: Scene, *students: str) -> Thing:
    """Open, and these students have applied; the application is the first one's."""
    brief_id = scene.people.opened()
    applications = [scene.people.applied(brief_id, scene.caller(student)) for student in students]
    return Thing(brief_id, *applications[:1])


def _awarded(scene: Scene, *others: str) -> Thing:
    thing = _applied(scene, "student_a", *others)
    scene.people.employer.post(f"/briefs/{thing.brief_id}/award", {"application_id": thing.application_id})
    return thing


def _uploaded(scene: Scene, *others: str) -> Thing:
    thing = _awarded(scene, *others)
    thing.file_id = scene.people.student.upload(thing.brief_id, TEXT, "deliverable")
    return thing


def _credited(scene: Scene) -> Thing:
    """Approved, and nobody has seen the credential but its student."""
    thing = _submitted(scene)
    scene.people.approve(thing.brief_id)
    thing.credential_id = scene.people.credited(thing.brief_id)
    return thing


def _in_parts(scene: Scene) -> Thing:
    """A large file whose parts have all arrived, and which is not completed."""
    size_bytes = Policy().multipart_above_bytes + 1
    large = [{**ONE_DELIVERABLE[0], "most_bytes": size_bytes}]
    brief_id = scene.people.opened(deliverables=large)
    application_id = scene.people.applied(brief_id, scene.caller("student_a"))
    scene.people.employer.post(f"/briefs/{brief_id}/award", {"application_id": application_id})
    student, file = scene.people.student, announcement(TEXT, "deliverable") | {"size_bytes": size_bytes}
    announced = student.post(f"/briefs/{brief_id}/files", file)
    at, multipart = f"/briefs/{brief_id}/files/{announced['file']['file_id']}", announced["multipart"]
    for number in range(1, multipart["parts"] + 1):
        content = bytes(
            multipart["part_bytes"] if number < multipart["parts"] else size_bytes % multipart["part_bytes"]
        )
        asked = {"parts": [{"number": number, "sha256": base64_sha256(content)}]}
        (link,) = student.post(f"{at}/parts", asked)["parts"]
        http().put(link["url"], content=content, headers=link["headers"], timeout=60).raise_for_status()
    return Thing(brief_id, application_id, announced["file"]["file_id"])


def _submitted(scene: Scene, *others: str) -> Thing:
    thing = _uploaded(scene, *others)
    scene.people.student.post(f"/briefs/{thing.brief_id}/submissions", _handed_in(thing))
    return thing


def _settled(scene: Scene, *others: str) -> Thing:
    thing = _submitted(scene, *others)
    scene.people.approve(thing.brief_id)
    scene.people.settled(thing.brief_id)
    return thing


def _amended(scene: Scene) -> Thing:
    """Student A has proposed an amendment."""
    thing = _awarded(scene)
    scene.caller("student_a").post(f"/briefs/{thing.brief_id}/amendments", AMENDMENT)
    return thing


def _disputed(scene: Scene) -> Thing:
    thing = _submitted(scene)
    scene.people.dispute(scene.people.employer, thing.brief_id)
    return thing


def _heard(scene: Scene) -> Thing:
    thing = _disputed(scene)
    scene.people.dispute(scene.people.student, thing.brief_id, "dispute/answer")
    return thing


def _decided(scene: Scene) -> Thing:
    thing = _heard(scene)
    body = {"shares": {"student": 1, "employer": 1, "fee": 0}, **REASON}
    scene.people.operator.post(f"/briefs/{thing.brief_id}/dispute/resolution", body)
    return thing


def _invited(scene: Scene) -> tuple[Thing, str]:
    """Employer A has invited somebody; with the code."""
    at = f"/organisations/{scene.organisation_id}/invitations"
    issued = scene.caller("employer_a").post(at, {"role": "member"})
    invitation_id = issued["invitation"]["invitation_id"]
    return Thing(organisation_id=scene.organisation_id, invitation_id=invitation_id), issued["code"]


def _member(scene: Scene) -> Thing:
    thing, code = _invited(scene)
    colleague = create_account(scene.stack, "employer", f"colleague-{thing.invitation_id}@example.com")
    Caller(scene.stack.outputs.api_url, colleague.access_token).post("/me/organisation", {"code": code})
    thing.account_id = colleague.account_id
    return thing


NOBODY_LISTENS = {"url": "http://127.0.0.1:9/hooks", "event_types": ["brief.reopened"]}


ONE_BY_ONE = frozenset({"founded", "hooked", "sent", "searching", "watched", "mailed", "sharing"})
"""Rows about one organisation or endpoint, or somebody's searches, e-mails or page, are tried in turn.

Each of their commands is for the newest version: at the same time as another, it is rightly refused.
"""


def _hooked(scene: Scene) -> Thing:
    """Employer A's organisation has an endpoint; it may have a handful only, so there is one for all."""
    return Thing(organisation_id=scene.organisation_id, endpoint_id=scene.endpoint_id)


def _to_be_unhooked(scene: Scene) -> Thing:
    return Thing(organisation_id=scene.organisation_id, endpoint_id=scene.an_endpoint())


def _sent(scene: Scene) -> Thing:
    """It has been sent something."""
    thing, owner = _hooked(scene), scene.caller("employer_a")
    at = f"/organisations/{thing.organisation_id}/webhooks/{thing.endpoint_id}"
    owner.post(f"{at}/test")
    owner.wait_until("it is in the log", lambda: owner.get(f"{at}/deliveries")["items"], START_LIMIT_S)
    thing.delivery_id = owner.get(f"{at}/deliveries")["items"][0]["delivery_id"]
    return thing


def _met(scene: Scene) -> Thing:
    """Open, and two students whom nothing else is about have applied, whom employer A keeps in view."""
    brief_id = scene.people.opened(blind=False)
    ids = []
    for number in (1, 2):
        account = create_account(scene.stack, "student", f"met-{number}-{brief_id}@example.com")
        scene.people.applied(brief_id, Caller(scene.stack.outputs.api_url, account.access_token))
        _keep(scene, brief_id, account.account_id)
        ids.append(account.account_id)
    return Thing(brief_id, organisation_id=scene.organisation_id, account_id=ids[0], rival_id=ids[1])


def _keep(scene: Scene, brief_id: str, student_id: str) -> str:
    """Employer A keeps a student in view; where."""
    at = f"/organisations/{scene.organisation_id}/candidates/{student_id}"
    scene.caller("employer_a").put(at, {"stage": "shortlisted", "brief_id": brief_id})
    return at


def _offered(scene: Scene) -> Thing:
    """Open, and offered to student A."""
    brief_id = scene.people.opened(blind=False)
    scene.people.applied(brief_id, scene.caller("student_a"))
    student_id = scene.accounts["student_a"].account_id
    with scene.one_by_one:  # two rows that keep the same student in view would be in each other's way
        at = _keep(scene, brief_id, student_id)
        scene.caller("employer_a").post(f"{at}/offers", {"brief_id": brief_id, "message": "Would you do this one?"})
    return Thing(brief_id, organisation_id=scene.organisation_id, account_id=student_id)


def _watched(scene: Scene) -> Thing:
    """Student A has saved a search."""
    saved = scene.caller("student_a").post("/me/searches", {"name": "Answers", "text": "answer"})
    return Thing(search_id=saved["search_id"])


def _cohort(scene: Scene) -> Thing:
    """A new one, that students can join by its code. Any approved brief is one credit there, and more are no more."""
    educator, at = scene.caller("educator"), f"/organisations/{scene.institution_id}/cohorts"
    today = datetime.now(UTC).date()
    period = {"starts_on": str(today), "ends_on": str(today + timedelta(days=300))}
    rules = {"hours_per_credit": 1, "most_credits": 1}
    cohort_id = educator.post(at, {"name": "Field work", **period, "rules": rules})["cohort_id"]
    code = educator.post(f"{at}/{cohort_id}/code")["code"]
    return Thing(organisation_id=scene.institution_id, cohort_id=cohort_id, code=code)


def _enrolled(scene: Scene) -> Thing:
    """Student A is in it."""
    thing = _cohort(scene)
    scene.caller("student_a").post("/me/cohorts", {"code": thing.code, "terms_version": 1})
    return replace(thing, account_id=scene.accounts["student_a"].account_id)


def _creditable(scene: Scene) -> Thing:
    """And has a brief behind them that was approved, as far as has been heard."""
    scene.thing("paid")
    thing, student = _enrolled(scene), scene.caller("student_a")

    def is_known() -> bool:
        return bool(student.get(f"/me/cohorts/{thing.cohort_id}")["credit"]["hundredths"] == ONE_CREDIT)

    student.wait_until("the approval was heard of", is_known, START_LIMIT_S)
    return thing


def _granted(scene: Scene) -> Thing:
    thing, educator = _creditable(scene), scene.caller("educator")
    at = f"/organisations/{thing.organisation_id}/cohorts/{thing.cohort_id}/students/{thing.account_id}/credit"
    return replace(thing, credential_id=educator.post(at, {"hundredths": ONE_CREDIT})["credential_id"])


STATES: Mapping[str, Callable[[Scene], Thing]] = {
    "-": lambda scene: Thing(),
    "posted": lambda scene: Thing(scene.people.posted()),
    "unwanted": _applied,
    "open": lambda scene: _applied(scene, "student_a", "student_b"),
    "awarded": _awarded,
    "amended": _amended,
    "unmentored": lambda scene: replace(_awarded(scene), account_id=scene.accounts["employer_a"].account_id),
    "uploaded": _uploaded,
    "in_parts": _in_parts,
    "submitted": _submitted,
    "credited": _credited,
    "disputed": _disputed,
    "heard": _heard,
    "decided": _decided,
    "settled": _settled,
    "student_a": lambda scene: Thing(account_id=scene.accounts["student_a"].account_id),
    "member": _member,
    "met": _met,
    "offered": _offered,
    "cohort": _cohort,
    "enrolled": _enrolled,
    "creditable": _creditable,
    "granted": _granted,
    "founded": lambda scene: Thing(organisation_id=scene.organisation_id),
    "searching": lambda scene: Thing(),
    "mailed": lambda scene: Thing(),
    "sharing": lambda scene: Thing(),
    "watched": _watched,
    "invited": lambda scene: _invited(scene)[0],
    "hooked": _hooked,
    "sent": _sent,
    "unhooked": _to_be_unhooked,
}
"""How a brief gets into the state that a row asks for, besides `paid` and `shown`."""


def _handed_in(thing: Thing) -> dict[str, Any]:
    return {"files": [{"deliverable": TEXT.deliverable, "file_id": thing.file_id}]}


def _file_of(kind: str) -> dict[str, Any]:
    """Each side announces what it may: the student a deliverable, the employer material."""
    if PEOPLE[kind] == "student":
        return announcement(TEXT, "deliverable")
    return announcement(TEXT._replace(deliverable=None), "material")


def _feedback_of(kind: str) -> dict[str, Any]:
    """Each side rates what it is asked."""
    body: dict[str, Any] = BODIES["put /briefs/{brief_id}/feedback"]
    return body | {"ratings": dict.fromkeys(QUESTIONS[Role.EMPLOYER], 4)} if PEOPLE[kind] == "employer" else body


_HOOK = "/organisations/{organisation_id}/webhooks/{endpoint_id}"
_CHANGED: Mapping[str, Callable[[Thing, str], dict[str, Any]]] = {
    "POST /briefs": lambda thing, kind: posting(deliverables=ONE_DELIVERABLE),
    "POST /briefs/check": lambda thing, kind: posting(),
    "POST /briefs/{brief_id}/amendments": lambda thing, kind: AMENDMENT | (DEARER if kind == "student_a" else {}),
    "PUT /briefs/{brief_id}/mentor": lambda thing, kind: {"account_id": thing.account_id},
    "POST /briefs/{brief_id}/award": lambda thing, kind: {"application_id": thing.application_id},
    "POST /briefs/{brief_id}/files": lambda thing, kind: _file_of(kind),
    "POST /briefs/{brief_id}/submissions": lambda thing, kind: _handed_in(thing),
    "POST /briefs/{brief_id}/approval": lambda thing, kind: {**_body("approval"), "submission_number": 1},
    "PUT /briefs/{brief_id}/feedback": lambda thing, kind: _feedback_of(kind),
    "POST /organisations/{organisation_id}/candidates/{student_id}/offers": lambda thing, kind: {
        "brief_id": thing.brief_id,
        "message": "Would you do this one?",
    },
    "POST /me/cohorts/preview": lambda thing, kind: {"code": thing.code},
    "POST /me/cohorts": lambda thing, kind: {"code": thing.code, "terms_version": 1},
    "POST /organisations/{organisation_id}/cohorts/{cohort_id}/students/{student_id}/credit": lambda thing, kind: {
        "hundredths": ONE_CREDIT
    },
    "POST /briefs/{brief_id}/dispute": lambda thing, kind: REASON,
    "POST /me/portfolio/link": lambda thing, kind: {"handle": None},
    "PUT /me/portfolio/briefs/{brief_id}": lambda thing, kind: {"public": True, "file_ids": [thing.file_id]},
    "POST /organisations/{organisation_id}/webhooks": lambda thing, kind: NOBODY_LISTENS,
    f"PUT {_HOOK}": lambda thing, kind: {**NOBODY_LISTENS, "state": "enabled"},
    f"POST {_HOOK}/replay": lambda thing, kind: {"since": iso(datetime.now(UTC) - timedelta(hours=1))},
}
"""The bodies that must name what is there; all others are the examples as they stand."""


def _body(command: str) -> dict[str, Any]:
    body: dict[str, Any] = BODIES[f"post /briefs/{{brief_id}}/{command}"]
    return body


def body_of(operation: str, thing: Thing, kind: str) -> Any:
    """The body that this kind of person sends, right in everything; None for a command without one."""
    if operation in _CHANGED:
        return _CHANGED[operation](thing, kind)
    method, _, path = operation.partition(" ")
    return BODIES.get(f"{method.lower()} {path}")
