"""Spreadsheets: flat rows of events and of the ledger, under a header and a row of HXL 1.1 tags."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, Literal, TypeVar

from services.projection.core.casualties import LedgerRow
from services.projection.core.incidents import Incident
from services.projection.core.times import instant, window
from shared.events.base import BaseEvent, Measure

T = TypeVar("T")
Cell = str | int | float | None
CellType = Literal["text", "time", "count", "number"]
"""What a typed file makes of a column: a time is told as RFC 3339, a count is a whole number."""

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
"""Spreadsheets run cells that begin so; report text is hostile input, so they get an apostrophe in front (OWASP)."""


@dataclass(frozen=True, slots=True)
class Column(Generic[T]):
    header: str
    hxl: str
    cell: Callable[[T], Cell]
    type: CellType = "text"


def _text(value: Cell) -> Cell:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def line(cells: Sequence[Cell]) -> str:
    """One line of CSV (RFC 4180)."""
    out = io.StringIO()
    csv.writer(out).writerow([_text(cell) for cell in cells])
    return out.getvalue()


def head(columns: Sequence[Column[T]]) -> str:
    """The header and the row of tags."""
    return line([c.header for c in columns]) + line([c.hxl for c in columns])


def row(columns: Sequence[Column[T]], of: T) -> str:
    return line([c.cell(of) for c in columns])


def _names(event: BaseEvent, role: str) -> str:
    return "; ".join(dict.fromkeys(p.name for p in event.participants if p.role == role))


def _place(event: BaseEvent, field: str) -> Cell:
    place = next(iter(event.places), None)
    found: Cell = getattr(place, field) if place else None
    return found


def _count(measure: Measure, end: str) -> Callable[[BaseEvent], Cell]:
    def cell(event: BaseEvent) -> Cell:
        found: Cell = next((getattr(q, end) for q in event.quantities if q.measure == measure), None)
        return found

    return cell


def _counts(*measures: Measure) -> tuple[Column[BaseEvent], ...]:
    return tuple(
        Column(f"{measure}_{end}", f"#affected+{measure}+{end}", _count(measure, end), "count")
        for measure in measures
        for end in ("min", "max")
    )


EVENT_COLUMNS: Final[tuple[Column[BaseEvent], ...]] = (
    Column("event_id", "#event+id", lambda e: e.id),
    Column("kind", "#event+type", lambda e: e.kind),
    Column("status", "#status+event", lambda e: e.status),
    Column("from", "#date+start", lambda e: instant(window(e).from_us).isoformat(), "time"),
    Column("until", "#date+end", lambda e: instant(window(e).until_us).isoformat(), "time"),
    Column("precision", "#meta+date+precision", lambda e: e.occurred.precision if e.occurred else None),
    Column("place", "#loc+name", lambda e: _place(e, "name")),
    Column("country", "#country+code+v_iso2", lambda e: _place(e, "country")),
    Column("lat", "#geo+lat", lambda e: _place(e, "lat"), "number"),
    Column("lon", "#geo+lon", lambda e: _place(e, "lon"), "number"),
    Column("radius_km", "#geo+radius+km", lambda e: _place(e, "radius_km"), "number"),
    Column("agents", "#org+agent+name+list", lambda e: _names(e, "agent")),
    Column("targets", "#org+target+name+list", lambda e: _names(e, "target")),
    *_counts("killed", "injured", "missing", "casualties", "captured", "displaced", "evacuated"),
    Column("sources", "#meta+source+list", lambda e: "; ".join(s.name for s in e.sources if s.stance != "denies")),
    Column("denied_by", "#meta+denial+list", lambda e: "; ".join(s.name for s in e.sources if s.stance == "denies")),
    Column("outlet", "#meta+outlet", lambda e: e.outlet),
    Column("reported_at", "#date+reported", lambda e: e.reported_at.isoformat(), "time"),
    Column("confidence", "#meta+confidence", lambda e: e.confidence, "number"),
    Column("report_id", "#meta+report+id", lambda e: e.report_id),
    Column("quote", "#description+quote", lambda e: e.evidence[0].quote),
)

LEDGER_COLUMNS: Final[tuple[Column[LedgerRow], ...]] = (
    Column("event_id", "#event+id", lambda r: r.event_id),
    Column("kind", "#event+type", lambda r: r.kind),
    Column("cumulative", "#meta+cumulative", lambda r: str(r.cumulative).lower()),
    Column("side", "#org+target+name+list", lambda r: "; ".join(r.side)),
    Column("countries", "#country+code+v_iso2+list", lambda r: "; ".join(r.countries)),
    Column("group", "#population+type", lambda r: r.group),
    Column("measure", "#affected+type", lambda r: r.measure),
    Column("min", "#affected+min", lambda r: r.min, "count"),
    Column("max", "#affected+max", lambda r: r.max, "count"),
    Column("qualifier", "#affected+qualifier", lambda r: r.qualifier),
    Column("of", "#affected+description", lambda r: r.of),
    Column("places", "#loc+name+list", lambda r: "; ".join(r.places)),
    Column("sources", "#meta+source+list", lambda r: "; ".join(r.sources)),
    Column("denied_by", "#meta+denial+list", lambda r: "; ".join(r.denied_by)),
    Column("outlet", "#meta+outlet", lambda r: r.outlet),
    Column("reported_at", "#date+reported", lambda r: r.reported_at.isoformat(), "time"),
    Column("quote", "#description+quote", lambda r: r.quote),
)


def _first_place(incident: Incident, field: str) -> Cell:
    place = next(iter(incident.places), None)
    found: Cell = getattr(place, field) if place else None
    return found


def _people(incident: Incident, role: str) -> str:
    return "; ".join(dict.fromkeys(p.name for p in incident.participants if p.role == role))


def _end(measure: Measure, end: str) -> Callable[[Incident], Cell]:
    def cell(incident: Incident) -> Cell:
        found: Cell = next((getattr(c, end) for c in incident.counts if c.measure == measure), None)
        return found

    return cell


def _ranges(*measures: Measure) -> tuple[Column[Incident], ...]:
    return tuple(
        Column(f"{measure}_{end}", f"#affected+{measure}+{tag}", _end(measure, end), "count")
        for measure in measures
        for end, tag in (("low", "min"), ("high", "max"))
    )


INCIDENT_COLUMNS: Final[tuple[Column[Incident], ...]] = (
    Column("incident_id", "#event+id", lambda i: i.id),
    Column("kind", "#event+type", lambda i: i.kind),
    Column("statuses", "#status+event+list", lambda i: "; ".join(i.statuses)),
    Column("earliest", "#date+start", lambda i: i.earliest.isoformat(), "time"),
    Column("latest", "#date+end", lambda i: i.latest.isoformat(), "time"),
    Column("dated", "#meta+date+told", lambda i: str(i.dated).lower()),
    Column("place", "#loc+name", lambda i: _first_place(i, "name")),
    Column("country", "#country+code+v_iso2", lambda i: _first_place(i, "country")),
    Column("lat", "#geo+lat", lambda i: _first_place(i, "lat"), "number"),
    Column("lon", "#geo+lon", lambda i: _first_place(i, "lon"), "number"),
    Column("radius_km", "#geo+radius+km", lambda i: _first_place(i, "radius_km"), "number"),
    Column("agents", "#org+agent+name+list", lambda i: _people(i, "agent")),
    Column("targets", "#org+target+name+list", lambda i: _people(i, "target")),
    *_ranges("killed", "injured", "missing", "casualties", "captured", "displaced", "evacuated"),
    Column("contested", "#status+contested", lambda i: str(i.contested).lower()),
    Column("corroborated", "#indicator+voices+num", lambda i: i.corroborated, "count"),
    Column("claims", "#indicator+claims+num", lambda i: len(i.claims), "count"),
    Column("outlets", "#meta+outlet+list", lambda i: "; ".join(i.outlets)),
    Column("first_reported_at", "#date+reported+first", lambda i: i.first_reported_at.isoformat(), "time"),
    Column("last_reported_at", "#date+reported+last", lambda i: i.last_reported_at.isoformat(), "time"),
)
"""`killed_low` to `killed_high` are the outermost numbers that anybody says; an empty high end is an open one."""
