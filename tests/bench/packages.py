"""How large what is deployed is: each function's folder and each layer, zipped and unpacked."""

import io
import zipfile
from pathlib import Path

from infra.bundling import ROOT, layer_folder, local_platform

LAYERS = ("layer", "stripe", "yara", "previews", "credentials", "printing")
"""Of third parties, by the name of their requirements."""


def package_bytes() -> dict[str, dict[str, int]]:
    """By function and layer: `zipped` and `unpacked`; of the layers those that were built for the local stack."""
    folders = {f"functions/{path.parent.name}": path.parent for path in sorted(ROOT.glob("functions/*/handler.py"))}
    folders["layers/core"] = ROOT / "layers" / "core"
    platform = local_platform()
    folders |= {f"layers/{name}": layer_folder(platform, name) for name in LAYERS}
    return {name: _sizes(folder) for name, folder in folders.items() if folder.exists()}


def _sizes(folder: Path) -> dict[str, int]:
    files = [path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            archive.write(path, path.relative_to(folder))
    return {"zipped": zipped.tell(), "unpacked": sum(path.stat().st_size for path in files)}
