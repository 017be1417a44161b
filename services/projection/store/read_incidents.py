"""Reading incidents: clusters by SQL, incidents within them by the core."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final

from sqlalchemy import Row, and_, case, exists, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.projection.core.incidents import Incident, assemble, group
from services.projection.core.kinds import family
from services.projection.core.words import key
from services.projection.store.filters import Conditions, EventFilter, after, matching, visible
from services.projection.store.lists import in_list
from services.projection.store.narrow import begins_by, narrowed
from services.projection.store.read import Page, Positions, parse, snapshot
from services.projection.store.tables import MIXED, ClusterRow, EventLinkRow, EventRow
from services.projection.store.write import read_positions
from shared.events.denial import Denial

CLUSTERS_HELD_MAX: Final = 2_000
"""Incidents of the clusters last read, about 20 KB each."""
CLUSTERS_SCANNED_MAX: Final = 2_000
"""A rare condition gets a short page and a cursor rather than a scan of everything."""


async def incidents_page(
    engine: AsyncEngine,
    wanted: EventFilter,
    limit: int,
    after_key: tuple[int, str, int] | None,
    *,
    keep: Callable[[Incident], bool],
    newest_first: bool = True,
) -> Page[Incident]:
    """Incidents of which at least one claim matches, with all their claims, by the time of their neighbourhood.

    `keep` decides on whole incidents. The key is time, cluster and how many incidents of that cluster were given,
    0 for all.
    """
    async with snapshot(engine) as connection:
        return await incidents_page_on(connection, wanted, limit, after_key, keep=keep, newest_first=newest_first)


async def incidents_page_on(
    connection: AsyncConnection,
    wanted: EventFilter,
    limit: int,
    after_key: tuple[int, str, int] | None,
    *,
    keep: Callable[[Incident], bool],
    newest_first: bool = True,
) -> Page[Incident]:
    """The same within a transaction that is open."""
    found: list[Incident] = []
    scanned = 0
    wanted = await narrowed(connection, wanted, of_clusters=True)
    among = await _among(connection, wanted)
    positions = await read_positions(connection)
    while scanned < CLUSTERS_SCANNED_MAX:
        clusters = await _clusters(connection, wanted, among, limit, after_key, newest_first)
        if not clusters:
            return Page(tuple(found), None, positions)
        by_cluster = await _assembled(connection, [c for c, _ in clusters], wanted)
        for cluster, first_us in clusters:
            done = after_key[2] if after_key and after_key[1] == cluster else 0
            incidents = by_cluster[cluster]
            for number, incident in enumerate(incidents[done:], done + 1):
                if keep(incident):
                    found.append(incident)
                if len(found) == limit:
                    given = number if number < len(incidents) else 0
                    return Page(tuple(found), (first_us, cluster, given), positions)
            after_key = (first_us, cluster, 0)
        scanned += len(clusters)
    return Page(tuple(found), after_key, positions)


async def _among(connection: AsyncConnection, wanted: EventFilter) -> Conditions:
    """Conditions on clusters that follow from the filter and spare walking those that can't have a match."""
    found: Conditions = []
    if wanted.ids is not None:
        clusters = select(EventRow.cluster_id).where(in_list(EventRow.id, wanted.ids), EventRow.cluster_id.is_not(None))
        of = {c for c in (await connection.execute(clusters)).scalars() if c is not None}
        found.append(in_list(ClusterRow.id, of))
    elif wanted.begun_us is not None:
        told = select(EventRow.cluster_id).where(
            EventRow.from_us >= wanted.begun_us, EventRow.from_us < wanted.to_us, EventRow.until_us > wanted.from_us
        )
        found.append(ClusterRow.id.in_(told))
    if wanted.as_of_us is not None:
        found.append(ClusterRow.first_us <= await begins_by(connection, wanted.as_of_us))
    return found


async def _clusters(
    connection: AsyncConnection,
    wanted: EventFilter,
    among: Conditions,
    limit: int,
    after_key: tuple[int, str, int] | None,
    newest_first: bool,
) -> Sequence[tuple[str, int]]:
    query = select(ClusterRow.id, ClusterRow.first_us).where(
        exists().where(EventRow.cluster_id == ClusterRow.id, *_of_each(wanted))
    )
    if wanted.kinds:
        query = query.where(ClusterRow.kind.in_(sorted({MIXED, *(family(kind) for kind in wanted.kinds)})))
    if wanted.to_us is not None:
        query = query.where(ClusterRow.first_us < wanted.to_us)
    if after_key:
        us, cluster, given = after_key
        beyond = after(ClusterRow.first_us, ClusterRow.id, (us, cluster), newest_first)
        query = query.where(beyond | (ClusterRow.id == cluster) if given else beyond)
    order = (ClusterRow.first_us.desc(), ClusterRow.id.desc()) if newest_first else (ClusterRow.first_us, ClusterRow.id)
    query = query.order_by(*order).limit(limit + 1)
    rows: Sequence[Row[str, int]] = ()
    if newest_first and wanted.begun_us is not None and wanted.ids is None:
        # What began in a time is there to be walked; what lasted into it from before takes looking at all of it.
        rows = (await connection.execute(query.where(ClusterRow.first_us >= wanted.begun_us))).all()
    if len(rows) <= limit:
        rows = (await connection.execute(query.where(*among))).all()
    return [(row.id, row.first_us) for row in rows]


def _of_each(wanted: EventFilter) -> Conditions:
    """The filter's conditions, to be asked of the events of one cluster after another."""
    found = matching(replace(wanted, kinds=(), statuses=(), outlets=()))
    # Expressions, or SQLite would take the index by kind (or status, or outlet) and read all events of it.
    if wanted.kinds:
        found.append((EventRow.kind + "").in_(wanted.kinds))
    if wanted.statuses:
        found.append((EventRow.status + "").in_(wanted.statuses))
    if wanted.outlets:
        found.append((EventRow.outlet_key + "").in_([key(outlet) for outlet in wanted.outlets]))
    return found


async def _assembled(
    connection: AsyncConnection, clusters: Sequence[str], wanted: EventFilter
) -> dict[str, tuple[Incident, ...]]:
    """Per cluster its incidents at `as_of` of which a claim matches, first reported first."""
    told: dict[str, dict[str, str]] = defaultdict(dict)
    matched: set[str] = set()
    all_match = replace(wanted, is_narrowed=False) == EventFilter(
        as_of_us=wanted.as_of_us, one_version=wanted.one_version
    )
    # In so few the words are looked for, or SQLite would list all that have them.
    hit = and_(*_of_each(replace(wanted, q_common=True)))
    query = select(
        EventRow.cluster_id,
        EventRow.id,
        EventRow.payload,
        literal(1) if all_match else case((hit, 1), else_=0),
    ).where(in_list(EventRow.cluster_id, clusters), *visible(wanted.as_of_us, wanted.one_version))
    for cluster, event_id, payload, hits in (await connection.execute(query)).all():
        told[cluster or ""][event_id] = payload
        if hits:
            matched.add(event_id)
    denied: dict[str, list[Denial]] = defaultdict(list)
    for denial in await denials_of(connection, [i for payloads in told.values() for i in payloads], wanted.as_of_us):
        for event_id in denial.denies:
            denied[event_id].append(denial)
    found: dict[str, tuple[Incident, ...]] = {}
    for cluster in clusters:
        payloads = told[cluster]
        denials = tuple({d.id: d for event_id in sorted(payloads) for d in denied.get(event_id, ())}.values())
        found[cluster] = tuple(
            incident
            for incident in _incidents(tuple(payload for _, payload in sorted(payloads.items())), denials)
            if all_match or any(claim.event_id in matched for claim in incident.claims)
        )
    return found


@lru_cache(CLUSTERS_HELD_MAX)
def _incidents(payloads: tuple[str, ...], denials: tuple[Denial, ...]) -> tuple[Incident, ...]:
    """Pure in its arguments, and most of the work: the newest clusters are asked for again and again."""
    return assemble(parse(payloads), denials)


async def denials_of(connection: AsyncConnection, event_ids: Sequence[str], as_of_us: int | None) -> list[Denial]:
    """The denials that count at that instant and deny one of these events."""
    rows = await connection.execute(
        select(EventRow.payload)
        .join(EventLinkRow, EventLinkRow.event_id == EventRow.id)
        .where(in_list(EventLinkRow.to_event_id, event_ids), EventLinkRow.link == "denies", *visible(as_of_us))
    )
    return list({event.id: event for event in parse(rows.scalars()) if isinstance(event, Denial)}.values())


async def incident_of(engine: AsyncEngine, event_id: str, as_of_us: int | None) -> tuple[Incident | None, Positions]:
    """The incident that the event belongs to at that instant, or None where it belongs to none."""
    async with snapshot(engine) as connection:
        positions = await read_positions(connection)
        cluster = (
            await connection.execute(select(EventRow.cluster_id).where(EventRow.id == event_id))
        ).scalar_one_or_none()
        if cluster is None:
            return None, positions
        found = await _assembled(connection, [cluster], EventFilter(as_of_us=as_of_us))
        for incident in found[cluster]:
            if any(claim.event_id == event_id for claim in incident.claims):
                return incident, positions
        # The event counts no longer (its report was withdrawn or coded again): lead on to what it was counted to.
        everything = await connection.execute(select(EventRow.payload).where(EventRow.cluster_id == cluster))
    for members, _ in group(parse(everything.scalars())):
        once = {member.id for member in members}
        if event_id in once:
            heirs = (i for i in found[cluster] if any(claim.event_id in once for claim in i.claims))
            return next(heirs, None), positions
    return None, positions
