"""Overviews: the map, flows of people, actors, places and sources."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from fastapi import Query as InQuery
from pydantic import BaseModel, Field

from services.projection.api.answers import Answer, PageAnswer
from services.projection.api.context import Context, after_key, next_cursor, position
from services.projection.api.params import (
    CasualtiesQuery,
    IncidentsQuery,
    NamesQuery,
    SourcesQuery,
    bad_request,
    refuse_doubled,
)
from services.projection.api.routes_models import PROBLEMS
from services.projection.core.flows import FLOW_KINDS, Flow, flow
from services.projection.core.geo import Feature, features
from services.projection.core.incidents import Incident
from services.projection.core.times import instant
from services.projection.core.voices import Voice, voices_of
from services.projection.store import read, read_names
from services.projection.store.read_incidents import incidents_page
from shared.model import Instant


class MapAnswer(Answer):
    """GeoJSON; `position`, `next` and `unplaced` are foreign members (RFC 7946, section 6.1)."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[Feature]
    unplaced: int = Field(description="Incidents of this page with no place that the gazetteer knows.")
    next: str | None = None


class Actor(BaseModel):
    name: str
    country: str | None = None
    as_agent: int
    as_target: int
    events: int
    first_reported_at: Instant
    last_reported_at: Instant


class PlaceNamed(BaseModel):
    name: str
    country: str | None = None
    geonames_id: int | None = None
    lat: float | None = None
    lon: float | None = None
    radius_km: float | None = None
    events: int
    first_reported_at: Instant
    last_reported_at: Instant


class NamesAnswer(Answer):
    events_counted: int
    complete: bool = Field(description="False where older events match that were not counted; raise `among`.")


class Actors(NamesAnswer):
    items: list[Actor]


class Places(NamesAnswer):
    items: list[PlaceNamed]


class Sources(Answer):
    items: list[Voice]
    incidents_compared: int
    complete: bool = Field(description="False where more incidents match than were compared; raise `among`.")


class Flows(PageAnswer[Flow]):
    pass


def overviews_router(context: Context) -> APIRouter:
    """What is made of many events."""
    router = APIRouter(prefix="/v1", tags=["overviews"], dependencies=[Depends(refuse_doubled)])
    engine = context.engine

    @router.get("/map.geojson", response_model=MapAnswer, response_model_exclude_none=True, responses=PROBLEMS)
    async def get_map(request: Request, query: Annotated[IncidentsQuery, InQuery()]) -> MapAnswer:
        """Incidents as points with their uncertainty, and lines from origin to destination."""
        wanted, key = query.event_filter(), after_key(request, query, (0, "", 0))
        await context.wait(query)
        page = await incidents_page(
            engine,
            wanted,
            query.limit,
            key,  # type: ignore[arg-type]
            keep=query.keep,
            newest_first=query.order == "newest",
        )
        marks = [features(incident) for incident in page.items]
        return MapAnswer(
            features=[feature for of_incident in marks for feature in of_incident],
            unplaced=sum(not of_incident for of_incident in marks),
            next=next_cursor(request, page.next_key),
            position=position(page.positions),
        )

    @router.get("/displacement", response_model=Flows, response_model_exclude_none=True, responses=PROBLEMS)
    async def get_displacement(request: Request, query: Annotated[CasualtiesQuery, InQuery()]) -> Flows:
        """Claims of displacement and evacuation, newest report first."""
        if wrong := [kind for kind in query.kind if kind not in FLOW_KINDS]:
            raise bad_request("kind", f"{wrong[0]} moves nobody", f"use {' or '.join(FLOW_KINDS)}, or leave it out")
        wanted = query.model_copy(update={"kind": query.kind or list(FLOW_KINDS)}).event_filter()
        key = after_key(request, query, (0, ""))
        await context.wait(query)
        page = await read.events_page(engine, wanted, query.limit, key)  # type: ignore[arg-type]
        return Flows(
            items=[flow(event) for event in page.items],
            next=next_cursor(request, page.next_key),
            position=position(page.positions),
        )

    @router.get("/actors", response_model=Actors, response_model_exclude_none=True, responses=PROBLEMS)
    async def get_actors(query: Annotated[NamesQuery, InQuery()]) -> Actors:
        """Who acts and to whom it is done, the most named first."""
        wanted = query.event_filter()
        await context.wait(query)
        found = await read_names.actors(engine, wanted, query.limit, query.among)
        items = [
            Actor(
                name=a.name,
                country=a.country,
                as_agent=a.as_agent,
                as_target=a.as_target,
                events=a.events,
                first_reported_at=instant(a.first_us),
                last_reported_at=instant(a.last_us),
            )
            for a in found.items
        ]
        return Actors(
            items=items, events_counted=found.events, complete=found.complete, position=position(found.positions)
        )

    @router.get("/places", response_model=Places, response_model_exclude_none=True, responses=PROBLEMS)
    async def get_places(query: Annotated[NamesQuery, InQuery()]) -> Places:
        """Where, the most named first."""
        wanted = query.event_filter()
        await context.wait(query)
        found = await read_names.places(engine, wanted, query.limit, query.among)
        items = [
            PlaceNamed(
                name=p.name,
                country=p.country,
                geonames_id=p.geonames_id,
                lat=p.lat,
                lon=p.lon,
                radius_km=p.radius_km,
                events=p.events,
                first_reported_at=instant(p.first_us),
                last_reported_at=instant(p.last_us),
            )
            for p in found.items
        ]
        return Places(
            items=items, events_counted=found.events, complete=found.complete, position=position(found.positions)
        )

    @router.get("/sources", response_model=Sources, response_model_exclude_none=True, responses=PROBLEMS)
    async def get_sources(query: Annotated[SourcesQuery, InQuery()]) -> Sources:
        """Who tells of how much, who is first, who agrees with whom and who contradicts whom."""
        wanted = query.event_filter()
        await context.wait(query)

        def keep(_: Incident) -> bool:
            return True

        # One more than compared: a page that is full does not know yet whether there are more.
        page = await incidents_page(engine, wanted, query.among + 1, None, keep=keep)
        compared = page.items[: query.among]
        return Sources(
            items=list(voices_of(compared)),
            incidents_compared=len(compared),
            complete=len(page.items) == len(compared) and page.next_key is None,
            position=position(page.positions),
        )

    return router
