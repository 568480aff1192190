"""What operators see of the money that needs them, and the one thing they can have done about it."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.audit import DynamoAudit
from microintern.adapters.aws import client
from microintern.adapters.clock import SystemClock
from microintern.adapters.dead_letters import SqsDeadLetters
from microintern.adapters.ledger import DynamoLedger
from microintern.app import operating, views
from microintern.settings import OperationsApiSettings, load
from microintern.web.api import Api
from microintern.web.parameters import Commander, Cursor, Limit, Reader

settings = load(OperationsApiSettings)
ledger = DynamoLedger(client("dynamodb"), settings.ledger_table, settings.brief_table)
audit = DynamoAudit(client("dynamodb"), settings.audit_table)
letters = SqsDeadLetters(client("sqs"), client("lambda"), client("dynamodbstreams"), settings.dead_letters)
clock = SystemClock()
app = Api()


@app.get("/holds", tags=["Operators"], summary="Money that is held back")
def holds(by: Reader, limit: Limit = 50, cursor: Cursor = None) -> views.HoldPage:
    """Payouts and refunds that cannot be sent yet, each with the reason; the longest held first."""
    return operating.holds(by, limit, cursor, ledger=ledger)


@app.get("/audit", tags=["Operators"], summary="The audit trail of money")
def audit_trail(
    by: Reader,
    needs_person: Annotated[bool, Query(description="What somebody must look at, or everything else.")] = True,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> views.AuditPage:
    """Webhooks and differences, and why each was refused, ignored or reported; the newest first."""
    return operating.audit_trail(by, needs_person, limit, cursor, audit=audit)


@app.post("/dead-letters/redrive", tags=["Operators"], summary="Try again what failed")
def redrive(by: Commander) -> views.RedriveView:
    """Up to twenty letters of each queue. A letter goes when it was handled; asking again changes nothing."""
    return views.RedriveView(queues=operating.redrive(by, letters=letters, audit=audit, clock=clock))


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry point."""
    return app.answer(event, context)
