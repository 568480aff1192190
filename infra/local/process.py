"""Starts the local AWS as a process, waits for it, and leaves nothing of it behind."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO, Any

import boto3

from infra.local.steps import LOCAL, ROOT, StepFailed, kill_group, tail

REGION = "us-east-1"
ACCOUNT = "000000000000"
START_LIMIT_S = 60.0
STOP_LIMIT_S = 20.0


class Emulator:
    """One MiniStack with the functions that it runs; its state is kept only in a directory given for it."""

    def __init__(self, kept_state: Path | None = None, port: int | None = None) -> None:
        """Choose where the state goes: a directory that is kept, or one that goes when this stops."""
        LOCAL.mkdir(exist_ok=True)
        self.kept = kept_state is not None
        self.state_dir = kept_state or Path(tempfile.mkdtemp(prefix="aws-state-", dir=LOCAL))
        self.log_path = self.state_dir / "emulator.log"
        self.port = port or free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        # What functions left in the scratch directory belongs to processes that are gone.
        shutil.rmtree(self.state_dir / "tmp", ignore_errors=True)
        self.state_dir.mkdir(parents=True, exist_ok=True)
        with self.log_path.open("wb") as log:
            self._process = self._spawn(log)
        try:
            self._wait_until_healthy()
        except BaseException:
            self.stop()
            raise

    def _spawn(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        python, keep = LOCAL / "aws" / "bin" / "python", "keep" if self.kept else "discard"
        # Functions inherit this environment: a developer's own AWS settings must not reach them.
        names = ("PATH", "LANG", "LOG_LEVEL", "RECORD_PERMISSIONS", "METER")
        env = {name: os.environ[name] for name in names if name in os.environ}
        return subprocess.Popen(
            [python, "-m", "infra.local.emulator", str(self.port), self.state_dir, keep],
            cwd=ROOT,
            stdin=subprocess.PIPE,  # never written to: its end tells the child that this process is gone
            stdout=log,
            stderr=subprocess.STDOUT,
            env=env,
            start_new_session=True,  # a Ctrl-C is for this process, which then stops the child in order
        )

    def _wait_until_healthy(self) -> None:
        deadline_s = time.monotonic() + START_LIMIT_S
        while time.monotonic() < deadline_s:
            self.check_alive()
            try:
                with urllib.request.urlopen(f"{self.endpoint}/_ministack/health", timeout=2):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise StepFailed(f"{self.log_tail()}\nThe local AWS didn't answer within {START_LIMIT_S:.0f} s.")

    def check_alive(self) -> None:
        """Raise with the end of its log when it has died."""
        if self._process is None or self._process.poll() is not None:
            code = self._process.returncode if self._process else "never started"
            raise StepFailed(f"{self.log_tail()}\nThe local AWS stopped (exit {code}).")

    def log_tail(self) -> str:
        """The end of what the local AWS printed."""
        return tail(self.log_path.read_text(errors="replace")) if self.log_path.exists() else ""

    def client(self, service: str, **options: Any) -> Any:
        """A boto3 client of this local AWS, as its root user unless other keys are given."""
        return root_client(self.endpoint, service, **options)

    def stop(self) -> None:
        """Stop it, saving what is to be kept, and every function's process with it."""
        process, self._process = self._process, None
        if process is not None:
            try:
                if self.kept:
                    process.terminate()
                    process.wait(STOP_LIMIT_S)
            except subprocess.TimeoutExpired:
                pass
            finally:
                # Without anything to save there is nothing to wait for, such as functions that are at work.
                kill_group(process.pid)
                process.wait()
                if process.stdin:
                    process.stdin.close()
        if not self.kept:
            shutil.rmtree(self.state_dir, ignore_errors=True)


def root_client(endpoint: str, service: str, **options: Any) -> Any:
    """A boto3 client of a local AWS, as its root user unless other keys are given."""
    make_client: Any = boto3.client  # its overloads want a literal name
    root = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return make_client(service, **{"endpoint_url": endpoint, "region_name": REGION, **root, **options})


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
