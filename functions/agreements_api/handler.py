"""The contract that a brief is, and the papers of the agreement that an award makes of it."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.audit import DynamoAudit
from microintern.adapters.aws import client
from microintern.adapters.briefs import DynamoBriefs
from microintern.adapters.clock import SystemClock
from microintern.adapters.papers import S3Papers
from microintern.app import agreements
from microintern.app.views.agreements import AgreementView, ContractView
from microintern.settings import AgreementsApiSettings, load
from microintern.web.api import Api
from microintern.web.parameters import BriefId, Reader

settings = load(AgreementsApiSettings)
briefs = DynamoBriefs(client("dynamodb"), settings.brief_table)
papers = S3Papers(client("s3"), settings.files_bucket)
audit = DynamoAudit(client("dynamodb"), settings.audit_table)
clock = SystemClock()
app = Api()


@app.get("/briefs/<brief_id>/contract", tags=["Agreements"], summary="What applying and awarding accept")
def contract(brief_id: BriefId, by: Reader) -> ContractView:
    """The terms of the brief, and their SHA-256. Plain words of the platform; not legal advice."""
    return agreements.contract(by, brief_id, briefs=briefs, policy=settings.policy)


@app.get("/briefs/<brief_id>/agreement", tags=["Agreements"], summary="The agreement of an award")
def agreement(brief_id: BriefId, by: Reader) -> AgreementView:
    """For the two parties, with links to its PDFs; while they dispute, for operators too, which is recorded."""
    shared: dict[str, Any] = {"papers": papers, "audit": audit, "clock": clock, "policy": settings.policy}
    return agreements.agreement(by, brief_id, briefs=briefs, **shared)


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry point."""
    return app.answer(event, context)
