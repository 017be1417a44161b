"""Webhooks, what is to be delivered to them, and how that went. A webhook's place in the feed moves with its rows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from sqlalchemy import RowMapping, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from services.projection.store.engine import lock_writer, writing
from services.projection.store.read import snapshot
from services.projection.store.rows import Row
from services.projection.store.tables import DeliveryRow, EventRow, FeedRow, WebhookRow
from services.projection.store.upserts import insert_new, table

State = Literal["pending", "delivered", "failed"]
LEASE_US: Final = 60_000_000
"""A delivery that was begun is begun again by whoever runs after this time, unless its end was noted."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """`filters` as JSON of the query's parameters; `next_seq` the first number of the feed not looked at."""

    id: str
    url: str
    secret: str
    filters: str
    created_us: int
    next_seq: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """`due_us` is when it is tried next, None where it is over."""

    webhook_id: str
    seq: int
    event_id: str
    state: State
    attempts: int
    due_us: int | None
    attempted_us: int | None
    http_status: int | None
    trouble: str | None


async def webhooks(engine: AsyncEngine) -> tuple[Webhook, ...]:
    """All, the oldest first."""
    async with snapshot(engine) as connection:
        rows = await connection.execute(select(table(WebhookRow)).order_by(WebhookRow.created_us, WebhookRow.id))
        return tuple(Webhook(**row._mapping) for row in rows)


async def webhook_by_id(engine: AsyncEngine, webhook_id: str) -> Webhook | None:
    return next((webhook for webhook in await webhooks(engine) if webhook.id == webhook_id), None)


async def add_webhook(engine: AsyncEngine, webhook: Webhook, most: int) -> Webhook | None:
    """Add it; None where there are `most` already. A `next_seq` of 0 becomes what comes next in the feed."""
    async with writing(engine).begin() as connection:
        await lock_writer(connection)
        if (await connection.execute(select(func.count()).select_from(WebhookRow))).scalar_one() >= most:
            return None
        if webhook.next_seq == 0:
            last = (await connection.execute(select(func.coalesce(func.max(FeedRow.seq), 0)))).scalar_one()
            webhook = replace(webhook, next_seq=last + 1)
        row = {name: getattr(webhook, name) for name in Webhook.__slots__}
        await connection.execute(insert(table(WebhookRow)).values(row))
    return webhook


async def remove_webhook(engine: AsyncEngine, webhook_id: str) -> bool:
    """Remove it with its deliveries; False where there is none."""
    async with writing(engine).begin() as connection:
        await lock_writer(connection)
        await connection.execute(delete(table(DeliveryRow)).where(DeliveryRow.webhook_id == webhook_id))
        gone = await connection.execute(delete(table(WebhookRow)).where(WebhookRow.id == webhook_id))
        return bool(gone.rowcount)


async def queue(
    engine: AsyncEngine, webhook: Webhook, found: Sequence[tuple[int, str]], last: int, now_us: int
) -> None:
    """Note these numbers and events as to be delivered, and that the feed was looked at up to `last`.

    Does nothing where somebody else has done so, or has removed the webhook.
    """
    async with writing(engine).begin() as connection:
        await lock_writer(connection)
        moved = await connection.execute(
            update(table(WebhookRow))
            .where(WebhookRow.id == webhook.id, WebhookRow.next_seq == webhook.next_seq)
            .values(next_seq=last + 1)
        )
        if not moved.rowcount:
            return
        rows: list[Row] = [
            {"webhook_id": webhook.id, "seq": seq, "event_id": of, "state": "pending", "attempts": 0, "due_us": now_us}
            for seq, of in found
        ]
        await insert_new(connection, DeliveryRow, rows)


async def claim(engine: AsyncEngine, webhook_id: str, now_us: int, limit: int) -> tuple[tuple[Delivery, str], ...]:
    """The deliveries that are due, each with its event's JSON, leased: nobody else tries them for `LEASE_US`."""
    due = (
        select(table(DeliveryRow), EventRow.payload)
        .join(EventRow, EventRow.id == DeliveryRow.event_id)
        .where(DeliveryRow.webhook_id == webhook_id, DeliveryRow.due_us <= now_us)
        .order_by(DeliveryRow.due_us, DeliveryRow.seq)
        .limit(limit)
    )
    async with snapshot(engine) as connection:
        if not (await connection.execute(due.limit(1))).first():
            return ()
    async with writing(engine).begin() as connection:
        await lock_writer(connection)
        rows = (await connection.execute(due)).all()
        leased = update(table(DeliveryRow)).where(
            DeliveryRow.webhook_id == webhook_id, DeliveryRow.seq.in_([row.seq for row in rows])
        )
        values = {"attempts": DeliveryRow.attempts + 1, "due_us": now_us + LEASE_US, "attempted_us": now_us}
        await connection.execute(leased.values(values))
    return tuple(
        (replace(_delivery(row._mapping), attempts=row.attempts + 1, attempted_us=now_us), row.payload) for row in rows
    )


def _delivery(row: RowMapping) -> Delivery:
    return Delivery(**{name: row[name] for name in Delivery.__slots__})


async def settle(engine: AsyncEngine, done: Delivery) -> None:
    """Note how an attempt ended."""
    values = {name: getattr(done, name) for name in ("state", "due_us", "http_status", "trouble")}
    async with writing(engine).begin() as connection:
        await lock_writer(connection)
        await connection.execute(
            update(table(DeliveryRow))
            .where(DeliveryRow.webhook_id == done.webhook_id, DeliveryRow.seq == done.seq)
            .values(values)
        )


async def next_due_us(engine: AsyncEngine, webhook_id: str) -> int | None:
    """When the next delivery is due, or None."""
    async with snapshot(engine) as connection:
        query = select(func.min(DeliveryRow.due_us)).where(DeliveryRow.webhook_id == webhook_id)
        return (await connection.execute(query)).scalar_one()


async def forget(engine: AsyncEngine, before_us: int) -> None:
    """Drop what was over before then from the log of deliveries."""
    async with writing(engine).begin() as connection:
        await lock_writer(connection)
        over = (DeliveryRow.due_us.is_(None), DeliveryRow.attempted_us < before_us)
        await connection.execute(delete(table(DeliveryRow)).where(*over))


async def deliveries_page(
    engine: AsyncEngine, webhook_id: str, states: Sequence[str], limit: int, after_key: tuple[int] | None
) -> tuple[tuple[Delivery, ...], tuple[int] | None]:
    """The log of a webhook, newest first, and the key to go on after."""
    query = select(table(DeliveryRow)).where(DeliveryRow.webhook_id == webhook_id)
    if states:
        query = query.where(DeliveryRow.state.in_(states))
    if after_key:
        query = query.where(DeliveryRow.seq < after_key[0])
    async with snapshot(engine) as connection:
        rows = (await connection.execute(query.order_by(DeliveryRow.seq.desc()).limit(limit + 1))).all()
    next_key = (rows[limit - 1].seq,) if len(rows) > limit else None
    return tuple(_delivery(row._mapping) for row in rows[:limit]), next_key
