"""An institution's cohorts: what its educators see of students, and what students consent to."""

import secrets
from functools import partial
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.accounts import DynamoAccounts
from microintern.adapters.aws import client
from microintern.adapters.briefs import DynamoBriefs
from microintern.adapters.clock import SystemClock
from microintern.adapters.cohorts import DynamoCohorts
from microintern.adapters.organisations import DynamoOrganisations
from microintern.adapters.students import DynamoStudents
from microintern.app import cohorts, enrolling, requests
from microintern.app.views.cohorts import (
    CohortOffer,
    CohortPage,
    CohortView,
    EnrolmentPage,
    EnrolmentView,
    IssuedCode,
    ProgressPage,
    ProgressRow,
    ProgressView,
    RemovedStudent,
    TotalsView,
)
from microintern.settings import CohortsApiSettings, load
from microintern.web.api import Api
from microintern.web.csv_body import as_csv
from microintern.web.parameters import (
    CohortId,
    Commander,
    Cursor,
    FewerAtOnce,
    Limit,
    OrganisationId,
    Reader,
    StudentId,
)

CODE_BYTES = 24
settings = load(CohortsApiSettings)
store = DynamoCohorts(client("dynamodb"), settings.account_table)
organisations = DynamoOrganisations(client("dynamodb"), settings.account_table)
clock = SystemClock()
desk = cohorts.Desk(
    store,
    DynamoStudents(client("dynamodb"), settings.account_table),
    DynamoBriefs(client("dynamodb"), settings.brief_table),
    DynamoAccounts(client("dynamodb"), settings.account_table),
    clock,
    settings.policy,
)
app = Api()
write: dict[str, Any] = {"cohorts": store, "clock": clock}
save: dict[str, Any] = {**write, "organisations": organisations, "policy": settings.policy}


@app.get("/organisations/<organisation_id>/cohorts", tags=["Cohorts"], summary="Our cohorts")
def list_cohorts(organisation_id: OrganisationId, by: Reader, limit: Limit = 50, cursor: Cursor = None) -> CohortPage:
    """For educators: the cohorts of your institution."""
    return cohorts.cohorts_of(by, organisation_id, limit, cursor, **write)


@app.post("/organisations/<organisation_id>/cohorts", tags=["Cohorts"], summary="Make a cohort", status_code=201)
def make_cohort(
    organisation_id: OrganisationId, body: Annotated[requests.CohortRequest, Body()], by: Commander
) -> CohortView:
    """Your institution must have been approved. Students join by a code, and consent to what you then see."""
    return CohortView.of(cohorts.make(by, organisation_id, body, **save), clock.now())


@app.get("/organisations/<organisation_id>/cohorts/<cohort_id>", tags=["Cohorts"], summary="One cohort")
def read_cohort(organisation_id: OrganisationId, cohort_id: CohortId, by: Reader) -> CohortView:
    """With the terms that students consent to, and the rules by which credit is granted."""
    return CohortView.of(cohorts.cohort(by, organisation_id, cohort_id, cohorts=store), clock.now())


@app.put("/organisations/<organisation_id>/cohorts/<cohort_id>", tags=["Cohorts"], summary="Change a cohort")
def change_cohort(
    organisation_id: OrganisationId,
    cohort_id: CohortId,
    body: Annotated[requests.CohortRequest, Body()],
    by: Commander,
) -> CohortView:
    """All of it anew. Whatever would show more of students is seen of those only who consent to it, too."""
    return CohortView.of(cohorts.change(by, organisation_id, cohort_id, body, **save), clock.now())


@app.post(
    "/organisations/<organisation_id>/cohorts/<cohort_id>/code",
    tags=["Cohorts"],
    summary="A code to join by",
    status_code=201,
)
def issue_code(organisation_id: OrganisationId, cohort_id: CohortId, by: Commander) -> IssuedCode:
    """Good for thirty days and any number of students, and shown this once. The one before is good for nothing then."""
    codes = partial(secrets.token_urlsafe, CODE_BYTES)
    return cohorts.issue_code(by, organisation_id, cohort_id, policy=settings.policy, codes=codes, **write)


@app.get("/organisations/<organisation_id>/cohorts/<cohort_id>/totals", tags=["Cohorts"], summary="A cohort's totals")
def totals(organisation_id: OrganisationId, cohort_id: CohortId, by: Reader) -> TotalsView:
    """What all students come to who consent now."""
    return cohorts.totals(by, organisation_id, cohort_id, desk=desk)


@app.get(
    "/organisations/<organisation_id>/cohorts/<cohort_id>/students", tags=["Cohorts"], summary="A cohort's students"
)
def students(
    organisation_id: OrganisationId, cohort_id: CohortId, by: Reader, limit: FewerAtOnce = 20, cursor: Cursor = None
) -> ProgressPage:
    """How far each is, and what puts them at risk. Only those who consent now, and as far as they do."""
    return cohorts.students(by, organisation_id, cohort_id, limit, cursor, desk=desk)


@app.get(
    "/organisations/<organisation_id>/cohorts/<cohort_id>/students.csv",
    tags=["Cohorts"],
    summary="A cohort's students, as CSV",
)
def students_csv(
    organisation_id: OrganisationId, cohort_id: CohortId, by: Reader, limit: FewerAtOnce = 50, cursor: Cursor = None
) -> Response[str]:
    """A page as rows; the header `Link` leads on when there are more."""
    page = cohorts.students(by, organisation_id, cohort_id, limit, cursor, desk=desk)
    beyond = {"limit": limit, "cursor": page.next_cursor}
    rows = [ProgressRow.of(item) for item in page.items]
    return as_csv(rows, "students.csv", next_page=beyond if page.next_cursor else None)


@app.get(
    "/organisations/<organisation_id>/cohorts/<cohort_id>/students/<student_id>",
    tags=["Cohorts"],
    summary="One student of a cohort",
)
def student(organisation_id: OrganisationId, cohort_id: CohortId, student_id: StudentId, by: Reader) -> ProgressView:
    """As long as they consent."""
    return cohorts.student(by, organisation_id, cohort_id, student_id, desk=desk)


@app.post(
    "/organisations/<organisation_id>/cohorts/<cohort_id>/students/<student_id>/removal",
    tags=["Cohorts"],
    summary="Take a student out",
)
def remove_student(
    organisation_id: OrganisationId, cohort_id: CohortId, student_id: StudentId, by: Commander
) -> RemovedStudent:
    """As if they had withdrawn: nothing of them is seen any more. Give out a new code if they are not to come back."""
    return RemovedStudent.of(cohorts.remove(by, organisation_id, cohort_id, student_id, **write))


@app.post("/me/cohorts/preview", tags=["Cohorts"], summary="What a cohort would see")
def preview_cohort(body: Annotated[requests.CohortCodeRequest, Body()], by: Reader) -> CohortOffer:
    """For students, before they join: who would see what, until when, and what credit is for. Nothing is written."""
    return enrolling.preview(by, body, **write)


@app.post("/me/cohorts", tags=["Cohorts"], summary="Join a cohort", status_code=201)
def join(body: Annotated[requests.JoinRequest, Body()], by: Commander) -> EnrolmentView:
    """You consent to the terms that you name. You can withdraw at any time."""
    return enrolling.join(by, body, policy=settings.policy, **write)


@app.get("/me/cohorts", tags=["Cohorts"], summary="My cohorts")
def own_cohorts(by: Reader, limit: Limit = 50, cursor: Cursor = None) -> EnrolmentPage:
    """The cohorts that you are or were in, what you consented to, and whether you are seen."""
    return enrolling.own(by, limit, cursor, **write)


@app.get("/me/cohorts/<cohort_id>", tags=["Cohorts"], summary="What a cohort sees of me")
def seen_of_me(cohort_id: CohortId, by: Reader) -> ProgressView:
    """Exactly what the educators see."""
    return enrolling.seen_of_me(by, cohort_id, desk=desk)


@app.put("/me/cohorts/<cohort_id>/consent", tags=["Cohorts"], summary="Consent to new terms")
def renew_consent(
    cohort_id: CohortId, body: Annotated[requests.CohortConsentRequest, Body()], by: Commander
) -> EnrolmentView:
    """Until you do, you are seen by the terms that you consented to."""
    return enrolling.renew(by, cohort_id, body, **write)


@app.post("/me/cohorts/<cohort_id>/withdrawal", tags=["Cohorts"], summary="Withdraw my consent")
def withdraw_consent(cohort_id: CohortId, by: Commander) -> EnrolmentView:
    """At once nothing of you is seen in this cohort any more. Credit that was granted stays yours."""
    return enrolling.withdraw(by, cohort_id, **write)


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry point."""
    return app.answer(event, context)
