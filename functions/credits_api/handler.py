"""Credit that educators grant to students of a cohort, as signed credentials."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.accounts import DynamoAccounts
from microintern.adapters.aws import client
from microintern.adapters.briefs import DynamoBriefs
from microintern.adapters.clock import SystemClock
from microintern.adapters.cohorts import DynamoCohorts
from microintern.adapters.credentials import DynamoCredentials
from microintern.adapters.signing import KmsSigner
from microintern.adapters.students import DynamoStudents
from microintern.app import granting, requests
from microintern.app.cohorts import Desk
from microintern.app.crediting import Issuer
from microintern.app.views.cohorts import CreditPage, CreditRow, CreditView
from microintern.app.views.credentials import RevocationView
from microintern.badging.canonical import canonical
from microintern.domain.open_badges import Addresses
from microintern.settings import CreditsApiSettings, load
from microintern.web.api import Api
from microintern.web.csv_body import as_csv
from microintern.web.parameters import (
    CohortId,
    Commander,
    CredentialId,
    Cursor,
    Limit,
    OrganisationId,
    Reader,
    StudentId,
)

settings = load(CreditsApiSettings)
credentials = DynamoCredentials(client("dynamodb"), settings.credential_table, settings.account_table)
signer = KmsSigner(client("kms"), settings.credential_key)
clock = SystemClock()
desk = Desk(
    DynamoCohorts(client("dynamodb"), settings.account_table),
    DynamoStudents(client("dynamodb"), settings.account_table),
    DynamoBriefs(client("dynamodb"), settings.brief_table),
    DynamoAccounts(client("dynamodb"), settings.account_table),
    clock,
    settings.policy,
)
app = Api()
ports: dict[str, Any] = {"desk": desk, "credentials": credentials}


@app.post(
    "/organisations/<organisation_id>/cohorts/<cohort_id>/students/<student_id>/credit",
    tags=["Cohorts"],
    summary="Grant credit",
    status_code=201,
)
def grant_credit(
    organisation_id: OrganisationId,
    cohort_id: CohortId,
    student_id: StudentId,
    body: Annotated[requests.CreditRequest, Body()],
    by: Commander,
) -> CreditView:
    """What the rules give for the student's approved briefs now, as an Open Badge 3.0 with `creditsEarned`."""
    issuer = Issuer(Addresses(settings.public_url), signer, canonical)
    return granting.grant(by, organisation_id, cohort_id, student_id, body, issuer=issuer, **ports)


@app.get("/organisations/<organisation_id>/cohorts/<cohort_id>/credits", tags=["Cohorts"], summary="Credit granted")
def granted_credits(
    organisation_id: OrganisationId, cohort_id: CohortId, by: Reader, limit: Limit = 50, cursor: Cursor = None
) -> CreditPage:
    """The newest first. Of students who have withdrawn, that it was granted and for how many hours, not to whom."""
    return granting.granted_credits(by, organisation_id, cohort_id, limit, cursor, **ports)


@app.get(
    "/organisations/<organisation_id>/cohorts/<cohort_id>/credits.csv",
    tags=["Cohorts"],
    summary="Credit granted, as CSV",
)
def granted_credits_csv(
    organisation_id: OrganisationId, cohort_id: CohortId, by: Reader, limit: Limit = 100, cursor: Cursor = None
) -> Response[str]:
    """A page as rows; the header `Link` leads on when there are more."""
    page = granting.granted_credits(by, organisation_id, cohort_id, limit, cursor, **ports)
    beyond = {"limit": limit, "cursor": page.next_cursor}
    rows = [CreditRow.of(item) for item in page.items]
    return as_csv(rows, "credits.csv", next_page=beyond if page.next_cursor else None)


@app.post(
    "/organisations/<organisation_id>/cohorts/<cohort_id>/credits/<credential_id>/revocation",
    tags=["Cohorts"],
    summary="Revoke credit",
)
def revoke_credit(
    organisation_id: OrganisationId,
    cohort_id: CohortId,
    credential_id: CredentialId,
    body: Annotated[requests.RevocationRequest, Body()],
    by: Commander,
) -> RevocationView:
    """For good; every copy of the credential counts as revoked within five minutes. It can be granted anew then."""
    return granting.revoke_credit(by, organisation_id, cohort_id, credential_id, body, **ports)


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry point."""
    return app.answer(event, context)
