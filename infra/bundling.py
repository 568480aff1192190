"""Lambda assets without Docker: wheels installed by uv, and this project's own sources as they are."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from aws_cdk import AssetHashType
from aws_cdk import aws_lambda as lambda_
from uv import find_uv_bin

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".build" / "layers"
REQUIREMENTS = ROOT / "requirements"
LOCAL_PYTHON = ROOT / ".local" / "aws"


@dataclass(frozen=True)
class Platform:
    """Where the wheels will run: what to ask uv for, and what tells one platform's wheels from another's."""

    identity: str
    uv_options: tuple[str, ...]


LAMBDA = Platform(
    identity="aarch64-manylinux_2_28-3.13",
    uv_options=(
        "--python-platform",
        "aarch64-manylinux_2_28",  # Lambda's Python 3.13 runs on Amazon Linux 2023, with glibc 2.34
        "--python-version",
        "3.13",
        "--only-binary",
        ":all:",
    ),
)


def local_platform() -> Platform:
    """The interpreter of the local AWS, which runs functions as processes of its own."""
    venv = LOCAL_PYTHON / "pyvenv.cfg"
    if not venv.exists():
        raise SystemExit("The stage `local` needs the local AWS: run `make setup` first.")
    machine = os.uname()
    identity = f"{machine.sysname}-{machine.machine}\n{venv.read_text()}"
    return Platform(identity=identity, uv_options=("--python", str(LOCAL_PYTHON / "bin" / "python")))


def third_party(platform: Platform, name: str) -> lambda_.Code:
    """The layer of pinned third-party packages of this name, installed once for each set of pins and each platform."""
    layer = layer_folder(platform, name)
    if not layer.exists():
        _install(platform, REQUIREMENTS / f"{name}.txt", layer)
    # The pins hold hashes of every wheel: they identify the content, so nobody needs to read 15 MB again.
    return lambda_.Code.from_asset(str(layer), asset_hash=layer.name, asset_hash_type=AssetHashType.CUSTOM)


def layer_folder(platform: Platform, name: str) -> Path:
    """Where the layer is kept; its name is a hash of the pins, the platform and the way that it is installed."""
    made_from = (REQUIREMENTS / f"{name}.txt").read_bytes() + platform.identity.encode() + Path(__file__).read_bytes()
    return CACHE / hashlib.sha256(made_from).hexdigest()


def source(folder: str) -> lambda_.Code:
    """A folder of this project; what Python leaves beside its sources would change the hash."""
    return lambda_.Code.from_asset(str(ROOT / folder), exclude=["**/__pycache__", "**/*.pyc"])


def _install(platform: Platform, requirements: Path, destination: Path) -> None:
    destination.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=destination.parent) as scratch:
        packages = Path(scratch, "layer", "python")
        command = [find_uv_bin(), "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--no-config"]
        command += ["--requirements", str(requirements), "--target", str(packages), *platform.uv_options]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, env=_uv_environment())
        # Console scripts hold this machine's path, and nothing calls them in Lambda.
        shutil.rmtree(packages / "bin", ignore_errors=True)
        (packages / ".lock").unlink(missing_ok=True)
        try:
            packages.parent.rename(destination)
        except OSError:
            if not destination.exists():  # else another synthesis was faster, with the same content
                raise


def _uv_environment() -> dict[str, str]:
    """The caller's environment; uv takes pip's mirror where one is set."""
    mirror = os.environ.get("PIP_INDEX_URL")
    return os.environ | ({"UV_DEFAULT_INDEX": mirror} if mirror else {}) | {"UV_PYTHON_DOWNLOADS": "never"}
