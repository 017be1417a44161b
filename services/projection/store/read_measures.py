"""Reading measures: their states from the keys of all their claims, and only those claims decoded that are shown."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, cast

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.projection.core.measures import Effect, MeasureInForce, State, Terms, Told, measure, of_measure, state_of
from services.projection.store.filters import Conditions, EventFilter, matching
from services.projection.store.lists import in_list
from services.projection.store.narrow import narrowed
from services.projection.store.read import Page, parse, snapshot
from services.projection.store.tables import EventRow
from services.projection.store.told_tables import MeasureClaimRow, MeasureTermsRow
from services.projection.store.write import read_positions
from shared.events.base import BaseEvent

TERMS_HELD_MAX: Final = 10_000
"""Terms last read, about a kilobyte each."""
MEASURES_SCANNED_MAX: Final = 1_000
"""A rare state gets a short page and a cursor rather than a look at every measure there ever was."""


@dataclass(frozen=True, slots=True)
class _Known:
    terms: Terms
    first_us: int


async def measures_page(
    engine: AsyncEngine,
    wanted: EventFilter,
    limit: int,
    after_key: tuple[int, str] | None,
    *,
    at_us: int,
    states: Collection[State],
    claims_shown: int,
) -> Page[MeasureInForce]:
    """Measures of which claims match, with their state at an instant, by when they were first said to take effect.

    `states`: only those in one of them; none for all. Of each measure the first reported claim is shown, and the last
    ones, `claims_shown` in all; its state follows from all that match.
    """
    found: list[MeasureInForce] = []
    async with snapshot(engine) as connection:
        wanted = await narrowed(connection, wanted)
        conditions = matching(wanted)
        positions = await read_positions(connection)
        known = await _known(connection, wanted)
        told_of = await _told_of(connection, wanted, conditions)
        ids = [i for i in known if (told_of is None or i in told_of) and (not after_key or _key(known, i) > after_key)]
        scanned = 0
        while scanned < min(len(ids), MEASURES_SCANNED_MAX):
            batch = ids[scanned : scanned + limit]
            chosen: list[tuple[str, list[Told]]] = []
            for terms_id, claims in await _claims(connection, known, batch, conditions):
                if not states or state_of(claims, at_us)[0] in states:
                    chosen.append((terms_id, claims))
            some = chosen[: limit - len(found)]
            shown = await _events(connection, [t.event_id for _, claims in some for t in _ends(claims, claims_shown)])
            found += [measure(known[i].terms, claims, shown, at_us) for i, claims in some]
            if len(chosen) > len(some):
                return Page(tuple(found), _key(known, some[-1][0]), positions)
            scanned += len(batch)
            if len(found) == limit:
                break
        next_key = _key(known, ids[scanned - 1]) if scanned < len(ids) else None
    return Page(tuple(found), next_key, positions)


def _key(known: dict[str, _Known], terms_id: str) -> tuple[int, str]:
    return known[terms_id].first_us, terms_id


def _ends(claims: Sequence[Told], count: int) -> Iterable[Told]:
    """The first and the last of them."""
    return claims if len(claims) <= count else [claims[0], *claims[len(claims) - count + 1 :]]


async def _known(connection: AsyncConnection, wanted: EventFilter) -> dict[str, _Known]:
    """All terms that were ever told, in order: several hundred where a log has ten thousands of claims."""
    query = select(MeasureTermsRow).order_by(MeasureTermsRow.first_us, MeasureTermsRow.id)
    if wanted.kinds:
        query = query.where(MeasureTermsRow.kind.in_(wanted.kinds))
    rows = (await connection.execute(query)).all()
    return {row.id: _Known(_terms(row.kind, row.by, row.against), row.first_us) for row in rows}


@lru_cache(TERMS_HELD_MAX)
def _terms(kind: str, by: str, against: str) -> Terms:
    return Terms(kind, frozenset(json.loads(by)), frozenset(json.loads(against)))


async def _told_of(connection: AsyncConnection, wanted: EventFilter, conditions: Conditions) -> set[str] | None:
    """The terms of claims that match a filter; None where each may have some."""
    anything = EventFilter(
        kinds=wanted.kinds, as_of_us=wanted.as_of_us, one_version=wanted.one_version, is_narrowed=True
    )
    if wanted == anything:
        return None
    query = select(MeasureClaimRow.terms_id).join(EventRow, EventRow.id == MeasureClaimRow.event_id)
    return set((await connection.execute(query.where(*conditions).distinct())).scalars())


async def _claims(
    connection: AsyncConnection, known: dict[str, _Known], batch: Sequence[str], conditions: Conditions
) -> list[tuple[str, list[Told]]]:
    """The claims of each measure of the batch of which any match."""
    lifting = {i: [other for other, k in known.items() if k.terms.fits(known[i].terms)] for i in batch}
    row = MeasureClaimRow
    columns = select(row.event_id, row.terms_id, row.effect, row.from_us, row.until_us, EventRow.reported_us)
    query = columns.join(EventRow, EventRow.id == row.event_id).where(
        in_list(row.terms_id, {other for others in lifting.values() for other in others}),
        (row.effect == "lifts") | in_list(row.terms_id, batch),
        *conditions,
    )
    by_terms: dict[str, list[Told]] = {}
    for event_id, terms_id, effect, from_us, until_us, reported_us in (await connection.execute(query)).all():
        told = Told(event_id, known[terms_id].terms, cast(Effect, effect), from_us, until_us, reported_us)
        by_terms.setdefault(terms_id, []).append(told)
    standing = {i for i in batch if any(t.effect != "lifts" for t in by_terms.get(i, ()))}
    ends_only = [i for i in batch if i not in standing and i in by_terms]
    if ends_only:
        standing |= await _standing(connection, {other for i in ends_only for other in lifting[i]}, conditions)
    found = []
    for i in batch:
        if i in standing or (i in by_terms and not any(other in standing for other in lifting[i])):
            found.append((i, of_measure(known[i].terms, (t for o in lifting[i] for t in by_terms.get(o, ())))))
    return found


async def _standing(connection: AsyncConnection, terms: Collection[str], conditions: Conditions) -> set[str]:
    """Those of the terms that a claim that matches imposes or calls for."""
    told = (
        exists()
        .where(MeasureClaimRow.terms_id == MeasureTermsRow.id, MeasureClaimRow.effect != "lifts")
        .where(EventRow.id == MeasureClaimRow.event_id, *conditions)
    )
    query = select(MeasureTermsRow.id).where(in_list(MeasureTermsRow.id, terms), told)
    return set((await connection.execute(query)).scalars())


async def _events(connection: AsyncConnection, ids: Collection[str]) -> Sequence[BaseEvent]:
    return parse((await connection.execute(select(EventRow.payload).where(in_list(EventRow.id, ids)))).scalars())
