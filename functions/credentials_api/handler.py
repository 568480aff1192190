"""What students and operators do with credentials."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.aws import client
from microintern.adapters.clock import SystemClock
from microintern.adapters.credentials import DynamoCredentials
from microintern.adapters.signing import KmsSigner
from microintern.app import crediting, requests
from microintern.app.views.credentials import CredentialPage, OwnCredential, RevocationView
from microintern.badging.canonical import canonical
from microintern.domain.open_badges import Addresses
from microintern.settings import CredentialsApiSettings, load
from microintern.web.api import Api
from microintern.web.badge import badge_of
from microintern.web.parameters import Commander, CredentialId, Cursor, Limit, Reader

settings = load(CredentialsApiSettings)
credentials = DynamoCredentials(client("dynamodb"), settings.credential_table, settings.account_table)
signer = KmsSigner(client("kms"), settings.credential_key)
clock = SystemClock()
app = Api()


@app.get("/me/credentials", tags=["Credentials"], summary="My credentials")
def own_credentials(by: Reader, limit: Limit = 20, cursor: Cursor = None) -> CredentialPage:
    """One for each brief of yours that was approved, the newest first; nobody else sees this list."""
    return crediting.own_credentials(by, limit, cursor, credentials=credentials)


@app.get("/me/credentials/<credential_id>", tags=["Credentials"], summary="A credential of mine")
def own_credential(credential_id: CredentialId, by: Reader) -> OwnCredential:
    """The signed document, yours to keep and to hand on, whether or not it is public here."""
    return crediting.own_credential(by, credential_id, credentials=credentials)


@app.get("/me/credentials/<credential_id>/badge", tags=["Credentials"], summary="A credential of mine as a picture")
def own_badge(credential_id: CredentialId, by: Reader) -> Response[str]:
    """A PNG with the signed credential baked into it (Open Badges 3.0)."""
    return badge_of(crediting.own(by, credential_id, credentials=credentials))


@app.put("/me/credentials/<credential_id>/visibility", tags=["Credentials"], summary="Show or hide a credential")
def choose(
    credential_id: CredentialId, body: Annotated[requests.VisibilityRequest, Body()], by: Commander
) -> OwnCredential:
    """It is signed anew with what you chose. Copies that others have taken stay as they were, and stay valid."""
    issuer = crediting.Issuer(Addresses(settings.public_url), signer, canonical)
    return crediting.choose(by, credential_id, body, credentials=credentials, issuer=issuer, clock=clock)


@app.post("/credentials/<credential_id>/revocation", tags=["Operators"], summary="Revoke a credential")
def revoke(
    credential_id: CredentialId, body: Annotated[requests.RevocationRequest, Body()], by: Commander
) -> RevocationView:
    """For good. Every copy counts as revoked within five minutes, wherever it is verified."""
    return crediting.revoke(by, credential_id, body, credentials=credentials, clock=clock)


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry point."""
    return app.answer(event, context)
