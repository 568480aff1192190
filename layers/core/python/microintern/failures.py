"""What is logged of an unexpected failure: where it happened, and nothing that a person wrote."""

import traceback
from typing import Any

_DEEPEST_FRAMES = 12


def facts_of(error: BaseException) -> dict[str, Any]:
    """The kind of error, AWS's code for it and the frames; messages are left out, as they may quote a person."""
    response = getattr(error, "response", None)
    frames = traceback.extract_tb(error.__traceback__)[-_DEEPEST_FRAMES:]
    return {
        "error_type": type(error).__name__,
        "error_code": response.get("Error", {}).get("Code") if isinstance(response, dict) else None,
        "frames": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }
