"""People, postings and briefs for tests: every brief here is led to its state by the real rules."""

import copy
import itertools
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from microintern.domain import lifecycle
from microintern.domain.agreements import Agreed
from microintern.domain.brief import Brief, Command
from microintern.domain.documents import Application
from microintern.domain.organisations import MemberRole, Membership, Organisation, OrganisationState
from microintern.domain.parts import MEBIBYTE
from microintern.domain.payout_matrix import Split
from microintern.domain.policy import Policy
from microintern.domain.posting import Posting
from microintern.domain.states import Action, Role, State
from microintern.domain.trail import Event
from microintern.ports.organisations import Organisations

ROOT = Path(__file__).parents[2]
BODIES: dict[str, Any] = json.loads((ROOT / "events/samples/http_bodies.json").read_text(encoding="utf-8"))
"""The example body of each command, as the API's description shows it."""

NOW = datetime(2027, 2, 20, 15, 0, tzinfo=UTC)
"""Before the deadlines of the example brief."""

EMPLOYER = "acme-employer-1"
STUDENT = "amara-student-1"
ORGANISATION = f"{EMPLOYER}-and-sons"
RIVAL = "bela-student-22"
OPERATOR = "olga-operator-1"
BRIEF = "brief-0000000001"
POLICY = Policy(multipart_above_bytes=5 * MEBIBYTE, part_bytes=5 * MEBIBYTE)

_numbers = itertools.count(1)


def posting_body(**changes: Any) -> dict[str, Any]:
    """The example brief as a body, with some of its fields changed; `None` takes a field away."""
    body = copy.deepcopy(BODIES["post /briefs"]) | changes
    return {name: value for name, value in body.items() if value is not None}


def a_posting(**changes: Any) -> Posting:
    return Posting.model_validate(posting_body(**changes))


def timeline(closes_at: datetime, due_at: datetime, zone: str = "America/New_York") -> dict[str, str]:
    return {
        "zone": zone,
        "applications_close_at": closes_at.isoformat(),
        "submission_due_at": due_at.isoformat(),
    }


def command(role: Role, actor_id: str, key: str | None = None, body: str = "body") -> Command:
    number = next(_numbers)
    acts_for = organisation_of(actor_id) if role is Role.EMPLOYER else None
    return Command(
        actor_id=actor_id,
        role=role,
        key=key or f"key-{number}",
        body=body,
        request_id=f"request-{number}",
        organisation_id=acts_for,
    )


def organisation_of(actor_id: str) -> str:
    """The organisation that an employer acts for in these tests: everybody has one of their own."""
    return f"{actor_id}-and-sons"


def approve_organisation(organisations: Organisations, actor_id: str = EMPLOYER) -> None:
    """Found an employer's organisation, which is approved from the start."""
    shared: dict[str, Any] = {"organisation_id": organisation_of(actor_id), "since": NOW}
    did = {"at": NOW, "role": Role.EMPLOYER, "actor_id": actor_id}
    joined = Event.model_validate({"type": "member.joined", **did})
    founder = Membership(account_id=actor_id, role=MemberRole.OWNER, event=joined, **shared)
    founded = Event.model_validate({"type": "organisation.founded", **did})
    named: dict[str, Any] = {"name": "Acme and Sons", "founded_by": actor_id, "founded_at": NOW, "body": "body"}
    organisations.found(Organisation(state=OrganisationState.APPROVED, event=founded, **named, **shared), founder)


def employer(key: str | None = None, body: str = "body") -> Command:
    return command(Role.EMPLOYER, EMPLOYER, key, body)


def student(key: str | None = None, body: str = "body") -> Command:
    return command(Role.STUDENT, STUDENT, key, body)


def operator(key: str | None = None, body: str = "body") -> Command:
    return command(Role.OPERATOR, OPERATOR, key, body)


def an_application(student_id: str = STUDENT, at: datetime = NOW, policy: Policy = POLICY) -> Application:
    return Application(
        application_id=f"application-{student_id}",
        brief_id=BRIEF,
        student_id=student_id,
        employer_id=ORGANISATION,
        statement="I would like to do this.",
        applied_at=at,
        agreed=Agreed.now(BRIEF, a_posting(), policy),
        event=command(Role.STUDENT, student_id).did("application.received", at, a_brief().entry),
    )


def a_brief(posting: Posting | None = None, now: datetime = NOW, policy: Policy = POLICY) -> Brief:
    return lifecycle.post(BRIEF, posting or a_posting(), employer(), now, policy)


def halves(brief: Brief) -> Split:
    """A split of the whole escrow that nobody would call one-sided."""
    to_student = brief.pay_minor // 2
    return Split(
        student_minor=to_student,
        employer_minor=brief.escrow_minor - to_student - brief.fee_minor,
        fee_minor=brief.fee_minor,
    )


NOTHING = Split(student_minor=0, employer_minor=0, fee_minor=0)


def whose_turn_to_dispute(brief: Brief) -> Command:
    return employer() if brief.state is State.SUBMITTED else student()


def not_heard_yet(brief: Brief) -> Command:
    heard = brief.dispute.heard if brief.dispute else []
    return student() if Role.EMPLOYER in heard else employer()


TAKEN: dict[Action, Callable[[Brief, datetime, Policy], Brief]] = {
    Action.REQUEST_FUNDING: lambda b, now, p: lifecycle.request_funding(b, "sandbox-card", employer(), now),
    Action.FUNDING_FAILED: lambda b, now, p: lifecycle.funding_failed(b, "declined", now),
    Action.OPEN: lambda b, now, p: lifecycle.open_(b, now),
    Action.CANCEL: lambda b, now, p: lifecycle.cancel(b, employer(), now, p),
    Action.AWARD: lambda b, now, p: lifecycle.award(b, an_application(policy=p), employer(), now, p),
    Action.WITHDRAW: lambda b, now, p: lifecycle.withdraw(b, student(), now, p),
    Action.AMEND: lambda b, now, p: lifecycle.amend(b, 1, b.submission_due_at + timedelta(days=1), employer(), now, p),
    Action.SUBMIT: lambda b, now, p: lifecycle.submit(b, student(), now, p),
    Action.REQUEST_CHANGES: lambda b, now, p: lifecycle.request_changes(b, ["chart"], employer(), now, p),
    Action.APPROVE: lambda b, now, p: lifecycle.approve(b, employer(), now, p),
    Action.DISPUTE: lambda b, now, p: lifecycle.dispute(b, whose_turn_to_dispute(b), now, p),
    Action.ANSWER_DISPUTE: lambda b, now, p: lifecycle.answer_dispute(b, not_heard_yet(b), now, p),
    Action.RESOLVE: lambda b, now, p: lifecycle.resolve(b, halves(b), operator(), now, p),
    Action.REOPEN: lambda b, now, p: lifecycle.reopen(b, operator(), now, p),
    Action.LAPSE: lifecycle.lapse,
    Action.SETTLE: lambda b, now, p: lifecycle.settle(b, b.split or NOTHING, now),
}
"""Each action, taken by whoever may take it."""

PERSONAL = frozenset(Action) - {Action.FUNDING_FAILED, Action.OPEN, Action.LAPSE, Action.SETTLE}
"""The actions of people; the others are the server's."""


def take(action: Action, brief: Brief, now: datetime = NOW, policy: Policy = POLICY) -> Brief:
    return TAKEN[action](brief, now, policy)


_A = Action
PATH_TO: dict[State, list[Action]] = {
    State.POSTED: [],
    State.OPEN: [_A.REQUEST_FUNDING, _A.OPEN],
    State.AWARDED: [_A.REQUEST_FUNDING, _A.OPEN, _A.AWARD],
    State.SUBMITTED: [_A.REQUEST_FUNDING, _A.OPEN, _A.AWARD, _A.SUBMIT],
    State.CHANGES_REQUESTED: [_A.REQUEST_FUNDING, _A.OPEN, _A.AWARD, _A.SUBMIT, _A.REQUEST_CHANGES],
    State.DISPUTED: [_A.REQUEST_FUNDING, _A.OPEN, _A.AWARD, _A.SUBMIT, _A.DISPUTE],
    State.APPROVED: [_A.REQUEST_FUNDING, _A.OPEN, _A.AWARD, _A.SUBMIT, _A.APPROVE],
    State.PAID: [_A.REQUEST_FUNDING, _A.OPEN, _A.AWARD, _A.SUBMIT, _A.APPROVE, _A.SETTLE],
    State.EXPIRED: [_A.LAPSE],
    State.CANCELLED: [_A.CANCEL],
    State.RESOLVED: [_A.REQUEST_FUNDING, _A.OPEN, _A.AWARD, _A.SUBMIT, _A.DISPUTE, _A.RESOLVE, _A.LAPSE],
}
"""The shortest way to each state."""


def brief_in(state: State, now: datetime = NOW, policy: Policy = POLICY, posting: Posting | None = None) -> Brief:
    """A brief that was led to this state within one instant."""
    return led(a_brief(posting, now, policy), *PATH_TO[state], now=now, policy=policy)


def led(brief: Brief, *actions: Action, now: datetime = NOW, policy: Policy = POLICY) -> Brief:
    """The brief after these actions."""
    for action in actions:
        brief = take(action, brief, now, policy)
    return brief


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)
