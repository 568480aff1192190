"""The local AWS: MiniStack on 127.0.0.1, with the adjustments that this project needs.

Runs on the interpreter of `.local/aws`, as a process of its own; functions run on that interpreter too.
usage: python -m infra.local.emulator PORT STATE_DIR keep|discard
"""

import importlib
import os
import signal
import sys
import threading
from pathlib import Path

from infra.local import adjustments, metering, recording


def main(port: str, state_dir: str, keep: str) -> None:
    """Serve until SIGTERM, or until the process that started this one is gone."""
    configure(port, Path(state_dir), kept=keep == "keep")
    threading.Thread(target=stop_with_parent, daemon=True).start()
    # Imported by name, and only now: it reads its settings when it is imported.
    app = importlib.import_module("ministack.app")
    adjustments.apply()
    if recorded := os.environ.get("RECORD_PERMISSIONS"):
        recording.record(Path(recorded))
    if metered := os.environ.get("METER"):
        metering.meter(Path(metered))
    sys.argv[1:] = []
    app.main()


def configure(port: str, state_dir: Path, kept: bool) -> None:
    """Enforce IAM and signatures, listen on this machine only, write nothing outside the state directory."""
    scratch = state_dir / "tmp"
    scratch.mkdir(parents=True, exist_ok=True)
    os.environ |= {
        "GATEWAY_PORT": port,
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "AUTH": "true",
        # Listeners on fixed ports, which nothing here uses.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "PERSIST_STATE": "1" if kept else "0",
        "S3_PERSIST": "1" if kept else "0",
        "STATE_DIR": str(state_dir),
        "S3_DATA_DIR": str(state_dir / "s3"),
        "TMPDIR": str(scratch),
        "HOME": str(state_dir),
        "PYTHONUNBUFFERED": "1",
    }


def stop_with_parent() -> None:
    """Standard input is a pipe from the parent: its end means that nobody is left to stop this process."""
    # Unbuffered, so that a clean exit doesn't wait for a lock that this blocked read would hold.
    os.read(sys.stdin.fileno(), 1)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main(*sys.argv[1:4])
