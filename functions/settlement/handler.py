"""The only function that moves money: called by the workflow, by events, by the sweeper; it does whatever is due."""

from typing import Any

from aws_lambda_powertools import Logger, single_metric
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.accounts import DynamoAccounts
from microintern.adapters.audit import DynamoAudit
from microintern.adapters.aws import client
from microintern.adapters.briefs import DynamoBriefs
from microintern.adapters.clock import SystemClock
from microintern.adapters.ledger import DynamoLedger
from microintern.adapters.organisations import DynamoOrganisations
from microintern.adapters.payments.choose import payment_provider
from microintern.app.payees import refresh
from microintern.app.settling import NotSettled, Treasury, advance, await_settlement, hear
from microintern.domain.audit import AuditEntry
from microintern.domain.events import CloudEvent, EventType
from microintern.ports.payments import PaymentUnavailable
from microintern.settings import SettlementSettings, load


class AlertingAudit(DynamoAudit):
    """Wakes somebody up when something was noticed that a person must look at."""

    def note(self, entry: AuditEntry) -> bool:
        """Keep an entry, and count it when it is new and needs a person."""
        new = super().note(entry)
        if new and entry.needs_person:
            with single_metric(name="PersonNeeded", unit=MetricUnit.Count, value=1):
                pass
        return new


settings = load(SettlementSettings)
treasury = Treasury(
    briefs=DynamoBriefs(client("dynamodb"), settings.brief_table),
    accounts=DynamoAccounts(client("dynamodb"), settings.account_table),
    organisations=DynamoOrganisations(client("dynamodb"), settings.account_table),
    ledger=DynamoLedger(client("dynamodb"), settings.ledger_table, settings.brief_table),
    provider=payment_provider(settings),
    audit=AlertingAudit(client("dynamodb"), settings.audit_table),
    clock=SystemClock(),
    policy=settings.policy,
)
logger = Logger()


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """`{brief_id}`, with the workflow's `token` if it waits for the money, or a published event from EventBridge."""
    if "detail" in event:
        return _hear(CloudEvent.model_validate(event["detail"]))
    brief_id = event["brief_id"]
    if token := event.get("token"):
        await_settlement(brief_id, token, briefs=treasury.briefs)
    return _advance(brief_id)


def _hear(published: CloudEvent) -> dict[str, Any]:
    """The employer asked to be charged, or the provider said that something changed."""
    if published.type is not EventType.PAYEE_UPDATED:
        return _advance(published.data["brief_id"], published.data.get("transfer_id"))
    where, accounts, provider = published.data["destination"], treasury.accounts, treasury.provider
    told = refresh(where, accounts=accounts, provider=provider, clock=treasury.clock)
    logger.info("payee", statuses=[account.status for account in told])
    return {"refreshed": len(told)}


def _advance(brief_id: str, transfer_id: str | None = None) -> dict[str, Any]:
    try:
        outcome = hear(brief_id, transfer_id, treasury) if transfer_id else advance(brief_id, treasury)
    except (NotSettled, PaymentUnavailable) as waiting:
        with single_metric(name="PayoutLate", unit=MetricUnit.Count, value=1):
            pass
        logger.warning("not settled yet", brief_id=brief_id, reason=str(waiting))
        raise
    if outcome == "held":
        with single_metric(name="PayoutHeld", unit=MetricUnit.Count, value=1):
            pass
    logger.info("advance", brief_id=brief_id, outcome=outcome)
    return {"outcome": outcome}
