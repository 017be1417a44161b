"""Counting the map: how many incidents there are in which cell, and how many lead from one cell to another."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Row,
    Select,
    SQLColumnExpression,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from services.projection.core.cells import WORLD, spot, world_x, world_y
from services.projection.core.geo import Feature, features
from services.projection.core.incidents import Incident
from services.projection.store.filters import Box, Conditions
from services.projection.store.map_tables import MapIncidentRow, MapPointRow

ROUTES_MAX: Final = 24
"""More arrows hide the map, and each other."""


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


Where = tuple[int, int, str]
"""From which cell, to which, and of what kind; a cell is one number (see `_cell`)."""
Cells = dict[int, Cell]
Routes = dict[Where, Route]
Counts = Select[tuple[Any, ...]]


@dataclass(slots=True)
class Tally:
    """All that was counted; `left` are the incidents on routes that were not read."""

    incidents: int = 0
    placed: int = 0
    cells: Cells = field(default_factory=dict)
    routes: Routes = field(default_factory=dict)
    left: int = 0


Column = SQLColumnExpression[Any]


def _inside(box: Box | None, x: Column, y: Column) -> ColumnElement[bool]:
    if box is None:
        return x.is_not(None)
    return x.between(world_x(box.west), world_x(box.east)) & y.between(world_y(box.north), world_y(box.south))


def _cell(x: Column, y: Column, bits: int) -> ColumnElement[int]:
    """One number for a cell: databases sort by one faster than by two."""
    column, line = (cast(part, BigInteger).op(">>")(literal(bits, Integer)) for part in (x, y))
    return column * WORLD + line


async def whole(connection: AsyncConnection, box: Box | None, bits: int, alone: bool) -> Tally:
    """All that is kept. `alone`: nothing will be added, so no more routes are read than are shown."""
    point, row = MapPointRow, MapIncidentRow
    placed = (await connection.execute(select(func.coalesce(func.sum(point.incidents), 0)))).scalar_one()
    nowhere = (await connection.execute(select(func.count()).where(row.x.is_(None)))).scalar_one()
    tally = Tally(int(placed) + nowhere, int(placed))
    inner = select(
        _cell(point.x, point.y, bits).label("cell"), point.kind, point.incidents, point.contested,
        point.corroborated_max.label("corroborated"), (point.x * point.incidents).label("x"),
        (point.y * point.incidents).label("y"), point.last_id,
    ).where(_inside(box, point.x, point.y)).subquery().c  # fmt: skip
    cells: Counts = select(
        inner.cell, inner.kind, func.sum(inner.incidents).label("incidents"),
        func.sum(inner.contested).label("contested"), func.max(inner.corroborated).label("corroborated"),
        func.sum(inner.x).label("x"), func.sum(inner.y).label("y"), func.max(inner.last_id).label("last_id"),
    ).group_by(inner.cell, inner.kind)  # fmt: skip
    for found in await connection.execute(cells):
        _collect(tally.cells, found)
    # Sums, or SQLite would enter an index for each side of the "or" and read the rows themselves.
    start, end = _inside(box, row.x + 0, row.y + 0), _inside(box, row.to_x + 0, row.to_y + 0)
    of = select(
        _cell(row.x, row.y, bits).label("cell"), _cell(row.to_x, row.to_y, bits).label("end_cell"), row.kind,
        cast(row.contested, Integer).label("contested"), row.x, row.y, row.to_x, row.to_y,
    ).where(row.to_x.is_not(None), or_(start, end)).subquery().c  # fmt: skip
    n = func.count()
    routes: Counts = select(
        of.cell, of.end_cell, of.kind, n.label("incidents"), func.sum(of.contested).label("contested"),
        func.sum(of.x).label("x"), func.sum(of.y).label("y"), func.sum(of.to_x).label("to_x"),
        func.sum(of.to_y).label("to_y"), func.sum(n).over().label("whole"),
    ).group_by(of.cell, of.end_cell, of.kind)  # fmt: skip
    if alone:
        routes = routes.order_by(n.desc(), of.cell, of.end_cell, of.kind).limit(ROUTES_MAX)
    for found in await connection.execute(routes):
        _lead(tally.routes, found)
        tally.left = int(found.whole)
    tally.left -= sum(route.incidents for route in tally.routes.values())
    return tally


async def chosen(connection: AsyncConnection, kept: Conditions, box: Box | None, bits: int) -> Tally:
    """What fulfils these conditions, in one pass."""
    row = MapIncidentRow
    here = _inside(box, row.x, row.y)
    leads = and_(row.to_x.is_not(None), or_(here, _inside(box, row.to_x, row.to_y)))
    of = select(
        case((or_(here, leads), _cell(row.x, row.y, bits))).label("cell"), case((here, 1), else_=0).label("here"),
        case((leads, _cell(row.to_x, row.to_y, bits))).label("end_cell"), row.kind, row.x, row.y, row.to_x, row.to_y,
        cast(row.contested, Integer).label("contested"), row.corroborated, row.id,
    ).where(*kept).subquery().c  # fmt: skip
    query: Counts = select(
        of.cell, of.here, of.end_cell, of.kind, func.count().label("incidents"), func.count(of.x).label("placed"),
        func.sum(of.contested).label("contested"), func.max(of.corroborated).label("corroborated"),
        func.sum(of.x).label("x"), func.sum(of.y).label("y"), func.sum(of.to_x).label("to_x"),
        func.sum(of.to_y).label("to_y"), func.max(of.id).label("last_id"),
    ).group_by(of.cell, of.here, of.end_cell, of.kind)  # fmt: skip
    tally = Tally()
    for found in await connection.execute(query):
        tally.incidents += found.incidents
        tally.placed += found.placed
        if found.here:
            _collect(tally.cells, found)
        if found.end_cell is not None:
            _lead(tally.routes, found)
    return tally


def _collect(cells: Cells, found: Row[Any]) -> None:
    cell = cells.setdefault(found.cell, Cell())
    cell.x += float(found.x)
    cell.y += float(found.y)
    cell.contested += int(found.contested)
    cell.corroborated_max = max(cell.corroborated_max, found.corroborated)
    cell.kinds[found.kind] += int(found.incidents)
    cell.last_id = found.last_id


def _lead(routes: Routes, found: Row[Any]) -> None:
    route = routes.setdefault((found.cell, found.end_cell, found.kind), Route())
    route.x += float(found.x)
    route.y += float(found.y)
    route.to_x += float(found.to_x)
    route.to_y += float(found.to_y)
    route.incidents += found.incidents
    route.contested += int(found.contested)


def add(one: Incident, tally: Tally, box: Box | None, bits: int) -> None:
    """Count one that was worked out."""
    at, to = spot(one)
    tally.incidents += 1
    if at is None:
        return
    tally.placed += 1
    x, y = at
    here = (x >> bits) * WORLD + (y >> bits)
    if _holds(box, x, y):
        cell = tally.cells.setdefault(here, Cell())
        cell.x += x
        cell.y += y
        cell.contested += one.contested
        cell.corroborated_max = max(cell.corroborated_max, one.corroborated)
        cell.kinds[one.kind] += 1
        cell.last_id, cell.marks = one.id, features(one)
    if to is not None and (_holds(box, x, y) or _holds(box, *to)):
        route = tally.routes.setdefault((here, (to[0] >> bits) * WORLD + (to[1] >> bits), one.kind), Route())
        route.x, route.y, route.to_x, route.to_y = route.x + x, route.y + y, route.to_x + to[0], route.to_y + to[1]
        route.incidents += 1
        route.contested += one.contested


def _holds(box: Box | None, x: int, y: int) -> bool:
    return box is None or (
        world_x(box.west) <= x <= world_x(box.east) and world_y(box.north) <= y <= world_y(box.south)
    )
