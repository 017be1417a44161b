"""The console's coarse map as it is built: numbers that the page draws without looking at them."""

import itertools
from array import array
from typing import Final

from tests.e2e.console_house import ROOT

BUILT: Final = ROOT / "services" / "projection" / "console" / "assets"
WORLD: Final = 65_535
"""In the file's units; see `console/src/map/packed.ts`."""


def test_no_coast_or_border_runs_across_the_map() -> None:
    """Where land lies over the 180th meridian it is cut there."""
    (file,) = BUILT.glob("ground-*.bin")
    data = file.read_bytes()
    head = array("I", data[: 9 * 4])
    at, lines = 9 * 4, 0
    for layer in range(3):
        point_count, ring_count, shape_count = head[layer * 3 : layer * 3 + 3]
        rings = array("I", data[at : at + 4 * ring_count])
        at += 4 * (ring_count + shape_count)
        points = array("H", data[at : at + 2 * point_count])
        at += 2 * point_count
        for start, end in itertools.pairwise(rings):
            across = points[2 * start : 2 * end : 2]
            steps = [abs(x - before) for before, x in itertools.pairwise(across)]
            lines += 1
            # Round the pole it runs along the edge of the map, where nobody looks.
            low = min(points[2 * start + 1 : 2 * end : 2], default=0) > WORLD * 0.7
            assert low or max(steps, default=0) < WORLD / 2
    assert at == len(data)
    assert lines > 1_000
