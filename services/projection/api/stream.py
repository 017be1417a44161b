"""The live feed: server-sent events, numbered, resumable without a gap or a double."""

from collections.abc import AsyncIterator
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header
from fastapi import Query as InQuery
from sse_starlette import EventSourceResponse, ServerSentEvent

from services.projection.api.context import Context
from services.projection.api.params import StreamQuery, bad_request, refuse_doubled
from services.projection.api.routes_models import PROBLEMS
from services.projection.progress import wait_for_bell
from services.projection.store.filters import EventFilter
from services.projection.store.read import feed_after, feed_last
from shared.codec import encode

HEARTBEAT_S: Final = 15
"""Proxies close what is silent for 30 to 60 seconds."""
SEND_S_MAX: Final = 30
"""A reader that takes nothing for so long is let go; it resumes where it was."""
LOOK_EVERY_S: Final = 1.0
"""Another process may write; where ours does, it rings."""
FEED_WINDOW: Final = 500
"""Numbers looked at in one go: what a slow reader makes us hold."""
NUMBER_CHARS_MAX: Final = 18


def stream_router(context: Context) -> APIRouter:
    """GET /v1/stream."""
    router = APIRouter(prefix="/v1", tags=["live"], dependencies=[Depends(refuse_doubled)])

    @router.get(
        "/stream",
        response_class=EventSourceResponse,
        responses=PROBLEMS
        | {
            200: {
                "description": "Events as they come: `id` the number in the feed, `event` the kind, `data` the event.",
                "content": {"text/event-stream": {"example": 'id: 17\nevent: airstrike\ndata: {"id":"e_…"}\n\n'}},
            }
        },
    )
    async def get_stream(
        query: Annotated[StreamQuery, InQuery()],
        last_event_id: Annotated[str | None, Header(description="Resume after this number.")] = None,
    ) -> EventSourceResponse:
        """Typed events as they arrive, with the same filters. Begins after `Last-Event-ID`, else `after`, else now."""
        wanted = query.event_filter()
        await context.wait(query)
        if last_event_id:
            if not (last_event_id.isdecimal() and len(last_event_id) <= NUMBER_CHARS_MAX):
                raise bad_request("Last-Event-ID", "is no number of this feed", "send the last `id` as it came")
            after = int(last_event_id)
        else:
            after = query.after if query.after is not None else await feed_last(context.engine)
        return EventSourceResponse(
            _feed(context, wanted, after),
            ping=HEARTBEAT_S,
            send_timeout=SEND_S_MAX,
            headers={"X-Accel-Buffering": "no"},
        )

    return router


async def _feed(context: Context, wanted: EventFilter, seq: int) -> AsyncIterator[ServerSentEvent]:
    """Pulls at the reader's pace, so a slow one holds up nobody and makes nothing pile up."""
    while not context.stop.is_set():
        bell = context.progress.notice.bell()
        found, last = await feed_after(context.engine, seq, wanted, FEED_WINDOW)
        for number, event in found:
            yield ServerSentEvent(data=encode(event).decode(), event=event.kind, id=str(number))
        if last == seq:
            await wait_for_bell(bell, LOOK_EVERY_S)
        seq = last
