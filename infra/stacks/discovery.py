"""What follows from events so that students find briefs: the index, notices of matches, what they have done."""

from collections.abc import Sequence

from aws_cdk.aws_events import EventPattern
from constructs import Construct

from infra.config import Stage
from infra.constructs.event_bus import deliver
from infra.constructs.function import ServiceFunction, ServiceFunctions
from infra.stacks.base import StageStack
from infra.stacks.data import DataStack
from microintern.app import experience, indexing
from microintern.domain.events import SOURCE, EventType


class DiscoveryStack(StageStack):
    """Three functions, none of which anything else waits for."""

    def __init__(self, scope: Construct, stage: Stage, data: DataStack) -> None:
        """Name the parts and what each may do."""
        super().__init__(scope, "Discovery", stage)
        self.data = data
        functions = ServiceFunctions(self, stage, data.known)

        index_briefs = functions.add("index_briefs", timeout_s=60)
        data.briefs.allow(index_briefs, "BatchGetItem")
        data.search.allow(index_briefs, "BatchWriteItem")
        self._deliver(indexing.FOLLOWED, index_briefs)

        match_searches = functions.add("match_searches", timeout_s=300)
        data.briefs.allow(match_searches, "BatchGetItem")
        data.search.allow(match_searches, "BatchGetItem", "Query")
        data.accounts.allow(match_searches, "BatchWriteItem")
        self._deliver([EventType.BRIEF_OPENED], match_searches)

        keep_experience = functions.add("keep_experience", timeout_s=20)
        data.briefs.allow(keep_experience, "GetItem", "Query")
        data.accounts.allow(keep_experience, "UpdateItem")
        self._deliver(experience.FOLLOWED, keep_experience)
        self.functions = functions.all

    def _deliver(self, heard: Sequence[EventType], function: ServiceFunction) -> None:
        deliver(EventPattern(source=[SOURCE], detail_type=list(heard)), function, self.data.bus)
