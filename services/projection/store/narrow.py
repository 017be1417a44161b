"""Plans a query by how many events a name or box has: few are fetched by their ids, many are met soon by walking.

Without it a rare name makes the database walk all events in order to find a page of them, and a week that is long past
all that came after it. Nothing here changes what is found.
"""

from dataclasses import replace
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.projection.core.times import DAY_US
from services.projection.store.filters import EventFilter, named
from services.projection.store.tables import AHEAD, LONG, CodingRow, EventRow
from services.projection.store.text import EVENT_TEXT, IndexedText, has_words, sqlite_count

RARE_EVENTS_MAX: Final = 1_000
"""So many can be fetched by id and sorted in a few milliseconds; of a name with more, a page is met early."""
UNORDERED: Final = 8
"""So many times more may be listed where walking would look at each event (or cluster) there is."""
LISTED_MAX: Final = 5_000
"""Words that more events (or reports) have are met by walking; of fewer, all are listed and sorted."""


LONG_US: Final = 8 * DAY_US
"""As in `tables.LONG`."""
AHEAD_US: Final = 2 * DAY_US
"""As in `tables.AHEAD`."""
WINDOW_US_MAX: Final = 31 * DAY_US
"""What happened in a longer time is met soon by walking, and is too much to be sorted."""


async def one_version(connection: AsyncConnection) -> bool:
    """Whether one coder version, or none, has coded all that is here."""
    ends = [select(f(CodingRow.version_key)).scalar_subquery() for f in (func.min, func.max)]
    first, last = (await connection.execute(select(*ends))).one()
    return bool(first == last)


async def begun_by(connection: AsyncConnection, from_us: int, to_us: int | None) -> int:
    """The earliest that anything begins which may have happened between the two."""
    # An expression, or SQLite would walk the index of all beginnings to the first long one.
    begin = EventRow.from_us + 0
    long = select(func.min(begin)).where(LONG, EventRow.until_us > from_us)
    if to_us is not None:
        long = long.where(begin < to_us)
    earliest = (await connection.execute(long)).scalar_one()
    return min(from_us - LONG_US, from_us if earliest is None else earliest)


async def begins_by(connection: AsyncConnection, as_of_us: int) -> int:
    """The latest that anything begins which was reported by then."""
    ahead = select(func.max(EventRow.from_us)).where(
        AHEAD, EventRow.from_us > as_of_us + AHEAD_US, EventRow.reported_us <= as_of_us
    )
    latest = (await connection.execute(ahead)).scalar_one()
    return max(as_of_us + AHEAD_US, as_of_us if latest is None else latest)


def is_short(wanted: EventFilter) -> bool:
    """Whether it asks about a time short enough to look at all that happened in it."""
    return wanted.from_us is not None and wanted.to_us is not None and wanted.to_us - wanted.from_us <= WINDOW_US_MAX


async def narrowed(
    connection: AsyncConnection, wanted: EventFilter, *, by_occurrence: bool = False, of_clusters: bool = False
) -> EventFilter:
    """The same filter, with the ids in place of each field that few events have. A pure change of plan."""
    if wanted.is_narrowed:
        return wanted
    ids, done = wanted.ids, dict[str, Any](is_narrowed=True, one_version=await one_version(connection))
    if wanted.from_us is not None and (by_occurrence or is_short(wanted)):
        done["begun_us"] = await begun_by(connection, wanted.from_us, wanted.to_us)
    for field, event_id, conditions in named(wanted):
        # Of a box no index has the events in order, nor of anything the clusters: then a longer list is less work.
        rare_max = RARE_EVENTS_MAX * (UNORDERED if of_clusters or field in ("box", "near") else 1)
        few = select(event_id).where(*conditions).distinct().limit(rare_max + 1)
        found = frozenset((await connection.execute(few)).scalars())
        if len(found) <= rare_max:
            ids = found if ids is None else ids & found
            done[field] = None if field in ("box", "near") else ()
    if wanted.q:
        having = select(EventRow.id).where(has_words(EVENT_TEXT, wanted.q)).limit(RARE_EVENTS_MAX + 1)
        found = frozenset((await connection.execute(having)).scalars())
        if len(found) <= RARE_EVENTS_MAX:
            ids = found if ids is None else ids & found
            done["q"] = None
        else:
            done["q_common"] = await are_common(connection, EVENT_TEXT, wanted.q)
    return replace(wanted, ids=ids, **done)


async def are_common(connection: AsyncConnection, of: IndexedText, q: str | None) -> bool:
    """Whether walking meets rows with the words sooner than the index lists them.

    PostgreSQL's planner decides this itself, by its statistics.
    """
    if q is None or connection.dialect.name != "sqlite":
        return False
    listed = (await connection.execute(sqlite_count(of, q, LISTED_MAX + 1))).scalar_one()
    return bool(listed > LISTED_MAX)
