"""Both sides of an ended brief rate and write, and read what the other wrote once it is shown."""

from datetime import datetime

from microintern.app.accounts import remember, repeated
from microintern.app.commands import load, require_role, require_side
from microintern.app.requests import FeedbackRequest
from microintern.app.views.feedback import FeedbackView
from microintern.domain.brief import Brief, Command
from microintern.domain.documents import Content
from microintern.domain.feedback import TAKES_FEEDBACK, Feedback, Given, check_answers, taken_until
from microintern.domain.policy import Policy
from microintern.domain.problems import Conflict
from microintern.domain.states import Role
from microintern.ports.briefs import Briefs, Snapshot
from microintern.ports.clock import Clock
from microintern.ports.conditions import StaleDocument

_TRIES = 4


def give(
    by: Command, brief_id: str, request: FeedbackRequest, *, briefs: Briefs, clock: Clock, policy: Policy
) -> Given:
    """Say what one's side thinks of the other, or write it anew while that is still blind."""
    require_role(by, Role.EMPLOYER, Role.STUDENT)
    for _ in range(_TRIES):
        try:
            return _give(by, brief_id, request, briefs, clock.now(), policy)
        except StaleDocument:
            # The other side gave theirs at this moment, or this command arrived twice.
            continue
    raise Conflict("changed_meanwhile", "The feedback on this brief changes at this moment; try again.")


def _give(by: Command, brief_id: str, request: FeedbackRequest, briefs: Briefs, now: datetime, policy: Policy) -> Given:
    snapshot = load(briefs, brief_id, Content.key_of, Feedback.key_of)
    brief, before = snapshot.brief, snapshot.find(Feedback, Feedback.key_of)
    require_side(brief, by, Role.EMPLOYER, Role.STUDENT)
    own = before.of(by.role) if before else None
    if own and repeated(own.done, by):
        return own
    _check_open(brief, before, now, policy)
    cited = [suggestion.criterion for suggestion in request.suggestions]
    check_answers(brief, by.role, request.ratings, snapshot.posting, cited)
    done = remember(own.done if own else [], by)
    given = Given(author_id=by.actor_id, at=now, done=done, **request.model_dump())
    _write(_next(snapshot, given, by, now), briefs)
    return given


def _check_open(brief: Brief, feedback: Feedback | None, now: datetime, policy: Policy) -> None:
    """Raise Conflict unless feedback is taken now."""
    at = {"state": brief.state, "version": brief.version}
    until = taken_until(brief, policy)
    if until is None:
        ended = brief.settled_at is not None and brief.outcome not in TAKES_FEEDBACK
        detail = (
            "This brief ended without anybody who was awarded it to the end, so there is nobody to write of."
            if ended
            else "Feedback is given once the brief has ended and its money has moved."
        )
        raise Conflict("no_feedback_here" if ended else "not_ended", detail, **at)
    if now >= until or (feedback and feedback.closed):
        raise Conflict("feedback_closed", "The window for feedback on this brief is over.", **at)
    if feedback and feedback.shown_at:
        raise Conflict("feedback_shown", "Both sides have given feedback and seen it; it cannot change any more.", **at)


def _next(snapshot: Snapshot, given: Given, by: Command, now: datetime) -> Feedback:
    """The next version, with what one side says; shown if the other has said something already."""
    brief, before = snapshot.brief, snapshot.find(Feedback, Feedback.key_of)
    assert brief.student_id  # a brief without never takes feedback
    first = Feedback(
        brief_id=brief.brief_id, employer_id=brief.employer_id, student_id=brief.student_id, version=0, steps=0
    )
    base = before or first
    other = base.student if by.role is Role.EMPLOYER else base.employer
    after = before.entry if before else None
    return base.model_copy(
        update={
            by.role.value: given,
            "shown_at": now if other else None,
            "version": base.version + 1,
            "steps": base.steps + 1,
            "event": by.did("feedback.given", now, after or brief.entry),
        }
    )


def _write(feedback: Feedback, briefs: Briefs) -> None:
    """Over its version before, which alone says whether it is still blind; else StaleDocument."""
    if feedback.version > 1:
        briefs.replace(feedback)
    elif briefs.add(feedback.brief_id, feedback) is not None:
        raise StaleDocument


def read(by: Command, brief_id: str, *, briefs: Briefs, clock: Clock, policy: Policy) -> FeedbackView:
    """One's own at any time, the other side's once it is shown; for operators both, once they are."""
    snapshot = load(briefs, brief_id, Feedback.key_of)
    brief = snapshot.brief
    require_side(brief, by, Role.EMPLOYER, Role.STUDENT, Role.OPERATOR)
    feedback, until = snapshot.find(Feedback, Feedback.key_of), taken_until(brief, policy)
    return FeedbackView.of(brief, feedback, until, brief.side_of(by), clock.now())
