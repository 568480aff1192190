"""Signed manifests of submissions."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Path
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.aws import client
from microintern.adapters.briefs import DynamoBriefs
from microintern.adapters.signing import KmsSigner
from microintern.app import manifests
from microintern.domain.manifest import SignedManifest
from microintern.settings import ManifestApiSettings, load
from microintern.web.api import Api
from microintern.web.parameters import BriefId, Reader

settings = load(ManifestApiSettings)
briefs = DynamoBriefs(client("dynamodb"), settings.brief_table)
signer = KmsSigner(client("kms"), settings.signing_key)
app = Api()


@app.get("/briefs/<brief_id>/submissions/<number>/manifest", tags=["Files"], summary="A submission's signed manifest")
def signed_manifest(
    brief_id: BriefId,
    number: Annotated[int, Path(ge=1, le=9_999, description="The submission's number.")],
    by: Reader,
) -> SignedManifest:
    """What was handed in, each file by its version and SHA-256, signed so that it can be verified offline."""
    return manifests.signed_manifest(by, brief_id, number, briefs=briefs, signer=signer)


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry point."""
    return app.answer(event, context)
