"""What is uploaded runs where it is uploaded to, and is the same every time."""

import subprocess
import zlib
from collections.abc import Callable
from functools import partial
from importlib.util import MAGIC_NUMBER, cache_from_source
from pathlib import Path

import pytest
from aws_cdk import App, Stack
from aws_cdk.assertions import Annotations, Match
from aws_cdk.aws_lambda import Code

from infra import bundling
from infra.app import say_what_is_slower
from infra.config import stage_from


def installed(platform: bundling.Platform) -> Path:
    """The folder of the layer for a platform."""
    bundling.third_party(platform, "layer")
    return bundling.layer_folder(platform, "layer")


def test_wheels_are_for_lambdas_processor_and_python() -> None:
    compiled = {path.name for path in installed(bundling.LAMBDA).rglob("*.so")}
    assert compiled
    assert all(".cpython-313-aarch64-linux-gnu" in name for name in compiled)


def test_the_local_interpreter_can_import_its_layer() -> None:
    layer = installed(bundling.local_platform()) / "python"
    python = bundling.LOCAL_PYTHON / "bin" / "python"
    script = "import aws_lambda_powertools, pydantic, tzdata; pydantic.TypeAdapter(int).validate_python(1)"
    env = {"PYTHONPATH": str(layer), "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run([str(python), "-c", script], env=env, check=True, timeout=60)


def test_stripes_package_is_a_layer_of_its_own() -> None:
    bundling.third_party(bundling.LAMBDA, "stripe")
    stripe = bundling.layer_folder(bundling.LAMBDA, "stripe") / "python"
    assert (stripe / "stripe").is_dir()
    common = {path.name for path in (installed(bundling.LAMBDA) / "python").iterdir()}
    assert "stripe" not in common
    compiled = [path.name for path in stripe.rglob("*.so")]
    assert all(".cpython-313-aarch64-linux-gnu" in name or ".abi3" in name for name in compiled)


def test_what_draws_previews_is_a_layer_of_its_own_for_lambdas_processor() -> None:
    bundling.third_party(bundling.LAMBDA, "previews")
    previews = bundling.layer_folder(bundling.LAMBDA, "previews") / "python"
    compiled = [path.name for path in previews.rglob("*.so")]
    assert any(name.startswith("_imaging.") for name in compiled)
    assert {name for name in compiled if "cpython-" in name and "cpython-313-aarch64" not in name} == set()
    (pdfium,) = previews.rglob("libpdfium.so")
    assert pdfium.read_bytes()[18:20] == b"\xb7\x00", "ELF for AArch64"
    assert b"v8::Isolate" not in pdfium.read_bytes(), "it cannot run scripts"


def test_what_credentials_take_is_a_layer_of_its_own_for_lambdas_processor_and_small() -> None:
    bundling.third_party(bundling.LAMBDA, "credentials")
    layer = bundling.layer_folder(bundling.LAMBDA, "credentials") / "python"
    assert {"pyld", "lxml", "PIL"} <= {path.name for path in layer.iterdir()}
    compiled = [path.name for path in layer.rglob("*.so")]
    assert {name for name in compiled if "cpython-" in name and "cpython-313-aarch64" not in name} == set()
    files = [path for path in layer.rglob("*") if path.is_file()]
    assert sum(len(zlib.compress(path.read_bytes())) for path in files) < 15 * 1_048_576


def test_what_prints_is_a_layer_of_its_own_that_fits_into_a_function_with_the_others() -> None:
    names = ("printing", "layer")
    for name in names:
        bundling.third_party(bundling.LAMBDA, name)
    printing, core = (bundling.layer_folder(bundling.LAMBDA, name) / "python" for name in names)
    assert {"fpdf", "uharfbuzz", "weblate_fonts", "fontTools"} <= {path.name for path in printing.iterdir()}
    compiled = [path.name for path in printing.rglob("*.so")]
    assert {name for name in compiled if "cpython-" in name and "cpython-313-aarch64" not in name} == set()
    sizes = [path.stat().st_size for layer in (printing, core) for path in layer.rglob("*") if path.is_file()]
    assert sum(sizes) < 200 * 1_048_576, "Lambda takes 250 MiB, unpacked, all layers together"


def test_layers_hold_nothing_of_this_machine() -> None:
    layer = installed(bundling.LAMBDA)
    names = {path.name for path in layer.rglob("*")}
    assert names.isdisjoint({"bin", ".lock"})
    assert [path.name for path in layer.iterdir()] == ["python"]
    home = str(bundling.ROOT).encode()
    assert not [path for path in layer.rglob("*") if path.is_file() and home in path.read_bytes()]


UNCHECKED = 1
"""In the second word of a compiled module: it is named by its source's hash, which nobody compares (PEP 552)."""


def test_what_is_imported_was_compiled_for_the_python_that_reads_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.bundling.CACHE", tmp_path / "cache")
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(tmp_path / "elsewhere"))
    bundling.own_layer(bundling.local_platform(), "layers/core")
    (layer,) = (tmp_path / "cache").iterdir()
    modules = list(layer.rglob("*.py"))
    assert modules
    for module in modules:
        compiled = Path(cache_from_source(str(module)))
        assert compiled.read_bytes()[:8] == MAGIC_NUMBER + UNCHECKED.to_bytes(4, "little")
    assert str(tmp_path).encode() not in compiled.read_bytes()


def test_without_that_python_a_layer_goes_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_bytecode = bundling.layer_folder(bundling.local_platform(), "layer")
    monkeypatch.setattr("infra.bundling.CACHE", tmp_path)
    monkeypatch.setattr("infra.bundling.compiler", lambda _: None)
    bundling.own_layer(bundling.local_platform(), "layers/core")
    (layer,) = tmp_path.iterdir()
    assert (layer / "python" / "microintern" / "settings.py").exists()
    assert list(layer.rglob("*.pyc")) == []
    assert bundling.layer_folder(bundling.local_platform(), "layer").name != with_bytecode.name


@pytest.mark.parametrize(("python", "told"), [(None, 1), ("/usr/bin/python3.13", 0)])
def test_whoever_deploys_is_told_what_is_slower(python: str | None, told: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.app.bundling.compiler", lambda _: python)
    stack = Stack(App(), "Probe")
    say_what_is_slower(stack, stage_from({"stage": "dev"}.get))
    assert len(Annotations.from_stack(stack).find_info("*", Match.string_like_regexp("without bytecode"))) == told


def test_an_interpreter_that_does_not_run_compiles_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "python3.13"
    broken.write_text("#!/bin/sh\nexit 127\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert bundling.compiler.__wrapped__(bundling.LAMBDA) is None


def test_a_second_synthesis_installs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(bundling.LAMBDA)
    monkeypatch.setattr("infra.bundling.subprocess.run", lambda *_, **__: pytest.fail("uv was called"))
    installed(bundling.LAMBDA)


def test_other_pins_are_another_layer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = bundling.layer_folder(bundling.LAMBDA, "layer")
    pins = tmp_path / "layer.txt"
    pins.write_bytes((bundling.REQUIREMENTS / "layer.txt").read_bytes() + b"# changed\n")
    monkeypatch.setattr("infra.bundling.REQUIREMENTS", tmp_path)
    assert bundling.layer_folder(bundling.LAMBDA, "layer") != before


def test_a_failed_installation_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pins = tmp_path / "layer.txt"
    pins.write_text("no-such-package==0 --hash=sha256:" + "0" * 64 + "\n")
    monkeypatch.setattr("infra.bundling.REQUIREMENTS", tmp_path)
    monkeypatch.setattr("infra.bundling.CACHE", tmp_path / "cache")
    monkeypatch.setenv("UV_OFFLINE", "1")
    with pytest.raises(subprocess.CalledProcessError):
        bundling.third_party(bundling.LAMBDA, "layer")
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.parametrize("of", [bundling.source, partial(bundling.own_layer, bundling.LAMBDA)])
def test_what_python_leaves_behind_does_not_change_an_asset(
    of: Callable[[str], Code], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.bundling.ROOT", tmp_path)
    monkeypatch.setattr("infra.bundling.CACHE", tmp_path / "cache")

    def hash_of_assets() -> str:
        stack = Stack(App(), "Probe")
        of("code").bind(stack)
        (asset,) = (child for child in stack.node.children if hasattr(child, "asset_hash"))
        return str(asset.asset_hash)

    code = tmp_path / "code" / "python"
    code.mkdir(parents=True)
    (code / "handler.py").write_text("")
    before = hash_of_assets()
    (code / "__pycache__").mkdir()
    (code / "__pycache__" / "handler.cpython-313.pyc").write_bytes(b"\0")
    assert hash_of_assets() == before
    (code / "handler.py").write_text("handler = None\n")
    assert hash_of_assets() != before
