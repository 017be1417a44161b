"""The map in cells: any number of incidents, counted on the server."""

from dataclasses import replace
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from fastapi import Query as InQuery
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.projection.api.answers import Answer
from services.projection.api.context import Context, position
from services.projection.api.params import Filters, bad_request, refuse_doubled
from services.projection.api.routes_models import PROBLEMS
from services.projection.core.cells import ZOOM_MAX, lat_of, lon_of
from services.projection.core.geo import Feature
from services.projection.store.count_map import Cell, Route
from services.projection.store.read_map import CELLS_MAX, MapFilter, NotKeptUp, TooManyCells, map_cells
from shared.web.problems import Problem, ProblemError

MARKS_MAX: Final = 5_000
"""A few megabytes."""
DEGREE_DIGITS: Final = 5
"""A metre."""


class ClustersQuery(Filters):
    zoom: int = Field(
        default=2, ge=0, le=ZOOM_MAX, description="A cell is 64 pixels of a map whose world is 256 * 2^zoom wide."
    )
    contested: bool | None = Field(default=None, description="Only those that somebody contests, or that nobody does.")
    corroborated_min: int = Field(default=1, ge=1, description="At least so many independent voices.")
    marks_max: int = Field(
        default=0, ge=0, le=MARKS_MAX, description="Where no more incidents match than this, all their marks instead."
    )


class Cluster(BaseModel):
    """Incidents that lie in one cell, at the mean of their points."""

    lon: float
    lat: float
    incidents: int
    contested: int
    corroborated_max: int
    kinds: dict[str, int]
    marks: tuple[Feature, ...] = Field(description="Where it is one incident: its marks, as of /v1/map.geojson.")


class Flow(BaseModel):
    """Incidents of one kind that lead from one cell to another."""

    kind: str
    origin: tuple[float, float] = Field(description="Longitude and latitude.")
    destination: tuple[float, float]
    incidents: int
    contested: int


class Clusters(Answer):
    """Each incident is counted once, at its first place told: over the whole world, the clusters and `unplaced` add up
    to `incidents`."""

    incidents: int = Field(description="That match, within `bbox` or not.")
    unplaced: int = Field(description="Of these, with no place that the gazetteer knows.")
    clusters: list[Cluster]
    flows: list[Flow] = Field(description="The most frequent ways from origin to destination.")
    flows_left: int = Field(description="Incidents on ways that are not among `flows`.")
    features: list[Feature] | None = Field(
        default=None,
        description="The marks of all incidents, as of /v1/map.geojson, where they are no more than `marks_max`; then "
        "there are no clusters.",
    )


def _cluster(cell: Cell) -> Cluster:
    n = cell.incidents
    return Cluster(
        lon=round(lon_of(cell.x / n), DEGREE_DIGITS),
        lat=round(lat_of(cell.y / n), DEGREE_DIGITS),
        incidents=n,
        contested=cell.contested,
        corroborated_max=cell.corroborated_max,
        kinds=dict(sorted(cell.kinds.items())),
        marks=cell.marks,
    )


def _flow(kind: str, route: Route) -> Flow:
    n = route.incidents
    return Flow(
        kind=kind,
        origin=(round(lon_of(route.x / n), DEGREE_DIGITS), round(lat_of(route.y / n), DEGREE_DIGITS)),
        destination=(round(lon_of(route.to_x / n), DEGREE_DIGITS), round(lat_of(route.to_y / n), DEGREE_DIGITS)),
        incidents=n,
        contested=route.contested,
    )


def map_router(context: Context) -> APIRouter:
    """What a map of very many incidents is drawn from."""
    router = APIRouter(prefix="/v1", tags=["overviews"], dependencies=[Depends(refuse_doubled)])

    @router.get("/map/clusters", response_model=Clusters, response_model_exclude_none=True, responses=PROBLEMS)
    async def get_clusters(query: Annotated[ClustersQuery, InQuery()]) -> Response:
        """Incidents counted by cells of the map; `bbox` is the part of the map that is looked at, and no filter."""
        asked = query.event_filter()
        await context.wait(query)
        wanted = MapFilter(replace(asked, box=None), query.contested, query.corroborated_min)
        try:
            found = await map_cells(context.engine, wanted, asked.box, query.zoom, query.marks_max)
        except NotKeptUp as error:
            detail = f"The map is being brought up to date; {error.args[0]:,} places in the log are left."
            raise ProblemError(Problem(503, "not-yet", "Not up to date yet", detail, retry_after_s=2)) from None
        except TooManyCells:
            mend = "choose a smaller zoom, or a smaller bbox"
            raise bad_request("zoom", f"makes more than {CELLS_MAX} clusters", mend) from None
        answer = Clusters(
            incidents=found.incidents,
            unplaced=found.unplaced,
            clusters=[_cluster(cell) for cell in found.cells],
            flows=[_flow(kind, route) for kind, route in found.routes],
            flows_left=found.routes_left,
            position=position(found.positions),
        ).model_dump_json(exclude_none=True)
        if found.marks is not None:  # they are JSON already, and many
            listed = ",".join(marks[1:-1] for marks in found.marks if marks != "[]")
            answer = f'{answer[:-1]},"features":[{listed}]}}'
        return Response(answer, media_type="application/json")

    return router
