"""The map in cells: Web Mercator (EPSG:3857) in whole numbers, so that a cell of any zoom is a shift of two numbers."""

import math
from typing import Final

from services.projection.core.geo import Lat, Lon
from services.projection.core.incidents import Incident

WORLD_BITS: Final = 26
"""The world is 2^26 wide and high: 0.6 m at the equator, finer than any place is known."""
WORLD: Final = 1 << WORLD_BITS
CELLS_BITS: Final = 2
"""A tile of 256 pixels holds 4 by 4 cells: 64 pixels, about what a mark and its name take."""
LAT_MAX: Final = 85.0
"""Where consoles and tile servers cut the world off."""
ZOOM_MAX: Final = 16


def world_x(lon: Lon) -> int:
    return min(WORLD - 1, max(0, math.floor((lon + 180) / 360 * WORLD)))


def world_y(lat: Lat) -> int:
    """From north to south."""
    sine = math.sin(math.radians(max(-LAT_MAX, min(LAT_MAX, lat))))
    return min(WORLD - 1, max(0, math.floor((0.5 - math.log((1 + sine) / (1 - sine)) / (4 * math.pi)) * WORLD)))


def lon_of(x: float) -> Lon:
    return x / WORLD * 360 - 180


def lat_of(y: float) -> Lat:
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y / WORLD))))


def shift(zoom: int) -> int:
    """By how many bits `world_x` and `world_y` are shifted to the right for the cells of a zoom (0: the whole world
    in one tile of 256 pixels)."""
    return WORLD_BITS - CELLS_BITS - zoom


def spot(incident: Incident) -> tuple[tuple[int, int] | None, tuple[int, int] | None]:
    """Where an incident is counted, its first place told that is known (a destination last), and where it leads."""
    known = [p for p in incident.places if p.lat is not None and p.lon is not None]
    here = [p for p in known if p.role != "destination"] or known
    if not here:
        return None, None

    def at(lat: float | None, lon: float | None) -> tuple[int, int]:
        assert lat is not None
        assert lon is not None
        return world_x(lon), world_y(lat)

    start = at(here[0].lat, here[0].lon)
    origins = {at(p.lat, p.lon) for p in known if p.role == "origin"}
    ends = [at(p.lat, p.lon) for p in known if p.role == "destination"]
    leads = [end for end in ends if start in origins and end != start]
    return start, (leads[0] if leads else None)
