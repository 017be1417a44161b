"""The timeline in bins: any number of events, none of them left out."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends
from fastapi import Query as InQuery
from pydantic import BaseModel, Field

from services.projection.api.answers import Answer
from services.projection.api.context import Context, position
from services.projection.api.params import Filters, refuse_doubled
from services.projection.api.routes_models import PROBLEMS
from services.projection.core.times import instant
from services.projection.store.read_bins import timeline_bins
from shared.model import Instant

BINS_MAX: Final = 200
"""A side; more than a screen has room for."""


class BinsQuery(Filters):
    columns: int = Field(default=60, ge=1, le=BINS_MAX, description="Of when it happened.")
    rows: int = Field(default=30, ge=1, le=BINS_MAX, description="Of when it was reported.")


class Bin(BaseModel):
    column: int
    row: int
    events: int
    kinds: dict[str, int]


class Axis(BaseModel):
    """`start` is that of bin 0, `end` (exclusive) that of the last."""

    start: Instant
    end: Instant


class TimelineBins(Answer):
    """The bins add up to `events`. What happened long before the others is in column 0, long after in the last."""

    events: int
    happened: Axis
    reported: Axis
    bins: list[Bin]


def bins_router(context: Context) -> APIRouter:
    """What a timeline of very many events is drawn from."""
    router = APIRouter(prefix="/v1", tags=["overviews"], dependencies=[Depends(refuse_doubled)])

    @router.get("/timeline/bins", response_model=TimelineBins, response_model_exclude_none=True, responses=PROBLEMS)
    async def get_bins(query: Annotated[BinsQuery, InQuery()]) -> TimelineBins:
        """Events counted by when they happened and when they were reported."""
        wanted = query.event_filter()
        await context.wait(query)
        found = await timeline_bins(context.engine, wanted, query.columns, query.rows)
        return TimelineBins(
            events=found.events,
            happened=Axis(start=instant(found.happened[0]), end=instant(found.happened[1])),
            reported=Axis(start=instant(found.reported[0]), end=instant(found.reported[1])),
            bins=[
                Bin(column=column, row=row, events=kinds.total(), kinds=dict(sorted(kinds.items())))
                for (column, row), kinds in sorted(found.counts.items())
            ],
            position=position(found.positions),
        )

    return router
