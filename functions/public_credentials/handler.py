"""What anybody may see of credentials: those that are public, who issues them, and whether one is valid."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.aws import client
from microintern.adapters.credentials import DynamoCredentials
from microintern.adapters.signing import KmsSigner
from microintern.app import crediting
from microintern.app.views.credentials import Verification, document_of
from microintern.badging.canonical import canonical
from microintern.domain.open_badges import Addresses
from microintern.settings import PublicCredentialsSettings, load
from microintern.web.api import Api
from microintern.web.badge import MEDIA_TYPE, badge_of, unbaked
from microintern.web.credential_page import POLICY, page
from microintern.web.headers import kept_for
from microintern.web.parameters import CredentialId

MOST_BYTES = 512 * 1_024
"""Of a credential that is sent to be verified: the largest brief makes a quarter of this."""
KEPT_FOR_S = 60
"""Whoever takes a credential back need not wait longer than this."""

settings = load(PublicCredentialsSettings)
credentials = DynamoCredentials(client("dynamodb"), settings.credential_table)
signer = KmsSigner(client("kms"), settings.credential_key)
app = Api(most_body_bytes=MOST_BYTES, reads={MEDIA_TYPE: unbaked})


@app.get("/credentials/<credential_id>", tags=["Credentials"], summary="A public credential")
def public_credential(credential_id: CredentialId) -> Response[str]:
    """As a page for browsers, as the signed document (`application/vc`) for programs. Not there until it is public."""
    credential = crediting.public_credential(credential_id, credentials=credentials)
    headers: dict[str, str | list[str]] = {**kept_for(KEPT_FOR_S), "Vary": "Accept"}
    if "text/html" in app.current_event.headers.get("accept", ""):
        html = page(credential, document_of(credential))
        return Response(200, "text/html; charset=utf-8", html, headers={**headers, "Content-Security-Policy": POLICY})
    return Response(200, "application/vc", credential.signed, headers=headers)


@app.get("/credentials/<credential_id>/badge", tags=["Credentials"], summary="A public credential as a picture")
def public_badge(credential_id: CredentialId) -> Response[str]:
    """A PNG with the signed credential baked into it (Open Badges 3.0). Not there until the credential is public."""
    return badge_of(crediting.public_credential(credential_id, credentials=credentials), **kept_for(KEPT_FOR_S))


@app.get("/credentials/<credential_id>/verification", tags=["Credentials"], summary="Is a public credential valid?")
def verification(credential_id: CredentialId) -> Verification:
    """Whether it is as it was signed, and not revoked. Not there until the credential is public."""
    credential = crediting.public_credential(credential_id, credentials=credentials)
    return crediting.verify(document_of(credential), credentials=credentials, issuer=_issuer())


@app.post("/credentials/verification", tags=["Credentials"], summary="Is this credential valid?")
def verify(body: Annotated[dict[str, Any], Body()]) -> Verification:
    """Send the document as JSON, or the badge as `image/png`. Public or not: whoever holds one may ask."""
    return crediting.verify(body, credentials=credentials, issuer=_issuer())


@app.get("/issuer", tags=["Credentials"], summary="Who issues credentials")
def issuer_document() -> Response[str]:
    """The issuer's profile, and the keys that credentials are verified with (Controlled Identifiers, Multikey)."""
    text = crediting.as_text(crediting.issuer_document(_issuer()))
    return Response(200, "application/ld+json", text, headers=kept_for(3_600))


def _issuer() -> crediting.Issuer:
    return crediting.Issuer(Addresses(settings.public_url), signer, canonical)


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry point."""
    return app.answer(event, context)
