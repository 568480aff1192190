"""What is counted of employers and students, for those whom it concerns."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.aws import client
from microintern.adapters.briefs import DynamoBriefs
from microintern.adapters.organisations import DynamoOrganisations
from microintern.adapters.records import DynamoRecords
from microintern.app import records
from microintern.app.views.records import PartyRecord
from microintern.settings import RecordsApiSettings, load
from microintern.web.api import Api
from microintern.web.parameters import AccountId, ApplicationId, BriefId, OrganisationId, Reader

settings = load(RecordsApiSettings)
briefs = DynamoBriefs(client("dynamodb"), settings.brief_table)
organisations = DynamoOrganisations(client("dynamodb"), settings.account_table)
store = DynamoRecords(client("dynamodb"), settings.record_table)
app = Api()


@app.get("/organisations/<organisation_id>/record", tags=["Records"], summary="An employer's record")
def organisation_record(organisation_id: OrganisationId, by: Reader) -> PartyRecord:
    """For every student and employer: how this organisation deals with its briefs and the students on them."""
    return records.of_organisation(by, organisation_id, organisations=organisations, records=store)


@app.get("/students/<account_id>/record", tags=["Records"], summary="A student's record")
def student_record(account_id: AccountId, by: Reader) -> PartyRecord:
    """For the student and operators; employers read it with an application."""
    return records.of_student(by, account_id, records=store)


@app.get(
    "/briefs/<brief_id>/applications/<application_id>/record", tags=["Records"], summary="The record of who applied"
)
def applicant_record(brief_id: BriefId, application_id: ApplicationId, by: Reader) -> PartyRecord:
    """For the employer, while it waits for a decision and once it is awarded; on a blind brief without whose it is."""
    return records.of_applicant(by, brief_id, application_id, briefs=briefs, records=store)


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry point."""
    return app.answer(event, context)
