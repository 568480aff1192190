"""What a brief costs, from what was counted and AWS's list prices of us-east-1 in November 2026, without free tiers."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from tests.bench.lifecycle import Line

PRICES = {
    "http_api": 1.00 / 1e6,
    "lambda_call": 0.20 / 1e6,
    "lambda_gb_s": 0.0000133334,
    "write_unit": 0.625 / 1e6,
    "read_unit": 0.125 / 1e6,
    "transition": 25.00 / 1e6,
    "event": 1.00 / 1e6,
    "schedule": 1.00 / 1e6,
    "s3_write": 5.00 / 1e6,
    "s3_read": 0.40 / 1e6,
    "queue_request": 0.40 / 1e6,
    "scan": 0.215 / 1e3,
}
"""USD each. Sources: the price pages of API Gateway, Lambda (arm64), DynamoDB (on demand), Step Functions (Standard),
EventBridge and its Scheduler, S3 (Standard), SQS, GuardDuty Malware Protection for S3."""

MS_OF_A_CALL = 60
"""What a warm call takes on a whole CPU; on the local stack calls wait for each other."""
_OF_SANDBOX = ("sandbox", "Sandbox")
_S3_WRITES = frozenset({"PUT", "POST"})


def usage(lines: Iterable[Line], transitions: int) -> dict[str, float]:
    """How much of each thing with a price; what only the embedded payment provider does is left out."""
    used: dict[str, float] = defaultdict(float, transition=transitions)
    for line in lines:
        # By who did what to what, and not by what was written: a brief keeps that it was paid by way of the sandbox.
        where = str({**line, "asked": None})
        if not any(name in where for name in _OF_SANDBOX):
            for what, amount in _charged(line).items():
                used[what] += amount
    return used


def _charged(line: Line) -> dict[str, float]:
    found: dict[str, float] = {}
    match line["service"]:
        case "dynamodb":
            found = {"write_unit": sum(line.get("write", {}).values()), "read_unit": line.get("read", 0.0)}
        case "lambda":
            gb_s = line["memory_mb"] / 1_024 * MS_OF_A_CALL / 1_000
            found = {"lambda_call": 1, "lambda_gb_s": gb_s, "http_api": "ApiFunction" in line["function"]}
        case "events":
            found = {"event": line["entries"]}
        case "s3":
            found = {"s3_write" if line["action"] in _S3_WRITES else "s3_read": 1}
        case "sqs":
            found = {"queue_request": 1}
        case "scheduler":
            found = {"schedule": line["action"] == "POST"}
    return found


def usd_per_1000(used: dict[str, float]) -> dict[str, float]:
    """By what is paid for, and together; scans of files are apart."""
    priced: dict[str, Any] = {
        name: round(used[name] * price * 1_000, 4) for name, price in PRICES.items() if used[name]
    }
    return {**priced, "together": round(sum(priced.values()), 4)}
