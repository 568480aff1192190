"""Lambda assets without Docker: wheels installed by uv, and this project's own sources as they are."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from aws_cdk import AssetHashType
from aws_cdk import aws_lambda as lambda_
from uv import find_uv_bin

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".build" / "layers"
REQUIREMENTS = ROOT / "requirements"
LOCAL_PYTHON = ROOT / ".local" / "aws"
_BYTECODE = shutil.ignore_patterns("__pycache__", "*.pyc")


@dataclass(frozen=True)
class Platform:
    """Where code will run: its Python, what else to ask uv for, and what tells one platform's wheels from another's."""

    identity: str
    python: str
    """What its interpreter is called, or where it is."""
    uv_options: tuple[str, ...]


LAMBDA = Platform(
    identity="aarch64-manylinux_2_28-3.13",
    python="python3.13",
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
    machine, python = os.uname(), str(LOCAL_PYTHON / "bin" / "python")
    identity = f"{machine.sysname}-{machine.machine}\n{venv.read_text()}"
    return Platform(identity=identity, python=python, uv_options=("--python", python))


@cache
def compiler(platform: Platform) -> str | None:
    """An interpreter here that writes the bytecode that the platform reads; None when there is none.

    Lambda cannot write beside a layer's sources: without bytecode, each cold start compiles all that it imports.
    """
    python = shutil.which(platform.python)
    runs = python and subprocess.run([python, "-c", ""], check=False, capture_output=True).returncode == 0
    return python if runs else None


def third_party(platform: Platform, name: str) -> lambda_.Code:
    """The layer of pinned third-party packages of this name, installed once for each set of pins and each platform."""
    layer = layer_folder(platform, name)
    if not layer.exists():
        _make(layer, platform, partial(_install, platform, REQUIREMENTS / f"{name}.txt"))
    return _layer_code(layer)


def own_layer(platform: Platform, folder: str) -> lambda_.Code:
    """A layer of this project's own sources."""
    sources = sorted(path for path in (ROOT / folder).rglob("*") if path.is_file() and path.suffix != ".pyc")
    made_from = [b"%s\0%d\0%s" % (_within(path), path.stat().st_size, path.read_bytes()) for path in sources]
    layer = CACHE / _named_by(platform, *made_from)
    if not layer.exists():
        _make(layer, platform, partial(shutil.copytree, ROOT / folder / "python", ignore=_BYTECODE, dirs_exist_ok=True))
    return _layer_code(layer)


def layer_folder(platform: Platform, name: str) -> Path:
    """Where the layer is kept; its name is a hash of the pins, the platform and the way that it is installed."""
    return CACHE / _named_by(platform, (REQUIREMENTS / f"{name}.txt").read_bytes())


def source(folder: str) -> lambda_.Code:
    """A folder of this project; what Python leaves beside its sources would change the hash."""
    return lambda_.Code.from_asset(str(ROOT / folder), exclude=["**/__pycache__", "**/*.pyc"])


def _within(path: Path) -> bytes:
    return str(path.relative_to(ROOT)).encode()


def _named_by(platform: Platform, *made_from: bytes) -> str:
    how = (platform.identity.encode(), str(bool(compiler(platform))).encode(), Path(__file__).read_bytes())
    return hashlib.sha256(b"".join((*made_from, *how))).hexdigest()


def _layer_code(layer: Path) -> lambda_.Code:
    # The name says all that the content depends on: nobody needs to read 15 MB again.
    return lambda_.Code.from_asset(str(layer), asset_hash=layer.name, asset_hash_type=AssetHashType.CUSTOM)


def _make(layer: Path, platform: Platform, fill: Callable[[Path], object]) -> None:
    """Fill a layer aside and compile it, and only then have it be there."""
    layer.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=layer.parent) as scratch:
        packages = Path(scratch, "layer", "python")
        fill(packages)
        if python := compiler(platform):
            # It holds neither times nor this machine's paths, and nobody looks whether it is newer than its source.
            # Isolated: the caller may have its own bytecode put elsewhere.
            command = [python, "-I", "-m", "compileall", "-qq", "-j", "0", "--invalidation-mode", "unchecked-hash"]
            subprocess.run([*command, "-s", str(packages), str(packages)], check=False, stdin=subprocess.DEVNULL)
        try:
            packages.parent.rename(layer)
        except OSError:
            if not layer.exists():  # else another synthesis was faster, with the same content
                raise


def _install(platform: Platform, requirements: Path, packages: Path) -> None:
    command = [find_uv_bin(), "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--no-config"]
    command += ["--requirements", str(requirements), "--target", str(packages), *platform.uv_options]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, env=_uv_environment())
    # Console scripts hold this machine's path, and nothing calls them in Lambda.
    shutil.rmtree(packages / "bin", ignore_errors=True)
    (packages / ".lock").unlink(missing_ok=True)


def _uv_environment() -> dict[str, str]:
    """The caller's environment; uv takes pip's mirror where one is set."""
    mirror = os.environ.get("PIP_INDEX_URL")
    return os.environ | ({"UV_DEFAULT_INDEX": mirror} if mirror else {}) | {"UV_PYTHON_DOWNLOADS": "never"}
