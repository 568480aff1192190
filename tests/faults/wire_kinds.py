"""How calls of AWS fail on the way: the table of kinds, and the proxy's rules by which the Nth call of a site does."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from microintern.adapters.aws import MOST_ATTEMPTS
from microintern.adapters.dynamo import MOST_TRIES
from tests.faults.proxy import Rule


@dataclass(frozen=True, order=True)
class Site:
    """Where a function calls AWS: an operation, on DynamoDB on one table."""

    function: str
    service: str
    operation: str
    resource: str = ""
    own: bool = True
    """Whether its calls name a brief or its student, so that they can be told from those for another one."""

    def __str__(self) -> str:
        return f"{self.function}: {self.service} {self.operation}"


@dataclass(frozen=True)
class Kind:
    """A way of failing: what the proxy does, how many times in a row, and where that can happen."""

    name: str
    effect: dict[str, Any]
    times: int = 1
    operations: frozenset[str] = frozenset()
    """The operations that can fail so; all, when there are none here."""
    lasts: bool = False
    """Whether it takes seconds, for the SDK waits in between."""

    def fits(self, site: Site) -> bool:
        """Whether a call there can fail so."""
        if self.operations:
            return site.operation in self.operations
        # What has no body has nothing that could be lost or late.
        return "response" not in self.effect or site.operation not in ("HeadObject", "Invoke")

    def effect_on(self, service: str) -> dict[str, Any]:
        """The rule's effect, with the error as this service calls it."""
        named = self.effect.get("error", {})
        return {"error": named[service]} if service in named else self.effect


@dataclass(frozen=True)
class Fault:
    """One fault to try: the Nth call of a site fails in a way, counted from 1."""

    site: Site
    nth: int
    kind: Kind

    def __str__(self) -> str:
        return f"{self.kind.name}, call {self.nth} of {self.site}"

    def rules(self, number: int, pin: str) -> list[Rule]:
        """The proxy's rules, the last of which is the fault; `number` is what they are known by."""
        site = self.site
        match = {
            "service": site.service,
            "operation": site.operation,
            "headers": {"User-Agent": f"app/{site.function}"},
            "ttl_s": LONGEST_S + number,  # microburst forgets rules by their members: this one is theirs alone
        }
        match |= {"resource": site.resource} if site.resource else {}
        match |= {"body": pin} if site.own else {}
        let_pass = [{**match, "times": self.nth - 1, "latency": 0}] if self.nth > 1 else []
        return [*let_pass, {**match, "times": self.kind.times, **self.kind.effect_on(site.service)}]


LONGEST_S = 100_000

_THROTTLING = {
    "dynamodb": {"code": "ProvisionedThroughputExceededException", "status": 400},
    "events": {"code": "ThrottlingException", "status": 400},
    "lambda": {"code": "TooManyRequestsException", "status": 429},
    "s3": {"code": "SlowDown", "status": 503},
    "scheduler": {"code": "ThrottlingException", "status": 429},
    "secretsmanager": {"code": "ThrottlingException", "status": 400},
    "sqs": {"code": "RequestThrottled", "status": 403},
    "stepfunctions": {"code": "ThrottlingException", "status": 400},
}
_BROKEN = {
    "dynamodb": {"code": "InternalServerError", "status": 500},
    "events": {"code": "InternalException", "status": 500},
    "lambda": {"code": "ServiceException", "status": 500},
    "s3": {"code": "InternalError", "status": 500},
    "scheduler": {"code": "InternalServerException", "status": 500},
    "secretsmanager": {"code": "InternalServiceError", "status": 500},
    "sqs": {"code": "InternalError", "status": 500},
    "stepfunctions": {"code": "InternalServerError", "status": 500},
}
SERVICES = frozenset(_THROTTLING)

_WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem"})
_CONFLICT = {"code": "TransactionConflictException", "status": 400}
_CANCELLED = {
    "code": "TransactionCanceledException",
    "status": 400,
    "message": "Transaction cancelled, please refer cancellation reasons for specific reasons [TransactionConflict]",
    "fields": {"CancellationReasons": [{"Code": "TransactionConflict", "Message": "Transaction is ongoing."}]},
}
_IN_PROGRESS = {"code": "TransactionInProgressException", "status": 400}
_LOST = {"response": {"abort_bytes": 0}}
_SLOW = {"response": {"bandwidth_kbps": 0.000_3}}
"""So slow that not even an empty object arrives before the function gives up waiting."""

KINDS = [
    Kind("throttled", {"error": _THROTTLING}),
    Kind("HTTP 500", {"error": _BROKEN}),
    Kind("reset before", {"reset": True}),
    Kind("answer lost", _LOST),
    Kind("answer late", _SLOW, lasts=True),
    Kind("conflict", {"error": _CONFLICT}, operations=_WRITES),
    Kind("transaction conflict", {"error": _CANCELLED}, operations=frozenset({"TransactWriteItems"})),
    Kind("transaction in progress", {"error": _IN_PROGRESS}, operations=frozenset({"TransactWriteItems"})),
    Kind("throttled until given up", {"error": _THROTTLING}, MOST_ATTEMPTS, lasts=True),
    Kind("HTTP 500 until given up", {"error": _BROKEN}, MOST_ATTEMPTS, lasts=True),
    Kind("answers lost until given up", _LOST, MOST_ATTEMPTS, lasts=True),
    Kind(
        "conflicts until given up", {"error": _CONFLICT}, MOST_TRIES, frozenset({"PutItem", "UpdateItem"}), lasts=True
    ),
    Kind(
        "transaction conflicts until given up",
        {"error": _CANCELLED},
        MOST_TRIES,
        frozenset({"TransactWriteItems"}),
        lasts=True,
    ),
]
"""The table: each of these, wherever it fits."""


def faults_at(site: Site, calls: int) -> Iterable[Fault]:
    """Every fault of a site that is called so often: what takes seconds, only at its first and last call."""
    for kind in KINDS:
        if kind.fits(site):
            yield from (Fault(site, nth, kind) for nth in range(1, calls + 1) if not kind.lasts or nth in (1, calls))
