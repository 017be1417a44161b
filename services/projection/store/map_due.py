"""Noting which clusters have changed, so that the map works out their incidents again."""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.projection.store.map_tables import MapDueRow
from services.projection.store.tables import CodingRow, EventLinkRow, EventRow
from services.projection.store.upserts import add_up, chunks


async def clusters_changed(connection: AsyncConnection, cluster_ids: Iterable[str]) -> None:
    """They have other events, or are no more."""
    await add_up(connection, MapDueRow, [{"cluster_id": c, "turn": 1} for c in sorted(set(cluster_ids))], "turn")


async def reports_changed(connection: AsyncConnection, report_ids: Collection[str], denials: Sequence[str]) -> None:
    """Of these reports other events count than before; these events are new and may deny others."""
    found: set[str] = set()
    for ids in chunks(sorted(report_ids)):
        ours = select(EventRow.id).where(EventRow.report_id.in_(ids))
        found |= await _clusters(connection, EventRow.id.in_(ours))
        found |= await _clusters(connection, EventRow.id.in_(_denied(EventLinkRow.event_id.in_(ours))))
    for ids in chunks(denials):
        found |= await _clusters(connection, EventRow.id.in_(_denied(EventLinkRow.event_id.in_(ids))))
    await clusters_changed(connection, found)


async def coded_again(connection: AsyncConnection, report_ids: Iterable[str] | None = None) -> set[str]:
    """Those of the reports (None: of all) that more than one version has coded."""
    several = select(CodingRow.report_id).group_by(CodingRow.report_id).having(func.count() > 1)
    if report_ids is None:
        return set((await connection.execute(several)).scalars())
    found: set[str] = set()
    for ids in chunks(sorted(report_ids)):
        found.update((await connection.execute(several.where(CodingRow.report_id.in_(ids)))).scalars())
    return found


def _denied(by: ColumnElement[bool]) -> Select[str]:
    return select(EventLinkRow.to_event_id).where(EventLinkRow.link == "denies", by)


async def _clusters(connection: AsyncConnection, of: ColumnElement[bool]) -> set[str]:
    """Of the events for which that holds."""
    found = await connection.execute(select(EventRow.cluster_id).where(EventRow.cluster_id.is_not(None), of).distinct())
    return {cluster for cluster in found.scalars() if cluster is not None}
