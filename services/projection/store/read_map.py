"""Reading the map in cells: what is kept is counted by SQL; what has changed since, or was otherwise then, by hand."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import (
    and_,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.projection.core.cells import shift, spot
from services.projection.core.geo import features
from services.projection.core.incidents import Incident
from services.projection.store.count_map import ROUTES_MAX, Cell, Route, Tally, add, chosen, whole
from services.projection.store.filters import Box, Conditions, EventFilter, matching, saying
from services.projection.store.keep_map import FEATURES, incidents_of
from services.projection.store.map_tables import MapClusterRow, MapDueRow, MapIncidentRow, MapMemberRow, MapStampRow
from services.projection.store.narrow import narrowed
from services.projection.store.read import Positions, snapshot
from services.projection.store.tables import EventRow
from services.projection.store.upserts import chunks
from services.projection.store.write import read_positions

DUE_MAX: Final = 2_000
"""More changed clusters than this take seconds to work out, and are about to be: the answer is to ask again."""
CELLS_MAX: Final = 5_000
"""Ten windows full. More is a zoom that does not go with the box."""


COUNTED_MAX: Final = 32
COUNTED_CELLS_MAX: Final = 1_000
"""Half a megabyte, so 16 MB at most are held. A window has a few hundred."""
_COUNTED: Final = OrderedDict[tuple[str, Box | None, int], Tally]()
"""By stamp, which no two states of any tables share; the longest unused is dropped first."""


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


@dataclass(frozen=True, slots=True)
class MapCells:
    """`incidents` match in all, `unplaced` of them have no place that is known.

    Where they are no more than was asked for, `marks` has the marks of each as a JSON list, wherever it lies; else it
    is None, and the rest is of the box.
    """

    incidents: int
    unplaced: int
    cells: Sequence[Cell]
    routes: Sequence[tuple[str, Route]]
    """By kind."""
    routes_left: int
    positions: Positions
    marks: Sequence[str] | None = None


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
        # What is kept says kinds and times by itself, and where nothing is asked for no event need be looked at.
        events = wanted.events if _is_plain(wanted.events) else await narrowed(connection, wanted.events)
        kept = _kept(wanted, events, bool(due))
        changed = [*due, *await _otherwise_then(connection, as_of_us)]
        by_hand = await _worked_out(connection, changed, replace(wanted, events=events))
        # Where all that is kept is asked for, it was counted by point before.
        if kept:
            tally = await chosen(connection, kept, box, bits)
        elif by_hand:
            tally = await whole(connection, box, bits, alone=False)
        else:
            tally = await _whole(connection, box, bits)
        if tally.incidents + len(by_hand) <= marks_max:
            placed = tally.placed + sum(spot(incident)[0] is not None for incident in by_hand)
            marks = list((await connection.execute(select(MapIncidentRow.payload).where(*kept))).scalars())
            marks += [FEATURES.dump_json(features(incident), exclude_none=True).decode() for incident in by_hand]
            return MapCells(len(marks), len(marks) - placed, (), (), 0, positions, marks)
        for one in by_hand:
            add(one, tally, box, bits)
        if len(tally.cells) > CELLS_MAX:
            raise TooManyCells
        await _mark(connection, tally.cells.values())
    ordered = sorted(tally.routes.items(), key=lambda route: (-route[1].incidents, route[0]))
    left = tally.left + sum(route.incidents for _, route in ordered[ROUTES_MAX:])
    shown = [(where[2], route) for where, route in ordered[:ROUTES_MAX]]
    unplaced = tally.incidents - tally.placed
    return MapCells(tally.incidents, unplaced, list(tally.cells.values()), shown, left, positions)


async def _whole(connection: AsyncConnection, box: Box | None, bits: int) -> Tally:
    """All that is kept, counted once for each state of the tables: everybody's first look is the same."""
    stamp = (await connection.execute(select(MapStampRow.stamp))).scalar_one_or_none()
    if stamp is None:
        return await whole(connection, box, bits, alone=True)
    found = _COUNTED.pop((stamp, box, bits), None) or await whole(connection, box, bits, alone=True)
    if len(found.cells) <= COUNTED_CELLS_MAX:
        _COUNTED[stamp, box, bits] = found
        if len(_COUNTED) > COUNTED_MAX:
            _COUNTED.popitem(last=False)
    return found


def _kept(wanted: MapFilter, events: EventFilter, any_due: bool) -> Conditions:
    """What rows of kept incidents have to fulfil.

    Their members are the events that count, now and at any instant since they are as they are.
    """
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
    if _is_plain(wanted.events):
        found += _plain(wanted.events)
    else:
        members = select(MapMemberRow.incident_id).join(EventRow, EventRow.id == MapMemberRow.event_id)
        found.append(row.id.in_(members.where(*saying(events))))
    return found


def _is_plain(events: EventFilter) -> bool:
    """Whether it asks for kinds and times alone, if for anything; they are kept with the incidents."""
    return replace(events, kinds=(), from_us=None, to_us=None, as_of_us=None) == EventFilter()


def _plain(events: EventFilter) -> Conditions:
    """That one event of the incident is of these kinds and of this time.

    Mostly the row says so by itself. Its events are looked at where they are of several kinds, or where the first
    began before the time and the last ended after it: then there may be none in between.
    """
    row, from_us, to_us = MapIncidentRow, events.from_us, events.to_us
    found: Conditions = []
    sure: Conditions = []
    doubt: Conditions = []
    if from_us is not None:
        found.append(row.until_us > from_us)
    if to_us is not None:
        found.append(row.from_us < to_us)
    if events.kinds:
        sure.append(row.kind.in_(events.kinds) & row.mixed.is_(False))
        doubt.append(row.mixed.is_(True))
    if from_us is not None and to_us is not None:
        sure.append(or_(row.from_us >= from_us, row.until_us <= to_us))
        doubt.append(and_(row.from_us < from_us, row.until_us > to_us))
    if sure:
        member = exists().where(
            MapMemberRow.incident_id == row.id, EventRow.id == MapMemberRow.event_id, *saying(events)
        )
        found.append(or_(and_(*sure), and_(or_(*doubt), member)))
    return found


async def _otherwise_then(connection: AsyncConnection, as_of_us: int | None) -> Sequence[str]:
    """Clusters that there were at that instant and that have changed since."""
    if as_of_us is None:
        return ()
    row = MapClusterRow
    query = select(row.cluster_id).where(row.first_us <= as_of_us, row.changed_us > as_of_us)
    return (
        (await connection.execute(query.where(~exists().where(MapDueRow.cluster_id == row.cluster_id)))).scalars().all()
    )


async def _worked_out(connection: AsyncConnection, clusters: Sequence[str], wanted: MapFilter) -> list[Incident]:
    """The incidents of these clusters that match, as of the instant asked for."""
    found: list[Incident] = []
    for ids in chunks(clusters):
        by_cluster = await incidents_of(connection, ids, wanted.events.as_of_us)
        hits = await connection.execute(
            select(EventRow.id).where(EventRow.cluster_id.in_(ids), *matching(wanted.events))
        )
        matched = set(hits.scalars())
        found += [
            incident
            for incidents in by_cluster.values()
            for incident in incidents
            if incident.corroborated >= wanted.corroborated_min
            and wanted.contested in (None, incident.contested)
            and any(claim.event_id in matched for claim in incident.claims)
        ]
    return found


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
