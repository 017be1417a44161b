"""Reading events and reports. Every method answers from one snapshot and says how far the log was read in it."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.projection.core.casualties import TOLL_MEASURES
from services.projection.store.filters import (
    EventFilter,
    ReportFilter,
    after,
    matching,
    reports_matching,
    visible,
)
from services.projection.store.narrow import are_common, narrowed
from services.projection.store.newest import in_order
from services.projection.store.tables import (
    EventQuantityRow,
    EventRow,
    FeedRow,
    ReceiptRow,
    ReportRow,
    WithdrawalRow,
)
from services.projection.store.text import REPORT_TEXT
from services.projection.store.write import read_positions
from shared.bus.port import TopicPartition
from shared.events import EVENT
from shared.events.base import BaseEvent
from shared.reports import CodedReceipt, RawReport

T = TypeVar("T")

Positions = dict[TopicPartition, int]


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Up to the limit of items; `next_key` is the sort key to go on after, None at the end."""

    items: tuple[T, ...]
    next_key: tuple[int | str, ...] | None
    positions: Positions


@dataclass(frozen=True, slots=True)
class Withdrawal:
    by_report_id: str
    at_us: int
    retracts: bool


@dataclass(frozen=True, slots=True)
class ReportFound:
    """A report, what withdrew it (by the instant asked for), its receipts, and the events that count."""

    report: RawReport
    withdrawals: tuple[Withdrawal, ...]
    receipts: tuple[CodedReceipt, ...]
    events: tuple[BaseEvent, ...]


@asynccontextmanager
async def snapshot(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A read transaction that sees one state of the database throughout."""
    async with engine.connect() as connection, connection.begin():
        yield connection


def parse(payloads: Iterable[str]) -> tuple[BaseEvent, ...]:
    return tuple(EVENT.validate_json(payload) for payload in payloads)


async def events_page(
    engine: AsyncEngine,
    wanted: EventFilter,
    limit: int,
    after_key: tuple[int, str] | None,
    *,
    by_occurrence: bool = False,
    newest_first: bool = True,
    with_tolls: bool = False,
) -> Page[BaseEvent]:
    """Events in order of report or of occurrence, then id. `with_tolls`: only those that count people harmed."""
    async with snapshot(engine) as connection:
        page = await payloads_page(
            connection, wanted, limit, after_key,
            by_occurrence=by_occurrence, newest_first=newest_first, with_tolls=with_tolls,
        )  # fmt: skip
    return Page(parse(page.items), page.next_key, page.positions)


async def payloads_page(
    connection: AsyncConnection,
    wanted: EventFilter,
    limit: int,
    after_key: tuple[int, str] | None,
    *,
    by_occurrence: bool = False,
    newest_first: bool = True,
    with_tolls: bool = False,
) -> Page[str]:
    """The same as the JSON that is on the log."""
    wanted = await narrowed(connection, wanted, by_occurrence=by_occurrence)
    keys = in_order(wanted, after_key, by_occurrence=by_occurrence, newest_first=newest_first)
    if with_tolls:
        # An expression, or SQLite would look each measure up for each event.
        harm = (EventQuantityRow.measure + "").in_(TOLL_MEASURES)
        keys = keys.where(exists().where(EventQuantityRow.event_id == EventRow.id, harm))
    page = keys.limit(limit + 1).subquery()
    order = (page.c.us.desc(), page.c.id.desc()) if newest_first else (page.c.us, page.c.id)
    query = select(EventRow.payload, page.c.us, page.c.id).join(page, page.c.id == EventRow.id).order_by(*order)
    rows = (await connection.execute(query)).all()
    next_key = (rows[limit - 1].us, rows[limit - 1].id) if len(rows) > limit else None
    return Page(tuple(row.payload for row in rows[:limit]), next_key, await read_positions(connection))


async def event_by_id(engine: AsyncEngine, event_id: str) -> tuple[BaseEvent | None, bool, Positions]:
    """The event (though it may count no longer), whether it counts now, and the positions."""
    async with snapshot(engine) as connection:
        payload = (
            await connection.execute(select(EventRow.payload).where(EventRow.id == event_id))
        ).scalar_one_or_none()
        counts = (
            await connection.execute(select(func.count()).where(EventRow.id == event_id, *visible(None)))
        ).scalar_one()
        positions = await read_positions(connection)
    return (EVENT.validate_json(payload) if payload else None), bool(counts), positions


async def reports_page(
    engine: AsyncEngine, wanted: ReportFilter, limit: int, after_key: tuple[int, str] | None
) -> Page[tuple[RawReport, bool]]:
    """Reports, newest first, each with whether it is withdrawn (by `as_of`)."""
    async with snapshot(engine) as connection:
        return await reports_page_on(connection, wanted, limit, after_key)


async def reports_page_on(
    connection: AsyncConnection, wanted: ReportFilter, limit: int, after_key: tuple[int, str] | None
) -> Page[tuple[RawReport, bool]]:
    """The same within a transaction that is open."""
    withdrawn = exists().where(WithdrawalRow.report_id == ReportRow.id)
    if wanted.as_of_us is not None:
        withdrawn = withdrawn.where(WithdrawalRow.at_us <= wanted.as_of_us)
    common = await are_common(connection, REPORT_TEXT, wanted.q)
    keys = select(ReportRow.published_us, ReportRow.id).where(*reports_matching(wanted, common=common))
    if after_key:
        keys = keys.where(after(ReportRow.published_us, ReportRow.id, after_key, newest_first=True))
    # Keys alone are sorted, not the texts.
    page = keys.order_by(ReportRow.published_us.desc(), ReportRow.id.desc()).limit(limit + 1).subquery()
    query = select(ReportRow.payload, ReportRow.published_us, ReportRow.id, withdrawn.label("withdrawn"))
    query = query.join(page, page.c.id == ReportRow.id).order_by(page.c.published_us.desc(), page.c.id.desc())
    rows = (await connection.execute(query)).all()
    positions = await read_positions(connection)
    items = tuple((RawReport.model_validate_json(row.payload), bool(row.withdrawn)) for row in rows[:limit])
    next_key = (rows[limit - 1].published_us, rows[limit - 1].id) if len(rows) > limit else None
    return Page(items, next_key, positions)


async def report_by_id(
    engine: AsyncEngine, report_id: str, as_of_us: int | None
) -> tuple[ReportFound | None, Positions]:
    async with snapshot(engine) as connection:
        positions = await read_positions(connection)
        payload = (
            await connection.execute(select(ReportRow.payload).where(ReportRow.id == report_id))
        ).scalar_one_or_none()
        if payload is None:
            return None, positions
        query = select(WithdrawalRow).where(WithdrawalRow.report_id == report_id)
        if as_of_us is not None:
            query = query.where(WithdrawalRow.at_us <= as_of_us)
        withdrawals = (await connection.execute(query.order_by(WithdrawalRow.at_us, WithdrawalRow.by_report_id))).all()
        receipts = (
            await connection.execute(
                select(ReceiptRow.payload)
                .where(ReceiptRow.report_id == report_id)
                .order_by(ReceiptRow.coder_version, ReceiptRow.partition, ReceiptRow.offset)
            )
        ).scalars()
        events = (
            await connection.execute(
                select(EventRow.payload).where(EventRow.report_id == report_id, *visible(as_of_us))
            )
        ).scalars()
        found = ReportFound(
            RawReport.model_validate_json(payload),
            tuple(Withdrawal(w.by_report_id, w.at_us, w.retracts) for w in withdrawals),
            tuple(CodedReceipt.model_validate_json(r) for r in receipts),
            tuple(sorted(parse(events), key=lambda e: (e.evidence[0].start, e.id))),
        )
    return found, positions


async def feed_last(engine: AsyncEngine) -> int:
    """The number of the last event of the feed, 0 for none."""
    async with snapshot(engine) as connection:
        return (await connection.execute(select(func.coalesce(func.max(FeedRow.seq), 0)))).scalar_one()


async def feed_after(
    engine: AsyncEngine, seq: int, wanted: EventFilter, window: int
) -> tuple[tuple[tuple[int, BaseEvent], ...], int]:
    """Of the next `window` numbers after `seq` the events that match, with their numbers, and the last number seen."""
    async with snapshot(engine) as connection:
        ahead = select(FeedRow.seq).where(FeedRow.seq > seq).order_by(FeedRow.seq).limit(window).subquery()
        last = (await connection.execute(select(func.max(ahead.c.seq)))).scalar_one()
        if last is None:
            return (), seq
        query = (
            select(FeedRow.seq, EventRow.payload)
            .join(EventRow, EventRow.id == FeedRow.event_id)
            .where(FeedRow.seq > seq, FeedRow.seq <= last, *matching(wanted))
            .order_by(FeedRow.seq)
        )
        rows = (await connection.execute(query)).all()
    return tuple((row.seq, EVENT.validate_json(row.payload)) for row in rows), last
