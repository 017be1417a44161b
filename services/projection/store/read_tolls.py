"""Reading cumulative tolls: of each source the latest claim among the newest reports that match."""

import json
from dataclasses import dataclass, replace
from typing import Final, cast

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from services.projection.core.casualties import Group, ToldToll, Toll, tolls_of
from services.projection.core.counts import CountClaim
from services.projection.store.filters import EventFilter
from services.projection.store.narrow import narrowed
from services.projection.store.newest import in_order
from services.projection.store.read import Page, snapshot
from services.projection.store.told_tables import TollClaimRow
from services.projection.store.write import read_positions

KIND: Final = "casualty_report"
TollKey = tuple[str, str, str]


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
        newest = in_order(replace(await narrowed(connection, wanted), kinds=(KIND,)))
        there = select(func.count()).select_from(newest.limit(among + 1).subquery())
        reports = (await connection.execute(there)).scalar_one() if among else 0
        chosen = newest.limit(among).subquery()
        query = select(
            TollClaimRow.voice_id, TollClaimRow.side, TollClaimRow.group, TollClaimRow.measure,
            TollClaimRow.shown, TollClaimRow.claim, chosen.c.us, chosen.c.id,
        ).join(chosen, chosen.c.id == TollClaimRow.event_id)  # fmt: skip
        rows = (await connection.execute(query)).all() if reports else []
        positions = await read_positions(connection)
    latest = {row.voice_id: row for row in sorted(rows, key=lambda row: (row.us, row.id))}
    keys = sorted({(row.side, row.group, row.measure) for row in latest.values()})
    if after_key:
        keys = [key for key in keys if key > after_key]
    on_page: dict[TollKey, list[ToldToll]] = {key: [] for key in keys[:limit]}
    for row in latest.values():
        if (told := on_page.get((row.side, row.group, row.measure))) is not None:
            side, shown = tuple(json.loads(row.side)), tuple(json.loads(row.shown))
            group = cast(Group, row.group) if row.group else None
            told.append(ToldToll(row.voice_id, side, shown, group, CountClaim.model_validate_json(row.claim)))
    found = [toll for told in on_page.values() for toll in tolls_of(told)]
    next_key = keys[limit - 1] if len(keys) > limit else None
    return TollsFound(Page(tuple(found), next_key, positions), min(reports, among), reports <= among)
