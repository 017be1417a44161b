"""Status and dead letters."""

from collections import defaultdict
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from fastapi import Query as InQuery

from services.projection.api.answers import DeadLetters, OwedOffset, Status, TopicStatus
from services.projection.api.context import Context, after_key, next_cursor, position
from services.projection.api.params import DeadLettersQuery, Query, refuse_doubled
from services.projection.api.routes_models import PROBLEMS
from services.projection.core.times import instant
from services.projection.store.read_operations import dead_letters_page, operations, owed_offsets, pace

OWED_SHOWN_MAX: Final = 100


def operations_router(context: Context) -> APIRouter:
    """What operators and `tocsin reconcile` ask."""
    router = APIRouter(prefix="/v1", tags=["operations"], dependencies=[Depends(refuse_doubled)])

    @router.get("/status", response_model=Status, response_model_exclude_none=True, responses=PROBLEMS)
    async def get_status(query: Annotated[Query, InQuery()]) -> Status:
        """Positions, lag, raw messages that are owed a coding, dead letters, coder versions."""
        await context.wait(query)
        found = await operations(context.engine)
        owed = await owed_offsets(context.engine, OWED_SHOWN_MAX)
        going = await pace(context.engine)
        lag = context.progress.lag()
        by_topic: dict[str, dict[str, int]] = defaultdict(dict)
        for (topic, partition), offset in sorted(found.positions.items()):
            by_topic[topic][str(partition)] = offset
        return Status(
            trouble=context.progress.trouble,
            lag_messages=sum(lag.values()),
            topics=[
                TopicStatus(topic=topic, lag_messages=lag.get(topic, 0), positions=by_topic.get(topic, {}))
                for topic in sorted(lag.keys() | by_topic.keys())
            ],
            raw_owed=found.owed,
            raw_owed_first=[OwedOffset(partition=partition, offset=offset) for partition, offset in owed],
            raw_owed_since=instant(going.owed_since_us) if going.owed_since_us is not None else None,
            received_last=instant(going.received_last_us) if going.received_last_us is not None else None,
            reports=found.reports,
            events=found.events,
            dead_letters=found.dead_letters,
            dead_letters_by_reason=dict(found.dead_letters_by_reason),
            coder_versions=list(found.coder_versions),
            coder_pins=list(found.coder_pins),
            feed_last=found.feed_last,
            position=position(found.positions),
        )

    @router.get("/dead-letters", response_model=DeadLetters, response_model_exclude_none=True, responses=PROBLEMS)
    async def get_dead_letters(request: Request, query: Annotated[DeadLettersQuery, InQuery()]) -> DeadLetters:
        """Messages that could not be handled, the latest first, with reason and original bytes (base64)."""
        key = after_key(request, query, (0, "", 0, 0, ""))
        await context.wait(query)
        page = await dead_letters_page(
            context.engine,
            tuple(query.reason),
            tuple(query.topic),
            query.limit,
            key,  # type: ignore[arg-type]
        )
        return DeadLetters(
            items=list(page.items), next=next_cursor(request, page.next_key), position=position(page.positions)
        )

    return router
