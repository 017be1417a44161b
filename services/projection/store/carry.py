"""What goes along when rebuilt read models take over, because it is not in the log."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import delete, exists, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.projection.store.engine import writing
from services.projection.store.map_due import coded_again, reports_changed
from services.projection.store.rows import Row
from services.projection.store.tables import Base, CoderPinRow, DeliveryRow, EventRow, FeedRow, WebhookRow
from services.projection.store.upserts import chunks, table

CARRIED: Final[tuple[type[Base], ...]] = (FeedRow, CoderPinRow, WebhookRow, DeliveryRow)


async def carry_pins(live: AsyncConnection, spare: AsyncEngine) -> None:
    """Let the pinned coder versions be those of the live read models."""
    async with writing(spare).begin() as connection:
        await _copy(live, connection, CoderPinRow)
        await reports_changed(connection, await coded_again(connection), ())


async def carry(live: AsyncConnection, spare: AsyncEngine) -> None:
    """Copy it all. Events that only the spare has are numbered after the others.

    Numbers of events that the spare does not have (the live read models were of another log) are left out.
    """
    async with writing(spare).begin() as connection:
        for of in CARRIED:
            await _copy(live, connection, of)
        foreign = ~exists().where(EventRow.id == FeedRow.event_id)
        await connection.execute(delete(table(FeedRow)).where(foreign))
        last = (await connection.execute(select(func.coalesce(func.max(FeedRow.seq), 0)))).scalar_one()
        numbered = exists().where(FeedRow.event_id == EventRow.id)
        late = await connection.execute(
            select(EventRow.id).where(~numbered).order_by(EventRow.reported_us, EventRow.id)
        )
        rows: list[Row] = [{"seq": last + n, "event_id": event_id} for n, event_id in enumerate(late.scalars(), 1)]
        await _add(connection, FeedRow, rows)


async def _copy(source: AsyncConnection, target: AsyncConnection, of: type[Base]) -> None:
    await target.execute(delete(table(of)))
    found = (await source.execute(select(table(of)))).all()
    await _add(target, of, [dict(row._mapping) for row in found])


async def _add(connection: AsyncConnection, of: type[Base], rows: Sequence[Row]) -> None:
    for some in chunks(rows):
        await connection.execute(insert(table(of)), list(some))
