"""What uploads in parts and signed manifests rely on of the local AWS."""

import base64
import hashlib
import json
import os
from typing import Any

import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from microintern.adapters.signing import KmsSigner
from tests.conformance.aws import Aws, allow, eventually
from tests.conformance.test_emulator import rule
from tests.contract.kms_double import KEY_ARN, Kms

pytestmark = pytest.mark.local_stack
KEY = "briefs/a/b"
PART = os.urandom(5 * 1_048_576)
REST = b"the rest"


def sum_of(content: bytes) -> str:
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


class Upload:
    """An upload in two parts."""

    def __init__(self, aws: Aws) -> None:
        self.s3 = aws.client("s3", config=Config(signature_version="s3v4"))
        self.bucket = aws.bucket()
        self.at = {"Bucket": self.bucket, "Key": KEY}
        begun = self.s3.create_multipart_upload(**self.at, ContentType="text/csv", ChecksumAlgorithm="SHA256")
        self.at["UploadId"] = begun["UploadId"]

    def link(self, number: int, content: bytes, life_s: int = 60) -> str:
        pinned = {"PartNumber": number, "ChecksumSHA256": sum_of(content), "ContentLength": len(content)}
        url: str = self.s3.generate_presigned_url("upload_part", Params={**self.at, **pinned}, ExpiresIn=life_s)
        return url

    def send(self, url: str, content: bytes, checksum: str | None = None) -> int:
        return httpx.put(
            url, content=content, headers={"x-amz-checksum-sha256": checksum or sum_of(content)}
        ).status_code

    def parts(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.s3.list_parts(**self.at).get("Parts", [])
        return [{k: part[k] for k in ("PartNumber", "ETag", "ChecksumSHA256")} for part in found]

    def complete(self, parts: list[dict[str, Any]]) -> Any:
        return self.s3.complete_multipart_upload(**self.at, MultipartUpload={"Parts": parts})


def test_a_link_to_a_part_takes_nothing_else(aws: Aws) -> None:
    upload = Upload(aws)
    url, other = upload.link(1, PART), bytes(len(PART))
    refused = [
        upload.send(url, other, sum_of(PART)),
        upload.send(url, other),
        upload.send(url, PART[:-1], sum_of(PART)),
        upload.send(url.replace("partNumber=1", "partNumber=2"), PART),
        upload.send(url.replace("X-Amz-Expires=60", "X-Amz-Expires=600"), PART),
    ]
    assert [status for status in refused if not 400 <= status < 500] == []
    assert upload.parts() == []
    assert upload.send(url, PART) == 200


def test_parts_are_listed_with_their_sums_and_make_one_version_that_is_reported(aws: Aws) -> None:
    upload, function = Upload(aws), aws.function("print('got', json.dumps(event['detail']))")
    rule(aws, {"source": ["aws.s3"], "detail": {"bucket": {"name": [upload.bucket]}}}, function)
    for number, content in ((2, REST), (1, PART)):
        assert upload.send(upload.link(number, content), content) == 200
    assert [(p["PartNumber"], p["ChecksumSHA256"]) for p in upload.parts()] == [(1, sum_of(PART)), (2, sum_of(REST))]
    with pytest.raises(ClientError, match="InvalidPart"):
        upload.complete([{**upload.parts()[0], "ChecksumSHA256": sum_of(REST)}])
    made = upload.complete(upload.parts())
    of_parts = hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in (PART, REST))).digest()
    assert made["ChecksumSHA256"] == f"{base64.b64encode(of_parts).decode()}-2"
    assert eventually(lambda: aws.got(function))
    (told,) = aws.got(function)
    assert (told["reason"], told["object"]["version-id"]) == ("CompleteMultipartUpload", made["VersionId"])
    with pytest.raises(upload.s3.exceptions.NoSuchUpload):
        upload.parts()


def test_a_dropped_upload_takes_no_parts_and_is_not_there(aws: Aws) -> None:
    upload = Upload(aws)
    url = upload.link(1, PART)
    upload.s3.abort_multipart_upload(**upload.at)
    assert upload.send(url, PART) == 404
    part = {"PartNumber": 1, "ETag": "e", "ChecksumSHA256": sum_of(PART)}
    for call in (
        upload.parts,
        lambda: upload.complete([part]),
        lambda: upload.s3.abort_multipart_upload(**upload.at),
    ):
        with pytest.raises(upload.s3.exceptions.NoSuchUpload):
            call()


def test_a_link_is_good_for_a_while_only(aws: Aws) -> None:
    upload = Upload(aws)
    url = upload.link(1, REST, life_s=1)
    answer = eventually(lambda: (a := httpx.put(url, content=REST, headers=_sum(REST))).status_code == 403 and a)
    assert answer
    assert "expired" in answer.text, "the upload client tells by this that it needs a fresh link"


def _sum(content: bytes) -> dict[str, str]:
    return {"x-amz-checksum-sha256": sum_of(content)}


def test_a_key_signs_as_the_double_in_the_contract_suite_does_and_for_those_who_may_only(aws: Aws) -> None:
    kms = aws.client("kms")
    arn = kms.create_key(KeySpec="ECC_NIST_EDWARDS25519", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
    signer, double = KmsSigner(kms, arn), KmsSigner(Kms(), KEY_ARN)  # type: ignore[arg-type]
    assert len(signer.public_key().x) == len(double.public_key().x)
    raw = base64.urlsafe_b64decode(signer.public_key().x + "=")
    Ed25519PublicKey.from_public_bytes(raw).verify(signer.sign(b"message"), b"message")
    for own in (signer, double):
        told = [own.is_signature(message, own.sign(b"message")) for message in (b"message", b"another")]
        assert told == [True, False]
    asked = {"KeyId": arn, "Message": "bWVzc2FnZQ==", "MessageType": "RAW", "SigningAlgorithm": "ED25519_SHA_512"}
    body = f"asked = {asked!r}\nasked['Message'] = b'message'\n" + (
        "try:\n    return boto3.client('kms').sign(**asked)['SigningAlgorithm']\n"
        "except Exception as error:\n    return error.response['Error']['Code']"
    )
    answers = [
        json.loads(aws.client("lambda").invoke(FunctionName=aws.function(body, *statements))["Payload"].read())
        for statements in ([allow("kms:Sign", arn)], [allow("kms:GetPublicKey", arn)], [allow("kms:Sign", f"{arn}0")])
    ]
    assert answers == ["ED25519_SHA_512", "AccessDeniedException", "AccessDeniedException"]
