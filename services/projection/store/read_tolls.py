"""Reading cumulative tolls: of each source the latest claim among the newest reports that match."""

import json
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, cast

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from services.projection.core.casualties import Group, ToldToll, Toll, tolls_of
from services.projection.core.counts import CountClaim
from services.projection.store.filters import EventFilter
from services.projection.store.lists import in_list
from services.projection.store.narrow import narrowed
from services.projection.store.newest import in_order
from services.projection.store.read import Page, snapshot
from services.projection.store.told_tables import TollClaimRow
from services.projection.store.write import read_positions

NAMES_HELD_MAX: Final = 5_000
"""Lists of names last read, a few hundred bytes each."""
KIND: Final = "casualty_report"
TollKey = tuple[str, str, str]


@lru_cache(NAMES_HELD_MAX)
def _names(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


@dataclass(frozen=True, slots=True)
class TollsFound:
    """`reports` claims were looked at; `complete` where no more match."""

    page: Page[Toll]
    reports: int
    complete: bool


async def tolls_page(
    engine: AsyncEngine, wanted: EventFilter, limit: int, after_key: TollKey | None, among: int
) -> TollsFound:
    """Tolls by side, group and measure, from the newest `among` cumulative reports that match."""
    if wanted.kinds and KIND not in wanted.kinds:
        among = 0
    async with snapshot(engine) as connection:
        newest = in_order(replace(await narrowed(connection, wanted), kinds=(KIND,))).limit(among + 1)
        ids = [event_id for _, event_id in (await connection.execute(newest)).all()] if among else []
        looked_at = ids[:among]
        rows = (await connection.execute(select(TollClaimRow).where(in_list(TollClaimRow.event_id, looked_at)))).all()
        positions = await read_positions(connection)
    age = {event_id: number for number, event_id in enumerate(looked_at)}
    latest = {row.voice_id: row for row in sorted(rows, key=lambda row: -age[row.event_id])}
    keys = sorted({(row.side, row.group, row.measure) for row in latest.values()})
    if after_key:
        keys = [key for key in keys if key > after_key]
    on_page: dict[TollKey, list[ToldToll]] = {key: [] for key in keys[:limit]}
    for row in latest.values():
        if (told := on_page.get((row.side, row.group, row.measure))) is not None:
            group = cast(Group, row.group) if row.group else None
            claim = CountClaim.model_validate_json(row.claim)
            told.append(ToldToll(row.voice_id, _names(row.side), _names(row.shown), group, claim))
    found = [toll for told in on_page.values() for toll in tolls_of(told)]
    next_key = keys[limit - 1] if len(keys) > limit else None
    return TollsFound(Page(tuple(found), next_key, positions), len(looked_at), len(ids) <= among)
