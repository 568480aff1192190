"""The composition root: which stacks make up a stage. Needs no credentials, no git and no lookups."""

from collections.abc import Mapping

from aws_cdk import Annotations, App, Stack, Tags, Validations
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from infra import bundling
from infra.config import Stage, stage_from
from infra.constructs.dead_letters import DeadLetters
from infra.stacks.api import ApiStack
from infra.stacks.console import ConsoleStack
from infra.stacks.credentials import CredentialsStack
from infra.stacks.data import DataStack
from infra.stacks.discovery import DiscoveryStack
from infra.stacks.edge import EdgeStack
from infra.stacks.files import FilesStack
from infra.stacks.gateway import GatewayStack
from infra.stacks.identity import IdentityStack
from infra.stacks.lifecycle import LifecycleStack
from infra.stacks.mail import MailStack
from infra.stacks.operations import OperationsStack
from infra.stacks.payments import PaymentsStack
from infra.stacks.sandbox import SandboxStack
from infra.stacks.upkeep import UpkeepStack
from infra.stacks.webhooks import WebhooksStack


def build(context: Mapping[str, str] | None = None) -> App:
    """The whole app for the stage that the context names."""
    app = App(context=context, analytics_reporting=False)
    stage = stage_from(app.node.try_get_context)
    data = DataStack(app, stage)
    identity = IdentityStack(app, stage)
    payments = PaymentsStack(app, stage, data)
    lifecycle = LifecycleStack(app, stage, data, payments)
    files = FilesStack(app, stage, data)
    webhooks = WebhooksStack(app, stage, data)
    discovery = DiscoveryStack(app, stage, data)
    gateway = GatewayStack(app, stage)
    public_url = met_at(app, stage, gateway, data, identity)
    credentials = CredentialsStack(app, stage, data, public_url)
    mail = [MailStack(app, stage, data, identity, public_url)] if stage.email_from else []
    called = (payments, lifecycle, files, credentials, webhooks, discovery)
    kept = [function for stack in called for function in stack.functions]
    kept += [function for stack in mail for function in stack.functions]
    tables = (data.briefs, data.accounts, data.credentials, data.portfolios)
    letters = DeadLetters(kept, tables, webhooks.deliveries, payments.provider.sandbox)
    known = {"public_url": public_url, "mail_secret_arn": mail[0].secret_arn if mail else ""}
    api = ApiStack(app, stage, gateway, known, data, identity, payments, letters)
    if mail:
        mail[0].sender.allow_key(api.unsubscribe)
    upkeep = UpkeepStack(app, stage, data, payments, lifecycle, files, letters, identity.accounts.pool)
    if sandbox := payments.provider.sandbox:
        SandboxStack(app, stage, payments, sandbox, public_url)
    OperationsStack(
        app, stage, payments, lifecycle, webhooks, api, upkeep, (identity, files, credentials, discovery, *mail)
    )
    say_what_is_slower(data, stage)
    Tags.of(app).add("service", "microintern")
    Tags.of(app).add("stage", stage.name)
    return app


def met_at(app: App, stage: Stage, gateway: GatewayStack, data: DataStack, identity: IdentityStack) -> str:
    """What people and programs meet first: the edge and the console, where the stage has them; the API's address."""
    edge = EdgeStack(app, stage, gateway, gateway.origin_key) if gateway.origin_key else None
    url = edge.url if edge else gateway.url
    if stage.console:
        ConsoleStack(app, stage, data, identity, url)
    return url


def say_what_is_slower(scope: Stack, stage: Stage) -> None:
    """Tell whoever deploys what they would be better off with."""
    if bundling.compiler(stage.platform) is None:
        slower = f"No {stage.platform.python} is installed here: layers go without bytecode, cold starts take longer."
        Annotations.of(scope).add_info_v2("microintern:bytecode", slower)


def main() -> None:
    """Synthesize, and refuse what breaks a rule that no resource was excepted from."""
    app = build()
    Validations.of(app).add_plugins(AwsSolutionsChecks(app), ServerlessChecks(app))
    app.synth()


if __name__ == "__main__":
    main()
