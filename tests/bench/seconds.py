"""How long a developer waits for each command."""

import subprocess
import time
from collections.abc import Callable

from infra.bundling import ROOT

COMMANDS = {"synth": "make synth", "check": "make check", "demo": "make demo"}
WHOLE = {"test": "make test"}
"""Takes as long as all the others together; tried when everything is."""


def seconds(say: Callable[[str], None], *, whole: bool) -> dict[str, float]:
    """By command, with everything installed already."""
    found = {}
    for name, command in {**COMMANDS, **(WHOLE if whole else {})}.items():
        start_s = time.monotonic()
        subprocess.run(command.split(), cwd=ROOT, check=True, capture_output=True)
        found[name] = round(time.monotonic() - start_s, 1)
        say(f"  {command}: {found[name]} s")
    return found
