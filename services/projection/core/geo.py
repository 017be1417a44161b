"""Circles on the earth; incidents as GeoJSON (RFC 7946): points of known places, lines from origin to destination."""

import math
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import Field

from services.projection.core.incidents import Incident
from services.projection.core.timeline import count_range
from shared.events.base import BaseEvent, Place
from shared.model import Instant, Model

Lon = float
Lat = float


EARTH_KM: Final = 6_371.0088
"""Mean radius (IUGG). As a sphere the earth is up to 0.5 % off, less than any place's own radius."""


@dataclass(frozen=True, slots=True)
class Circle:
    """All points within `radius_km` of a point (degrees, WGS 84), along the surface of a sphere."""

    lat: float
    lon: float
    radius_km: float

    @property
    def sin_lat(self) -> float:
        return math.sin(math.radians(self.lat))

    @property
    def cos_lat(self) -> float:
        return math.cos(math.radians(self.lat))

    @property
    def lon_radians(self) -> float:
        return math.radians(self.lon)

    @property
    def cos_angle(self) -> float:
        """The cosine of the radius as an angle: a point is within where the cosine of its angle is no less."""
        return math.cos(min(self.radius_km / EARTH_KM, math.pi))

    def boxes(self) -> tuple[tuple[float, float, float, float], ...]:
        """West, south, east, north of one or two boxes around it: two where it lies over the 180th meridian."""
        reach = math.degrees(self.radius_km / EARTH_KM)
        south, north = max(self.lat - reach, -90.0), min(self.lat + reach, 90.0)
        if self.lat - reach <= -90 or self.lat + reach >= 90:
            return ((-180.0, south, 180.0, north),)
        width = math.degrees(math.asin(min(math.sin(math.radians(reach)) / self.cos_lat, 1.0)))
        west, east = self.lon - width, self.lon + width
        if west < -180:
            return ((-180.0, south, east, north), (west + 360, south, 180.0, north))
        if east > 180:
            return ((west, south, 180.0, north), (-180.0, south, east - 360, north))
        return ((west, south, east, north),)


class Point(Model):
    type: Literal["Point"] = "Point"
    coordinates: tuple[Lon, Lat]


class Line(Model):
    type: Literal["LineString"] = "LineString"
    coordinates: tuple[tuple[Lon, Lat], tuple[Lon, Lat]]


class Marks(Model):
    """What a map draws. `radius_km` is how far from the point it may have been: an area, no pin."""

    incident_id: str
    kind: str
    place: str
    role: str
    relation: str
    country: str | None = None
    radius_km: float | None = None
    inferred: bool
    earliest: Instant
    latest: Instant
    dated: bool
    first_reported_at: Instant
    statuses: tuple[str, ...]
    agents: tuple[str, ...]
    counts: tuple[str, ...]
    contested: bool
    corroborated: int
    claims: int


class Feature(Model):
    type: Literal["Feature"] = "Feature"
    id: str = Field(description="Incident id, and which of its marks.")
    geometry: Point | Line
    properties: Marks


def _at(place: Place) -> tuple[Lon, Lat] | None:
    return None if place.lon is None or place.lat is None else (place.lon, place.lat)


def features(incident: Incident) -> tuple[Feature, ...]:
    """The marks of an incident; none where the gazetteer knows no place of it."""
    made: list[Feature] = []

    def mark(geometry: Point | Line, place: Place, role: str) -> None:
        made.append(
            Feature(
                id=f"{incident.id}/{len(made)}",
                geometry=geometry,
                properties=Marks(
                    incident_id=incident.id,
                    kind=incident.kind,
                    place=place.name,
                    role=role,
                    relation=place.relation,
                    country=place.country,
                    radius_km=place.radius_km,
                    inferred=place.inferred,
                    earliest=incident.earliest,
                    latest=incident.latest,
                    dated=incident.dated,
                    first_reported_at=incident.first_reported_at,
                    statuses=incident.statuses,
                    agents=tuple(dict.fromkeys(p.name for p in incident.participants if p.role == "agent")),
                    counts=tuple(count_range(c) for c in incident.counts),
                    contested=incident.contested,
                    corroborated=incident.corroborated,
                    claims=len(incident.claims),
                ),
            )
        )

    for place in incident.places:
        at = _at(place)
        if at is not None:
            mark(Point(coordinates=at), place, place.role)
    origins = [p for p in incident.places if p.role == "origin" and _at(p)]
    for destination in (p for p in incident.places if p.role == "destination"):
        for origin in origins:
            start, end = _at(origin), _at(destination)
            if start is not None and end is not None and start != end:
                mark(Line(coordinates=(start, end)), destination, "route")
    return tuple(made)


class EventMarks(Model):
    """What a map draws of one event at one place."""

    event_id: str
    kind: str
    status: str
    place: str
    role: str
    relation: str
    country: str | None = None
    radius_km: float | None = None
    inferred: bool
    outlet: str
    reported_at: Instant
    confidence: float
    quote: str


class EventFeature(Model):
    type: Literal["Feature"] = "Feature"
    id: str = Field(description="Event id, and which of its places.")
    geometry: Point
    properties: EventMarks


def event_features(event: BaseEvent) -> tuple[EventFeature, ...]:
    """A point for each place of the event that the gazetteer knows."""
    return tuple(
        EventFeature(
            id=f"{event.id}/{number}",
            geometry=Point(coordinates=at),
            properties=EventMarks(
                event_id=event.id,
                kind=event.kind,
                status=event.status,
                place=place.name,
                role=place.role,
                relation=place.relation,
                country=place.country,
                radius_km=place.radius_km,
                inferred=place.inferred,
                outlet=event.outlet,
                reported_at=event.reported_at,
                confidence=event.confidence,
                quote=event.evidence[0].quote,
            ),
        )
        for number, place in enumerate(event.places)
        if (at := _at(place)) is not None
    )
