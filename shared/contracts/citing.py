"""Builds example events that cite an example report: every span is found in the body, never typed by hand."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple, TypeVar

from shared.events.base import (
    BaseEvent,
    Evidence,
    Measure,
    Occurred,
    Participant,
    ParticipantRole,
    Place,
    PlaceRelation,
    PlaceRole,
    Precision,
    Qualifier,
    Quantity,
    Source,
    Span,
    Stance,
    Status,
    event_id,
)
from shared.model import Model
from shared.reports import RawReport, Report

CODER_VERSION: Final = "example-1"
E = TypeVar("E", bound=BaseEvent)


class Case(NamedTuple):
    """An example: its file name without `.json`, and its value."""

    name: str
    payload: Model


class Known(NamedTuple):
    """A place as GeoNames has it: id, WGS 84 degrees, country."""

    geonames_id: int
    lat: float
    lon: float
    country: str


PLACES: Final = {
    "Gori": Known(614455, 41.98532, 44.1129, "GE"),
    "Kareli": Known(7669163, 42.0215, 43.89553, "GE"),
    "Ts’khinvali": Known(611403, 42.22764, 43.96861, "GE"),
    "Java": Known(614217, 42.38991, 43.92421, "GE"),
    "Poti": Known(612366, 42.14272, 41.67384, "GE"),
    "Senaki": Known(612053, 42.27077, 42.06334, "GE"),
    "Tbilisi": Known(611717, 41.69143, 44.83412, "GE"),
    "Zugdidi": Known(610824, 42.5084, 41.86796, "GE"),
    "Vladikavkaz": Known(473249, 43.04101, 44.66986, "RU"),
    "Moscow": Known(524901, 55.75204, 37.61781, "RU"),
    "Geneva": Known(2660646, 46.20222, 6.14569, "CH"),
    "New York City": Known(5128581, 40.71427, -74.00597, "US"),
}
"""GeoNames, CC BY 4.0."""


def raw(received_at: str, **fields: Any) -> RawReport:
    """An example report; times are RFC 3339 text."""
    fields["published_at"] = datetime.fromisoformat(fields["published_at"])
    return RawReport.of(Report(**fields), datetime.fromisoformat(received_at))


@dataclass(frozen=True)
class Citing:
    """Slots and events that cite `report`. Every `text` must occur in its body; the first occurrence is meant."""

    report: RawReport

    def span(self, text: str) -> Span:
        start = self.report.body.index(text)
        return Span(start=start, end=start + len(text))

    def _mention(self, text: str | None) -> dict[str, Any]:
        return {} if text is None else {"text": text, "span": self.span(text)}

    def place(
        self, text: str, name: str | None = None, relation: PlaceRelation = "in", role: PlaceRole = "location"
    ) -> Place:
        name = name or text
        known = PLACES.get(name)
        where = known._asdict() if known else {}
        return Place(name=name, relation=relation, role=role, **where, **self._mention(text))

    def country(
        self, text: str, name: str, code: str, role: PlaceRole = "location", relation: PlaceRelation = "in"
    ) -> Place:
        return Place(name=name, country=code, role=role, relation=relation, **self._mention(text))

    def who(
        self,
        role: ParticipantRole,
        text: str | None,
        name: str,
        kind: str,
        country: str | None = None,
    ) -> Participant:
        return Participant(
            role=role, name=name, kind=kind, country=country, inferred=text is None, **self._mention(text)
        )

    def count(
        self,
        measure: Measure,
        text: str,
        low: int | None,
        high: int | None,
        qualifier: Qualifier = "exact",
        of: str | None = None,
    ) -> Quantity:
        return Quantity(measure=measure, min=low, max=high, qualifier=qualifier, of=of, **self._mention(text))

    def source(
        self, text: str, name: str, country: str | None = None, stance: Stance = "asserts", via: str | None = None
    ) -> Source:
        return Source(name=name, stance=stance, via=via, country=country, **self._mention(text))

    def when(self, text: str | None, start: str, end: str | None, precision: Precision) -> Occurred:
        return Occurred(
            start=datetime.fromisoformat(start),
            end=datetime.fromisoformat(end) if end else None,
            precision=precision,
            inferred=text is None,
            **self._mention(text),
        )

    def event(
        self,
        cls: type[E],
        *evidence: str,
        status: Status = "occurred",
        confidence: float = 0.9,
        reasons: tuple[str, ...] = (),
        **slots: Any,
    ) -> E:
        spans = tuple(
            Evidence(start=span.start, end=span.end, quote=text) for text in evidence for span in (self.span(text),)
        )
        kind: str = cls.model_fields["kind"].default
        return cls.of_slots(
            id=event_id(self.report.id, CODER_VERSION, kind, spans),
            report_id=self.report.id,
            report_ref=self.report.external_id,
            outlet=self.report.outlet,
            reported_at=self.report.published_at,
            coder_version=CODER_VERSION,
            status=status,
            evidence=spans,
            confidence=confidence,
            confidence_reasons=reasons,
            **slots,
        )
