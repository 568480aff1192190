"""The pictures of docs/performance.md: how routes grow, and where the cost of a brief goes."""

from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import pyplot as plt

mpl.use("svg")
mpl.rcParams["svg.hashsalt"] = "microintern"  # the same figures give the same file


def draw(results: dict[str, Any], folder: Path) -> None:
    """Write `growth.svg` and `cost.svg`."""
    _growth(results["growth"], folder / "growth.svg")
    _cost(results["usd_per_1000_briefs"], folder / "cost.svg")


def _growth(table: dict[str, dict[str, dict[str, float]]], path: Path) -> None:
    figure, axes = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    for axis, unit in zip(axes, ("read", "write"), strict=True):
        for route, rows in table.items():
            sizes = sorted(rows, key=int)
            axis.plot(list(map(int, sizes)), [rows[size][unit] for size in sizes], marker="o", label=route)
        axis.set(xscale="log", xlabel="open briefs", ylabel=f"{unit} units a call", ylim=(0, None))
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3, fontsize="small")
    _save(figure, path)


def _cost(priced: dict[str, float], path: Path) -> None:
    parts = sorted(((usd, name) for name, usd in priced.items() if name not in ("together", "scan")), reverse=True)
    figure, axis = plt.subplots(figsize=(8, 4), layout="constrained")
    bars = axis.barh([name.replace("_", " ") for _, name in parts], [usd for usd, _ in parts])
    axis.bar_label(bars, fmt="%.3f", padding=3)
    axis.invert_yaxis()
    axis.set(xlabel="USD per 1,000 briefs", xlim=(0, parts[0][0] * 1.15))
    _save(figure, path)


def _save(figure: Any, path: Path) -> None:
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
