"""Reads the marked events: compact rows of JSON, made into typed events."""

from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Final, Literal, get_args

from pydantic import Field, JsonValue

from shared.events import CLASS_OF
from shared.events.base import (
    BaseEvent,
    Evidence,
    Occurred,
    Participant,
    Place,
    PlaceRole,
    Precision,
    Qualifier,
    Quantity,
    Source,
    Status,
    event_id,
)
from shared.model import Model
from shared.reports import RawReport, Report

FOLDER: Final = Path(__file__).parent
YEAR: Final = 2031
QUALIFIERS: Final[dict[str, Qualifier]] = {">=": "at_least", "~": "about", "=": "exact"}
"""In the order in which they are looked for."""

Half = Literal["tuning", "held_out"]


class Spot(Model):
    country: str | None = None
    lat: float | None = None
    lon: float | None = None
    geonames_id: int | None = None
    radius_km: float | None = None


class Row(Model):
    """One event: incident, kind, outlet, reported at, when with precision, places, agents, targets, counts, sources,
    quote, status, and typed fields of the kind."""

    i: str
    k: str
    o: str
    r: str
    w: str | None = None
    p: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    on: tuple[str, ...] = ()
    n: tuple[str, ...] = ()
    s: tuple[str, ...] = ()
    q: str
    t: Status = "occurred"
    x: dict[str, JsonValue] = Field(default_factory=dict)


class Cluster(Model):
    """Events of one crisis. `half` says whether the rules may be tuned on it."""

    half: Half
    about: str
    offset: str
    places: dict[str, Spot]
    actors: dict[str, str | None]
    rows: tuple[Row, ...]

    @cached_property
    def told(self) -> tuple[tuple[str, BaseEvent], ...]:
        """Each event with the incident that it tells of."""
        return tuple((row.i, self._event(row)) for row in self.rows)

    def _instant(self, text: str) -> datetime:
        return datetime.fromisoformat(f"{YEAR}-{text.replace(' ', 'T')}{self.offset}")

    def _event(self, row: Row) -> BaseEvent:
        reported_at = self._instant(row.r)
        report = RawReport.of(Report(outlet=row.o, body=row.q, published_at=reported_at), reported_at)
        evidence = (Evidence(start=0, end=len(row.q), quote=row.q),)
        occurred = None
        if row.w is not None:
            when, _, precision = row.w.rpartition(" ")
            known: tuple[Precision, ...] = get_args(Precision)
            occurred = Occurred(start=self._instant(when), precision=known[known.index(precision)])
        people = [self._who("agent", name) for name in row.by] + [self._who("target", name) for name in row.on]
        return CLASS_OF[row.k].of_slots(
            id=event_id(report.id, "reference", row.k, evidence),
            report_id=report.id,
            outlet=row.o,
            reported_at=reported_at,
            coder_version="reference",
            status=row.t,
            occurred=occurred,
            places=tuple(self._place(text) for text in row.p),
            participants=tuple(people),
            quantities=tuple(_quantity(text) for text in row.n),
            sources=tuple(Source(name=name) for name in row.s),
            evidence=evidence,
            confidence=0.9,
            **row.x,
        )

    def _who(self, role: Literal["agent", "target"], name: str) -> Participant:
        return Participant(role=role, name=name, country=self.actors.get(name))

    def _place(self, text: str) -> Place:
        """`Name`, `relation:Name`, `role:Name` or `relation:Name:role`."""
        roles = get_args(PlaceRole)
        first, _, rest = text.rpartition(":") if text.count(":") < 2 else (text.partition(":")[0], "", "")
        relation, role, name = "in", "location", rest
        if text.count(":") == 2:
            relation, name, role = text.split(":")
        elif first in roles:
            role = first
        elif first:
            relation = first
        spot = self.places[name]
        return Place.model_validate({"name": name, "relation": relation, "role": role, **spot.model_dump()})


def _quantity(text: str) -> Quantity:
    sign = next(s for s in QUALIFIERS if s in text)
    measure, _, number = text.partition(sign)
    most = None if sign == ">=" else int(number)
    return Quantity.model_validate({"measure": measure, "min": int(number), "max": most, "qualifier": QUALIFIERS[sign]})


def load() -> dict[str, Cluster]:
    """Every file of this folder, by its name."""
    return {path.stem: Cluster.model_validate_json(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}
