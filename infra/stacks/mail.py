"""Notices by e-mail, where a sender was given; everything else works without."""

from aws_cdk import CfnOutput, Duration
from constructs import Construct

from infra.config import Stage
from infra.constructs.event_bus import every
from infra.constructs.function import ServiceFunctions
from infra.constructs.mail import MailSender
from infra.constructs.stream import consume_stream
from infra.stacks.base import StageStack
from infra.stacks.data import DataStack
from infra.stacks.identity import IdentityStack
from microintern.adapters.accounts import NOTICE


class MailStack(StageStack):
    """One function sends; another, which sees no address, hears of what came back."""

    def __init__(
        self, scope: Construct, stage: Stage, data: DataStack, identity: IdentityStack, public_url: str
    ) -> None:
        """Name the parts and what each may do."""
        super().__init__(scope, "Mail", stage)
        pool, email_from = identity.accounts.pool, stage.email_from
        assert email_from, "without a sender there is nothing to deploy"
        self.sender = MailSender(self, stage, email_from)
        self.secret_arn = self.sender.secret_arn
        known = {
            "user_pool_id": pool.user_pool_id,
            "email_from": email_from,
            "configuration_set": self.sender.set.ref,
            "mail_secret_arn": self.secret_arn,
            "public_url": public_url,
            "web_origin": stage.web_origin or "",
        }
        functions = ServiceFunctions(self, stage, {**data.known, **known})
        self.functions = functions.all

        send_mail = functions.add("send_mail", timeout_s=300)
        consume_stream(data.accounts, send_mail, stage, [{"kind": [NOTICE]}])
        every(send_mail, Duration.minutes(stage.sweep_every_min))
        data.accounts.allow(send_mail, "GetItem", "BatchGetItem", "Query", "PutItem", "BatchWriteItem")
        data.briefs.allow(send_mail, "BatchGetItem")
        send_mail.allow(["cognito-idp:AdminGetUser"], pool.user_pool_arn)
        self.sender.allow(send_mail)

        mail_returns = functions.add("mail_returns")
        data.accounts.allow(mail_returns, "GetItem", "PutItem", "ConditionCheckItem")
        self.sender.tell(mail_returns)
        CfnOutput(self, "MailSecretArn", value=self.secret_arn)
