"""What operators see of the money that needs them, and the one thing they can have done about it."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.audit import DynamoAudit
from microintern.adapters.aws import client
from microintern.adapters.clock import SystemClock
from microintern.adapters.dead_letters import SqsDeadLetters
from microintern.adapters.ledger import DynamoLedger
from microintern.adapters.trail import DynamoTrail
from microintern.app import auditing, operating
from microintern.app.views.operations import AuditPage, HoldPage, RedriveView
from microintern.app.views.trail import TrailDay
from microintern.domain.base import Day
from microintern.settings import OperationsApiSettings, load
from microintern.web.api import Api
from microintern.web.parameters import ID, Commander, Cursor, Limit, Reader

settings = load(OperationsApiSettings)
ledger = DynamoLedger(client("dynamodb"), settings.ledger_table, settings.brief_table)
audit = DynamoAudit(client("dynamodb"), settings.audit_table)
letters = SqsDeadLetters(client("sqs"), client("lambda"), client("dynamodbstreams"), settings.dead_letters)
trail = DynamoTrail(client("dynamodb"), settings.trail_table)
clock = SystemClock()
app = Api()


@app.get("/holds", tags=["Operators"], summary="Money that is held back")
def holds(by: Reader, limit: Limit = 50, cursor: Cursor = None) -> HoldPage:
    """Payouts and refunds that cannot be sent yet, each with the reason; the longest held first."""
    return operating.holds(by, limit, cursor, ledger=ledger)


@app.get("/audit", tags=["Operators"], summary="The audit trail of money")
def audit_trail(
    by: Reader,
    needs_person: Annotated[bool, Query(description="What somebody must look at, or everything else.")] = True,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> AuditPage:
    """Webhooks and differences, and why each was refused, ignored or reported; the newest first."""
    return operating.audit_trail(by, needs_person, limit, cursor, audit=audit)


@app.get("/audit/commands", tags=["Operators"], summary="Who did what on a day")
def commands_of_day(
    by: Reader,
    day: Annotated[Day, Query(description="A day, in UTC.", examples=["2027-02-20"])],
    actor_id: Annotated[str | None, Query(pattern=ID, description="What this account did, only.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> TrailDay:
    """Steps of all briefs and accounts, the newest first."""
    return auditing.commands_of_day(by, day, actor_id, limit, cursor, trail=trail)


@app.post("/dead-letters/redrive", tags=["Operators"], summary="Try again what failed")
def redrive(by: Commander) -> RedriveView:
    """Up to twenty letters of each queue; a letter goes when it was handled. For more, ask with another key."""
    return RedriveView(queues=operating.redrive(by, letters=letters, audit=audit, clock=clock))


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry point."""
    return app.answer(event, context)
