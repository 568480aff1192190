"""Secrets encrypted by a key in KMS, each for what it belongs to: one that is put elsewhere cannot be opened there."""

import base64
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

KEPT_FOR_S = 300
"""How long a process remembers what it has opened: long enough to be cheap."""
_MOST_KEPT = 1_000


class KmsSealer:
    """The Sealer port on a symmetric key in KMS; what it is for is the encryption context."""

    def __init__(self, client: "KMSClient", key_arn: str) -> None:
        self._client = client
        self._key_arn = key_arn
        self._kept: dict[tuple[str, str], tuple[str, float]] = {}
        """By what was sealed and for what: the text, and until when it is kept on the monotonic clock."""

    def seal(self, text: str, what: Mapping[str, str]) -> str:
        answer = self._client.encrypt(KeyId=self._key_arn, Plaintext=text.encode(), EncryptionContext=what)
        return base64.b64encode(answer["CiphertextBlob"]).decode()

    def open(self, sealed: str, what: Mapping[str, str]) -> str:
        at = (sealed, repr(sorted(what.items())))
        text, good_until_s = self._kept.get(at, ("", 0.0))
        if time.monotonic() >= good_until_s:
            answer = self._client.decrypt(
                KeyId=self._key_arn, CiphertextBlob=base64.b64decode(sealed), EncryptionContext=what
            )
            text = answer["Plaintext"].decode()
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[at] = (text, time.monotonic() + KEPT_FOR_S)
        return text
