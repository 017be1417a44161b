"""Centres, extents and main time zones of groups of places, for the gazetteer's build. Pure."""

from collections import Counter
from collections.abc import Iterable
from math import asin, atan2, cos, degrees, hypot, radians, sin

from services.extractor.core.place_names import Place, distance_km


def centre_of(places: Iterable[Place]) -> tuple[float, float] | None:
    """Mean of points on the sphere, in degrees (so that the date line does no harm)."""
    x = y = z = 0.0
    for place in places:
        if place.lat is not None and place.lon is not None:
            lat, lon = radians(place.lat), radians(place.lon)
            x, y, z = x + cos(lat) * cos(lon), y + cos(lat) * sin(lon), z + sin(lat)
    length = hypot(x, y, z)
    if length == 0.0:
        return None
    return round(degrees(asin(z / length)), 3), round(degrees(atan2(y, x)), 3)


def spread_km(centre: Place, members: list[Place]) -> float | None:
    """Distance within which nine tenths of the members lie."""
    distances = sorted(d for d in (distance_km(centre, m) for m in members) if d is not None)
    return round(distances[int(0.9 * (len(distances) - 1))], 1) if distances else None


def main_zone(places: Iterable[Place]) -> str | None:
    people: Counter[str] = Counter()
    for place in places:
        if place.timezone:
            people[place.timezone] += place.population + 1
    return min(people, key=lambda zone: (-people[zone], zone)) if people else None
