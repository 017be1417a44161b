"""Reading who and where: actors and places with how often and since when they are named."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Row, Select, case, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncEngine

from services.projection.store.filters import EventFilter
from services.projection.store.lists import in_list
from services.projection.store.narrow import narrowed
from services.projection.store.newest import in_order
from services.projection.store.read import Positions, snapshot
from services.projection.store.tables import EventParticipantRow, EventPlaceRow
from services.projection.store.write import read_positions

T = TypeVar("T")


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


@dataclass(frozen=True, slots=True)
class Counted(Generic[T]):
    """What the newest `events` that match name; `complete` where no more match."""

    items: tuple[T, ...]
    events: int
    complete: bool
    positions: Positions


async def actors(engine: AsyncEngine, wanted: EventFilter, limit: int, among: int) -> Counted[ActorFound]:
    """The actors of the newest `among` events that match, the most named first."""
    row, name = EventParticipantRow, _by_name(EventParticipantRow)
    events = func.count(row.event_id.distinct())
    query = (
        select(
            func.min(row.name).label("name"),
            func.min(row.country).label("country"),
            func.sum(case((row.role == "agent", 1), else_=0)).label("as_agent"),
            func.sum(case((row.role == "target", 1), else_=0)).label("as_target"),
            events.label("events"),
            func.min(row.reported_us).label("first_us"),
            func.max(row.reported_us).label("last_us"),
        )
        .group_by(name)
        .order_by(events.desc(), name)
        .limit(limit)
    )
    rows, counted, positions = await _counted(engine, wanted, among, query, row)
    return Counted(tuple(ActorFound(**r._mapping) for r in rows), min(counted, among), counted <= among, positions)


async def places(engine: AsyncEngine, wanted: EventFilter, limit: int, among: int) -> Counted[PlaceFound]:
    """The places of the newest `among` events that match, the most named first."""
    row, name = EventPlaceRow, _by_name(EventPlaceRow)
    events = func.count(row.event_id.distinct())
    query = (
        select(
            func.min(row.name).label("name"),
            row.country,
            row.geonames_id,
            func.min(row.lat).label("lat"),
            func.min(row.lon).label("lon"),
            func.max(row.radius_km).label("radius_km"),
            events.label("events"),
            func.min(row.reported_us).label("first_us"),
            func.max(row.reported_us).label("last_us"),
        )
        .group_by(name, row.country, row.geonames_id)
        .order_by(events.desc(), name, row.geonames_id)
        .limit(limit)
    )
    rows, counted, positions = await _counted(engine, wanted, among, query, row)
    return Counted(tuple(PlaceFound(**r._mapping) for r in rows), min(counted, among), counted <= among, positions)


def _by_name(row: type[EventParticipantRow | EventPlaceRow]) -> ColumnElement[str]:
    """An expression to group by, or SQLite would walk all names there are in the order of their index."""
    return row.name_key.concat(literal_column("''"))


async def _counted(
    engine: AsyncEngine,
    wanted: EventFilter,
    among: int,
    query: Select[*tuple[Any, ...]],
    row: type[EventParticipantRow | EventPlaceRow],
) -> tuple[Sequence[Row[*tuple[Any, ...]]], int, Positions]:
    """The query's rows over the newest events that match, how many these are (one more where there are more)."""
    async with snapshot(engine) as connection:
        newest = in_order(await narrowed(connection, wanted)).limit(among + 1)
        ids = [event_id for _, event_id in (await connection.execute(newest)).all()]
        rows = (await connection.execute(query.where(in_list(row.event_id, ids[:among])))).all()
        return rows, len(ids), await read_positions(connection)
