"""What the twins have in common: what storing a model loses, and pages."""

from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic import BaseModel

from microintern.ports.paging import Page, Position

M = TypeVar("M", bound=BaseModel)


def kept(model: M) -> M:
    """The model as it comes back from being stored: what JSON cannot hold is lost here too."""
    return type(model).model_validate_json(model.model_dump_json())


def paged(
    rows: Iterable[tuple[Position, Any]], limit: int, after: Position | None, *, newest_first: bool = False
) -> Page:
    ordered = sorted(rows, key=lambda row: (row[0].sort, row[0].item), reverse=newest_first)
    if after:
        start = (after.sort, after.item)
        places = [(place.sort, place.item) for place, _ in ordered]
        ordered = [row for row, at in zip(ordered, places, strict=True) if (at < start if newest_first else at > start)]
    shown = ordered[:limit]
    return Page(items=[item for _, item in shown], next=shown[-1][0] if len(ordered) > limit else None)
