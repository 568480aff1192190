"""What we rely on of the local AWS for webhooks: secrets that open for one thing only, and messages that wait."""

import time

import pytest
from botocore.exceptions import ClientError

from tests.conformance.aws import Aws, eventually, numbers

pytestmark = pytest.mark.local_stack

WHAT = {"organisation_id": "acme-000001", "endpoint_id": "endpoint-0001"}


def test_what_kms_encrypts_opens_with_the_same_context_only(aws: Aws) -> None:
    kms = aws.client("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    sealed = kms.encrypt(KeyId=key, Plaintext=b"secret", EncryptionContext=WHAT)["CiphertextBlob"]
    assert b"secret" not in sealed
    assert kms.decrypt(KeyId=key, CiphertextBlob=sealed, EncryptionContext=WHAT)["Plaintext"] == b"secret"
    for other in ({**WHAT, "endpoint_id": "endpoint-0002"}, {}):
        with pytest.raises(ClientError, match="InvalidCiphertext"):
            kms.decrypt(KeyId=key, CiphertextBlob=sealed, EncryptionContext=other)


def test_a_message_is_hidden_until_its_delay_is_over(aws: Aws) -> None:
    sqs = aws.client("sqs")
    url = sqs.create_queue(QueueName=f"queue-{next(numbers)}")["QueueUrl"]
    sent_s = time.monotonic()
    sqs.send_message(QueueUrl=url, MessageBody="later", DelaySeconds=2)
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    found = eventually(lambda: sqs.receive_message(QueueUrl=url).get("Messages"))
    assert [message["Body"] for message in found] == ["later"]
    assert time.monotonic() - sent_s >= 1.9
