"""What both sides of a brief say to each other: public questions before the award, a private thread after it."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.accounts import DynamoAccounts
from microintern.adapters.audit import DynamoAudit
from microintern.adapters.aws import client
from microintern.adapters.briefs import DynamoBriefs
from microintern.adapters.clock import SystemClock
from microintern.adapters.organisations import DynamoOrganisations
from microintern.adapters.threads import DynamoThreads
from microintern.app import checking_in, mentoring, messaging
from microintern.app.requests import CheckInRequest, MentorRequest, MessageRequest, QuestionRequest
from microintern.app.views.check_ins import CheckInAnswered, CheckInList
from microintern.app.views.messages import MentorNamed, MentorView, MessagePage, Posted, QuestionPage
from microintern.settings import MessagesApiSettings, load
from microintern.web.api import Api
from microintern.web.parameters import BriefId, Commander, Cursor, Limit, Reader

settings = load(MessagesApiSettings)
room = messaging.Room(
    briefs=DynamoBriefs(client("dynamodb"), settings.brief_table, settings.account_table),
    threads=DynamoThreads(client("dynamodb"), settings.brief_table, settings.account_table),
    accounts=DynamoAccounts(client("dynamodb"), settings.account_table),
    audit=DynamoAudit(client("dynamodb"), settings.audit_table),
    clock=SystemClock(),
    policy=settings.policy,
)
organisations = DynamoOrganisations(client("dynamodb"), settings.account_table)
app = Api()


@app.get("/briefs/<brief_id>/questions", tags=["Talking"], summary="Questions and answers")
def questions(brief_id: BriefId, by: Reader, limit: Limit = 50, cursor: Cursor = None) -> QuestionPage:
    """For everybody who can read the brief. Who asked is “Student 1” to all but the employer, unless it is blind."""
    return messaging.questions(by, brief_id, limit, cursor, room=room)


@app.post("/briefs/<brief_id>/questions", tags=["Talking"], summary="Ask or answer", status_code=201)
def ask(brief_id: BriefId, body: Annotated[QuestionRequest, Body()], by: Commander) -> Posted:
    """Students ask and the employer answers while applications are open. Everybody reads it, and nobody changes it."""
    return messaging.ask(by, brief_id, body, room=room)


@app.get("/briefs/<brief_id>/messages", tags=["Talking"], summary="Messages of the two sides")
def messages(brief_id: BriefId, by: Reader, limit: Limit = 50, cursor: Cursor = None) -> MessagePage:
    """For the employer and who was awarded the brief; for operators while it is disputed, which is recorded."""
    return messaging.messages(by, brief_id, limit, cursor, room=room)


@app.post("/briefs/<brief_id>/messages", tags=["Talking"], summary="Write to the other side", status_code=201)
def write_message(brief_id: BriefId, body: Annotated[MessageRequest, Body()], by: Commander) -> Posted:
    """From the award until the money has moved. It cannot be changed or taken back."""
    return messaging.write(by, brief_id, body, room=room)


@app.get("/briefs/<brief_id>/check-ins", tags=["Talking"], summary="How the work is going")
def check_ins(brief_id: BriefId, by: Reader) -> CheckInList:
    """When the student is asked, and what they answered; for the two sides. Until it is answered nothing is kept."""
    return checking_in.read(by, brief_id, briefs=room.briefs, clock=room.clock)


@app.post("/briefs/<brief_id>/check-ins", tags=["Talking"], summary="Answer a check-in", status_code=201)
def check_in(brief_id: BriefId, body: Annotated[CheckInRequest, Body()], by: Commander) -> CheckInAnswered:
    """For the student, once each time that it is asked. The employer is told, and can answer by a message."""
    return checking_in.answer(by, brief_id, body, briefs=room.briefs, clock=room.clock)


@app.get("/briefs/<brief_id>/mentor", tags=["Talking"], summary="The contact of a brief")
def mentor(brief_id: BriefId, by: Reader) -> MentorView:
    """Whom at the employer the student can turn to; for the employer and who was awarded the brief."""
    return mentoring.read(by, brief_id, briefs=room.briefs, organisations=organisations, accounts=room.accounts)


@app.put("/briefs/<brief_id>/mentor", tags=["Talking"], summary="Name the contact of a brief")
def name_mentor(brief_id: BriefId, body: Annotated[MentorRequest, Body()], by: Commander) -> MentorNamed:
    """Any member of the organisation may name any other one, or themselves, until the money has moved."""
    return mentoring.name(by, brief_id, body, briefs=room.briefs, clock=room.clock)


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry point."""
    return app.answer(event, context)
