"""Clusters of events linked by matches, kept as events come; a union-find whose roots are the smallest ids."""

from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.projection.core.joining import JOINED_KINDS, Facts, facts, match
from services.projection.core.kinds import family
from services.projection.core.times import window
from services.projection.store.map_due import clusters_changed
from services.projection.store.rows import EventRows, Row
from services.projection.store.tables import MIXED, ClusterRow, EventBlockRow, EventRow
from services.projection.store.upserts import chunks, put, table
from shared.events import EVENT
from shared.events.base import BaseEvent

FACTS_HELD_MAX: Final = 50_000
"""Facts of the events last looked at, about 2 KB each; what is not held is read again."""


class FactsCache:
    """Facts by event id, the longest unused dropped first."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, Facts | None] = OrderedDict()

    def forget(self, event_ids: Iterable[str]) -> None:
        for event_id in event_ids:
            self._held.pop(event_id, None)

    def hold(self, event_id: str, found: Facts | None) -> Facts | None:
        self._held[event_id] = found
        if len(self._held) > FACTS_HELD_MAX:
            self._held.popitem(last=False)
        return found

    async def load(self, connection: AsyncConnection, event_ids: Sequence[str]) -> dict[str, Facts | None]:
        known: dict[str, Facts | None] = {}
        missing = []
        for event_id in event_ids:
            if event_id in self._held:
                self._held.move_to_end(event_id)
                known[event_id] = self._held[event_id]
            else:
                missing.append(event_id)
        for ids in chunks(missing):
            found = await connection.execute(select(EventRow.payload).where(EventRow.id.in_(ids)))
            for payload in found.scalars():
                event = EVENT.validate_json(payload)
                known[event.id] = self.hold(event.id, facts(event))
        return known


class _Clusters:
    def __init__(self) -> None:
        self._parent: dict[str, str] = {}

    def root(self, cluster: str) -> str:
        path = []
        while (parent := self._parent.get(cluster, cluster)) != cluster:
            path.append(cluster)
            cluster = parent
        for passed in path:
            self._parent[passed] = cluster
        return cluster

    def unite(self, a: str, b: str) -> None:
        a, b = self.root(a), self.root(b)
        self._parent[max(a, b)] = min(a, b)


async def join(
    connection: AsyncConnection, cache: FactsCache, adding: Mapping[str, tuple[BaseEvent, EventRows]]
) -> dict[str, str]:
    """The cluster of each event about to be added (only of kinds that are joined), merging those that it links."""
    ours = {i: cache.hold(i, rows.facts) for i, (event, rows) in adding.items() if event.kind in JOINED_KINDS}
    in_block: dict[str, list[str]] = defaultdict(list)
    for event_id in ours:
        for block in adding[event_id][1].blocks:
            in_block[block].append(event_id)
    cluster_of: dict[str, str] = {i: i for i in ours}
    for keys in chunks(sorted(in_block)):
        found = await connection.execute(
            select(EventBlockRow.block, EventRow.id, EventRow.cluster_id)
            .join(EventRow, EventRow.id == EventBlockRow.event_id)
            .where(EventBlockRow.block.in_(keys))
        )
        for block, event_id, cluster_id in found:
            in_block[block].append(event_id)
            cluster_of[event_id] = cluster_id or event_id
    known = ours | await cache.load(connection, sorted(cluster_of.keys() - ours.keys()))
    clusters = _Clusters()
    for event_id, f in ours.items():
        if f is None:
            continue
        tried, mine = {event_id}, clusters.root(event_id)
        for block in adding[event_id][1].blocks:
            for other in in_block[block]:
                if other in tried:
                    continue
                tried.add(other)
                theirs = known[other]
                if theirs is None or clusters.root(cluster_of[other]) == mine:
                    continue
                if match(f, theirs) is not None:
                    clusters.unite(cluster_of[other], mine)
                    mine = clusters.root(mine)
    roots = {i: clusters.root(i) for i in ours}
    old = {c for i, c in cluster_of.items() if i not in ours}
    merging = {c: root for c in old if (root := clusters.root(c)) != c}
    await _store(
        connection,
        merging,
        [(root, family(adding[i][0].kind), window(adding[i][0]).from_us) for i, root in roots.items()],
    )
    return roots


async def _store(
    connection: AsyncConnection, merging: Mapping[str, str], added: Sequence[tuple[str, str, int]]
) -> None:
    """Move the events of merged clusters to their new one, and note how early each cluster begins and of what it is."""
    parts = list(added)
    for ids in chunks(sorted(merging.keys() | {cluster for cluster, _, _ in added})):
        found = await connection.execute(select(ClusterRow).where(ClusterRow.id.in_(ids)))
        parts += [(merging.get(row.id, row.id), row.kind, row.first_us) for row in found]
    for ids in chunks(sorted(merging)):
        await connection.execute(delete(ClusterRow).where(ClusterRow.id.in_(ids)))
    if merging:
        moved = update(table(EventRow)).where(table(EventRow).c.cluster_id == bindparam("old"))
        pairs = [{"old": old, "new": new} for old, new in sorted(merging.items())]
        await connection.execute(moved.values(cluster_id=bindparam("new")), pairs)
    whole: dict[str, tuple[str, int]] = {}
    for cluster, kind, from_us in parts:
        known = whole.get(cluster, (kind, from_us))
        whole[cluster] = (kind if kind == known[0] else MIXED, min(from_us, known[1]))
    rows: list[Row] = [{"id": c, "kind": kind, "first_us": us} for c, (kind, us) in sorted(whole.items())]
    await put(connection, ClusterRow, rows)
    await clusters_changed(connection, merging.keys() | whole.keys())
