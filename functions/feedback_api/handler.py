"""What both sides of an ended brief say of each other."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.aws import client
from microintern.adapters.briefs import DynamoBriefs
from microintern.adapters.clock import SystemClock
from microintern.app import feedback, requests
from microintern.app.views.feedback import FeedbackView, GivenView
from microintern.settings import FeedbackApiSettings, load
from microintern.web.api import Api
from microintern.web.parameters import BriefId, Commander, Reader

settings = load(FeedbackApiSettings)
briefs = DynamoBriefs(client("dynamodb"), settings.brief_table)
clock = SystemClock()
app = Api()


@app.put("/briefs/<brief_id>/feedback", tags=["Feedback"], summary="Give feedback, or change it")
def give_feedback(brief_id: BriefId, body: Annotated[requests.FeedbackRequest, Body()], by: Commander) -> GivenView:
    """Once the brief has ended, for a week. Yours alone to see, and to change, until both sides have given theirs."""
    shared: dict[str, Any] = {"briefs": briefs, "clock": clock, "policy": settings.policy}
    return GivenView.of(feedback.give(by, brief_id, body, **shared))


@app.get("/briefs/<brief_id>/feedback", tags=["Feedback"], summary="Feedback on a brief")
def read_feedback(brief_id: BriefId, by: Reader) -> FeedbackView:
    """Your side's at any time; the other's, and for operators both, once both are in or the window is over."""
    return feedback.read(by, brief_id, briefs=briefs, clock=clock, policy=settings.policy)


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry point."""
    return app.answer(event, context)
