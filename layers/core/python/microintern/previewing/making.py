"""Has a preview drawn within bounds of size, time and memory. Whatever happens, it comes to a preview or a reason."""

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from microintern.domain.previews import Preview, none_because
from microintern.previewing.draw import MOST_TEXT_BYTES, drawer_of

MOST_BYTES = 50 * 1_048_576
"""Of a file that is drawn; of a text, only the beginning is read."""
MOST_SECONDS = 25
MOST_MEMORY_BYTES = 900 * 1_048_576
"""Less than the function has itself."""

Fetch = Callable[[Path, int], None]
"""Writes up to so many bytes of the file to a path."""


def make(media_type: str, size_bytes: int, fetch: Fetch, folder: Path) -> Preview:
    """The preview of a file; its parts are in the folder afterwards."""
    if drawer_of(media_type) is None:
        return none_because(f"No preview is made of {media_type}.")
    is_text = not media_type.startswith("image/") and media_type != "application/pdf"
    if size_bytes > MOST_BYTES and not is_text:
        return none_because(f"The file has more than {MOST_BYTES} bytes, which is too much for a preview.")
    source = folder / "source"
    fetch(source, MOST_TEXT_BYTES + 1 if is_text else MOST_BYTES)
    try:
        return _drawn_apart(source, media_type, folder)
    finally:
        source.unlink()


def _drawn_apart(source: Path, media_type: str, folder: Path) -> Preview:
    command = [sys.executable, "-m", "microintern.previewing.draw", str(source), media_type, str(folder)]
    # Nothing of this function's environment, and none of its credentials, goes with it.
    apart = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command, env=apart, timeout=MOST_SECONDS, preexec_fn=_bounds, capture_output=True, check=False
        )
    except subprocess.TimeoutExpired:
        return none_because("Drawing a preview took too long.")
    result = folder / "preview.json"
    if done.returncode != 0 or not result.exists():
        return none_because("The file could not be drawn within the bounds of a preview.")
    return Preview.model_validate_json(result.read_bytes())


def _bounds() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY_BYTES, MOST_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_BYTES, MOST_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
