"""Incidents as GeoJSON (RFC 7946): a point where a place is known, a line from origin to destination."""

from typing import Literal

from pydantic import Field

from services.projection.core.incidents import Incident
from services.projection.core.timeline import count_range
from shared.events.base import Place
from shared.model import Instant, Model

Lon = float
Lat = float


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
