"""Reading the timeline in bins: how many events of which kind happened then and were reported then."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import BigInteger, ColumnElement, case, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.orm import InstrumentedAttribute

from services.projection.store.filters import Conditions, EventFilter, matching
from services.projection.store.narrow import narrowed
from services.projection.store.read import Positions, snapshot
from services.projection.store.tables import EventRow
from services.projection.store.write import read_positions

FAR_SHARE: Final = 0.02
"""So many of the earliest and of the latest occurrences are put into the outermost bins: reports look back years."""

Span = tuple[int, int]
"""The first microsecond and the one after the last."""


@dataclass(frozen=True, slots=True)
class Bins:
    """Numbers of events by kind, by column (when it happened) and row (when it was reported). All are counted:
    what lies before the first column or after the last is in these."""

    events: int
    happened: Span
    reported: Span
    counts: dict[tuple[int, int], Counter[str]]
    positions: Positions


async def timeline_bins(engine: AsyncEngine, wanted: EventFilter, columns: int, rows: int) -> Bins:
    """The events that match, in `columns` of when they happened and `rows` of when they were reported."""
    async with snapshot(engine) as connection:
        positions = await read_positions(connection)
        conditions = matching(await narrowed(connection, wanted))
        ends = select(func.count(), func.min(EventRow.reported_us), func.max(EventRow.reported_us)).where(*conditions)
        events, first_us, last_us = (await connection.execute(ends)).one()
        if not events:
            return Bins(0, (0, 1), (0, 1), {}, positions)
        reported = (first_us, last_us + 1)
        happened = await _most(connection, conditions, events)
        column, row = _bin(EventRow.from_us, happened, columns), _bin(EventRow.reported_us, reported, rows)
        query = select(column.label("column"), row.label("row"), EventRow.kind, func.count().label("events"))
        counts: dict[tuple[int, int], Counter[str]] = {}
        for found in await connection.execute(query.where(*conditions).group_by(column, row, EventRow.kind)):
            counts.setdefault((found.column, found.row), Counter())[found.kind] += found.events
    return Bins(events, happened, reported, counts, positions)


async def _most(connection: AsyncConnection, conditions: Conditions, events: int) -> Span:
    """From when to when nearly all happened."""
    far = int(events * FAR_SHARE)
    edges: Sequence[int] = [
        (
            await connection.execute(select(EventRow.from_us).where(*conditions).order_by(order).limit(1).offset(far))
        ).scalar_one()
        for order in (EventRow.from_us, EventRow.from_us.desc())
    ]
    return edges[0], edges[1] + 1


def _bin(at: InstrumentedAttribute[int], span: Span, bins: int) -> ColumnElement[int]:
    """Which of the bins, 0 to `bins` - 1; what is beyond them in the outermost."""
    first, end = span
    number = (at - first) * bins // literal(end - first, BigInteger)
    return case((at < first, 0), (at >= end, bins - 1), else_=number)
