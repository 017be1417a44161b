"""Keeps what the map is drawn from: works out again the incidents of clusters that have changed."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, and_, case, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.projection.core.cells import spot
from services.projection.core.geo import Feature, features
from services.projection.core.incidents import Incident, assemble
from services.projection.store.engine import lock_writer, writing
from services.projection.store.filters import visible
from services.projection.store.map_tables import (
    MapClusterRow,
    MapDueRow,
    MapIncidentRow,
    MapMemberRow,
    MapPointRow,
    MapStampRow,
)
from services.projection.store.read import parse, snapshot
from services.projection.store.read_incidents import denials_of
from services.projection.store.rows import Row
from services.projection.store.tables import EventLinkRow, EventRow, WithdrawalRow
from services.projection.store.upserts import chunks, put, table

CLUSTERS_A_STEP: Final = 200
"""A tenth of a second of work, which others of this process wait for in turns."""
FEATURES: Final = TypeAdapter(tuple[Feature, ...])

Span = tuple[int, int]
"""Two instants: when an event may have begun and ended; when a cluster was first told of and when it last changed."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of one incident: since when its cluster is as it is, and when each of its events may have been."""

    incident: Incident
    cluster: str
    changed_us: int
    whens: Mapping[str, Span]

    def row(self) -> Row:
        at, to = spot(self.incident)
        spans = [self.whens[claim.event_id] for claim in self.incident.claims]
        return {
            "id": self.incident.id,
            "cluster_id": self.cluster,
            "kind": self.incident.kind,
            "contested": self.incident.contested,
            "corroborated": self.incident.corroborated,
            "x": at[0] if at else None,
            "y": at[1] if at else None,
            "to_x": to[0] if to else None,
            "to_y": to[1] if to else None,
            "changed_us": self.changed_us,
            "mixed": len({claim.kind for claim in self.incident.claims}) > 1,
            "from_us": min(from_us for from_us, _ in spans),
            "until_us": max(until_us for _, until_us in spans),
            "payload": FEATURES.dump_json(features(self.incident), exclude_none=True).decode(),
        }


async def keep_up(engine: AsyncEngine) -> int:
    """Work out the incidents of some clusters that are due; how many clusters. Raises as `lock_writer`."""
    async with snapshot(engine) as connection:
        due = select(MapDueRow.cluster_id, MapDueRow.turn).limit(CLUSTERS_A_STEP)
        turns = {row.cluster_id: row.turn for row in await connection.execute(due)}
        if not turns:
            return 0
        clusters = sorted(turns)
        spans = await spans_of(connection, clusters)
        by_cluster = await incidents_of(connection, clusters, None)
        whens = await _whens(connection, clusters)
    kept = {c: [Kept(i, c, spans[c][1], whens) for i in incidents] for c, incidents in by_cluster.items()}
    rows = await asyncio.to_thread(lambda: {c: [k.row() for k in of] for c, of in kept.items()})
    async with writing(engine).begin() as connection:
        await lock_writer(connection)
        found = await connection.execute(
            select(MapDueRow.cluster_id, MapDueRow.turn).where(MapDueRow.cluster_id.in_(clusters))
        )
        done = [row.cluster_id for row in found if row.turn == turns[row.cluster_id]]  # others changed meanwhile
        before = await connection.execute(select(MapIncidentRow.x).where(MapIncidentRow.cluster_id.in_(done)))
        points = {x for x in before.scalars() if x is not None}
        old = select(MapIncidentRow.id).where(MapIncidentRow.cluster_id.in_(done))
        await connection.execute(delete(MapMemberRow).where(MapMemberRow.incident_id.in_(old)))
        for of, column in (
            (MapIncidentRow, MapIncidentRow.cluster_id),
            (MapClusterRow, MapClusterRow.cluster_id),
            (MapDueRow, MapDueRow.cluster_id),
        ):
            await connection.execute(delete(table(of)).where(column.in_(done)))
        await put(connection, MapIncidentRow, [row for c in done for row in rows.get(c, ())])
        points |= {x for c in done for row in rows.get(c, ()) if isinstance(x := row["x"], int)}
        await _count_points(connection, sorted(points))
        there = [c for c in done if c in spans]
        span_rows: list[Row] = [{"cluster_id": c, "first_us": spans[c][0], "changed_us": spans[c][1]} for c in there]
        await put(connection, MapClusterRow, span_rows)
        members: list[Row] = [
            {"event_id": claim.event_id, "incident_id": k.incident.id}
            for c in done
            for k in kept.get(c, ())
            for claim in k.incident.claims
        ]
        await put(connection, MapMemberRow, members)
        await put(connection, MapStampRow, [{"id": 1, "stamp": uuid4().hex}])
    return len(turns)


async def _whens(connection: AsyncConnection, clusters: Sequence[str]) -> dict[str, Span]:
    """When each event of these clusters may have been."""
    found: dict[str, Span] = {}
    for ids in chunks(clusters):
        query = select(EventRow.id, EventRow.from_us, EventRow.until_us).where(EventRow.cluster_id.in_(ids))
        found.update({row.id: (row.from_us, row.until_us) for row in await connection.execute(query)})
    return found


async def _count_points(connection: AsyncConnection, xs: Sequence[int]) -> None:
    """Count again what is kept at these `x`, which are of one place each, or nearly."""
    row, point = MapIncidentRow, MapPointRow
    for some in chunks(xs):
        await connection.execute(delete(table(point)).where(point.x.in_(some)))
        contested = func.sum(case((row.contested, 1), else_=0))
        counted = select(row.x, row.y, row.kind, func.count(), contested, func.max(row.corroborated), func.max(row.id))
        counted = counted.where(row.x.in_(some)).group_by(row.x, row.y, row.kind)
        await connection.execute(insert(table(point)).from_select([c.name for c in table(point).columns], counted))


async def incidents_of(
    connection: AsyncConnection, clusters: Sequence[str], as_of_us: int | None
) -> dict[str, tuple[Incident, ...]]:
    """Per cluster its incidents at `as_of`; a cluster of which nothing counts is left out."""
    payloads: dict[str, list[str]] = defaultdict(list)
    for ids in chunks(clusters):
        rows = await connection.execute(
            select(EventRow.cluster_id, EventRow.id, EventRow.payload).where(
                EventRow.cluster_id.in_(ids), *visible(as_of_us)
            )
        )
        for row in rows:
            payloads[row.cluster_id].append(row.payload)
    events = await asyncio.to_thread(lambda: {c: parse(of) for c, of in payloads.items()})
    denials = await denials_of(connection, [e.id for of in events.values() for e in of], as_of_us)
    return await asyncio.to_thread(lambda: {c: assemble(of, denials) for c, of in events.items()})


async def spans_of(connection: AsyncConnection, clusters: Iterable[str]) -> Mapping[str, Span]:
    """Of each cluster that there is, from when on there was something of it and since when nothing has changed.

    What changes it are its events, what withdraws their reports, what denies them, and what withdraws that.
    """
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    withdrawn = select(func.max(WithdrawalRow.at_us)).where(WithdrawalRow.report_id == EventRow.report_id)
    at_us = withdrawn.correlate(EventRow).scalar_subquery()
    for ids in chunks(sorted(clusters)):
        inside = EventRow.cluster_id.in_(ids)
        rows = await connection.execute(select(EventRow.cluster_id, EventRow.reported_us, at_us).where(inside))
        for cluster, reported_us, withdrawn_us in rows:
            first[cluster] = min(first.get(cluster, reported_us), reported_us)
            last[cluster] = max(last.get(cluster, reported_us), reported_us, withdrawn_us or reported_us)
        for cluster, reported_us, withdrawn_us in await _denials(connection, inside):
            last[cluster] = max(last[cluster], reported_us, withdrawn_us or reported_us)
    return {cluster: (first_us, last[cluster]) for cluster, first_us in first.items()}


async def _denials(connection: AsyncConnection, inside: ColumnElement[bool]) -> list[tuple[str, int, int | None]]:
    """Cluster, and when what denies something of it was reported and withdrawn."""
    denied = (
        select(EventRow.cluster_id, EventLinkRow.event_id)
        .join(EventLinkRow, and_(EventLinkRow.to_event_id == EventRow.id, EventLinkRow.link == "denies"))
        .where(inside)
        .subquery()
    )
    at_us = select(func.max(WithdrawalRow.at_us)).where(WithdrawalRow.report_id == EventRow.report_id)
    query = select(denied.c.cluster_id, EventRow.reported_us, at_us.correlate(EventRow).scalar_subquery())
    rows = await connection.execute(query.join(denied, denied.c.event_id == EventRow.id))
    return [(cluster, reported_us, withdrawn_us) for cluster, reported_us, withdrawn_us in rows]
