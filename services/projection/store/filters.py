"""What a query asks for, and the SQL conditions that say so."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from services.projection.core.geo import Circle
from services.projection.core.words import key
from services.projection.store.lists import in_list
from services.projection.store.tables import (
    CoderPinRow,
    CodingRow,
    EventParticipantRow,
    EventPlaceRow,
    EventRow,
    EventSourceRow,
    ReportRow,
    WithdrawalRow,
)
from services.projection.store.text import EVENT_TEXT, REPORT_TEXT, has_words, walks_words

RANK_LAST: Final = 2**31 - 1
"""That of coder versions which nobody pinned."""

Conditions = list[ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Box:
    """A box in degrees (WGS 84), `west` not east of `east`."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Values within one field are alternatives, fields add up. Times in microseconds; `from` to `to` half-open."""

    kinds: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    outlets: tuple[str, ...] = ()
    report_ids: tuple[str, ...] = ()
    box: Box | None = None
    near: Circle | None = None
    from_us: int | None = None
    to_us: int | None = None
    as_of_us: int | None = None
    confidence_min: float | None = None
    q: str | None = None
    q_common: bool = False
    """Whether so many events have the words that walking meets them sooner than the index lists them."""
    is_narrowed: bool = False
    """Whether `narrow` has planned it, for the one snapshot that it is asked in."""
    one_version: bool = False
    """Whether all that was ever coded was coded by one version, so that none has to be preferred."""
    begun_us: int | None = None
    """Nothing that matches begins before that. Follows from the other fields, and lets an index be entered there."""
    ids: frozenset[str] | None = None
    """Only these events; None for any. Where it was made of other fields they are empty (see `narrow`)."""


def visible(as_of_us: int | None, one_version: bool = False) -> Conditions:
    """The events that count: reported by then, of a report not withdrawn by then, coded by the coder that counts.

    See `by_coder_that_counts`, which is left out for `one_version`.
    """
    withdrawn = exists().where(WithdrawalRow.report_id == EventRow.report_id)
    if as_of_us is not None:
        withdrawn = withdrawn.where(WithdrawalRow.at_us <= as_of_us)
    conditions: Conditions = [~withdrawn] if one_version else [~withdrawn, by_coder_that_counts()]
    if as_of_us is not None:
        conditions.append(EventRow.reported_us <= as_of_us)
    return conditions


def by_coder_that_counts() -> ColumnElement[bool]:
    """Of the coders of its report the event's own counts: the first of those pinned, else the newest."""
    ours, theirs = aliased(CoderPinRow), aliased(CoderPinRow)
    newer = and_(ours.rank.is_(None), theirs.rank.is_(None), CodingRow.version_key > EventRow.version_key)
    earlier = func.coalesce(theirs.rank, RANK_LAST) < func.coalesce(ours.rank, RANK_LAST)
    coded_better = (
        select(CodingRow.report_id)
        .outerjoin(theirs, theirs.version_key == CodingRow.version_key)
        .outerjoin(ours, ours.version_key == EventRow.version_key)
        .where(CodingRow.report_id == EventRow.report_id, CodingRow.version_key != EventRow.version_key)
        .where(or_(earlier, newer))
        .correlate(EventRow)
    )
    return ~exists(coded_better)


def matching(wanted: EventFilter) -> Conditions:
    """The conditions of a filter on `events`, `visible` among them."""
    return [*visible(wanted.as_of_us, wanted.one_version), *saying(wanted)]


def saying(wanted: EventFilter) -> Conditions:
    """The same without `visible`, for events that are known to count."""
    found: Conditions = []
    if wanted.kinds:
        found.append(EventRow.kind.in_(wanted.kinds))
    if wanted.ids is not None:
        found.append(in_list(EventRow.id, wanted.ids))
    if wanted.statuses:
        found.append(EventRow.status.in_(wanted.statuses))
    if wanted.outlets:
        found.append(EventRow.outlet_key.in_([key(o) for o in wanted.outlets]))
    if wanted.report_ids:
        found.append(EventRow.report_id.in_(wanted.report_ids))
    if wanted.from_us is not None:
        found.append(EventRow.until_us > wanted.from_us)
    if wanted.begun_us is not None:
        found.append(EventRow.from_us >= wanted.begun_us)
    if wanted.to_us is not None:
        found.append(EventRow.from_us < wanted.to_us)
    if wanted.confidence_min is not None:
        found.append(EventRow.confidence >= wanted.confidence_min)
    for _, event_id, conditions in named(
        wanted, of_each=True
    ):  # a query may name the same table itself, and means another row of it
        found.append(exists().where(event_id == EventRow.id, *conditions).correlate(EventRow))
    if wanted.q:
        found.append(walks_words(EventRow.words, wanted.q) if wanted.q_common else has_words(EVENT_TEXT, wanted.q))
    return found


def named(wanted: EventFilter, *, of_each: bool = False) -> list[tuple[str, InstrumentedAttribute[str], Conditions]]:
    """The conditions on the tables beside `events`: the filter's field, the column of event ids, what must hold.

    `of_each`: to be asked of one event after another. Expressions then, or SQLite would go through all rows of a name
    to find the event's.
    """
    found: list[tuple[str, InstrumentedAttribute[str], Conditions]] = []
    place, actor, source = EventPlaceRow, EventParticipantRow, EventSourceRow

    def one_of(column: InstrumentedAttribute[Any], names: Iterable[str]) -> ColumnElement[bool]:
        listed: ColumnElement[bool] = (column + "" if of_each else column).in_(list(names))
        return listed

    if wanted.countries:
        found.append(("countries", place.event_id, [one_of(place.country, wanted.countries)]))
    if wanted.places:
        names = one_of(place.name_key, map(key, wanted.places))
        ids = [int(p) for p in wanted.places if p.isdecimal() and len(p) < 19]
        found.append(("places", place.event_id, [or_(names, place.geonames_id.in_(ids)) if ids else names]))
    if wanted.box:
        box = wanted.box
        lat, lon = (place.lat + 0, place.lon + 0) if of_each else (place.lat, place.lon)
        inside: Conditions = [lat.between(box.south, box.north), lon.between(box.west, box.east)]
        found.append(("box", place.event_id, inside))
    if wanted.near:
        found.append(("near", place.event_id, _within(wanted.near, of_each)))
    if wanted.actors:
        found.append(("actors", actor.event_id, [one_of(actor.name_key, map(key, wanted.actors))]))
    if wanted.sources:
        found.append(("sources", source.event_id, [one_of(source.name_key, map(key, wanted.sources))]))
    return found


def _within(circle: Circle, of_each: bool) -> Conditions:
    """Boxes first, because an index knows those; then the spherical law of cosines."""
    place = EventPlaceRow
    y, x = (place.lat + 0, place.lon + 0) if of_each else (place.lat, place.lon)
    boxes = [and_(y.between(south, north), x.between(west, east)) for west, south, east, north in circle.boxes()]
    lat, lon = func.radians(place.lat), func.radians(place.lon)
    cosine = func.sin(lat) * circle.sin_lat + func.cos(lat) * circle.cos_lat * func.cos(lon - circle.lon_radians)
    return [or_(*boxes), cosine >= circle.cos_angle]


@dataclass(frozen=True, slots=True)
class ReportFilter:
    """`from` to `to` is when it was published."""

    outlets: tuple[str, ...] = ()
    external_ids: tuple[str, ...] = ()
    from_us: int | None = None
    to_us: int | None = None
    as_of_us: int | None = None
    q: str | None = None


def reports_matching(wanted: ReportFilter, *, common: bool = False) -> Conditions:
    """`common`: so many reports have the words that walking meets them soon."""
    found: Conditions = []
    if wanted.outlets:
        found.append(ReportRow.outlet_key.in_([key(o) for o in wanted.outlets]))
    if wanted.external_ids:
        found.append(ReportRow.external_id.in_(wanted.external_ids))
    if wanted.from_us is not None:
        found.append(ReportRow.published_us >= wanted.from_us)
    if wanted.to_us is not None:
        found.append(ReportRow.published_us < wanted.to_us)
    if wanted.as_of_us is not None:
        found.append(ReportRow.published_us <= wanted.as_of_us)
    if wanted.q:
        found.append(walks_words(ReportRow.words, wanted.q) if common else has_words(REPORT_TEXT, wanted.q))
    return found


def after(
    time: InstrumentedAttribute[int], id_: InstrumentedAttribute[str], key_: tuple[int, str], newest_first: bool
) -> ColumnElement[bool]:
    """Beyond a row in the order of (time, id); said so that an index can be entered there."""
    us, row_id = key_
    if newest_first:
        return and_(time <= us, or_(time < us, id_ < row_id))
    return and_(time >= us, or_(time > us, id_ > row_id))
