"""Events in the order of their reports, or of what they tell of, entered where an index has that order."""

from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import InstrumentedAttribute

from services.projection.core.words import key
from services.projection.store.filters import EventFilter, after, matching
from services.projection.store.narrow import is_short
from services.projection.store.tables import EventParticipantRow, EventPlaceRow, EventRow, EventSourceRow


def in_order(
    wanted: EventFilter,
    after_key: tuple[int, str] | None = None,
    *,
    by_occurrence: bool = False,
    newest_first: bool = True,
) -> Select[int, str]:
    """Time (`us`) and `id` of the events that match a filter which was `narrowed`, beyond a key of the two."""
    field, name = _name(wanted, by_occurrence)
    if name is None:
        time, id_ = EventRow.from_us if by_occurrence else EventRow.reported_us, EventRow.id
        query = select(time.label("us"), id_.label("id"))
    else:
        row = name[0]
        time, id_ = row.from_us if by_occurrence else row.reported_us, row.event_id
        # Grouped, because an event may have the name twice; in the order of the index, so it costs nothing.
        query = (
            select(time.label("us"), id_.label("id"))
            .join(EventRow, EventRow.id == id_)
            .where(name[1], *_bounds(wanted, row, by_occurrence))
            .group_by(time, id_)
        )
        without: dict[str, Any] = {field: ()}
        wanted = replace(wanted, **without)
    query = query.where(*matching(wanted))
    if after_key:
        query = query.where(after(time, id_, after_key, newest_first))
    return query.order_by(*((time.desc(), id_.desc()) if newest_first else (time, id_)))


_Named = type[EventSourceRow] | type[EventPlaceRow] | type[EventParticipantRow]


def _name(wanted: EventFilter, by_occurrence: bool) -> tuple[str, tuple[_Named, ColumnElement[bool]] | None]:
    """The filter's field with one name whose events can be walked in order, that which most likely has the fewest."""
    if wanted.ids is not None or (is_short(wanted) and not by_occurrence):
        return "", None
    if len(wanted.sources) == 1:
        return "sources", (EventSourceRow, EventSourceRow.name_key == key(wanted.sources[0]))
    if len(wanted.places) == 1 and not wanted.places[0].isdecimal():
        return "places", (EventPlaceRow, EventPlaceRow.name_key == key(wanted.places[0]))
    if len(wanted.actors) == 1:
        return "actors", (EventParticipantRow, EventParticipantRow.name_key == key(wanted.actors[0]))
    if len(wanted.countries) == 1 and not by_occurrence:
        return "countries", (EventPlaceRow, EventPlaceRow.country == wanted.countries[0])
    return "", None


def _bounds(wanted: EventFilter, row: _Named, by_occurrence: bool) -> list[ColumnElement[bool]]:
    """What the filter says of the event's times, said of the same in the name's row."""
    found: list[ColumnElement[bool]] = []

    def bound(column: InstrumentedAttribute[Any], low: int | None, below: int | None) -> None:
        if low is not None:
            found.append(column >= low)
        if below is not None:
            found.append(column < below)

    if by_occurrence:
        bound(row.from_us, wanted.begun_us, wanted.to_us)
    else:
        bound(row.reported_us, None, None if wanted.as_of_us is None else wanted.as_of_us + 1)
    return found
