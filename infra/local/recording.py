"""Writes down which permissions the functions' roles use, once each: what they are given is compared with it."""

import importlib
import json
import threading
from pathlib import Path
from typing import Any


def record(path: Path) -> None:
    """From now on, add a line for every action on a resource that a role was found to be allowed."""
    evaluator: Any = importlib.import_module("ministack.core.iam_evaluator")
    evaluate = evaluator.evaluate
    seen: set[tuple[str, str, str]] = set()
    lock = threading.Lock()

    def evaluate_and_note(context: Any, *policies: Any) -> Any:
        result = evaluate(context, *policies)
        entry = (context.principal_arn, context.action, context.resource_arn)
        with lock:
            if result.decision == "Allow" and entry not in seen:
                seen.add(entry)
                with path.open("a", encoding="utf-8") as lines:
                    lines.write(json.dumps(entry) + "\n")
        return result

    evaluator.evaluate = evaluate_and_note
