"""Which permissions the functions use: recorded on the local stack, kept beside this file, compared with their roles.

`make permissions` runs the tests and writes the file anew. usage: python -m tests.infra.used_permissions RECORDED…
"""

import json
import re
import sys
from pathlib import Path

FILE = Path(__file__).with_name("used_permissions.json")

Used = dict[str, dict[str, str]]
"""By the folder of the function and by resource: the actions, in the shape of GRANTS in test_permissions.py."""

_ROLE = re.compile(r":assumed-role/microintern-local-[a-z]+-(\w+?)Role[0-9A-F]{8}")
_LABELS: dict[str, list[tuple[str, str]]] = {
    "dynamodb": [
        (r"-(\w+?)Table\w+-\w+/index/(\w+)$", "table {} by {}"),
        (r"-(\w+?)Table\w+-\w+/stream/", "table {} stream"),
        (r"-(\w+?)Table\w+-\w+$", "table {}"),
    ],
    "sqs": [(r"-(\w+?)DeadLetters", "dead letters {}"), (r"Sandbox(Queue|Undelivered)", "queue {}")],
    "lambda": [(r"-(\w+?)Function[0-9A-F]{8}", "function {}")],
    "s3": [("", "Files")],
    "events": [(r"event-bus/default$", "the account's bus"), ("", "Events")],
    "scheduler": [("", "DeadlinesGroup")],
    "states": [("", "WorkflowStateMachine")],
    "cognito-idp": [("", "AccountsPool")],
    "secretsmanager": [("", "PaymentsSecret")],
    "kms": [("", "SigningKey")],
}
"""What a resource is called in the tests, by its service and what its ARN holds."""
_OWN = frozenset({"logs", "xray"})
"""What every function does for itself."""


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
        if label:
            used.setdefault(folder, {}).setdefault(label, set()).add(action.rpartition(":")[2])
    return {
        folder: {label: " ".join(sorted(actions)) for label, actions in sorted(labels.items())}
        for folder, labels in sorted(used.items())
    }


def kept() -> Used:
    """What is checked in."""
    used: Used = json.loads(FILE.read_text(encoding="utf-8"))
    return used


def main(*recorded: str) -> None:
    """Write down what a whole run has used."""
    FILE.write_text(json.dumps(read(*map(Path, recorded)), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
