"""One dead letter by where its original lies."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from services.projection.store.read import snapshot
from services.projection.store.tables import DeadLetterRow
from shared.bus.dead_letters import DeadLetter


async def dead_letter_at(engine: AsyncEngine, topic: str, partition: int, offset: int) -> DeadLetter | None:
    """Of several handlers that gave up on one message the first by name: they hold the same bytes."""
    row = DeadLetterRow
    query = select(row.payload).where(row.topic == topic, row.partition == partition, row.offset == offset)
    async with snapshot(engine) as connection:
        payload = (await connection.execute(query.order_by(row.handler).limit(1))).scalar_one_or_none()
    return None if payload is None else DeadLetter.model_validate_json(payload)
