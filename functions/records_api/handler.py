"""What is counted of employers, students and briefs, for those whom it concerns."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.aws import client
from microintern.adapters.briefs import DynamoBriefs
from microintern.adapters.clock import SystemClock
from microintern.adapters.organisations import DynamoOrganisations
from microintern.adapters.records import DynamoRecords
from microintern.app import records, reporting
from microintern.app.views.records import PartyRecord
from microintern.app.views.reports import Report
from microintern.settings import RecordsApiSettings, load
from microintern.web.api import Api
from microintern.web.csv_body import as_csv
from microintern.web.parameters import AccountId, ApplicationId, BriefId, OrganisationId, Reader

settings = load(RecordsApiSettings)
briefs = DynamoBriefs(client("dynamodb"), settings.brief_table)
organisations = DynamoOrganisations(client("dynamodb"), settings.account_table)
store = DynamoRecords(client("dynamodb"), settings.record_table)
clock = SystemClock()
app = Api()

Month = Annotated[
    str | None,
    Query(
        pattern=r"^2\d{3}-(0[1-9]|1[0-2])$",
        description="A month such as 2026-11, in UTC; the last twelve unless said otherwise, 24 at most.",
    ),
]


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


@app.get("/organisations/<organisation_id>/report", tags=["Reports"], summary="How an organisation's briefs went")
def organisation_report(organisation_id: OrganisationId, by: Reader, first: Month = None, last: Month = None) -> Report:
    """For its members: by state, time to award, review and payout, pay by field, silence, first-timers, money held."""
    return reporting.of_organisation(by, organisation_id, first, last, records=store, clock=clock)


@app.get(
    "/organisations/<organisation_id>/report.csv",
    tags=["Reports"],
    summary="How an organisation's briefs went, as CSV",
)
def organisation_report_csv(
    organisation_id: OrganisationId, by: Reader, first: Month = None, last: Month = None
) -> Response[str]:
    """A row for each figure of each month."""
    report = reporting.of_organisation(by, organisation_id, first, last, records=store, clock=clock)
    return as_csv(reporting.as_rows(report), f"report-{report.first}-{report.last}.csv")


@app.get("/report", tags=["Operators"], summary="How all briefs went")
def platform_report(by: Reader, first: Month = None, last: Month = None) -> Report:
    """The same figures of the whole platform."""
    return reporting.of_platform(by, first, last, records=store, clock=clock)


@app.get("/report.csv", tags=["Operators"], summary="How all briefs went, as CSV")
def platform_report_csv(by: Reader, first: Month = None, last: Month = None) -> Response[str]:
    """A row for each figure of each month."""
    report = reporting.of_platform(by, first, last, records=store, clock=clock)
    return as_csv(reporting.as_rows(report), f"report-{report.first}-{report.last}.csv")


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry point."""
    return app.answer(event, context)
