"""The one place that reads the environment. A function names the settings class that lists what it needs."""

import json
import os
from typing import TypeVar

from microintern.domain.base import Frozen
from microintern.domain.payments import ProviderName
from microintern.domain.policy import Policy

_STRUCTURED = frozenset({"policy", "dead_letters"})


class DeadLetterQueue(Frozen):
    """Where a function's failures are kept, and what they are handed to when they are tried again."""

    queue_url: str
    function: str
    """The function's name; empty for a queue whose letters go back to another queue."""
    source_queue_url: str = ""


DeadLetterQueues = dict[str, DeadLetterQueue]
"""By the folder of the function."""


class EdgeSettings(Frozen):
    """For every route: the secret that tells what came through the edge; empty where there is none."""

    origin_secret_arn: str


class CallerSettings(EdgeSettings):
    """For every route that needs a token: how the caller stands."""

    account_table: str
    policy: Policy


class BriefsApiSettings(CallerSettings):
    """For the commands of a brief's life."""

    brief_table: str
    audit_table: str


class BrowseApiSettings(CallerSettings):
    """For everything that is only read."""

    brief_table: str
    trail_table: str


class SearchApiSettings(CallerSettings):
    """For what students find briefs by."""

    brief_table: str
    search_table: str


class IndexBriefsSettings(Frozen):
    """For what has open briefs found."""

    brief_table: str
    search_table: str


class MatchSearchesSettings(Frozen):
    """For what tells students of briefs that fit their saved searches."""

    brief_table: str
    account_table: str
    search_table: str


class KeepExperienceSettings(Frozen):
    """For what notes which briefs students do and did."""

    brief_table: str
    account_table: str


class DraftingApiSettings(CallerSettings):
    """For help before posting, which keeps nothing."""


class MessagesApiSettings(CallerSettings):
    """For what is said on a brief."""

    brief_table: str
    audit_table: str


class FilesApiSettings(CallerSettings):
    """For the routes that hand out upload and download forms."""

    brief_table: str
    audit_table: str
    files_bucket: str


class PreviewSettings(Frozen):
    """For the function that draws previews."""

    files_bucket: str


class ManifestApiSettings(CallerSettings):
    """For signed manifests."""

    brief_table: str
    signing_key: str


class AgreementsApiSettings(CallerSettings):
    """For contracts, and the papers of agreements."""

    brief_table: str
    audit_table: str
    files_bucket: str


class AmendmentsApiSettings(CallerSettings):
    """For changes of what was agreed."""

    brief_table: str
    audit_table: str


class DrawAgreementSettings(Frozen):
    """For what makes the paper of an award."""

    brief_table: str
    account_table: str
    files_bucket: str


class FeedbackApiSettings(CallerSettings):
    """For what both sides of an ended brief say of each other."""

    brief_table: str


class RecordsApiSettings(CallerSettings):
    """For reading what is counted of employers and students."""

    brief_table: str
    record_table: str


class RecordsSettings(Frozen):
    """For what counts events."""

    brief_table: str
    record_table: str
    policy: Policy


class SigningKeysSettings(EdgeSettings):
    """For the public keys of what is signed."""

    signing_key: str


class CredentialsApiSettings(CallerSettings):
    """For what students and operators do with credentials."""

    credential_table: str
    credential_key: str
    public_url: str


class PublicCredentialsSettings(EdgeSettings):
    """For what anybody may see of credentials."""

    credential_table: str
    credential_key: str
    public_url: str


class StatusListsSettings(PublicCredentialsSettings):
    """For the lists of what was revoked."""

    policy: Policy


class IssueCredentialSettings(Frozen):
    """For what issues credentials."""

    brief_table: str
    account_table: str
    credential_table: str
    credential_key: str
    public_url: str


class CredentialStreamSettings(Frozen):
    """For the consumer of the credential table's stream."""

    trail_table: str
    event_bus: str


class OrganisationsApiSettings(CallerSettings):
    """For the routes of organisations; their members are accounts, in one table with them."""


class WebhooksApiSettings(CallerSettings):
    """For the routes of an organisation's webhooks."""

    webhook_table: str
    secrets_key: str
    webhooks_to_loopback: bool
    """Whether the laptop itself may be sent to, by plain HTTP."""


class WebhookDispatchSettings(Frozen):
    """For what queues events for the systems that want them."""

    brief_table: str
    account_table: str
    webhook_table: str
    webhook_queue_url: str
    policy: Policy


class WebhookDeliverySettings(Frozen):
    """For what sends them there."""

    account_table: str
    webhook_table: str
    webhook_queue_url: str
    secrets_key: str
    webhooks_to_loopback: bool
    policy: Policy


class CohortsApiSettings(CallerSettings):
    """For cohorts, their students' consent, and what is seen of them."""

    brief_table: str


class CreditsApiSettings(CallerSettings):
    """For the credit that educators grant."""

    brief_table: str
    credential_table: str
    credential_key: str
    public_url: str


class TalentApiSettings(CallerSettings):
    """For an organisation's candidates, and what it offers them."""

    brief_table: str


class KeepCandidatesSettings(Frozen):
    """For what makes candidates of those who were paid."""

    brief_table: str
    account_table: str
    policy: Policy


class PortfolioApiSettings(CallerSettings):
    """For the pages that students set up, and what employers let them show."""

    brief_table: str
    record_table: str
    portfolio_table: str
    public_url: str


class ResumeApiSettings(CallerSettings):
    """For what prints a student's page."""

    portfolio_table: str
    public_url: str


class PortfolioStreamSettings(Frozen):
    """For the consumer of the portfolio table's stream."""

    trail_table: str


class PublicPortfoliosSettings(EdgeSettings):
    """For what anybody with the link sees of a page."""

    portfolio_table: str
    public_url: str


class PortfolioFilesSettings(EdgeSettings):
    """For the files on a page."""

    portfolio_table: str
    brief_table: str
    files_bucket: str


class PersonalDataApiSettings(CallerSettings):
    """For what is kept of a person."""

    brief_table: str
    credential_table: str
    search_table: str
    ledger_table: str
    record_table: str
    portfolio_table: str
    user_pool_id: str


class EraseSettings(Frozen):
    """For what takes away what was kept of a person."""

    brief_table: str
    search_table: str
    account_table: str
    record_table: str
    credential_table: str
    portfolio_table: str
    webhook_table: str
    files_bucket: str
    user_pool_id: str


class AccountsApiSettings(CallerSettings):
    """For the routes of one's own account."""


class PaymentSettings(Frozen):
    """Which payment provider is asked, and what it needs: the sandbox its memory and queue, Stripe its keys."""

    payments: ProviderName
    sandbox_table: str
    sandbox_queue_url: str
    sandbox_late_s: int
    payment_secret_arn: str


class PayoutAccountApiSettings(PaymentSettings, CallerSettings):
    """For the route by which a student says where to be paid."""


class MoneyApiSettings(CallerSettings):
    """For everything that is read of the ledger."""

    brief_table: str
    ledger_table: str


class OperationsApiSettings(CallerSettings):
    """For what operators see and have done."""

    ledger_table: str
    brief_table: str
    audit_table: str
    trail_table: str
    dead_letters: DeadLetterQueues


class PaymentsWebhookSettings(EdgeSettings):
    """For the route that the payment provider calls."""

    payments: ProviderName
    payment_account: str
    payment_secret_arn: str
    audit_table: str
    event_bus: str


class SandboxDeliverySettings(Frozen):
    """For what delivers the sandbox's webhooks."""

    sandbox_table: str
    webhook_url: str
    payment_account: str
    payment_secret_arn: str


class RolesApiSettings(CallerSettings):
    """For the operators' routes that say who may do what."""

    user_pool_id: str


class OpenapiSettings(EdgeSettings):
    """The description of the API needs nothing else."""


class SignUpSettings(Frozen):
    """The user pool names itself in its event."""


class AccountStreamSettings(Frozen):
    """For the consumer of the account table's stream."""

    trail_table: str
    event_bus: str


class BriefStreamSettings(Frozen):
    """For the consumer of the brief table's stream."""

    trail_table: str
    event_bus: str
    state_machine_arn: str
    schedule_group: str
    lapse_function_arn: str
    scheduler_role_arn: str
    schedule_dlq_arn: str


class LapseSettings(Frozen):
    """For the function that a deadline's schedule calls."""

    brief_table: str
    event_bus: str
    policy: Policy


class SettlementSettings(PaymentSettings):
    """For the only function that moves money."""

    brief_table: str
    account_table: str
    ledger_table: str
    audit_table: str
    policy: Policy


class SweepSettings(Frozen):
    """For what finds stuck briefs and moves them on."""

    brief_table: str
    ledger_table: str
    state_machine_arn: str
    settlement_function: str
    file_received_function: str
    scan_function: str
    """Of the local scanner; empty where GuardDuty scans."""
    files_bucket: str
    dead_letters: DeadLetterQueues
    policy: Policy


class ReconcileSettings(PaymentSettings):
    """For what compares the ledger with the provider."""

    brief_table: str
    ledger_table: str
    audit_table: str
    settlement_function: str


class CheckTrailsSettings(Frozen):
    """For what recomputes the audit trail."""

    brief_table: str
    account_table: str
    credential_table: str
    portfolio_table: str
    trail_table: str
    audit_table: str


class FileReceivedSettings(Frozen):
    """For the function that records what S3 received."""

    brief_table: str
    files_bucket: str
    policy: Policy


class TidySettings(Frozen):
    """For what clears away files that nobody wants any more."""

    brief_table: str
    files_bucket: str
    policy: Policy


class KeepFilesSettings(Frozen):
    """For what locks work that was handed in."""

    brief_table: str
    files_bucket: str
    policy: Policy


class ScanSettings(Frozen):
    """For the local stack's scanner."""

    files_bucket: str


class ScanResultSettings(Frozen):
    """For the function that records what the scanner found."""

    brief_table: str
    files_bucket: str


class RemindSettings(Frozen):
    """For what reminds people of deadlines."""

    brief_table: str
    account_table: str
    policy: Policy


class SendMailSettings(Frozen):
    """For what sends notices by e-mail."""

    brief_table: str
    account_table: str
    user_pool_id: str
    email_from: str
    configuration_set: str
    mail_secret_arn: str
    public_url: str
    web_origin: str
    """Of the pages for people; empty where there are none."""


class MailReturnsSettings(Frozen):
    """For what hears of e-mails that came back."""

    account_table: str


class UnsubscribeSettings(EdgeSettings):
    """For the links in e-mails that unsubscribe."""

    account_table: str
    mail_secret_arn: str
    """Empty where no e-mails are sent."""


class NotifySettings(Frozen):
    """For the function that tells people what happened."""

    brief_table: str
    account_table: str
    policy: Policy


S = TypeVar("S", bound=Frozen)


def load(settings: type[S]) -> S:
    """Read a function's settings from the environment; a missing one is named in the error."""
    names = {name: name.upper() for name in settings.model_fields}
    missing = [variable for variable in names.values() if variable not in os.environ]
    if missing:
        raise RuntimeError(f"{settings.__name__}: set {', '.join(missing)} in the function's environment")
    values = {name: os.environ[variable] for name, variable in names.items()}
    return settings.model_validate({n: json.loads(v) if n in _STRUCTURED else v for n, v in values.items()})
