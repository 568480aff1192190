"""A function of this system: the defaults live here, once."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from aws_cdk import CfnOutput, Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra import bundling
from infra.config import Stage
from infra.constructs.exceptions import accept
from infra.constructs.queue import DeadLetterQueue
from microintern import settings

NAMESPACE = "Microintern"
"""Of every metric that the functions emit."""


class ServiceFunction(Construct):
    """A function with its own role and log group, and exactly the environment that its settings list."""

    dead_letters: DeadLetterQueue | None = None

    def __init__(
        self,
        scope: Construct,
        folder: str,
        stage: Stage,
        layers: Sequence[lambda_.ILayerVersion],
        environment: Mapping[str, str],
        timeout_s: int,
        memory_mb: int | None = None,
    ) -> None:
        """Deploy `functions/<folder>`."""
        super().__init__(scope, camel(folder))
        self.service = folder
        self.stage = stage
        self.log_group = log_group(self, stage)
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        self.log_group.grant_write(self.role)
        self.function = lambda_.Function(
            self,
            "Function",
            description=f"microintern {stage.name}: {folder}",
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.ARM_64,
            handler="handler.handler",
            code=bundling.source(f"functions/{folder}"),
            layers=list(layers),
            environment=_variables(folder, environment),
            memory_size=memory_mb or stage.memory_mb,
            timeout=Duration.seconds(timeout_s),
            role=self.role,
            log_group=self.log_group,
            logging_format=lambda_.LoggingFormat.JSON,
            tracing=lambda_.Tracing.ACTIVE,
        )
        CfnOutput(Stack.of(self), f"Function{camel(folder)}", value=self.function.function_name)
        accept(self.role, "X-Ray's actions have no resource to name.", "AwsSolutions-IAM5[Resource::*]")
        _accept_exceptions(self.function)

    @property
    def arn(self) -> str:
        """The function's ARN."""
        return self.function.function_arn

    @property
    def name(self) -> str:
        """The function's name."""
        return self.function.function_name

    def allow(self, actions: Sequence[str], *resources: str, **conditions: Any) -> None:
        """Let the function's role do exactly this."""
        self.role.add_to_policy(
            iam.PolicyStatement(actions=list(actions), resources=list(resources), conditions=conditions)
        )

    def keep_failures(self) -> DeadLetterQueue:
        """For functions that are called asynchronously: after two more tries the event goes to a queue."""
        self.dead_letters = DeadLetterQueue(self, "DeadLetters", self.stage)
        self.function.configure_async_invoke(
            on_failure=destinations.SqsDestination(self.dead_letters),
            retry_attempts=2,
            max_event_age=Duration.hours(6),
        )
        return self.dead_letters


class ServiceFunctions:
    """Creates a stack's functions, on layer versions of its own: shared ones can't change while in use."""

    def __init__(self, scope: Construct, stage: Stage, environment: Mapping[str, str]) -> None:
        """`environment` is what the stack knows; each function gets the part that its settings list."""
        self.scope, self.stage, self.environment = scope, stage, environment
        self.layers = [
            _layer(scope, "Runtime", bundling.third_party(stage.platform, "layer")),
            _layer(scope, "Core", bundling.own_layer(stage.platform, "layers/core")),
        ]
        self.all: list[ServiceFunction] = []

    def add(
        self,
        folder: str,
        timeout_s: int = 10,
        asks_provider: bool = False,
        scans: bool = False,
        memory_mb: int | None = None,
        draws: bool = False,
        credits_people: bool = False,
        prints: bool = False,
        **known: str,
    ) -> ServiceFunction:
        """Create one more function; `known` adds to the environment that it may take from.

        One that asks the payment provider gets its package too, where that is not the sandbox; one that scans gets
        the engine; one that `credits_people` gets what makes, draws and checks credentials, one that prints what
        makes PDFs, with fonts.
        """
        environment = {**self.environment, **known}
        layers = [*self.layers, self.stripe] if asks_provider and self.stage.payments == "stripe" else self.layers
        layers = (
            [*layers, _layer(self.scope, "Yara", bundling.third_party(self.stage.platform, "yara"))]
            if scans
            else layers
        )
        if draws:
            layers = [*layers, _layer(self.scope, "Previews", bundling.third_party(self.stage.platform, "previews"))]
        layers = [*layers, self.credentials] if credits_people else layers
        if prints:
            layers = [*layers, _layer(self.scope, "Printing", bundling.third_party(self.stage.platform, "printing"))]
        function = ServiceFunction(self.scope, folder, self.stage, layers, environment, timeout_s, memory_mb)
        self.all.append(function)
        return function

    @cached_property
    def stripe(self) -> lambda_.LayerVersion:
        """Stripe's package, in a layer that only those functions carry which ask Stripe."""
        return _layer(self.scope, "Stripe", bundling.third_party(self.stage.platform, "stripe"))

    @cached_property
    def credentials(self) -> lambda_.LayerVersion:
        """What credentials take, in a layer that only those functions carry which make or show them."""
        return _layer(self.scope, "Credentials", bundling.third_party(self.stage.platform, "credentials"))


def camel(folder: str) -> str:
    """`briefs_api` is `BriefsApi` in CloudFormation."""
    return folder.title().replace("_", "")


def log_group(scope: Construct, stage: Stage) -> logs.LogGroup:
    """A log group that forgets after the stage's retention."""
    return logs.LogGroup(
        scope,
        "Logs",
        retention=stage.log_retention,
        removal_policy=stage.removal_policy,
    )


def _layer(scope: Construct, construct_id: str, code: lambda_.Code) -> lambda_.LayerVersion:
    return lambda_.LayerVersion(
        scope, f"{construct_id}Layer", code=code, compatible_runtimes=[lambda_.Runtime.PYTHON_3_13]
    )


def _accept_exceptions(function: lambda_.Function) -> None:
    tried = "Python 3.13 is what the pinned wheels are for."
    accept(function, tried, "AwsSolutions-L1", "Serverless-LambdaLatestVersion")
    elsewhere = "Failed events go to an on-failure destination, with the reason; other callers are given the error."
    accept(function, elsewhere, "Serverless-LambdaDLQ")


def _variables(folder: str, known: Mapping[str, str]) -> dict[str, str]:
    fields = getattr(settings, f"{camel(folder)}Settings").model_fields
    return {name.upper(): known[name] for name in fields} | {
        "POWERTOOLS_SERVICE_NAME": folder,
        "POWERTOOLS_METRICS_NAMESPACE": NAMESPACE,
        "POWERTOOLS_LOG_LEVEL": "INFO",
    }
