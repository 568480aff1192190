"""An organisation's pipeline of people to hire, and offers of its next brief."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.accounts import DynamoAccounts
from microintern.adapters.aws import client
from microintern.adapters.briefs import DynamoBriefs
from microintern.adapters.clock import SystemClock
from microintern.adapters.talent import DynamoTalent
from microintern.app import offering, requests, talent
from microintern.app.views.talent import CandidatePage, CandidateRow, CandidateView, Comparison, OfferPage, OfferView
from microintern.domain.brief import Answer
from microintern.domain.talent import Stage
from microintern.settings import TalentApiSettings, load
from microintern.web.api import Api
from microintern.web.csv_body import as_csv
from microintern.web.parameters import ID, BriefId, Commander, Cursor, Limit, OrganisationId, Reader, StudentId

settings = load(TalentApiSettings)
policy = settings.policy
store = DynamoTalent(client("dynamodb"), settings.account_table)
accounts = DynamoAccounts(client("dynamodb"), settings.account_table)
briefs = DynamoBriefs(client("dynamodb"), settings.brief_table, settings.account_table)
clock = SystemClock()
app = Api()
read: dict[str, Any] = {"talent": store, "accounts": accounts}
write: dict[str, Any] = {"talent": store, "briefs": briefs, "clock": clock}

AtStage = Annotated[Stage | None, Query(description="Those at this stage only.")]
Students = Annotated[list[Annotated[str, Query(pattern=ID)]], Query(description="Two or more candidates' account ids.")]


@app.get("/organisations/<organisation_id>/candidates", tags=["Talent"], summary="Our candidates")
def candidates(
    organisation_id: OrganisationId, by: Reader, stage: AtStage = None, limit: Limit = 50, cursor: Cursor = None
) -> CandidatePage:
    """For members: whom you have met on your briefs, with stage and notes. Who did one is a candidate by itself."""
    return talent.candidates(by, organisation_id, stage, limit, cursor, **read)


@app.get("/organisations/<organisation_id>/candidates.csv", tags=["Talent"], summary="Our candidates, as CSV")
def candidates_csv(
    organisation_id: OrganisationId, by: Reader, stage: AtStage = None, limit: Limit = 100, cursor: Cursor = None
) -> Response[str]:
    """A page as rows; the header `Link` leads on when there are more."""
    page = talent.candidates(by, organisation_id, stage, limit, cursor, **read)
    beyond = {"limit": limit, "cursor": page.next_cursor} | ({"stage": stage.value} if stage else {})
    rows = [CandidateRow.of(item) for item in page.items]
    return as_csv(rows, "candidates.csv", next_page=beyond if page.next_cursor else None)


@app.get("/organisations/<organisation_id>/comparison", tags=["Talent"], summary="Candidates side by side")
def comparison(organisation_id: OrganisationId, by: Reader, student: Students) -> Comparison:
    """Up to twenty of your candidates, on all criteria that any of them was judged by on briefs of yours."""
    return talent.compare(by, organisation_id, student, **read)


@app.get("/organisations/<organisation_id>/candidates/<student_id>", tags=["Talent"], summary="One candidate")
def candidate(organisation_id: OrganisationId, student_id: StudentId, by: Reader) -> CandidateView:
    """For members; nobody else sees notes, and the student only in the export of what is kept of them."""
    return talent.candidate(by, organisation_id, student_id, **read)


@app.put("/organisations/<organisation_id>/candidates/<student_id>", tags=["Talent"], summary="Move a candidate")
def move_candidate(
    organisation_id: OrganisationId,
    student_id: StudentId,
    body: Annotated[requests.CandidateRequest, Body()],
    by: Commander,
) -> CandidateView:
    """Set the stage and add a note. A new candidate is somebody who applied to a brief of yours: name it."""
    moved = talent.move(by, organisation_id, student_id, body, policy=policy, **write)
    return CandidateView.of(moved, {})


@app.post(
    "/organisations/<organisation_id>/candidates/<student_id>/removal", tags=["Talent"], summary="Drop a candidate"
)
def remove_candidate(organisation_id: OrganisationId, student_id: StudentId, by: Commander) -> CandidateView:
    """With all notes. A brief that the student did does not bring them back; a member can."""
    removed = talent.remove(by, organisation_id, student_id, talent=store, clock=clock, policy=policy)
    return CandidateView.of(removed, {})


@app.get(
    "/organisations/<organisation_id>/candidates/<student_id>/offers", tags=["Talent"], summary="Our offers to one"
)
def offers_to(organisation_id: OrganisationId, student_id: StudentId, by: Reader) -> OfferPage:
    """What you offered this candidate, and what became of it."""
    return offering.offers_to(by, organisation_id, student_id, talent=store, briefs=briefs)


@app.post(
    "/organisations/<organisation_id>/candidates/<student_id>/offers",
    tags=["Talent"],
    summary="Offer a brief",
    status_code=201,
)
def offer_brief(
    organisation_id: OrganisationId,
    student_id: StudentId,
    body: Annotated[requests.OfferRequest, Body()],
    by: Commander,
) -> OfferView:
    """The brief must be open. If the student accepts, it is awarded; until then you can still pick somebody else."""
    return offering.offer(by, organisation_id, student_id, body, policy=policy, **write)


@app.post(
    "/organisations/<organisation_id>/candidates/<student_id>/offers/<brief_id>/withdrawal",
    tags=["Talent"],
    summary="Take an offer back",
)
def withdraw_offer(
    organisation_id: OrganisationId, student_id: StudentId, brief_id: BriefId, by: Commander
) -> OfferView:
    """As long as it was not answered."""
    return offering.withdraw(by, organisation_id, student_id, brief_id, **write)


@app.get("/briefs/<brief_id>/comparison", tags=["Talent"], summary="Applicants side by side")
def compare_applicants(brief_id: BriefId, by: Reader, limit: Limit = 50, cursor: Cursor = None) -> Comparison:
    """For the employer: on the rubric, by what each reached on earlier briefs of yours; no names on a blind one."""
    return talent.compare_applicants(by, brief_id, limit, cursor, briefs=briefs, **read)


@app.get("/me/offers", tags=["Talent"], summary="My offers")
def own_offers(by: Reader, limit: Limit = 50, cursor: Cursor = None) -> OfferPage:
    """For students: the briefs that you were offered, answered or not."""
    return offering.own_offers(by, limit, cursor, talent=store, briefs=briefs)


@app.post("/me/offers/<brief_id>/acceptance", tags=["Talent"], summary="Accept an offer")
def accept_offer(brief_id: BriefId, body: Annotated[requests.OfferAcceptance, Body()], by: Commander) -> Answer:
    """The brief is awarded to you at once, unless somebody was quicker. You need a payout account that is ready."""
    return offering.accept(by, brief_id, body, policy=policy, **write)


@app.post("/me/offers/<brief_id>/refusal", tags=["Talent"], summary="Decline an offer")
def refuse_offer(brief_id: BriefId, by: Commander) -> OfferView:
    """Nothing is held against you."""
    return offering.refuse(by, brief_id, **write)


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry point."""
    return app.answer(event, context)
