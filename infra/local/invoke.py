"""Calls a function of the running stack with an event from a file, and prints what came of it.

usage: python -m infra.local.invoke FUNCTION EVENT_FILE
"""

import base64
import json
import sys
from pathlib import Path
from typing import Any

from infra.local import running
from infra.local.steps import ROOT, StepFailed, exit_with_reason


def main() -> int:
    """Invoke it through the Lambda API; 1 when the function raised."""
    name, file = [*sys.argv[1:], "", ""][:2]
    event_path = Path(file)
    if not name or not event_path.is_file():
        raise StepFailed(f"usage: make invoke FUNCTION=… EVENT=events/samples/…\nFunctions: {', '.join(known())}")
    functions = running.find().client("lambda")
    answer = functions.invoke(FunctionName=find(functions, name), Payload=event_path.read_bytes(), LogType="Tail")
    print(f"status {answer['StatusCode']}{', the function raised' if 'FunctionError' in answer else ''}")
    print(readable(answer["Payload"].read()))
    print("\nlog\n" + base64.b64decode(answer.get("LogResult", "")).decode(errors="replace"))
    return 1 if "FunctionError" in answer else 0


def known() -> list[str]:
    """The names that can be given: the folders of functions/."""
    return sorted(path.parent.name for path in ROOT.glob("functions/*/handler.py"))


def find(functions: Any, name: str) -> str:
    """The deployed function of a folder in functions/."""
    if name not in known():
        raise StepFailed(f"There is no function {name!r}: choose one of {', '.join(known())}.")
    wanted = name.replace("_", "").lower()
    pages = functions.get_paginator("list_functions").paginate()
    deployed = [function["FunctionName"] for page in pages for function in page["Functions"]]
    matching = [full for full in deployed if wanted in full.replace("-", "").replace("_", "").lower()]
    if len(matching) != 1:
        raise StepFailed(f"{len(matching)} deployed functions match {name}: {', '.join(matching or deployed)}")
    return str(matching[0])


def readable(payload: bytes) -> str:
    """JSON indented; anything else as it is."""
    try:
        return json.dumps(json.loads(payload), indent=2, ensure_ascii=False)
    except ValueError:
        return payload.decode(errors="replace")


if __name__ == "__main__":
    exit_with_reason(main)
