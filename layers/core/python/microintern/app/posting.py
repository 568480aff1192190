"""An employer posts a brief, has it funded, or cancels it."""

from datetime import datetime

from microintern.app.commands import commit, load, require_role, require_side
from microintern.app.requests import FundingRequest
from microintern.domain import lifecycle
from microintern.domain.base import derived_id
from microintern.domain.brief import Answer, Brief, Command
from microintern.domain.documents import Content
from microintern.domain.pay_floors import check_pay, floor_for
from microintern.domain.policy import Policy
from microintern.domain.posting import Posting
from microintern.domain.problems import Conflict, Invalid
from microintern.domain.states import Role
from microintern.ports.briefs import Briefs
from microintern.ports.clock import Clock
from microintern.ports.conditions import Needs


def post(by: Command, posting: Posting, *, briefs: Briefs, clock: Clock, policy: Policy) -> Answer:
    """Post a brief that pays at least the floor of its place for all the time it runs."""
    require_role(by, Role.EMPLOYER)
    # The id follows from the key, so that a repeated posting finds the brief it made and no other record is needed.
    brief_id = derived_id("brief", by.key)
    try:
        brief = _decide(by, brief_id, posting, clock.now(), policy)
    except (Conflict, Invalid):
        # What was fine when it was posted may be out of date when it is repeated.
        there_already = briefs.read(brief_id)
        if there_already and (answer := there_already.brief.answer_to(by)):
            return answer
        raise
    existing = briefs.create(brief, Content(posting=posting))
    return (existing and existing.answer_to(by)) or brief.answer()


def _decide(by: Command, brief_id: str, posting: Posting, now: datetime, policy: Policy) -> Brief:
    floor = floor_for(posting.place_of_work, now.date(), posting.timeline.submission_due_at.date())
    check_pay(floor, posting.pay.amount_minor, posting.pay.currency, posting.hours)
    return lifecycle.post(brief_id, posting, by, now, policy)


def request_funding(by: Command, brief_id: str, request: FundingRequest, *, briefs: Briefs, clock: Clock) -> Answer:
    """Ask for the pay and the fee to be collected; the brief opens once they are held."""
    require_role(by, Role.EMPLOYER)
    brief = load(briefs, brief_id).brief
    require_side(brief, by, Role.EMPLOYER)
    if answer := brief.answer_to(by):
        return answer
    after = lifecycle.request_funding(brief, request.payment_method, by, clock.now())
    return commit(briefs, brief, after, by, needs=Needs(approved=brief.employer_id))


def cancel(by: Command, brief_id: str, *, briefs: Briefs, clock: Clock, policy: Policy) -> Answer:
    """Cancel a brief: free before the award, for a kill fee after it."""
    require_role(by, Role.EMPLOYER)
    brief = load(briefs, brief_id).brief
    require_side(brief, by, Role.EMPLOYER)
    if answer := brief.answer_to(by):
        return answer
    return commit(briefs, brief, lifecycle.cancel(brief, by, clock.now(), policy), by)
