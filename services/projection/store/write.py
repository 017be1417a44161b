"""Writing: what a batch of messages changes and the positions after it, in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, delete, exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.projection.changes import Change, EventSeen, LetterSeen, RawSeen, ReceiptSeen
from services.projection.store.clusters import FactsCache, join
from services.projection.store.engine import lock_writer, writing
from services.projection.store.map_due import clusters_changed, coded_again, reports_changed
from services.projection.store.rows import (
    EventRows,
    Row,
    coding_row,
    dead_letter_row,
    event_rows,
    receipt_row,
    report_row,
    withdrawal_row,
)
from services.projection.store.tables import (
    CodingRow,
    DeadLetterRow,
    EventBlockRow,
    EventLinkRow,
    EventParticipantRow,
    EventPlaceRow,
    EventQuantityRow,
    EventRow,
    EventSourceRow,
    FeedRow,
    PositionRow,
    RawOffsetRow,
    RawSettledRow,
    ReceiptRow,
    ReportRow,
    WithdrawalRow,
)
from services.projection.store.told_tables import MeasureClaimRow, MeasureTermsRow, TollClaimRow
from services.projection.store.upserts import add, chunks, insert_new, put, put_first, put_least
from shared.bus.port import TopicPartition
from shared.events.base import BaseEvent
from shared.events.denial import Denial
from shared.topics import RAW


class PositionsMoved(Exception):
    """Another writer has been here since the batch was read: read on from where the database says."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a batch brought: events that were new, and the number of the last event of the feed."""

    events_new: int
    feed_last: int


class Writer:
    """Writes batches. One at a time; several processes may try, and the slower finds `PositionsMoved`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._engine = writing(engine)
        self._facts = FactsCache()

    async def positions(self) -> dict[TopicPartition, int]:
        """The offset of the next message of every partition that was ever read."""
        async with self._engine.connect() as connection:
            return await read_positions(connection)

    async def write(
        self,
        changes: Sequence[Change],
        before: Mapping[TopicPartition, int],
        after: Mapping[TopicPartition, int],
    ) -> Written:
        """Apply the changes and move the positions from `before` to `after`, all or nothing.

        Both have the same partitions; one that the database does not know yet counts as being at `before`.
        Raises PositionsMoved, or SQLAlchemy's errors (see `engine.is_transient`).
        """
        assert before.keys() == after.keys(), "positions before and after are of the same partitions"
        async with self._engine.begin() as connection:
            await lock_writer(connection)
            stored = await read_positions(connection)
            moved = [where for where, offset in before.items() if stored.get(where, offset) != offset]
            if moved:
                raise PositionsMoved(f"{moved[0].topic}[{moved[0].partition}] is at {stored[moved[0]]}")
            written = await self._apply(connection, changes)
            await put(
                connection,
                PositionRow,
                [{"topic": w.topic, "partition": w.partition, "next_offset": offset} for w, offset in after.items()],
            )
        return written

    async def _apply(self, connection: AsyncConnection, changes: Sequence[Change]) -> Written:
        events = [c.event for c in changes if isinstance(c, EventSeen)]
        raws = [c for c in changes if isinstance(c, RawSeen)]
        receipts = [c.receipt for c in changes if isinstance(c, ReceiptSeen)]
        letters = [c.letter for c in changes if isinstance(c, LetterSeen)]
        reports = [raw.report for raw in raws if raw.report]
        await put_first(connection, ReportRow, [report_row(r) for r in reports], "received_us")
        withdrawals = [w for r in reports if (w := withdrawal_row(r)) is not None]
        await insert_new(connection, WithdrawalRow, withdrawals)
        codings = {(e.report_id, e.coder_version) for e in events} | {(r.report_id, r.coder_version) for r in receipts}
        await insert_new(connection, CodingRow, [coding_row(*coding) for coding in sorted(codings)])
        await put_first(connection, ReceiptRow, [receipt_row(r) for r in receipts], "payload")
        await put_first(connection, DeadLetterRow, [dead_letter_row(letter) for letter in letters], "died_us")
        offsets: list[Row] = [
            {"partition": raw.partition, "offset": raw.offset, "report_id": raw.report.id if raw.report else None}
            for raw in raws
        ]
        await insert_new(connection, RawOffsetRow, offsets)
        touched = {raw.partition for raw in raws} | {r.partition for r in receipts}
        touched |= {letter.partition for letter in letters if letter.topic == RAW.name}
        await _settle(connection, raws, touched)
        written = await self._add_events(connection, events)
        again = await coded_again(connection, {report_id for report_id, _ in codings})
        withdrawn = {r.supersedes for r in reports if r.supersedes}
        denials = sorted({e.id for e in events if isinstance(e, Denial)})
        if again or withdrawn or denials:
            await reports_changed(connection, again | withdrawn, denials)
        return written

    async def _add_events(self, connection: AsyncConnection, events: Sequence[BaseEvent]) -> Written:
        feed_last = (await connection.execute(select(func.coalesce(func.max(FeedRow.seq), 0)))).scalar_one()
        candidates: dict[str, tuple[BaseEvent, EventRows]] = {}
        for event in events:
            rows = event_rows(event)
            held = candidates.get(event.id)
            if held is None or _payload(rows) < _payload(held[1]):
                candidates[event.id] = (event, rows)
        stored: dict[str, str] = {}
        for ids in chunks(list(candidates)):
            found = await connection.execute(select(EventRow.id, EventRow.payload).where(EventRow.id.in_(ids)))
            stored |= {row.id: row.payload for row in found}
        # The same id with other content is a coder that changed without a new version. Which of the two stays must
        # not depend on order: the smaller, bytewise.
        better = [i for i, (_, rows) in candidates.items() if i in stored and _payload(rows) < stored[i].encode()]
        for ids in chunks(better):
            left = await connection.execute(select(EventRow.cluster_id).where(EventRow.id.in_(ids)))
            await clusters_changed(connection, {cluster for cluster in left.scalars() if cluster})
            await connection.execute(delete(EventRow).where(EventRow.id.in_(ids)))
        self._facts.forget(better)
        adding = {i: candidates[i] for i in candidates if i not in stored or i in set(better)}
        if not adding:
            return Written(0, feed_last)
        for event_id, cluster in (await join(connection, self._facts, adding)).items():
            adding[event_id][1].event["cluster_id"] = cluster
        rows_of = [rows for _, rows in adding.values()]
        await add(connection, EventRow, [r.event for r in rows_of])
        await add(connection, EventPlaceRow, [row for r in rows_of for row in r.places])
        await add(connection, EventParticipantRow, [row for r in rows_of for row in r.participants])
        await add(connection, EventQuantityRow, [row for r in rows_of for row in r.quantities])
        await add(connection, EventSourceRow, [row for r in rows_of for row in r.sources])
        await add(connection, EventLinkRow, [row for r in rows_of for row in r.links])
        told = [r.measure for r in rows_of if r.measure]
        await put_least(connection, MeasureTermsRow, [terms for terms, _ in told], "first_us")
        await add(connection, MeasureClaimRow, [claim for _, claim in told])
        await add(connection, TollClaimRow, [row for r in rows_of for row in r.tolls])
        await add(
            connection,
            EventBlockRow,
            [{"block": block, "event_id": i} for i, (_, r) in adding.items() for block in r.blocks],
        )
        new = [i for i in adding if i not in stored]
        numbered: list[Row] = [{"seq": feed_last + n, "event_id": i} for n, i in enumerate(new, 1)]
        await add(connection, FeedRow, numbered)
        return Written(len(new), feed_last + len(new))


def _payload(rows: EventRows) -> bytes:
    payload = rows.event["payload"]
    assert isinstance(payload, str)
    return payload.encode()


async def read_positions(connection: AsyncConnection) -> dict[TopicPartition, int]:
    query = select(PositionRow.topic, PositionRow.partition, PositionRow.next_offset)
    rows = (await connection.execute(query)).all()
    return {TopicPartition(topic, partition): offset for topic, partition, offset in rows}


async def _settle(connection: AsyncConnection, raws: Sequence[RawSeen], partitions: set[int]) -> None:
    """Move each partition's mark to the first raw offset that is owed a receipt or a dead letter."""
    marks: list[Row] = []
    for partition in sorted(partitions):
        held = await connection.execute(select(RawSettledRow.below_offset).where(RawSettledRow.partition == partition))
        below = min([held.scalar_one_or_none() or 0, *(r.offset for r in raws if r.partition == partition)])
        owed = await connection.execute(
            select(func.min(RawOffsetRow.offset)).where(
                RawOffsetRow.partition == partition, RawOffsetRow.offset >= below, owed_clause()
            )
        )
        seen = await connection.execute(
            select(func.max(RawOffsetRow.offset)).where(RawOffsetRow.partition == partition)
        )
        first_owed, last_seen = owed.scalar_one(), seen.scalar_one()
        if last_seen is not None:
            marks.append({"partition": partition, "below_offset": last_seen + 1 if first_owed is None else first_owed})
    await put(connection, RawSettledRow, marks)


def owed_clause() -> ColumnElement[bool]:
    """A raw offset that has neither a receipt nor a dead letter."""
    receipt = exists().where(ReceiptRow.partition == RawOffsetRow.partition, ReceiptRow.offset == RawOffsetRow.offset)
    letter = exists().where(
        DeadLetterRow.topic == RAW.name,
        DeadLetterRow.partition == RawOffsetRow.partition,
        DeadLetterRow.offset == RawOffsetRow.offset,
    )
    return and_(~receipt, ~letter)
