"""Plans a query by how many events a name or box has: few are fetched by their ids, many are met soon by walking.

Without it a rare name makes the database walk all events in order to find a page of them.
"""

from dataclasses import replace
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.projection.store.filters import EventFilter, named
from services.projection.store.tables import EventRow
from services.projection.store.text import EVENT_TEXT, has_words

RARE_EVENTS_MAX: Final = 1_000
"""So many can be fetched by id and sorted in a few milliseconds; of a name with more, a page is met early."""
LISTED_EVENTS_MAX: Final = 20_000
"""Words that more events have are met by walking; SQLite lists all that an index finds before it goes on."""


async def narrowed(connection: AsyncConnection, wanted: EventFilter) -> EventFilter:
    """The same filter, with the ids in place of each field that few events have. A pure change of plan."""
    ids, done = wanted.ids, dict[str, Any]()
    for field, event_id, conditions in named(wanted):
        few = select(event_id).where(*conditions).distinct().limit(RARE_EVENTS_MAX + 1)
        found = frozenset((await connection.execute(few)).scalars())
        if len(found) <= RARE_EVENTS_MAX:
            ids = found if ids is None else ids & found
            done[field] = None if field in ("box", "near") else ()
    if wanted.q:
        having = select(EventRow.id).where(has_words(EVENT_TEXT, wanted.q)).limit(RARE_EVENTS_MAX + 1)
        found = frozenset((await connection.execute(having)).scalars())
        if len(found) <= RARE_EVENTS_MAX:
            ids = found if ids is None else ids & found
            done["q"] = None
        elif connection.dialect.name == "sqlite":  # PostgreSQL's planner decides this by its statistics
            listed = select(EventRow.id).where(has_words(EVENT_TEXT, wanted.q)).limit(LISTED_EVENTS_MAX + 1)
            listed_events = (await connection.execute(select(func.count()).select_from(listed.subquery()))).scalar_one()
            done["q_common"] = listed_events > LISTED_EVENTS_MAX
    return replace(wanted, ids=ids, **done) if done else wanted
