"""Changes of scope or deadline: proposed by either side after the award, good once the other accepts."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body, Path
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.audit import DynamoAudit
from microintern.adapters.aws import client
from microintern.adapters.briefs import DynamoBriefs
from microintern.adapters.clock import SystemClock
from microintern.app import amending, requests
from microintern.app.views.amendments import AmendmentList, AmendmentView, Proposed
from microintern.domain.amendments import MOST_AMENDMENTS
from microintern.domain.brief import Answer
from microintern.settings import AmendmentsApiSettings, load
from microintern.web.api import Api
from microintern.web.parameters import BriefId, Commander, Reader

Number = Annotated[int, Path(ge=1, le=MOST_AMENDMENTS, description="The amendment's number.")]

settings = load(AmendmentsApiSettings)
briefs = DynamoBriefs(client("dynamodb"), settings.brief_table, settings.account_table)
audit = DynamoAudit(client("dynamodb"), settings.audit_table)
clock = SystemClock()
app = Api()


@app.post("/briefs/<brief_id>/amendments", tags=["Agreements"], summary="Propose an amendment", status_code=201)
def propose_amendment(brief_id: BriefId, body: Annotated[requests.AmendmentRequest, Body()], by: Commander) -> Proposed:
    """Of scope or deadline, by either side while the work is under way. It lapses when nobody accepts it in time."""
    return amending.propose(by, brief_id, body, briefs=briefs, clock=clock, policy=settings.policy)


@app.get("/briefs/<brief_id>/amendments", tags=["Agreements"], summary="Amendments of an award")
def amendments(brief_id: BriefId, by: Reader) -> AmendmentList:
    """For both sides; while they dispute, for operators too, which is recorded."""
    return amending.proposed(by, brief_id, briefs=briefs, audit=audit, clock=clock)


@app.post("/briefs/<brief_id>/amendments/<number>/acceptance", tags=["Agreements"], summary="Accept an amendment")
def accept_amendment(brief_id: BriefId, number: Number, by: Commander) -> Answer:
    """By the other side. From then on it holds, and the agreement has a new edition."""
    return amending.accept(by, brief_id, number, briefs=briefs, clock=clock, policy=settings.policy)


@app.post("/briefs/<brief_id>/amendments/<number>/refusal", tags=["Agreements"], summary="Refuse an amendment")
def refuse_amendment(brief_id: BriefId, number: Number, by: Commander) -> AmendmentView:
    """By the other side. Everything stays as it was agreed."""
    return amending.refuse(by, brief_id, number, briefs=briefs, clock=clock)


@app.post("/briefs/<brief_id>/amendments/<number>/withdrawal", tags=["Agreements"], summary="Take an amendment back")
def withdraw_amendment(brief_id: BriefId, number: Number, by: Commander) -> AmendmentView:
    """By the side that proposed it, as long as it is open."""
    return amending.withdraw(by, brief_id, number, briefs=briefs, clock=clock)


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry point."""
    return app.answer(event, context)
