"""A digest over every read model: equal for any order, batching or doubling of the same log."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.projection.core.casualties import Groups, rows, tolls
from services.projection.core.incidents import assemble
from services.projection.core.measures import measures
from services.projection.core.timeline import entry
from services.projection.core.times import LAST_US
from services.projection.store.filters import visible
from services.projection.store.read import parse, snapshot
from services.projection.store.tables import (
    Base,
    CodingRow,
    DeadLetterRow,
    EventLinkRow,
    EventParticipantRow,
    EventPlaceRow,
    EventQuantityRow,
    EventRow,
    EventSourceRow,
    RawOffsetRow,
    RawSettledRow,
    ReceiptRow,
    ReportRow,
    WithdrawalRow,
)
from services.projection.store.told_tables import MeasureClaimRow, TollClaimRow
from services.projection.store.upserts import table
from shared.events.denial import Denial
from shared.model import Model

TABLES: tuple[type[Base], ...] = (
    ReportRow, WithdrawalRow, CodingRow, ReceiptRow, DeadLetterRow, RawOffsetRow, RawSettledRow, EventRow,
    EventPlaceRow, EventParticipantRow, EventQuantityRow, EventSourceRow, EventLinkRow, MeasureClaimRow, TollClaimRow,
)  # fmt: skip
"""Not `feed` (arrival is its meaning), `positions` (where a log is read to is not what it says), or how events are
grouped to find incidents, which are digested themselves."""


@dataclass(frozen=True, slots=True)
class Digest:
    """SHA-256 in hexadecimal, of each part and of all."""

    parts: dict[str, str]

    @property
    def whole(self) -> str:
        return _sha(f"{name}={digest}" for name, digest in sorted(self.parts.items()))


def _sha(lines: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line.encode())
        digest.update(b"\n")
    return digest.hexdigest()


def _models(found: Iterable[Model]) -> str:
    return _sha(sorted(model.model_dump_json() for model in found))


async def digest(engine: AsyncEngine, groups: Groups, as_of_us: int | None = None) -> Digest:
    """Digest the tables and the models made from them, now or at an instant. Reads everything: for checks."""
    async with snapshot(engine) as connection:
        return await digest_on(connection, groups, as_of_us)


async def digest_on(connection: AsyncConnection, groups: Groups, as_of_us: int | None = None) -> Digest:
    """The same within a transaction that is open."""
    parts: dict[str, str] = {}
    for of in TABLES:
        columns = [c for c in table(of).columns if c.name not in ("cluster_id",)]
        found = await connection.execute(select(*columns))
        parts[table(of).name] = _sha(sorted(json.dumps(list(row), ensure_ascii=False) for row in found))
    clustered = await connection.execute(
        select(EventRow.cluster_id, EventRow.payload).where(EventRow.cluster_id.is_not(None), *visible(as_of_us))
    )
    by_cluster: dict[str, list[str]] = {}
    for cluster, payload in clustered:
        by_cluster.setdefault(cluster or "", []).append(payload)
    events = parse((await connection.execute(select(EventRow.payload).where(*visible(as_of_us)))).scalars())
    denials = [e for e in events if isinstance(e, Denial)]
    parts["incidents"] = _models(i for payloads in by_cluster.values() for i in assemble(parse(payloads), denials))
    parts["timeline"] = _models(entry(e) for e in events)
    parts["casualties"] = _models(row for e in events for row in rows(e, groups))
    parts["tolls"] = _models(tolls(events, groups))
    parts["measures"] = _models(measures(events, LAST_US if as_of_us is None else as_of_us))
    return Digest(parts)
