"""Installs what the project needs under `.venv`, `.local`, `node_modules` and `web/node_modules`.

Runs on the bare system Python, so it imports nothing but the standard library.
"""

import os
import shutil
import sys

from infra.local.steps import LOCAL, ROOT, VENV_BIN, exit_with_reason, run_step, tool_env

OLDEST_PYTHON = (3, 11)
EMULATOR_VENV = LOCAL / "aws"


def main() -> int:
    """Bring every environment to what the pinned requirements say."""
    if sys.version_info < OLDEST_PYTHON:
        oldest = ".".join(map(str, OLDEST_PYTHON))
        print(f"Python {oldest} or newer is needed, this is {sys.version.split()[0]}.")
        print("Name another one: make setup PYTHON=python3.13")
        return 1
    print("Setting up (once; later runs only when the requirements change):", flush=True)
    env = installer_env()
    if not (VENV_BIN / "uv").exists():
        install_uv(env)
    sync("development packages", VENV_BIN / "python", "dev.txt", env)
    if not (EMULATOR_VENV / "bin" / "python").exists():
        new_venv(EMULATOR_VENV, "--without-pip")
    sync("local AWS", EMULATOR_VENV / "bin" / "python", "emulator.txt", env)
    npm_ci("CDK command line", ".", env)
    npm_ci("packages of the console", "web", env)
    return 0


def installer_env() -> dict[str, str]:
    """Keep uv and npm from asking or fetching interpreters; uv takes pip's mirror when one is set."""
    env = tool_env(UV_PYTHON_DOWNLOADS="never", UV_NO_PROGRESS="1", npm_config_update_notifier="false")
    if mirror := os.environ.get("PIP_INDEX_URL"):
        env.setdefault("UV_DEFAULT_INDEX", mirror)
    return env


def install_uv(env: dict[str, str]) -> None:
    """A fresh `.venv` with uv, the only package that pip itself installs."""
    new_venv(VENV_BIN.parent)
    pip = [str(VENV_BIN / "python"), "-m", "pip", "install", "--require-hashes"]
    run_step("uv", [*pip, "-r", "requirements/uv.txt"], env)


def npm_ci(label: str, folder: str, env: dict[str, str]) -> None:
    """Install exactly what a folder's lock file says; no package runs anything of its own."""
    flags = ["--no-audit", "--no-fund", "--ignore-scripts"]
    run_step(label, [str(VENV_BIN / "npm"), "ci", "--prefix", folder, *flags], env)


def new_venv(path: os.PathLike[str], *options: str) -> None:
    """Create a virtual environment, over the rest of one that was left half made."""
    shutil.rmtree(path, ignore_errors=True)
    run_step(
        f"virtual environment {os.path.relpath(path, ROOT)}",
        [sys.executable, "-m", "venv", *options, str(path)],
    )


def sync(label: str, python: os.PathLike[str], requirements: str, env: dict[str, str]) -> None:
    """Make an environment hold exactly the pinned packages, each checked by its hash."""
    command = [str(VENV_BIN / "uv"), "pip", "sync", "--require-hashes", "--python", str(python)]
    run_step(label, [*command, f"requirements/{requirements}"], env)


if __name__ == "__main__":
    exit_with_reason(main)
