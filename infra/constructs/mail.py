"""What it takes to send e-mail by SES, and to hear what became of it."""

import json

from aws_cdk import Aws
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_ses as ses
from aws_cdk.aws_events import EventField, EventPattern, RuleTargetInput
from constructs import Construct

from infra.config import Stage
from infra.constructs.event_bus import deliver
from infra.constructs.exceptions import accept
from infra.constructs.function import ServiceFunction

TOLD_OF = ("Email Bounced", "Email Complaint Received")


class MailSender(Construct):
    """A configuration set whose bounces and complaints become events, and the key that links are signed with."""

    def __init__(self, scope: Construct, stage: Stage, sender: str) -> None:
        """`sender` is an address that SES has verified, or whose domain it has, with or without a name before it."""
        super().__init__(scope, "Mail")
        self.sender = sender
        self.address = sender.rpartition("<")[2].rstrip(">")
        self.set = ses.CfnConfigurationSet(
            self,
            "Set",
            name=f"microintern-{stage.name}",
            # Which addresses are on hold is decided here, where people see it and can lift it.
            suppression_options=ses.CfnConfigurationSet.SuppressionOptionsProperty(suppressed_reasons=[]),
        )
        bus = f"arn:{Aws.PARTITION}:events:{Aws.REGION}:{Aws.ACCOUNT_ID}:event-bus/default"
        ses.CfnConfigurationSetEventDestination(
            self,
            "Returns",
            configuration_set_name=self.set.ref,
            event_destination=ses.CfnConfigurationSetEventDestination.EventDestinationProperty(
                name="returns",
                enabled=True,
                matching_event_types=["bounce", "complaint"],
                event_bridge_destination=ses.CfnConfigurationSetEventDestination.EventBridgeDestinationProperty(
                    event_bus_arn=bus
                ),
            ),
        )
        secret = _secret(self, stage).node.default_child
        assert isinstance(secret, secretsmanager.CfnSecret)
        # As an attribute, which is the ARN everywhere: a reference is the name on the local AWS.
        self.secret_arn = secret.attr_id
        if stage.endpoint:
            # Where mail is only shown, nobody has a domain to verify.
            ses.CfnEmailIdentity(self, "Identity", email_identity=self.address)

    def allow(self, function: ServiceFunction) -> None:
        """Let a function send, as this sender only, and sign links."""
        domain = self.address.rpartition("@")[2]
        at = f"arn:{Aws.PARTITION}:ses:{Aws.REGION}:{Aws.ACCOUNT_ID}"
        identities = [f"{at}:identity/{name}" for name in (self.address, domain)]
        function.allow(["ses:SendEmail"], *identities, f"{at}:configuration-set/{self.set.ref}")
        self.allow_key(function)

    def allow_key(self, function: ServiceFunction) -> None:
        """Let a function know what the links in mails are signed with."""
        function.allow(["secretsmanager:GetSecretValue"], self.secret_arn)

    def tell(self, function: ServiceFunction) -> None:
        """Call a function with what came back: its kind, and how the mail was tagged; no address, nor anything else."""
        pattern = EventPattern(
            source=["aws.ses"],
            detail_type=list(TOLD_OF),
            # Mails that could not be delivered just now are tried again by SES, and put on hold nobody.
            detail={
                "mail": {"tags": {"ses:configuration-set": [self.set.ref]}},
                "$or": [{"eventType": ["Complaint"]}, {"bounce": {"bounceType": ["Permanent"]}}],
            },
        )
        said = {
            "what": EventField.from_path("$.detail-type"),
            "account": EventField.from_path("$.detail.mail.tags.account"),
            "address": EventField.from_path("$.detail.mail.tags.address"),
        }
        deliver(pattern, function, told=RuleTargetInput.from_object(said))


def _secret(scope: Construct, stage: Stage) -> secretsmanager.Secret:
    secret = secretsmanager.Secret(
        scope,
        "Secret",
        description=f"microintern {stage.name}: signs the links in e-mails",
        generate_secret_string=secretsmanager.SecretStringGenerator(
            secret_string_template=json.dumps({}),
            generate_string_key="key",
            exclude_punctuation=True,
            password_length=48,
        ),
        removal_policy=stage.removal_policy,
    )
    accept(
        secret,
        "Links in mails that were sent must go on to work for as long as somebody keeps them.",
        "AwsSolutions-SMG4",
    )
    return secret
