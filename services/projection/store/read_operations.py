"""Reading what operations need: positions, gaps, dead letters, and the digest of everything."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncEngine

from services.projection.store.filters import Conditions
from services.projection.store.pins import read_pins
from services.projection.store.read import Page, Positions, snapshot
from services.projection.store.tables import (
    CodingRow,
    DeadLetterRow,
    EventRow,
    FeedRow,
    RawOffsetRow,
    RawSettledRow,
    ReceiptRow,
    ReportRow,
)
from services.projection.store.write import owed_clause, read_positions
from shared.bus.dead_letters import DeadLetter
from shared.bus.port import TopicPartition
from shared.reports import CodedReceipt
from shared.topics import RAW


@dataclass(frozen=True, slots=True)
class Operations:
    """`owed` counts raw messages read here that have neither receipt nor dead letter."""

    positions: Positions
    owed: int
    events: int
    reports: int
    dead_letters: int
    dead_letters_by_reason: Mapping[str, int]
    coder_versions: tuple[str, ...]
    coder_pins: tuple[str, ...]
    feed_last: int


async def operations(engine: AsyncEngine) -> Operations:
    async with snapshot(engine) as connection:
        reasons = await connection.execute(
            select(DeadLetterRow.reason, func.count()).group_by(DeadLetterRow.reason).order_by(DeadLetterRow.reason)
        )
        by_reason = {row[0]: row[1] for row in reasons}
        versions = await connection.execute(
            select(CodingRow.coder_version).distinct().order_by(CodingRow.coder_version)
        )
        return Operations(
            positions=await read_positions(connection),
            owed=(
                await connection.execute(select(func.count()).select_from(RawOffsetRow).where(*_owed()))
            ).scalar_one(),
            events=(await connection.execute(select(func.count()).select_from(EventRow))).scalar_one(),
            reports=(await connection.execute(select(func.count()).select_from(ReportRow))).scalar_one(),
            dead_letters=sum(by_reason.values()),
            dead_letters_by_reason=by_reason,
            coder_versions=tuple(versions.scalars()),
            coder_pins=await read_pins(connection),
            feed_last=(await connection.execute(select(func.coalesce(func.max(FeedRow.seq), 0)))).scalar_one(),
        )


def _owed() -> Conditions:
    below = (
        select(RawSettledRow.below_offset).where(RawSettledRow.partition == RawOffsetRow.partition).scalar_subquery()
    )
    return [RawOffsetRow.offset >= func.coalesce(below, 0), owed_clause()]


async def owed_offsets(engine: AsyncEngine, limit: int) -> tuple[tuple[int, int], ...]:
    """Partition and offset of raw messages that are owed a receipt or a dead letter, the first `limit`."""
    query = select(RawOffsetRow.partition, RawOffsetRow.offset).where(*_owed())
    async with snapshot(engine) as connection:
        rows = await connection.execute(query.order_by(RawOffsetRow.partition, RawOffsetRow.offset).limit(limit))
        return tuple((row.partition, row.offset) for row in rows)


@dataclass(frozen=True, slots=True)
class Pace:
    """When the last report on the log was received, and since when the first that is owed waits. Microseconds."""

    received_last_us: int | None
    owed_since_us: int | None


async def pace(engine: AsyncEngine) -> Pace:
    """Whether reports still come in, and whether they are coded: what the log tells of the other two services."""
    async with snapshot(engine) as connection:
        partitions = [where.partition for where in await read_positions(connection) if where.topic == RAW.name]
        last: list[int] = []
        for partition in partitions:
            newest = (
                select(ReportRow.received_us)
                .join(RawOffsetRow, RawOffsetRow.report_id == ReportRow.id)
                .where(RawOffsetRow.partition == partition)
                .order_by(RawOffsetRow.offset.desc())
                .limit(1)
            )
            last += (await connection.execute(newest)).scalars()
        owed = select(func.min(ReportRow.received_us)).join(RawOffsetRow, RawOffsetRow.report_id == ReportRow.id)
        since = (await connection.execute(owed.where(*_owed()))).scalar_one()
    return Pace(max(last, default=None), since)


async def owed_count(engine: AsyncEngine) -> int:
    async with snapshot(engine) as connection:
        return (await connection.execute(select(func.count()).select_from(RawOffsetRow).where(*_owed()))).scalar_one()


async def dead_letters_page(
    engine: AsyncEngine,
    reasons: tuple[str, ...],
    topics: tuple[str, ...],
    limit: int,
    after_key: tuple[int, str, int, int, str] | None,
) -> Page[DeadLetter]:
    """Dead letters, the latest death first."""
    row = DeadLetterRow
    order = (row.died_us, row.topic, row.partition, row.offset, row.handler)
    query = select(row.payload, *order)
    if reasons:
        query = query.where(row.reason.in_(reasons))
    if topics:
        query = query.where(row.topic.in_(topics))
    if after_key:
        query = query.where(
            or_(
                row.died_us < after_key[0],
                and_(row.died_us == after_key[0], tuple_(*order[1:]) > tuple_(*after_key[1:])),
            )
        )
    query = query.order_by(row.died_us.desc(), *order[1:]).limit(limit + 1)
    async with snapshot(engine) as connection:
        rows = (await connection.execute(query)).all()
        positions = await read_positions(connection)
    next_key: tuple[int | str, ...] | None = tuple(rows[limit - 1][1:]) if len(rows) > limit else None
    return Page(tuple(DeadLetter.model_validate_json(r.payload) for r in rows[:limit]), next_key, positions)


async def is_coded(engine: AsyncEngine, partition: int, offset: int) -> bool:
    """Whether a raw message is settled and every event that its receipts name is here."""
    async with snapshot(engine) as connection:
        letters = await connection.execute(
            select(func.count()).where(
                DeadLetterRow.topic == RAW.name,
                DeadLetterRow.partition == partition,
                DeadLetterRow.offset == offset,
            )
        )
        if letters.scalar_one():
            return True
        receipts = await connection.execute(
            select(ReceiptRow.payload).where(ReceiptRow.partition == partition, ReceiptRow.offset == offset)
        )
        wanted = [CodedReceipt.model_validate_json(r).event_ids for r in receipts.scalars()]
        ids = {event_id for event_ids in wanted for event_id in event_ids}
        here = await connection.execute(select(func.count()).select_from(EventRow).where(EventRow.id.in_(sorted(ids))))
        return bool(wanted) and here.scalar_one() == len(ids)


async def reached(engine: AsyncEngine, wanted: Mapping[TopicPartition, int]) -> bool:
    """Whether the log has been read at least so far."""
    async with snapshot(engine) as connection:
        positions = await read_positions(connection)
    return all(positions.get(where, 0) >= offset for where, offset in wanted.items())
