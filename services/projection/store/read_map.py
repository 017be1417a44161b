"""Reading the map in cells: what is kept is counted by SQL; what has changed since, or was otherwise then, by hand."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from sqlalchemy import Integer, Select, SQLColumnExpression, cast, exists, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.projection.core.cells import shift, spot, world_x, world_y
from services.projection.core.geo import Feature, features
from services.projection.store.filters import Box, Conditions, EventFilter, matching
from services.projection.store.keep_map import FEATURES, Kept, incidents_of
from services.projection.store.map_tables import MapClusterRow, MapDueRow, MapIncidentRow, MapMemberRow, MapPointRow
from services.projection.store.narrow import narrowed
from services.projection.store.read import Positions, snapshot
from services.projection.store.tables import EventRow
from services.projection.store.upserts import chunks
from services.projection.store.write import read_positions

DUE_MAX: Final = 2_000
"""More changed clusters than this take seconds to work out, and are about to be: the answer is to ask again."""
CELLS_MAX: Final = 5_000
"""Ten windows full. More is a zoom that does not go with the box."""
ROUTES_MAX: Final = 24
"""More arrows hide the map, and each other."""


class NotKeptUp(Exception):
    """The map is being brought up to date; the argument is the number of clusters that are due."""


class TooManyCells(Exception):
    """The box holds more than `CELLS_MAX` cells of this zoom."""


@dataclass(frozen=True, slots=True)
class MapFilter:
    """Which incidents: of their events, and of themselves."""

    events: EventFilter
    contested: bool | None = None
    corroborated_min: int = 1


@dataclass(slots=True)
class Cell:
    """Incidents that lie together. `x` and `y` are sums, to be divided by their number."""

    x: float = 0
    y: float = 0
    contested: int = 0
    corroborated_max: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    last_id: str = ""
    marks: tuple[Feature, ...] = ()
    """Of the incident, where it is one."""

    @property
    def incidents(self) -> int:
        return self.kinds.total()


@dataclass(slots=True)
class Route:
    """Incidents that lead from one cell to another. The numbers are sums."""

    x: float = 0
    y: float = 0
    to_x: float = 0
    to_y: float = 0
    incidents: int = 0
    contested: int = 0


@dataclass(frozen=True, slots=True)
class MapCells:
    """`incidents` match in all, `unplaced` of them have no place that is known.

    Where they are no more than was asked for, `marks` has the marks of each as a JSON list, wherever it lies; else it
    is None, and the rest is of the box.
    """

    incidents: int
    unplaced: int
    cells: Sequence[Cell]
    routes: Mapping[tuple[str, int, int, int, int], Route]
    routes_left: int
    positions: Positions
    marks: Sequence[str] | None = None


Counting = Select[tuple[object, ...]]
"""Rows of cell_x, cell_y, kind, incidents, contested, corroborated, x, y (sums) and an id."""
Cells = dict[tuple[int, int], Cell]
Routes = dict[tuple[str, int, int, int, int], Route]


async def map_cells(engine: AsyncEngine, wanted: MapFilter, box: Box | None, zoom: int, marks_max: int = 0) -> MapCells:
    """The incidents that match: all their marks where they are no more than `marks_max`, else how many there are in
    cells of `zoom` within the box. Raises NotKeptUp and TooManyCells."""
    as_of_us = wanted.events.as_of_us
    bits = shift(zoom)
    async with snapshot(engine) as connection:
        positions = await read_positions(connection)
        due = list((await connection.execute(select(MapDueRow.cluster_id).limit(DUE_MAX + 1))).scalars())
        if len(due) > DUE_MAX:
            raise NotKeptUp((await connection.execute(select(func.count()).select_from(MapDueRow))).scalar_one())
        asks = replace(wanted.events, as_of_us=None) != EventFilter()  # else no event needs to be looked at
        events = await narrowed(connection, wanted.events) if asks else wanted.events
        kept = _kept(wanted, events if asks else None, bool(due))
        totals = select(func.count(), func.count(MapIncidentRow.x)).select_from(MapIncidentRow).where(*kept)
        incidents, placed = (await connection.execute(totals)).one()
        changed = [*due, *await _otherwise_then(connection, as_of_us)]
        by_hand = await _worked_out(connection, changed, replace(wanted, events=events))
        if incidents + len(by_hand) <= marks_max:
            marks = list((await connection.execute(select(MapIncidentRow.payload).where(*kept))).scalars())
            marks += [FEATURES.dump_json(features(k.incident), exclude_none=True).decode() for k in by_hand]
            placed += sum(spot(k.incident)[0] is not None for k in by_hand)
            return MapCells(len(marks), len(marks) - placed, (), {}, 0, positions, marks)
        # Where all that is kept is asked for, it was counted by point before.
        cells = await _collected(connection, _by_kind(kept, box, bits) if kept else _by_point(box, bits))
        routes = await _routes(connection, kept, box, bits)
        for one in by_hand:
            incidents += 1
            placed += _add(one, cells, routes, box, bits)
        if len(cells) > CELLS_MAX:
            raise TooManyCells
        await _mark(connection, cells.values())
    ordered = sorted(routes.items(), key=lambda route: (-route[1].incidents, route[0]))
    left = sum(route.incidents for _, route in ordered[ROUTES_MAX:])
    shown = dict(ordered[:ROUTES_MAX])
    return MapCells(incidents, incidents - placed, list(cells.values()), shown, left, positions)


def _kept(wanted: MapFilter, events: EventFilter | None, any_due: bool) -> Conditions:
    """What rows of kept incidents have to fulfil; `events` None where any event will do."""
    row = MapIncidentRow
    found: Conditions = []
    if any_due:
        found.append(~exists().where(MapDueRow.cluster_id == row.cluster_id))
    if wanted.events.as_of_us is not None:
        found.append(row.changed_us <= wanted.events.as_of_us)
    if wanted.contested is not None:
        found.append(row.contested.is_(wanted.contested))
    if wanted.corroborated_min > 1:
        found.append(row.corroborated >= wanted.corroborated_min)
    if events is not None:
        members = select(MapMemberRow.incident_id).join(EventRow, EventRow.id == MapMemberRow.event_id)
        found.append(row.id.in_(members.where(*matching(events))))
    return found


def _inside(box: Box | None, x: SQLColumnExpression[Any], y: SQLColumnExpression[Any]) -> Conditions:
    if box is None:
        return [x.is_not(None)]
    return [x.between(world_x(box.west), world_x(box.east)), y.between(world_y(box.north), world_y(box.south))]


def _by_kind(kept: Conditions, box: Box | None, bits: int) -> Counting:
    row = MapIncidentRow
    column, line = row.x.op(">>")(bits), row.y.op(">>")(bits)
    return (
        select(
            column.label("cell_x"), line.label("cell_y"), row.kind,
            func.count().label("incidents"), func.sum(cast(row.contested, Integer)).label("contested"),
            func.max(row.corroborated).label("corroborated"), func.sum(row.x).label("x"), func.sum(row.y).label("y"),
            func.max(row.id).label("id"),
        ).where(*kept, *_inside(box, row.x, row.y)).group_by(column, line, row.kind)
    )  # fmt: skip


def _by_point(box: Box | None, bits: int) -> Counting:
    point = MapPointRow
    column, line = point.x.op(">>")(literal(bits, Integer)), point.y.op(">>")(literal(bits, Integer))
    return (
        select(
            column.label("cell_x"), line.label("cell_y"), point.kind,
            func.sum(point.incidents).label("incidents"), func.sum(point.contested).label("contested"),
            func.max(point.corroborated_max).label("corroborated"),
            func.sum(point.x * point.incidents).label("x"), func.sum(point.y * point.incidents).label("y"),
            func.max(point.last_id).label("id"),
        ).where(*_inside(box, point.x, point.y)).group_by(column, line, point.kind)
    )  # fmt: skip


async def _collected(connection: AsyncConnection, query: Counting) -> Cells:
    cells: Cells = {}
    for found in await connection.execute(query):
        cell = cells.setdefault((found.cell_x, found.cell_y), Cell())
        cell.x += float(found.x)
        cell.y += float(found.y)
        cell.contested += int(found.contested)
        cell.corroborated_max = max(cell.corroborated_max, found.corroborated)
        cell.kinds[found.kind] += int(found.incidents)
        cell.last_id = found.id
    return cells


async def _routes(connection: AsyncConnection, kept: Conditions, box: Box | None, bits: int) -> Routes:
    row = MapIncidentRow
    ends = [column.op(">>")(bits) for column in (row.x, row.y, row.to_x, row.to_y)]
    query: Select[tuple[object, ...]] = select(
        row.kind, *(end.label(f"end_{n}") for n, end in enumerate(ends)), func.count().label("incidents"),
        func.sum(cast(row.contested, Integer)).label("contested"), func.sum(row.x).label("x"),
        func.sum(row.y).label("y"), func.sum(row.to_x).label("to_x"), func.sum(row.to_y).label("to_y"),
    ).where(row.to_x.is_not(None), *kept).group_by(row.kind, *ends)  # fmt: skip
    if box is not None:
        # Sums, or SQLite would enter an index for each side of the "or" and read the rows themselves.
        start, end = _inside(box, row.x + 0, row.y + 0), _inside(box, row.to_x + 0, row.to_y + 0)
        query = query.where(or_(start[0] & start[1], end[0] & end[1]))
    return {
        (r.kind, r.end_0, r.end_1, r.end_2, r.end_3): Route(
            float(r.x), float(r.y), float(r.to_x), float(r.to_y), r.incidents, int(r.contested)
        )
        for r in await connection.execute(query)
    }


async def _otherwise_then(connection: AsyncConnection, as_of_us: int | None) -> Sequence[str]:
    """Clusters that there were at that instant and that have changed since."""
    if as_of_us is None:
        return ()
    row = MapClusterRow
    query = select(row.cluster_id).where(row.first_us <= as_of_us, row.changed_us > as_of_us)
    return (
        (await connection.execute(query.where(~exists().where(MapDueRow.cluster_id == row.cluster_id)))).scalars().all()
    )


async def _worked_out(connection: AsyncConnection, clusters: Sequence[str], wanted: MapFilter) -> list[Kept]:
    """The incidents of these clusters that match, as of the instant asked for."""
    found: list[Kept] = []
    for ids in chunks(clusters):
        by_cluster = await incidents_of(connection, ids, wanted.events.as_of_us)
        hits = await connection.execute(
            select(EventRow.id).where(EventRow.cluster_id.in_(ids), *matching(wanted.events))
        )
        matched = set(hits.scalars())
        found += [
            Kept(incident, cluster, 0)
            for cluster, incidents in by_cluster.items()
            for incident in incidents
            if incident.corroborated >= wanted.corroborated_min
            and wanted.contested in (None, incident.contested)
            and any(claim.event_id in matched for claim in incident.claims)
        ]
    return found


def _add(one: Kept, cells: Cells, routes: Routes, box: Box | None, bits: int) -> bool:
    """Count one that was worked out to its cell; whether it has a place."""
    row = one.row()
    x, y, to_x, to_y = row["x"], row["y"], row["to_x"], row["to_y"]
    if not isinstance(x, int) or not isinstance(y, int):
        return False
    if _holds(box, x, y):
        cell = cells.setdefault((x >> bits, y >> bits), Cell())
        cell.x += x
        cell.y += y
        cell.contested += one.incident.contested
        cell.corroborated_max = max(cell.corroborated_max, one.incident.corroborated)
        cell.kinds[one.incident.kind] += 1
        cell.last_id, cell.marks = one.incident.id, features(one.incident)
    if isinstance(to_x, int) and isinstance(to_y, int) and (_holds(box, x, y) or _holds(box, to_x, to_y)):
        key = (one.incident.kind, x >> bits, y >> bits, to_x >> bits, to_y >> bits)
        route = routes.setdefault(key, Route())
        route.x, route.y, route.to_x, route.to_y = route.x + x, route.y + y, route.to_x + to_x, route.to_y + to_y
        route.incidents += 1
        route.contested += one.incident.contested
    return True


def _holds(box: Box | None, x: int, y: int) -> bool:
    return box is None or (
        world_x(box.west) <= x <= world_x(box.east) and world_y(box.north) <= y <= world_y(box.south)
    )


async def _mark(connection: AsyncConnection, cells: Iterable[Cell]) -> None:
    """Give the cells of one incident its marks."""
    alone = {cell.last_id: cell for cell in cells if cell.incidents == 1 and not cell.marks}
    for ids in chunks(sorted(alone)):
        rows = await connection.execute(
            select(MapIncidentRow.id, MapIncidentRow.payload).where(MapIncidentRow.id.in_(ids))
        )
        for row in rows:
            alone[row.id].marks = FEATURES.validate_json(row.payload)
    for cell in cells:
        if cell.incidents > 1:
            cell.marks = ()
