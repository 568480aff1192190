"""What an approved brief leaves its student, and what follows from it."""

from aws_cdk.aws_events import EventPattern
from constructs import Construct

from infra.config import Stage
from infra.constructs.event_bus import deliver
from infra.constructs.function import ServiceFunctions
from infra.constructs.stream import consume_stream
from infra.stacks.base import StageStack
from infra.stacks.data import DataStack
from microintern.adapters.accounts import TRACKED
from microintern.domain.events import SOURCE, EventType


class CredentialsStack(StageStack):
    """One function issues; the others keep in the trail what becomes of credentials, and publish it, and of pages."""

    def __init__(self, scope: Construct, stage: Stage, data: DataStack, public_url: str) -> None:
        """Name the parts and what each may do."""
        super().__init__(scope, "Credentials", stage)
        functions = ServiceFunctions(self, stage, {**data.known, "public_url": public_url})
        self.functions = functions.all
        issue = functions.add("issue_credential", timeout_s=60, credits_people=True)
        data.briefs.allow(issue, "BatchGetItem")
        data.accounts.allow(issue, "GetItem", "ConditionCheckItem")
        data.credentials.allow(issue, "GetItem", "PutItem")
        data.credential_key.allow(issue, "GetPublicKey", "Sign")
        deliver(EventPattern(source=[SOURCE], detail_type=[EventType.BRIEF_APPROVED]), issue, data.bus)

        stream = functions.add("credential_stream", timeout_s=60)
        consume_stream(data.credentials, stream, stage, [{"kind": [TRACKED]}])
        data.trail.allow(stream, "PutItem")
        stream.allow(["events:PutEvents"], data.bus.event_bus_arn)

        portfolio_stream = functions.add("portfolio_stream", timeout_s=60)
        consume_stream(data.portfolios, portfolio_stream, stage, [{"kind": [TRACKED]}])
        data.trail.allow(portfolio_stream, "PutItem")
