"""Reading measures: their states from the keys of all their claims, and only those claims decoded that are shown."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, cast

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.projection.core.measures import Effect, MeasureInForce, State, Terms, Told, measure, of_measure, state_of
from services.projection.store.filters import Conditions, EventFilter, matching, named
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


_ByTerms = dict[str, list[Told]]


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
        matched = await _matched(connection, known, wanted, conditions)
        ids = [i for i in known if (matched is None or i in matched) and (not after_key or _key(known, i) > after_key)]
        scanned = 0
        while scanned < min(len(ids), MEASURES_SCANNED_MAX):
            batch = ids[scanned : scanned + limit]
            chosen: list[tuple[str, list[Told]]] = []
            for terms_id, claims in await _claims(connection, known, batch, matched, conditions):
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


async def _matched(
    connection: AsyncConnection, known: Mapping[str, _Known], wanted: EventFilter, conditions: Conditions
) -> _ByTerms | None:
    """All claims that match a filter; None where each measure may have some."""
    anything = EventFilter(
        kinds=wanted.kinds, as_of_us=wanted.as_of_us, one_version=wanted.one_version, is_narrowed=True
    )
    if wanted == anything:
        return None
    # Lists first, because there are fewer events of a name than claims, or fewer claims than events of a name.
    lists = [MeasureClaimRow.event_id.in_(select(event_id).where(*having)) for _, event_id, having in named(wanted)]
    return await _by_terms(connection, known, [*lists, *conditions])


async def _by_terms(connection: AsyncConnection, known: Mapping[str, _Known], conditions: Conditions) -> _ByTerms:
    """The claims for which the conditions hold."""
    row = MeasureClaimRow
    query = select(row.event_id, row.terms_id, row.effect, row.from_us, row.until_us, EventRow.reported_us)
    rows = await connection.execute(query.join(EventRow, EventRow.id == row.event_id).where(*conditions))
    found: _ByTerms = {}
    for event_id, terms_id, effect, from_us, until_us, reported_us in rows.all():
        if terms_id in known:
            told = Told(event_id, known[terms_id].terms, cast(Effect, effect), from_us, until_us, reported_us)
            found.setdefault(terms_id, []).append(told)
    return found


async def _claims(
    connection: AsyncConnection,
    known: Mapping[str, _Known],
    batch: Sequence[str],
    matched: _ByTerms | None,
    conditions: Conditions,
) -> list[tuple[str, list[Told]]]:
    """The claims of each measure of the batch of which any match."""
    lifting = {i: [other for other, k in known.items() if k.terms.fits(known[i].terms)] for i in batch}
    by_terms = matched
    if by_terms is None:
        concerned = in_list(MeasureClaimRow.terms_id, {other for others in lifting.values() for other in others})
        ours = (MeasureClaimRow.effect == "lifts") | in_list(MeasureClaimRow.terms_id, batch)
        by_terms = await _by_terms(connection, known, [concerned, ours, *conditions])
    standing = {i for i, told in by_terms.items() if any(t.effect != "lifts" for t in told)}
    ends_only = [i for i in batch if i not in standing and i in by_terms]
    if ends_only and matched is None:
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
