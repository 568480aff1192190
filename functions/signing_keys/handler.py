"""The public keys that manifests are verified with, for anybody."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.aws import client
from microintern.adapters.signing import KmsSigner
from microintern.app.manifests import key_set
from microintern.settings import SigningKeysSettings, load
from microintern.web.public import answer_anybody

settings = load(SigningKeysSettings)
signer = KmsSigner(client("kms"), settings.signing_key)
MEDIA_TYPE = "application/jwk-set+json"


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer `GET /.well-known/jwks.json`."""
    return answer_anybody(event, settings, _keys, media_type=MEDIA_TYPE, kept_for_s=3_600)


def _keys() -> str:
    return key_set(signer=signer).model_dump_json()
