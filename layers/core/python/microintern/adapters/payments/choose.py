"""The payment provider that a stage is set to. Stripe's package is imported only where Stripe is chosen."""

from microintern.adapters.aws import client
from microintern.adapters.clock import SystemClock
from microintern.adapters.payments.sandbox import DynamoSandboxStore, QueueOutbox, SandboxProvider
from microintern.adapters.payments.sandbox_webhooks import SandboxWebhooks
from microintern.adapters.secrets import read_secret
from microintern.ports.payments import PaymentProvider, Webhooks
from microintern.settings import PaymentSettings, PaymentsWebhookSettings


def payment_provider(settings: PaymentSettings) -> PaymentProvider:
    """The provider that money is moved by."""
    if settings.payments == "stripe":
        from microintern.adapters.payments.stripe import StripeKeys, StripeProvider  # noqa: PLC0415

        return StripeProvider(lambda: StripeKeys.model_validate(read_secret(settings.payment_secret_arn)))
    store = DynamoSandboxStore(client("dynamodb"), settings.sandbox_table)
    outbox = QueueOutbox(client("sqs"), settings.sandbox_queue_url)
    return SandboxProvider(store, outbox, SystemClock(), settings.sandbox_late_s)


def payment_webhooks(settings: PaymentsWebhookSettings) -> Webhooks:
    """What tells the provider's messages from others; reads the secrets, which may have been replaced meanwhile."""
    secret = read_secret(settings.payment_secret_arn)
    if settings.payments == "stripe":
        from microintern.adapters.payments.stripe import StripeKeys, StripeWebhooks  # noqa: PLC0415

        return StripeWebhooks(StripeKeys.model_validate(secret))
    return SandboxWebhooks([secret["webhook_secret"]], settings.payment_account)
