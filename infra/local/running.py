"""The stack that `make run` keeps up, as other commands find it: by a file, there only while it runs."""

import json
import urllib.request
from dataclasses import asdict, dataclass
from typing import Any

from infra.local.process import root_client
from infra.local.stack import LocalStack, Outputs
from infra.local.steps import LOCAL, StepFailed

FILE = LOCAL / "stack.json"


@dataclass(frozen=True)
class RunningStack:
    """A stack that another process runs."""

    endpoint: str
    outputs: Outputs

    def client(self, service: str, **options: Any) -> Any:
        """A boto3 client of its local AWS."""
        return root_client(self.endpoint, service, **options)


def announce(stack: LocalStack) -> None:
    """Let other commands find this stack."""
    about = {"port": stack.emulator.port, "endpoint": stack.endpoint, "outputs": asdict(stack.outputs)}
    FILE.write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")


def withdraw() -> None:
    """Say that the stack is gone."""
    FILE.unlink(missing_ok=True)


def find() -> RunningStack:
    """Find the running stack; its file can outlive it when its process was killed."""
    if FILE.exists():
        about = json.loads(FILE.read_text(encoding="utf-8"))
        if answers(about["endpoint"]):
            return RunningStack(about["endpoint"], Outputs(**about["outputs"]))
    raise StepFailed("No local stack is running: start one with `make run`.")


def is_running() -> bool:
    """Whether a stack is up already."""
    try:
        find()
    except StepFailed:
        return False
    return True


def answers(endpoint: str) -> bool:
    """Whether there is a local AWS at this address."""
    try:
        with urllib.request.urlopen(f"{endpoint}/_ministack/health", timeout=2):
            return True
    except OSError:
        return False
