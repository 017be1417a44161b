"""Coder versions: which there are, which one counts, and what it made of a report."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.projection.core.versions import version_key
from services.projection.store.engine import lock_writer, writing
from services.projection.store.filters import by_coder_that_counts
from services.projection.store.map_due import coded_again, reports_changed
from services.projection.store.read import parse, snapshot
from services.projection.store.rows import short
from services.projection.store.tables import CoderPinRow, CodingRow, EventRow
from services.projection.store.upserts import chunks, table
from shared.events.base import BaseEvent


@dataclass(frozen=True, slots=True)
class Coders:
    """`versions`: reports coded by each, the newest version first. `pinned`: in the order in which they count."""

    pinned: tuple[str, ...]
    versions: Mapping[str, int]
    reports: int

    @property
    def first(self) -> str | None:
        """The version that goes before all others, or None where nothing was coded yet."""
        return next(iter(self.pinned or self.versions), None)


async def read_pins(connection: AsyncConnection) -> tuple[str, ...]:
    """The pinned versions, in the order in which they count; none: the newest of each report does."""
    found = await connection.execute(select(CoderPinRow.coder_version).order_by(CoderPinRow.rank))
    return tuple(found.scalars())


async def coders(engine: AsyncEngine) -> Coders:
    async with snapshot(engine) as connection:
        return await _coders(connection)


async def _coders(connection: AsyncConnection) -> Coders:
    query = select(CodingRow.coder_version, func.count().label("reports")).group_by(CodingRow.coder_version)
    found = sorted(await connection.execute(query), key=lambda row: version_key(row.coder_version), reverse=True)
    reports = (await connection.execute(select(func.count(CodingRow.report_id.distinct())))).scalar_one()
    return Coders(await read_pins(connection), {row.coder_version: row.reports for row in found}, reports)


async def pin(engine: AsyncEngine, version: str) -> None:
    """Let this version go before all others, which keep their order; in one step.

    All versions there are become pinned, so that one that comes later changes nothing in reports that these coded.
    """
    async with writing(engine).begin() as connection:
        await lock_writer(connection)
        known = await _coders(connection)
        order = dict.fromkeys((short(version), *known.pinned, *known.versions))
        await connection.execute(delete(table(CoderPinRow)))
        rows = [{"version_key": version_key(v), "coder_version": v, "rank": rank} for rank, v in enumerate(order)]
        await connection.execute(insert(table(CoderPinRow)), rows)
        await reports_changed(connection, await coded_again(connection), ())


async def unpin(engine: AsyncEngine) -> None:
    """Let the newest version of each report count."""
    async with writing(engine).begin() as connection:
        await lock_writer(connection)
        await connection.execute(delete(table(CoderPinRow)))
        await reports_changed(connection, await coded_again(connection), ())


async def coded_by(engine: AsyncEngine, version: str, report_ids: Sequence[str]) -> frozenset[str]:
    """Those of the reports that this version has coded."""
    found: set[str] = set()
    async with snapshot(engine) as connection:
        for ids in chunks(report_ids):
            query = select(CodingRow.report_id).where(CodingRow.report_id.in_(ids), CodingRow.coder_version == version)
            found.update((await connection.execute(query)).scalars())
    return frozenset(found)


async def events_that_count(engine: AsyncEngine, report_ids: Sequence[str]) -> dict[str, tuple[BaseEvent, ...]]:
    """Per report the events of the coder that counts, withdrawn or not."""
    found: dict[str, list[BaseEvent]] = defaultdict(list)
    async with snapshot(engine) as connection:
        for ids in chunks(report_ids):
            query = select(EventRow.payload).where(EventRow.report_id.in_(ids), by_coder_that_counts())
            for event in parse((await connection.execute(query)).scalars()):
                found[event.report_id].append(event)
    return {report_id: tuple(events) for report_id, events in found.items()}
