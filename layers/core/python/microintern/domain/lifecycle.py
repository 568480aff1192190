"""What each action does to a brief. Every function takes a brief and gives the next one, or raises a Problem."""

from datetime import datetime

from microintern.domain.base import whole_second
from microintern.domain.brief import Brief, Command, Decision, Dispute
from microintern.domain.documents import Application
from microintern.domain.money import share, written
from microintern.domain.payout_matrix import Outcome, Split, split_for
from microintern.domain.policy import Policy
from microintern.domain.posting import Posting, check_rounds, check_timeline
from microintern.domain.problems import Conflict, Invalid
from microintern.domain.states import TRANSITIONS, Action, Role, State, allows, states_allowing
from microintern.domain.trail import Event, Fact


def post(brief_id: str, posting: Posting, by: Command, now: datetime, policy: Policy) -> Brief:
    """A new brief, waiting to be funded."""
    if by.organisation_id is None:
        detail = "Briefs are posted for an organisation: create one, or accept an invitation to one, then post again."
        raise Conflict("no_organisation", detail)
    check_timeline(posting.timeline, now, policy)
    check_rounds(posting.revision_rounds, policy)
    fund_by = min(whole_second(now, policy.funding_window_s), whole_second(posting.timeline.applications_close_at))
    brief = Brief(
        brief_id=brief_id,
        employer_id=by.organisation_id,
        field=posting.field,
        skills=posting.skills,
        hours=posting.hours,
        pay_minor=posting.pay.amount_minor,
        fee_minor=share(posting.pay.amount_minor, policy.fee_bp),
        currency=posting.pay.currency,
        zone=posting.timeline.zone,
        blind=posting.blind,
        rounds_allowed=posting.revision_rounds,
        posted_at=now,
        applications_close_at=whole_second(posting.timeline.applications_close_at),
        submission_due_at=whole_second(posting.timeline.submission_due_at),
        due_at=fund_by,
        lapse_at=fund_by,
        event=by.did("brief.posted", now),
    )
    return brief.remembering(by)


def request_funding(brief: Brief, payment_method: str, by: Command, now: datetime) -> Brief:
    """The employer asks for the escrow to be collected; the brief opens when the money is held."""
    _in_time(brief, Action.REQUEST_FUNDING, now)
    if brief.collecting:
        raise Conflict(
            "funding_in_progress", "The money is being collected; wait for the brief to open.", **_now_at(brief)
        )
    return _next(
        brief,
        Action.REQUEST_FUNDING,
        State.POSTED,
        "brief.funding_requested",
        now,
        by,
        collecting=True,
        funding_attempts=brief.funding_attempts + 1,
        payment_method=payment_method,
    )


def funding_failed(brief: Brief, reason: str, now: datetime) -> Brief:
    """The provider could not collect; the employer may try again until the funding window closes."""
    facts: dict[str, Fact] = {"reason": reason}
    return _next(brief, Action.FUNDING_FAILED, State.POSTED, "brief.funding_failed", now, facts=facts, collecting=False)


def open_(brief: Brief, now: datetime) -> Brief:
    """The escrow is held: students may apply."""
    return _next(
        brief, Action.OPEN, State.OPEN, "brief.opened", now, due_at=brief.applications_close_at, collecting=False
    )


def cancel(brief: Brief, by: Command, now: datetime, policy: Policy) -> Brief:
    """The employer cancels: free before the award, for a kill fee after it, never once work was handed in."""
    _in_time(brief, Action.CANCEL, now)
    outcome = {
        State.POSTED: Outcome.NOT_FUNDED,
        State.OPEN: Outcome.NOT_AWARDED,
        State.AWARDED: Outcome.CANCELLED_AFTER_AWARD,
    }[brief.state]
    return _end(brief, Action.CANCEL, State.CANCELLED, "brief.cancelled", outcome, now, policy, by)


def award(brief: Brief, picked: Application, by: Command, now: datetime, policy: Policy) -> Brief:
    """The employer picks one application; the student has until the submission deadline."""
    _in_time(brief, Action.AWARD, now)
    return _next(
        brief,
        Action.AWARD,
        State.AWARDED,
        "brief.awarded",
        now,
        by,
        facts={"application_id": picked.application_id, "contract_sha256": picked.agreed.sha256},
        student_id=picked.student_id,
        application_id=picked.application_id,
        award=brief.version + 1,
        review_window_s=picked.agreed.review_window_s,
        kill_fee_bp=picked.agreed.kill_fee_bp,
        due_at=brief.submission_due_at,
        grace_s=policy.handover_grace_s,
    )


def withdraw(brief: Brief, by: Command, now: datetime, policy: Policy) -> Brief:
    """The student gives the award back: the brief opens again while applications are, else the employer is refunded."""
    _in_time(brief, Action.WITHDRAW, now)
    if brief.due_at is not None and now >= brief.due_at:
        detail = "The submission deadline has passed; hand in what was received in time, or let the brief expire."
        raise Conflict("deadline_passed", detail, **_now_at(brief))
    if now >= brief.applications_close_at:
        return _end(
            brief, Action.WITHDRAW, State.CANCELLED, "brief.award_withdrawn", Outcome.WITHDRAWN, now, policy, by
        )
    facts: dict[str, Fact] = {"application_id": brief.application_id or ""}
    # What one student agreed on does not bind the next: the brief opens again as it was posted.
    return _next(
        brief,
        Action.WITHDRAW,
        State.OPEN,
        "brief.award_withdrawn",
        now,
        by,
        facts,
        student_id=None,
        application_id=None,
        award=None,
        review_window_s=None,
        kill_fee_bp=None,
        due_at=brief.applications_close_at,
        submission_due_at=brief.posted_due_at or brief.submission_due_at,
        posted_due_at=None,
    )


def check_amendable(brief: Brief, now: datetime) -> None:
    """Raise Conflict unless what was agreed can be changed now: while the work is under way, and until it is due."""
    _in_time(brief, Action.AMEND, now)
    if brief.due_at is not None and now >= brief.due_at:
        detail = "The submission deadline has passed; what was agreed stays as it was."
        raise Conflict("deadline_passed", detail, **_now_at(brief))


def amend(brief: Brief, number: int, due_at: datetime | None, by: Command, now: datetime, policy: Policy) -> Brief:
    """The second side accepts a change of what was agreed: the deadline moves, if that was proposed."""
    check_amendable(brief, now)
    if due_at is not None and due_at <= now:
        raise Conflict("deadline_in_the_past", "The deadline that was proposed has passed by now.", **_now_at(brief))
    moved = due_at or brief.submission_due_at
    facts: dict[str, Fact] = {"number": number}
    return _next(
        brief,
        Action.AMEND,
        State.AWARDED,
        "brief.amended",
        now,
        by,
        facts,
        due_at=moved,
        grace_s=policy.handover_grace_s,
        submission_due_at=moved,
        posted_due_at=brief.posted_due_at or (brief.submission_due_at if due_at else None),
    )


def submit(brief: Brief, by: Command, now: datetime, policy: Policy) -> Brief:
    """The student hands in the next numbered submission; the review window starts anew."""
    _in_time(brief, Action.SUBMIT, now)
    number = brief.submissions + 1
    window_s = policy.review_window_s if brief.review_window_s is None else brief.review_window_s
    due_at = whole_second(now, window_s)
    facts: dict[str, Fact] = {"submission_number": number}
    return _next(
        brief, Action.SUBMIT, State.SUBMITTED, "brief.submitted", now, by, facts, submissions=number, due_at=due_at
    )


def request_changes(brief: Brief, criteria: list[str], by: Command, now: datetime, policy: Policy) -> Brief:
    """The employer asks for a revision, each point citing a criterion; the number of rounds was fixed at posting."""
    _in_time(brief, Action.REQUEST_CHANGES, now)
    if brief.rounds_used >= brief.rounds_allowed:
        detail = f"All {brief.rounds_allowed} rounds of revision are used; approve the work or open a dispute."
        raise Conflict("no_rounds_left", detail, **_now_at(brief))
    return _next(
        brief,
        Action.REQUEST_CHANGES,
        State.CHANGES_REQUESTED,
        "brief.changes_requested",
        now,
        by,
        facts={"round": brief.rounds_used + 1, "criteria": criteria},
        rounds_used=brief.rounds_used + 1,
        due_at=whole_second(now, policy.revision_window_s),
        grace_s=policy.handover_grace_s,
    )


def approve(brief: Brief, by: Command, now: datetime, policy: Policy) -> Brief:
    """The employer accepts the work; settlement follows."""
    _in_time(brief, Action.APPROVE, now)
    return _end(brief, Action.APPROVE, State.APPROVED, "brief.approved", Outcome.APPROVED, now, policy, by)


def dispute(brief: Brief, by: Command, now: datetime, policy: Policy) -> Brief:
    """One side opens a dispute: the employer about a submission, the student about a request for changes."""
    _in_time(brief, Action.DISPUTE, now)
    opener = Role.EMPLOYER if brief.state is State.SUBMITTED else Role.STUDENT
    if by.role is not opener:
        detail = f"A brief that is {brief.state} can be disputed by the {opener} only."
        raise Conflict("not_your_turn", detail, **_now_at(brief))
    return _disputed(brief, Action.DISPUTE, opener, now, policy, by)


def answer_dispute(brief: Brief, by: Command, now: datetime, policy: Policy) -> Brief:
    """The other side gives its view; from here an operator decides."""
    _in_time(brief, Action.ANSWER_DISPUTE, now)
    dispute = _undecided(brief)
    if by.role in dispute.heard:
        raise Conflict("already_heard", "Your side has been heard already.", **_now_at(brief))
    return _next(
        brief,
        Action.ANSWER_DISPUTE,
        State.DISPUTED,
        "brief.dispute_answered",
        now,
        by,
        dispute=dispute.model_copy(update={"heard": [*dispute.heard, by.role]}),
        due_at=whole_second(now, policy.resolution_window_s),
    )


def resolve(brief: Brief, split: Split, by: Command, now: datetime, policy: Policy) -> Brief:
    """An operator decides a dispute by dividing the escrow, to the minor unit; final when the deadline passes."""
    _in_time(brief, Action.RESOLVE, now)
    _undecided(brief)
    if split.total_minor != brief.escrow_minor:
        detail = (
            f"The parts add up to {written(split.total_minor, brief.currency)}; "
            f"they must add up to the escrow of {written(brief.escrow_minor, brief.currency)}."
        )
        raise Invalid.field("split_does_not_add_up", "/split", detail, escrow_minor=brief.escrow_minor)
    return _decided(brief, Action.RESOLVE, Decision(outcome=Outcome.SPLIT, split=split), now, policy, by)


def reopen(brief: Brief, by: Command, now: datetime, policy: Policy) -> Brief:
    """An operator takes a decision back before it is final; once per brief, so that a dispute comes to an end."""
    _in_time(brief, Action.REOPEN, now)
    dispute = _dispute_of(brief)
    if dispute.decision is None:
        raise Conflict("not_decided", "This dispute has no decision that could be taken back.", **_now_at(brief))
    if dispute.reopened:
        raise Conflict("reopened_already", "A dispute can be reopened once; this decision stands.", **_now_at(brief))
    both_heard = len(dispute.heard) > 1
    return _next(
        brief,
        Action.REOPEN,
        State.DISPUTED,
        "brief.reopened",
        now,
        by,
        dispute=dispute.model_copy(update={"decision": None, "reopened": True}),
        due_at=whole_second(now, policy.resolution_window_s if both_heard else policy.dispute_window_s),
    )


def lapse(brief: Brief, now: datetime, policy: Policy) -> Brief:
    """The deadline passed and nobody acted. The caller has checked that it is this brief's deadline that passed."""
    match brief.state:
        case State.SUBMITTED:
            how = (State.APPROVED, "brief.approved", Outcome.APPROVED_BY_SILENCE)
        case State.CHANGES_REQUESTED:
            # The employer said what is missing when asking for changes, and so has been heard.
            return _disputed(brief, Action.LAPSE, Role.EMPLOYER, now, policy, None)
        case State.DISPUTED:
            return _dispute_lapsed(brief, now, policy)
        case State.POSTED:
            how = (State.EXPIRED, "brief.expired", Outcome.NOT_FUNDED)
        case State.OPEN:
            how = (State.EXPIRED, "brief.expired", Outcome.NOT_AWARDED)
        case _:
            how = (State.EXPIRED, "brief.expired", Outcome.NOT_SUBMITTED)
    return _end(brief, Action.LAPSE, *how, now, policy, None)


def _dispute_lapsed(brief: Brief, now: datetime, policy: Policy) -> Brief:
    """A decision becomes final; where there is none, silence decides, and that can be reopened like any other."""
    dispute = _dispute_of(brief)
    if dispute.decision is None:
        outcome = Outcome.EMPLOYER_WON if dispute.heard == [Role.EMPLOYER] else Outcome.STUDENT_WON
        split = _split_for(outcome, brief, policy)
        return _decided(brief, Action.LAPSE, Decision(outcome=outcome, split=split), now, policy, None)
    facts: dict[str, Fact] = {"outcome": dispute.decision.outcome.value}
    decided = dispute.decision
    return _next(
        brief,
        Action.LAPSE,
        State.RESOLVED,
        "brief.resolved",
        now,
        facts=facts,
        outcome=decided.outcome,
        split=decided.split,
    )


def settle(brief: Brief, moved: Split, now: datetime) -> Brief:
    """The money went where it was to go: as `moved` says, which the ledger agrees with."""
    if brief.settled_at is not None:
        raise Conflict("already_settled", "The money has moved already.", **_now_at(brief))
    paid = brief.state is State.APPROVED
    return _next(
        brief,
        Action.SETTLE,
        State.PAID if paid else brief.state,
        "brief.paid" if paid else "brief.settled",
        now,
        facts=moved.model_dump(),
        settled_at=now,
    )


def check_allowed(brief: Brief, action: Action) -> None:
    """Raise Conflict with the current state unless the action can be taken now."""
    if not allows(brief.state, action):
        possible = " or ".join(states_allowing(action))
        detail = f"The brief is {brief.state}; this can be done while it is {possible}."
        raise Conflict("wrong_state", detail, **_now_at(brief))


def _in_time(brief: Brief, action: Action, now: datetime) -> None:
    """A person acts before the deadline; after it, what everybody was told would happen does."""
    check_allowed(brief, action)
    if brief.lapse_at is not None and now >= brief.lapse_at:
        detail = "The deadline has passed and the brief is about to move on by itself."
        raise Conflict("deadline_passed", detail, **_now_at(brief))


def _now_at(brief: Brief) -> dict[str, object]:
    return {"state": brief.state, "version": brief.version}


def _next(
    brief: Brief,
    action: Action,
    to: State,
    event_type: str,
    now: datetime,
    by: Command | None = None,
    facts: dict[str, Fact] | None = None,
    *,
    grace_s: int = 0,
    **changes: object,
) -> Brief:
    """The one place where a brief moves: checked against the table, versioned, with its event and its next deadline."""
    check_allowed(brief, action)
    if to not in TRANSITIONS[brief.state, action]:
        raise AssertionError(f"{action} must not lead from {brief.state} to {to}")
    stays = to is brief.state and to in (State.POSTED, State.DISPUTED)
    due_at = changes.pop("due_at", brief.due_at if stays else None)
    lapse_at = whole_second(due_at, grace_s) if isinstance(due_at, datetime) else None
    event = by.did(event_type, now, brief.entry, facts) if by else _by_itself(brief, action, event_type, now, facts)
    moved = {"state": to, "version": brief.version + 1, "due_at": due_at, "lapse_at": lapse_at, "event": event}
    after = brief.model_copy(update={**moved, **changes})
    return after.remembering(by) if by else after


def _by_itself(brief: Brief, action: Action, event_type: str, now: datetime, facts: dict[str, Fact] | None) -> Event:
    """The event of what nobody asked for: it says for what the server acted."""
    return Event(
        type=event_type,
        at=now,
        role=Role.SERVER,
        facts=facts or {},
        trigger="deadline" if action is Action.LAPSE else "money",
        previous=brief.entry.hash,
    )


def _end(
    brief: Brief,
    action: Action,
    to: State,
    event_type: str,
    outcome: Outcome,
    now: datetime,
    policy: Policy,
    by: Command | None,
) -> Brief:
    split = _split_for(outcome, brief, policy)
    facts: dict[str, Fact] = {"outcome": outcome.value}
    return _next(brief, action, to, event_type, now, by, facts, outcome=outcome, split=split)


def _split_for(outcome: Outcome, brief: Brief, policy: Policy) -> Split:
    kill_fee_bp = policy.kill_fee_bp if brief.kill_fee_bp is None else brief.kill_fee_bp
    return split_for(outcome, brief.pay_minor, brief.fee_minor, kill_fee_bp)


def _disputed(brief: Brief, action: Action, opener: Role, now: datetime, policy: Policy, by: Command | None) -> Brief:
    return _next(
        brief,
        action,
        State.DISPUTED,
        "brief.disputed",
        now,
        by,
        facts={"opened_by": opener.value},
        dispute=Dispute(opened_by=opener, heard=[opener]),
        due_at=whole_second(now, policy.dispute_window_s),
    )


def _decided(
    brief: Brief, action: Action, decision: Decision, now: datetime, policy: Policy, by: Command | None
) -> Brief:
    return _next(
        brief,
        action,
        State.DISPUTED,
        "brief.decided",
        now,
        by,
        facts={"outcome": decision.outcome.value},
        dispute=_dispute_of(brief).model_copy(update={"decision": decision}),
        due_at=whole_second(now, policy.reopening_window_s),
    )


def _undecided(brief: Brief) -> Dispute:
    """The brief's dispute, if nothing has been decided yet."""
    dispute = _dispute_of(brief)
    if dispute.decision is not None:
        detail = "This dispute has been decided; an operator can reopen it once, before the decision is final."
        raise Conflict("already_decided", detail, **_now_at(brief))
    return dispute


def _dispute_of(brief: Brief) -> Dispute:
    if brief.dispute is None:
        raise AssertionError(f"{brief.brief_id} is {brief.state} without a dispute")
    return brief.dispute
