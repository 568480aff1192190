"""The commands that move a brief through its life, from posting to a resolved dispute."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.audit import DynamoAudit
from microintern.adapters.aws import client
from microintern.adapters.briefs import DynamoBriefs
from microintern.adapters.clock import SystemClock
from microintern.app import applying, disputing, posting, requests, reviewing
from microintern.app.views.briefs import ApplicationView, own_application_view
from microintern.domain.audit import Finding, entry
from microintern.domain.brief import Answer
from microintern.domain.posting import Posting
from microintern.domain.problems import Conflict, Invalid
from microintern.settings import BriefsApiSettings, load
from microintern.web.api import Api
from microintern.web.parameters import BriefId, Commander

settings = load(BriefsApiSettings)
policy = settings.policy
briefs = DynamoBriefs(client("dynamodb"), settings.brief_table, settings.account_table)
audit = DynamoAudit(client("dynamodb"), settings.audit_table)
clock = SystemClock()
app = Api()


@contextmanager
def noting_refusals(brief_id: str) -> Iterator[None]:
    """A decision about held money that a rule refuses is in the audit trail too, with the reason."""
    try:
        yield
    except (Conflict, Invalid) as refused:
        audit.note(entry(Finding.DECISION_REFUSED, brief_id, refused.detail, clock.now(), code=refused.code))
        raise


@app.post("/briefs", tags=["Posting"], summary="Post a brief", status_code=201)
def post_brief(body: Annotated[Posting, Body()], by: Commander) -> Answer:
    """Refused under the pay floor of the place of work, with the lowest pay that would pass."""
    return posting.post(by, body, briefs=briefs, clock=clock, policy=policy)


@app.post("/briefs/<brief_id>/funding", tags=["Posting"], summary="Fund a brief", status_code=202)
def fund_brief(brief_id: BriefId, body: Annotated[requests.FundingRequest, Body()], by: Commander) -> Answer:
    """Have the pay and the platform's fee collected and held. The brief opens once they are: watch its state."""
    return posting.request_funding(by, brief_id, body, briefs=briefs, clock=clock)


@app.post("/briefs/<brief_id>/cancellation", tags=["Posting"], summary="Cancel a brief")
def cancel_brief(brief_id: BriefId, by: Commander) -> Answer:
    """Free before the award; after it, the student gets a kill fee and the rest is refunded."""
    return posting.cancel(by, brief_id, briefs=briefs, clock=clock, policy=policy)


@app.post("/briefs/<brief_id>/applications", tags=["Applying"], summary="Apply to a brief", status_code=201)
def apply(brief_id: BriefId, body: Annotated[requests.ApplicationRequest, Body()], by: Commander) -> ApplicationView:
    """One application per student; links are kept and shown, never fetched."""
    return own_application_view(applying.apply(by, brief_id, body, briefs=briefs, clock=clock, policy=policy))


@app.post("/briefs/<brief_id>/applications/withdrawal", tags=["Applying"], summary="Withdraw an application")
def withdraw_application(brief_id: BriefId, by: Commander) -> ApplicationView:
    """Possible until somebody is awarded the brief; one may apply again."""
    return own_application_view(applying.withdraw_application(by, brief_id, briefs=briefs, clock=clock))


@app.post("/briefs/<brief_id>/award", tags=["Applying"], summary="Award a brief")
def award_brief(brief_id: BriefId, body: Annotated[requests.AwardRequest, Body()], by: Commander) -> Answer:
    """The student must have a payout account that is ready. The other applicants are told."""
    return applying.award(by, brief_id, body, briefs=briefs, clock=clock, policy=policy)


@app.post("/briefs/<brief_id>/award/withdrawal", tags=["Applying"], summary="Give an award back")
def withdraw_award(brief_id: BriefId, by: Commander) -> Answer:
    """The brief opens again while applications are open; otherwise it ends and the employer is refunded."""
    return applying.withdraw_award(by, brief_id, briefs=briefs, clock=clock, policy=policy)


@app.post("/briefs/<brief_id>/submissions", tags=["Reviewing"], summary="Submit work", status_code=201)
def submit(brief_id: BriefId, body: Annotated[requests.SubmissionRequest, Body()], by: Commander) -> Answer:
    """Every required deliverable, received before the deadline. The review window starts."""
    return reviewing.submit(by, brief_id, body, briefs=briefs, clock=clock, policy=policy)


@app.post("/briefs/<brief_id>/approval", tags=["Reviewing"], summary="Approve a submission")
def approve(brief_id: BriefId, body: Annotated[requests.ApprovalRequest, Body()], by: Commander) -> Answer:
    """Scores and feedback for each criterion of the rubric. The student is paid."""
    return reviewing.approve(by, brief_id, body, briefs=briefs, clock=clock, policy=policy)


@app.post("/briefs/<brief_id>/change-requests", tags=["Reviewing"], summary="Request changes", status_code=201)
def request_changes(brief_id: BriefId, body: Annotated[requests.ChangeRequest, Body()], by: Commander) -> Answer:
    """Each point cites a criterion; the number of rounds was fixed when the brief was posted."""
    return reviewing.request_changes(by, brief_id, body, briefs=briefs, clock=clock, policy=policy)


@app.post("/briefs/<brief_id>/dispute", tags=["Disputes"], summary="Open a dispute", status_code=201)
def open_dispute(brief_id: BriefId, body: Annotated[requests.DisputeRequest, Body()], by: Commander) -> Answer:
    """By the employer about a submission, or by the student about a request for changes."""
    return disputing.dispute(by, brief_id, body, briefs=briefs, clock=clock, policy=policy)


@app.post("/briefs/<brief_id>/dispute/answer", tags=["Disputes"], summary="Answer a dispute", status_code=201)
def answer_dispute(brief_id: BriefId, body: Annotated[requests.DisputeRequest, Body()], by: Commander) -> Answer:
    """A side that does not answer in its window loses."""
    return disputing.answer_dispute(by, brief_id, body, briefs=briefs, clock=clock, policy=policy)


@app.post("/briefs/<brief_id>/dispute/resolution", tags=["Disputes"], summary="Decide a dispute")
def resolve_dispute(brief_id: BriefId, body: Annotated[requests.ResolutionRequest, Body()], by: Commander) -> Answer:
    """By an operator: a split that adds up to the escrow, with a written reason. Final when the deadline passes."""
    with noting_refusals(brief_id):
        return disputing.resolve(by, brief_id, body, briefs=briefs, clock=clock, policy=policy)


@app.post("/briefs/<brief_id>/dispute/reopening", tags=["Disputes"], summary="Reopen a dispute")
def reopen_dispute(brief_id: BriefId, body: Annotated[requests.ReopeningRequest, Body()], by: Commander) -> Answer:
    """By an operator, once, while the decision is not final: it is taken back and can be made anew."""
    with noting_refusals(brief_id):
        return disputing.reopen(by, brief_id, body, briefs=briefs, clock=clock, policy=policy)


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry point."""
    return app.answer(event, context)
