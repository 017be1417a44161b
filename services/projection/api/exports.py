"""Exports: everything that matches, streamed page by page, so that no answer is too large to hold."""

from collections.abc import AsyncIterator, Callable
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from fastapi import Query as InQuery
from starlette.responses import StreamingResponse

from services.projection.api.context import Context
from services.projection.api.params import LIMIT_MAX, AllIncidentsQuery, Filters, refuse_doubled
from services.projection.api.routes_models import PROBLEMS
from services.projection.core.casualties import rows
from services.projection.core.geo import features
from services.projection.core.sheets import EVENT_COLUMNS, LEDGER_COLUMNS, head, row
from services.projection.store import read
from services.projection.store.filters import EventFilter
from services.projection.store.read_incidents import incidents_page
from shared.codec import encode
from shared.events.base import BaseEvent

CSV: Final = "text/csv; charset=utf-8"
NDJSON: Final = "application/x-ndjson"
GEOJSON: Final = "application/geo+json"
INCIDENTS_A_PAGE: Final = 200
"""Incidents are larger than events: each brings all its claims."""


def exports_router(context: Context) -> APIRouter:
    """Files for other tools. Rows come in order of report (events, ledger) or occurrence (incidents)."""
    router = APIRouter(
        prefix="/v1/exports", tags=["exports"], dependencies=[Depends(refuse_doubled)], responses=PROBLEMS
    )

    def answer(name: str, media_type: str, parts: AsyncIterator[str]) -> StreamingResponse:
        return StreamingResponse(
            parts, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
        )

    async def of_events(
        wanted: EventFilter, first: str, text: Callable[[BaseEvent], str], with_tolls: bool = False
    ) -> AsyncIterator[str]:
        yield first
        key: tuple[int, str] | None = None
        while True:
            page = await read.events_page(
                context.engine, wanted, LIMIT_MAX, key, newest_first=False, with_tolls=with_tolls
            )
            yield "".join(map(text, page.items))
            if page.next_key is None:
                return
            key = page.next_key  # type: ignore[assignment]

    @router.get("/events.ndjson", response_class=StreamingResponse)
    async def get_events_ndjson(query: Annotated[Filters, InQuery()]) -> StreamingResponse:
        """One event a line, as on the log."""
        wanted = query.event_filter()
        await context.wait(query)
        return answer("events.ndjson", NDJSON, of_events(wanted, "", lambda e: encode(e).decode() + "\n"))

    @router.get("/events.csv", response_class=StreamingResponse)
    async def get_events_csv(query: Annotated[Filters, InQuery()]) -> StreamingResponse:
        """One event a row, its first place; the second row are HXL tags."""
        wanted = query.event_filter()
        await context.wait(query)
        parts = of_events(wanted, head(EVENT_COLUMNS), lambda e: row(EVENT_COLUMNS, e))
        return answer("events.csv", CSV, parts)

    @router.get("/casualties.csv", response_class=StreamingResponse)
    async def get_casualties_csv(query: Annotated[Filters, InQuery()]) -> StreamingResponse:
        """The ledger of tolls; the second row are HXL tags. Adding rows up counts people twice."""
        wanted = query.event_filter()
        await context.wait(query)

        def text(event: BaseEvent) -> str:
            return "".join(row(LEDGER_COLUMNS, r) for r in rows(event, context.groups))

        return answer("casualties.csv", CSV, of_events(wanted, head(LEDGER_COLUMNS), text, with_tolls=True))

    async def of_incidents(query: AllIncidentsQuery, wanted: EventFilter) -> AsyncIterator[tuple[str, list[str]]]:
        key: tuple[int, str, int] | None = None
        while True:
            page = await incidents_page(
                context.engine,
                wanted,
                INCIDENTS_A_PAGE,
                key,
                keep=query.keep,
                newest_first=query.order == "newest",
            )
            for incident in page.items:
                marks = [f.model_dump_json(exclude_none=True) for f in features(incident)]
                yield incident.model_dump_json(exclude_none=True), marks
            if page.next_key is None:
                return
            key = page.next_key  # type: ignore[assignment]

    @router.get("/incidents.ndjson", response_class=StreamingResponse)
    async def get_incidents_ndjson(query: Annotated[AllIncidentsQuery, InQuery()]) -> StreamingResponse:
        """One incident a line, with all its claims."""
        wanted = query.event_filter()
        await context.wait(query)

        async def parts() -> AsyncIterator[str]:
            async for line, _ in of_incidents(query, wanted):
                yield line + "\n"

        return answer("incidents.ndjson", NDJSON, parts())

    @router.get("/incidents.geojson", response_class=StreamingResponse)
    async def get_incidents_geojson(query: Annotated[AllIncidentsQuery, InQuery()]) -> StreamingResponse:
        """The whole map as one GeoJSON file."""
        wanted = query.event_filter()
        await context.wait(query)

        async def parts() -> AsyncIterator[str]:
            yield '{"type":"FeatureCollection","features":['
            comma = ""
            async for _, marks in of_incidents(query, wanted):
                for mark in marks:
                    yield comma + mark
                    comma = ",\n"
            yield "]}\n"

        return answer("incidents.geojson", GEOJSON, parts())

    return router
