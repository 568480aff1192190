"""A part of a list, and where it goes on."""

from typing import Any

from microintern.domain.base import Frozen


class Position(Frozen):
    """Where a list was left: the sort key and the id of the last item seen. Says nothing of whose list it is."""

    sort: str
    item: str


class Page(Frozen):
    """Part of a list, and where to go on."""

    items: list[Any]
    next: Position | None = None
