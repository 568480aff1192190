"""Which credentials were revoked, for anybody who verifies one: signed, and the same for a few minutes."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.aws import client
from microintern.adapters.clock import SystemClock
from microintern.adapters.credentials import DynamoCredentials
from microintern.adapters.signing import KmsSigner
from microintern.app import crediting
from microintern.badging.canonical import canonical
from microintern.domain.open_badges import Addresses
from microintern.settings import StatusListsSettings, load
from microintern.web.api import Api
from microintern.web.headers import kept_for
from microintern.web.remembered import Remembered

settings = load(StatusListsSettings)
credentials = DynamoCredentials(client("dynamodb"), settings.credential_table)
signer = KmsSigner(client("kms"), settings.credential_key)
clock = SystemClock()
KEPT_FOR_S = settings.policy.status_list_kept_s // 2
"""Here, and then as long by whoever asked."""

lists = Remembered(KEPT_FOR_S)
app = Api()


@app.get("/status-lists/<number>", tags=["Credentials"], summary="Which credentials were revoked")
def status_list(
    number: Annotated[int, Path(ge=0, le=9_999, description="The list's number, as credentials name it.")],
) -> Response[str]:
    """A Bitstring Status List (W3C): one bit for each credential of this list, among many that are nobody's."""
    text = lists.get(str(number), clock.now(), lambda: _signed(number))
    return Response(200, "application/vc", text, headers=kept_for(KEPT_FOR_S))


def _signed(number: int) -> str:
    issuer = crediting.Issuer(Addresses(settings.public_url), signer, canonical)
    found = crediting.revocations(number, credentials=credentials, issuer=issuer, clock=clock, policy=settings.policy)
    return crediting.as_text(found)


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry point."""
    return app.answer(event, context)
