"""E-mail by SES, and what is signed for it."""

import base64
import hmac
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from microintern.adapters.secrets import read_secret
from microintern.domain.mailing import DIGEST, NoticeKind, Subscription
from microintern.ports.mailing import Mail, NotSent

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

OUR_FAULT = 500
"""From this status on, a service does not say whether it did what it was asked for."""


class SesMailer:
    """The Mailer port on SES."""

    def __init__(self, client: "SESV2Client", sender: str, configuration_set: str) -> None:
        self._client = client
        self._sender = sender
        self._set = configuration_set

    def send(self, mail: Mail) -> None:
        body = {"Text": _text(mail.text), "Html": _text(mail.html)}
        simple: Any = {"Subject": _text(mail.subject), "Body": body, "Headers": _headers(mail)}
        tags = {"account": mail.account_id, "address": mail.address_hash}
        try:
            self._client.send_email(
                FromEmailAddress=self._sender,
                Destination={"ToAddresses": [mail.address]},
                Content={"Simple": simple},
                # They come back with a bounce or a complaint: then nobody has to look into the message itself.
                EmailTags=[{"Name": name, "Value": value} for name, value in tags.items()],
                ConfigurationSetName=self._set,
            )
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] < OUR_FAULT:
                raise NotSent(error.response["Error"]["Code"]) from error
            raise


def _text(value: str) -> dict[str, str]:
    return {"Data": value, "Charset": "UTF-8"}


def _headers(mail: Mail) -> list[dict[str, str]]:
    """RFC 2369 and, for programs that unsubscribe for their users, RFC 8058; SES signs them with the rest (DKIM)."""
    automatic = [{"Name": "Auto-Submitted", "Value": "auto-generated"}]  # RFC 3834: no answers of holidays
    if mail.unsubscribe is None:
        return automatic
    return [
        *automatic,
        {"Name": "List-Unsubscribe", "Value": f"<{mail.unsubscribe}>"},
        {"Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click"},
    ]


class SecretMailKeys:
    """The MailKeys port by HMAC-SHA256 with a key from Secrets Manager; nothing of it is sent anywhere."""

    def __init__(self, secret_arn: str) -> None:
        self._arn = secret_arn

    def token(self, account_id: str, subscription: Subscription) -> str:
        said = f"{account_id}.{subscription}"
        return f"{said}.{self._signed('unsubscribe', said)}"

    def opened(self, token: str) -> tuple[str, Subscription] | None:
        said, _, signature = token.rpartition(".")
        account_id, _, named = said.partition(".")
        known: dict[str, Subscription] = {DIGEST: "daily", **{kind.value: kind for kind in NoticeKind}}
        if named not in known or not hmac.compare_digest(signature, self._signed("unsubscribe", said)):
            return None
        return account_id, known[named]

    def hash_of(self, address: str) -> str:
        return self._signed("address", address.strip().lower())

    def _signed(self, purpose: str, value: str) -> str:
        key = str(read_secret(self._arn)["key"]).encode()
        digest = hmac.digest(key, f"{purpose}\x1f{value}".encode(), "sha256")
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")
