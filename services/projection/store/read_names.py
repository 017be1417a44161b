"""Reading who and where: actors and places with how often and since when they are named."""

from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from services.projection.store.filters import EventFilter, matching
from services.projection.store.narrow import narrowed
from services.projection.store.read import Positions, snapshot
from services.projection.store.tables import EventParticipantRow, EventPlaceRow, EventRow
from services.projection.store.write import read_positions


@dataclass(frozen=True, slots=True)
class ActorFound:
    name: str
    country: str | None
    as_agent: int
    as_target: int
    events: int
    first_us: int
    last_us: int


@dataclass(frozen=True, slots=True)
class PlaceFound:
    name: str
    country: str | None
    geonames_id: int | None
    lat: float | None
    lon: float | None
    radius_km: float | None
    events: int
    first_us: int
    last_us: int


async def actors(engine: AsyncEngine, wanted: EventFilter, limit: int) -> tuple[tuple[ActorFound, ...], Positions]:
    """The actors of the events that match, the most named first."""
    row = EventParticipantRow
    events = func.count(EventRow.id.distinct())
    query = (
        select(
            func.min(row.name).label("name"),
            func.min(row.country).label("country"),
            func.sum(case((row.role == "agent", 1), else_=0)).label("as_agent"),
            func.sum(case((row.role == "target", 1), else_=0)).label("as_target"),
            events.label("events"),
            func.min(EventRow.reported_us).label("first_us"),
            func.max(EventRow.reported_us).label("last_us"),
        )
        .join(EventRow, EventRow.id == row.event_id)
        .group_by(row.name_key)
        .order_by(events.desc(), row.name_key)
        .limit(limit)
    )
    async with snapshot(engine) as connection:
        query = query.where(*matching(await narrowed(connection, wanted)))
        rows = (await connection.execute(query)).all()
        positions = await read_positions(connection)
    return tuple(ActorFound(**r._mapping) for r in rows), positions


async def places(engine: AsyncEngine, wanted: EventFilter, limit: int) -> tuple[tuple[PlaceFound, ...], Positions]:
    """The places of the events that match, the most named first."""
    row = EventPlaceRow
    events = func.count(EventRow.id.distinct())
    query = (
        select(
            func.min(row.name).label("name"),
            row.country,
            row.geonames_id,
            func.min(row.lat).label("lat"),
            func.min(row.lon).label("lon"),
            func.max(row.radius_km).label("radius_km"),
            events.label("events"),
            func.min(EventRow.reported_us).label("first_us"),
            func.max(EventRow.reported_us).label("last_us"),
        )
        .join(EventRow, EventRow.id == row.event_id)
        .group_by(row.name_key, row.country, row.geonames_id)
        .order_by(events.desc(), row.name_key, row.geonames_id)
        .limit(limit)
    )
    async with snapshot(engine) as connection:
        query = query.where(*matching(await narrowed(connection, wanted)))
        rows = (await connection.execute(query)).all()
        positions = await read_positions(connection)
    return tuple(PlaceFound(**r._mapping) for r in rows), positions
