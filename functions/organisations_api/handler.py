"""Organisations that employers act for: founding, members and invitations, and what operators decide."""

import secrets
from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body, Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.accounts import DynamoAccounts
from microintern.adapters.aws import client
from microintern.adapters.clock import SystemClock
from microintern.adapters.organisations import DynamoOrganisations
from microintern.app import organisations, requests
from microintern.app.views.organisations import (
    InvitationList,
    InvitationView,
    IssuedInvitation,
    MemberList,
    MemberView,
    OrganisationPage,
    OrganisationView,
)
from microintern.domain.organisations import OrganisationState
from microintern.settings import OrganisationsApiSettings, load
from microintern.web.api import Api
from microintern.web.parameters import AccountId, Commander, Cursor, InvitationId, Limit, OrganisationId, Reader

settings = load(OrganisationsApiSettings)
policy = settings.policy
store = DynamoOrganisations(client("dynamodb"), settings.account_table)
accounts = DynamoAccounts(client("dynamodb"), settings.account_table)
clock = SystemClock()
app = Api()


@app.post("/organisations", tags=["Organisations"], summary="Found an organisation", status_code=201)
def found_organisation(body: Annotated[requests.OrganisationRequest, Body()], by: Commander) -> OrganisationView:
    """You are its first owner. Post at once; briefs can be funded when an operator has approved it."""
    return OrganisationView.of(organisations.found(by, body, organisations=store, clock=clock))


@app.get("/organisations", tags=["Operators"], summary="Organisations by state")
def organisations_in_state(
    by: Reader,
    state: Annotated[OrganisationState, Query()] = OrganisationState.WAITING,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> OrganisationPage:
    """Those that wait for a decision, the longest first, unless another state is asked for."""
    return organisations.in_state(by, state, limit, cursor, organisations=store)


@app.get("/organisations/<organisation_id>", tags=["Organisations"], summary="Read an organisation")
def read_organisation(organisation_id: OrganisationId, by: Reader) -> OrganisationView:
    """For its members and operators."""
    return OrganisationView.of(organisations.read(by, organisation_id, organisations=store))


@app.put("/organisations/<organisation_id>/state", tags=["Operators"], summary="Approve, reject or suspend")
def decide_organisation(
    organisation_id: OrganisationId, body: Annotated[requests.OrganisationDecisionRequest, Body()], by: Commander
) -> OrganisationView:
    """Only an approved organisation has briefs funded. Briefs that are funded already go on."""
    after = organisations.decide(by, organisation_id, body, organisations=store, clock=clock)
    return OrganisationView.of(after)


@app.put("/organisations/<organisation_id>/address", tags=["Organisations"], summary="Give its mailing address")
def save_address(
    organisation_id: OrganisationId, body: Annotated[requests.AddressRequest, Body()], by: Commander
) -> OrganisationView:
    """For its owners. It stands in agreements that are made from then on; some laws ask for it."""
    after = organisations.save_address(by, organisation_id, body, organisations=store, clock=clock)
    return OrganisationView.of(after)


@app.get("/organisations/<organisation_id>/members", tags=["Organisations"], summary="Its members")
def members(organisation_id: OrganisationId, by: Reader) -> MemberList:
    """All of them are on the employer's side of its briefs."""
    return organisations.members(by, organisation_id, organisations=store, accounts=accounts)


@app.put("/organisations/<organisation_id>/members/<account_id>", tags=["Organisations"], summary="Appoint a member")
def appoint_member(
    organisation_id: OrganisationId,
    account_id: AccountId,
    body: Annotated[requests.MemberRequest, Body()],
    by: Commander,
) -> MemberView:
    """By an owner; one owner must stay."""
    return MemberView.of(organisations.appoint(by, organisation_id, account_id, body, organisations=store, clock=clock))


@app.post(
    "/organisations/<organisation_id>/members/<account_id>/removal", tags=["Organisations"], summary="Leave, or remove"
)
def remove_member(organisation_id: OrganisationId, account_id: AccountId, by: Commander) -> MemberView:
    """Oneself, or by an owner. The organisation's briefs are closed to whoever left within seconds."""
    after = organisations.leave(by, organisation_id, account_id, organisations=store, clock=clock)
    return MemberView.of(after)


@app.post(
    "/organisations/<organisation_id>/invitations", tags=["Organisations"], summary="Invite somebody", status_code=201
)
def invite(
    organisation_id: OrganisationId, body: Annotated[requests.InvitationRequest, Body()], by: Commander
) -> IssuedInvitation:
    """Gives a code to pass on, good once and for a week. Only its hash is kept: repeated, this gives a new code."""
    ports: dict[str, Any] = {"organisations": store, "clock": clock, "policy": policy}
    return organisations.invite(by, organisation_id, body, codes=secrets.token_urlsafe, **ports)


@app.get("/organisations/<organisation_id>/invitations", tags=["Organisations"], summary="Its invitations")
def invitations(organisation_id: OrganisationId, by: Reader) -> InvitationList:
    """For its members."""
    return organisations.invitations(by, organisation_id, organisations=store)


@app.post(
    "/organisations/<organisation_id>/invitations/<invitation_id>/revocation",
    tags=["Organisations"],
    summary="Take an invitation back",
)
def revoke_invitation(organisation_id: OrganisationId, invitation_id: InvitationId, by: Commander) -> InvitationView:
    """By an owner; its code is good for nothing then."""
    after = organisations.revoke(by, organisation_id, invitation_id, organisations=store, clock=clock)
    return InvitationView.of(after)


@app.post("/me/organisation", tags=["Organisations"], summary="Join an organisation", status_code=201)
def join_organisation(body: Annotated[requests.AcceptanceRequest, Body()], by: Commander) -> MemberView:
    """By the code of an invitation; one organisation at a time."""
    return MemberView.of(organisations.accept(by, body, organisations=store, clock=clock, policy=policy))


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry point."""
    return app.answer(event, context)
