"""The public keys that manifests are verified with, for anybody."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.aws import client
from microintern.adapters.signing import KmsSigner
from microintern.app.manifests import key_set
from microintern.settings import SigningKeysSettings, load

settings = load(SigningKeysSettings)
signer = KmsSigner(client("kms"), settings.signing_key)
logger = Logger()


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer `GET /.well-known/jwks.json`."""
    logger.info("request", route=event["routeKey"], status=200)
    headers = {"Content-Type": "application/jwk-set+json", "Cache-Control": "public, max-age=3600"}
    return {"statusCode": 200, "headers": headers, "body": key_set(signer=signer).model_dump_json()}
