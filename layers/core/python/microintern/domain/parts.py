"""How a large file is cut into the parts that it is uploaded in."""

from collections.abc import Iterable
from math import ceil

from microintern.domain.base import Frozen
from microintern.domain.policy import Policy

MEBIBYTE = 1_048_576
MOST_PARTS = 1_000
"""S3 allows ten times as many; these are listed in one answer."""


class PartPlan(Frozen):
    """A file in parts: numbered from 1, all of the same size but the last."""

    size_bytes: int
    part_bytes: int

    @property
    def count(self) -> int:
        """How many parts there are."""
        return ceil(self.size_bytes / self.part_bytes)

    def size_of(self, number: int) -> int:
        """How many bytes a part has."""
        return min(self.part_bytes, self.size_bytes - (number - 1) * self.part_bytes)

    def missing(self, sizes: dict[int, int]) -> list[int]:
        """The parts that are not there in their full size, given the sizes of those that are."""
        return [number for number in range(1, self.count + 1) if sizes.get(number) != self.size_of(number)]

    def unknown(self, numbers: Iterable[int]) -> int | None:
        """The first number that is not one of a part."""
        return next((number for number in numbers if not 1 <= number <= self.count), None)


def part_bytes_of(size_bytes: int, policy: Policy) -> int | None:
    """The size of a file's parts; None for one that is small enough to be sent as a whole."""
    if size_bytes <= policy.multipart_above_bytes:
        return None
    least = ceil(size_bytes / MOST_PARTS / MEBIBYTE) * MEBIBYTE
    return max(policy.part_bytes, least)
