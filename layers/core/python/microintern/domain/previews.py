"""What can be shown of a file without handing it out: pictures that were drawn anew, or the beginning of a text."""

from typing import Annotated, Literal

from pydantic import Field

from microintern.domain.base import Frozen

PartName = Annotated[str, Field(pattern=r"^(page-\d{1,2}\.webp|text\.txt)$")]


class Part(Frozen):
    """One picture, or a text."""

    name: PartName
    media_type: Literal["image/webp", "text/plain; charset=utf-8"]
    width_px: int | None = None
    height_px: int | None = None


class Preview(Frozen):
    """The preview of one version of a file. Without parts, `reason` says why there is none."""

    parts: list[Part] = []
    pages: int | None = None
    """How many pages the document has; the first few are shown."""
    cut: bool = False
    """Whether there is more in the file than is shown."""
    reason: str | None = None


def none_because(reason: str) -> Preview:
    """No preview."""
    return Preview(reason=reason)
