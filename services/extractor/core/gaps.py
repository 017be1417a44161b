"""Which raw offsets have neither receipt nor dead letter: arithmetic of whole numbers. Pure."""

from bisect import bisect_right
from collections.abc import Mapping
from typing import NamedTuple


class Gap(NamedTuple):
    """Offsets `begin` (inclusive) to `end` (exclusive) of a partition of `reports.raw.v1`."""

    partition: int
    begin: int
    end: int

    @property
    def reports(self) -> int:
        return self.end - self.begin


class Offsets:
    """A set of offsets, kept as the ranges that they form, because nearly all of them are neighbours."""

    def __init__(self) -> None:
        self._begins: list[int] = []
        self._ends: list[int] = []

    def add(self, begin: int, end: int | None = None) -> None:
        """Add one offset, or all from `begin` to `end` (exclusive)."""
        end = begin + 1 if end is None else end
        if end <= begin:
            return
        first = bisect_right(self._ends, begin - 1)  # the first range that touches or follows
        last = bisect_right(self._begins, end)  # one past the last range that touches
        if first < last:
            begin, end = min(begin, self._begins[first]), max(end, self._ends[last - 1])
        self._begins[first:last] = [begin]
        self._ends[first:last] = [end]

    def missing(self, begin: int, end: int) -> tuple[tuple[int, int], ...]:
        """The ranges from `begin` to `end` (exclusive) that are not in the set."""
        found: list[tuple[int, int]] = []
        for range_begin, range_end in zip(self._begins, self._ends, strict=True):
            if range_end <= begin:
                continue
            if range_begin >= end:
                break
            if range_begin > begin:
                found.append((begin, range_begin))
            begin = range_end
        if begin < end:
            found.append((begin, end))
        return tuple(found)

    def ranges(self) -> tuple[tuple[int, int], ...]:
        return tuple(zip(self._begins, self._ends, strict=True))


def find_gaps(settled: Mapping[int, Offsets], bounds: Mapping[int, tuple[int, int]]) -> tuple[Gap, ...]:
    """The gaps within the bounds (begin inclusive, end exclusive) of each partition, ascending."""
    return tuple(
        Gap(partition, *gap)
        for partition, (begin, end) in sorted(bounds.items())
        for gap in settled.get(partition, Offsets()).missing(begin, end)
    )
