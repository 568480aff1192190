"""What the local AWS was asked to send by e-mail, and the keys that links in it are signed with."""

from typing import Any

from infra.local.inspection import sent_mail
from infra.local.stack import LocalStack
from microintern.adapters import secrets
from microintern.adapters.mailer import SecretMailKeys


def mails_to(stack: LocalStack, address: str) -> list[dict[str, Any]]:
    """What was sent to an address, the oldest first."""
    return [mail for mail in sent_mail(stack) if mail["To"] == [address]]


def mail_keys_of(stack: LocalStack) -> SecretMailKeys:
    """The keys of a deployed stack, as its functions have them."""
    arn = stack.outputs.mail_secret_arn
    text = stack.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]
    secrets._kept[arn] = (text, float("inf"))
    return SecretMailKeys(arn)
