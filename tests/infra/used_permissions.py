"""Which permissions the functions use, compared with what their roles allow, both ways.

`make permissions` records them while the tests run, on moto and on the local stack, prints each difference, and writes
what was used beside this file, which the tests compare with the templates.
usage: python -m tests.infra.used_permissions RECORDED…
"""

import json
import os
import re
import sys
from pathlib import Path

os.environ.setdefault("CDK_VALIDATION", "false")

from tests.infra.deployment import synthesized
from tests.infra.test_permissions import REDRIVE, grants_of

Used = dict[str, dict[str, str]]
"""By the folder of the function and by resource: the actions, in the shape of GRANTS in test_permissions.py."""

_ROLE = re.compile(r":assumed-role/microintern-local-[a-z]+-(\w+?)Role[0-9A-F]{8}")
_LABELS: dict[str, list[tuple[str, str]]] = {
    "dynamodb": [
        (r"-(\w+?)Table\w+-\w+/index/(\w+)$", "table {} by {}"),
        (r"-(\w+?)Table\w+-\w+/stream/", "table {} stream"),
        (r"-(\w+?)Table\w+-\w+$", "table {}"),
    ],
    "sqs": [
        (r"-(\w+?)DeadLetters", "dead letters {}"),
        (r"Sandbox(Queue|Undelivered)", "queue {}"),
        (r"(Webhooks)(Queue|Undelivered)", "queue {}{}"),
    ],
    "lambda": [(r"-(\w+?)Function[0-9A-F]{8}", "function {}")],
    "s3": [("", "Files")],
    "events": [(r"event-bus/default$", "the account's bus"), ("", "Events")],
    "scheduler": [("", "DeadlinesGroup")],
    "states": [("", "WorkflowStateMachine")],
    "cognito-idp": [("", "AccountsPool")],
    "secretsmanager": [(r"MailSecret", "MailSecret"), ("", "PaymentsSecret")],
    "ses": [(":identity/", "mail's identity")],
    "kms": [("", "SigningKey")],
}
"""What a resource is called in the tests, by its service and what its ARN holds."""
OF_SECRETS = frozenset({"kms:Encrypt", "kms:Decrypt"})
"""The ARN of a key in KMS does not say which it is; what is done with it does."""
KEPT = Path(__file__).with_suffix(".json")
"""What was used when it was last recorded."""
_OWN = frozenset({"logs", "xray"})
"""What every function does for itself."""

FAILURES_ARE_KEPT = "GetQueueAttributes GetQueueUrl SendMessage"
"""Lambda puts there, with the function's role, what the function failed on; the local AWS asks no role."""

_READS_A_STREAM = "DescribeStream GetRecords GetShardIterator ListStreams"
READ_FOR_IT: Used = {
    "account_stream": {"table Accounts stream": _READS_A_STREAM},
    "send_mail": {"table Accounts stream": _READS_A_STREAM},
    "brief_stream": {"table Briefs stream": _READS_A_STREAM},
    "credential_stream": {"table Credentials stream": _READS_A_STREAM},
    "portfolio_stream": {"table Portfolios stream": _READS_A_STREAM},
    "sandbox_delivery": {"queue Queue": "DeleteMessage GetQueueAttributes ReceiveMessage"},
    "webhook_delivery": {"queue WebhooksQueue": "DeleteMessage GetQueueAttributes ReceiveMessage"},
}
"""Mappings read these, with the function's role; the local AWS asks no role."""

SAID_TO_ALL = {"ListBucket on Files", "ListBucketVersions on Files"}
"""AWS tells those who may list that a file is not there, and others only that they may not read it; here all are."""

ONLY_BEHIND_AN_EDGE = "OriginKey"
"""The local stack has none; tests/infra/test_edge.py says who may read it."""

_GATE = re.compile(r"(GetItem|UpdateItem) on table Accounts")
"""Whoever is called with a token goes by the same gate, which writes a count only when somebody asks often."""
_REDRIVING = re.compile(
    r".* on (letters|handlers|queue Queue|queue WebhooksQueue|table (Accounts|Briefs|Credentials|Portfolios) stream)"
)
"""Letters are taken out and handled again by the same code in all that do it."""


def label_of(arn: str) -> str | None:
    """A short name for a resource; None for what is not compared."""
    service = arn.split(":")[2]
    if service in _OWN:
        return None
    for pattern, label in _LABELS[service]:
        if found := re.search(pattern, arn):
            return label.format(*(group.removeprefix("Payments") for group in found.groups()))
    raise ValueError(f"no label for {arn}: add one to {Path(__file__).name}")


def folder_of(principal: str) -> str:
    """The folder of the function whose role was used."""
    found = _ROLE.search(principal)
    if found is None:
        raise ValueError(f"{principal} is no function of this system")
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", found[1]).lower()


def read(*recorded: Path) -> Used:
    """What was recorded, in the shape of the grants: on moto by function, on the local stack by role and ARN."""
    used: dict[str, dict[str, set[str]]] = {}
    for line in [line for path in recorded for line in path.read_text(encoding="utf-8").splitlines()]:
        who, action, what = json.loads(line)
        folder = folder_of(who) if who.startswith("arn:") else who
        label = label_of(what) if what.startswith("arn:") else what
        if label == "SigningKey" and action in OF_SECRETS:
            label = "SecretsKey"
        if label and label != ONLY_BEHIND_AN_EDGE:
            used.setdefault(folder, {}).setdefault(label, set()).add(action.rpartition(":")[2])
    return {folder: {label: " ".join(sorted(of)) for label, of in labels.items()} for folder, labels in used.items()}


def pairs(folder: str, grants: dict[str, str]) -> set[str]:
    """`action on resource`, each by itself. Whoever redrives treats all letters, and all their handlers, alike."""

    def name(label: str) -> str:
        if label == "CredentialKey":
            return "SigningKey"  # the name of a key does not tell which it is, and no function uses both
        if folder not in REDRIVE:
            return label
        letters = label.startswith("dead letters") or label in ("queue Undelivered", "queue WebhooksUndelivered")
        return "letters" if letters else "handlers" if label.startswith("function") else label

    return {f"{action} on {name(label)}" for label, actions in grants.items() for action in actions.split()}


def differences(used: Used, granted: Used) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """By function: what is allowed and was not used, and what was used and is not allowed."""
    seen = {folder: pairs(folder, used.get(folder, {})) for folder in granted}
    gate = {pair for folder in seen if folder.endswith("_api") for pair in seen[folder] if _GATE.fullmatch(pair)}
    redriving = {pair for folder in REDRIVE for pair in seen.get(folder, ()) if _REDRIVING.fullmatch(pair)}
    unused, missing = {}, {}
    for folder, grants in granted.items():
        allowed = pairs(folder, grants)
        for_it = pairs(folder, {f"dead letters {folder.title().replace('_', '')}": FAILURES_ARE_KEPT}) | SAID_TO_ALL
        needed = seen[folder] | pairs(folder, READ_FOR_IT.get(folder, {})) | (for_it & allowed)
        needed |= gate if folder.endswith("_api") else set()
        needed |= redriving if folder in REDRIVE else set()
        unused[folder], missing[folder] = sorted(allowed - needed), sorted(needed - allowed)
    return unused, missing


def main(*recorded: str) -> int:
    """Print what differs, and as the last line how much does."""
    deployment = synthesized("local")
    granted = {folder: grants_of(deployment, folder) for folder in deployment.functions()}
    used = read(*map(Path, recorded))
    KEPT.write_text(json.dumps(used, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    unused, missing = differences(used, granted)
    for folder in granted:
        for what, found in (("allowed, and was not used", unused), ("used, and not allowed", missing)):
            print("".join(f"{folder}: {pair} is {what}\n" for pair in found[folder]), end="")
    counts = {
        "functions": len(granted),
        "permissions": sum(len(pairs(folder, grants)) for folder, grants in granted.items()),
        "unused": sum(map(len, unused.values())),
        "missing": sum(map(len, missing.values())),
    }
    print(json.dumps(counts))
    return 1 if counts["unused"] or counts["missing"] else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
