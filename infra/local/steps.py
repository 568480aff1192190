"""Runs a long command as one line of progress; its output shows only when it fails."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCAL = ROOT / ".local"
VENV_BIN = ROOT / ".venv" / "bin"


class StepFailed(Exception):
    """A step that didn't work; the text says why, for a person to read."""


@contextmanager
def step(label: str) -> Iterator[None]:
    """Print the label when the step begins and its seconds when it ends."""
    print(f"  {label:<58}", end="", flush=True)
    start_s = time.monotonic()
    try:
        yield
    except BaseException:
        print(f"failed after {time.monotonic() - start_s:.1f} s", flush=True)
        raise
    print(f"{time.monotonic() - start_s:6.1f} s", flush=True)


def run_step(label: str, command: Sequence[str], env: Mapping[str, str] | None = None) -> None:
    """Run one command as a step; on failure the exception holds the end of its output."""
    with step(label), running_in_own_group(command, env) as process:
        output, _ = process.communicate()
        if process.returncode:
            raise StepFailed(f"{tail(output)}\n{label}: exit {process.returncode} from: {' '.join(command)}")


@contextmanager
def running_in_own_group(
    command: Sequence[str], env: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Run a command whose children end with it, however this block is left."""
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=env,
        text=True,
        errors="replace",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,  # a Ctrl-C is for this process, which then ends the group
    )
    with process:
        try:
            yield process
            process.wait()
        finally:
            kill_group(process.pid)


def kill_group(pid: int) -> None:
    """End what is left of the group that a process leads."""
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def tail(text: str, lines: int = 60) -> str:
    """The last lines of a text, which is where tools say what went wrong."""
    return "\n".join(text.rstrip().splitlines()[-lines:])


def tool_env(**extra: str) -> dict[str, str]:
    """The caller's environment, with the project's own tools (python, node, uv) first on the path."""
    return {**os.environ, "PATH": f"{VENV_BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}", **extra}


def exit_with_reason(main: Callable[[], int | None]) -> None:
    """Run a command's `main`; a failed step prints its reason and exits 1, Ctrl-C exits 130."""
    # A polite kill must unwind as Ctrl-C does, so that nothing is left running.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        sys.exit(main())
    except StepFailed as failure:
        sys.exit(f"\n{failure}")
    except KeyboardInterrupt:
        sys.exit(130)
