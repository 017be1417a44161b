"""Counts over the newest, and measures and tolls by page: the same as of everything, or it says so. Both databases."""

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from services.projection.core.casualties import Toll, tolls
from services.projection.core.measures import MEASURE_KINDS, MeasureInForce, measures
from services.projection.core.times import HOUR_US, microseconds
from services.projection.groups import read_groups
from services.projection.store.digest import digest
from services.projection.store.engine import Engine, open_engine, writing
from services.projection.store.filters import EventFilter
from services.projection.store.migrate import downgrade, upgrade
from services.projection.store.read import events_page
from services.projection.store.read_measures import measures_page
from services.projection.store.read_tolls import TollKey, tolls_page
from services.projection.store.tables import Base
from services.projection.store.write import Writer
from shared.bus.port import Message
from shared.events.base import BaseEvent, Occurred, Participant
from tests.integration.test_projection_api import LOG, Served, served
from tests.integration.test_projection_store import changes
from tests.unit.projection.made import GEORGIA, GORI, KARELI, NOON, RUSSIA, count, event, lay, logs, report, strike

__all__ = ["served"]

GROUPS = read_groups()
NOON_US = microseconds(NOON)
FILTERS = (
    EventFilter(),
    EventFilter(as_of_us=NOON_US + 3 * 60_000_000),
    EventFilter(actors=("Russia",)),
    EventFilter(kinds=("flight_ban", "casualty_report"), sources=("Reuters",)),
    EventFilter(from_us=NOON_US - 4 * HOUR_US, to_us=NOON_US + 24 * HOUR_US),
    EventFilter(statuses=("announced", "ended")),
)


async def all_measures(engine: Engine, wanted: EventFilter, at_us: int, limit: int) -> list[MeasureInForce]:
    found: list[MeasureInForce] = []
    key: tuple[int | str, ...] | None = None
    while True:
        page = await measures_page(
            engine, wanted, limit, key, at_us=at_us, states=(), claims_shown=1_000  # type: ignore[arg-type]
        )  # fmt: skip
        found += page.items
        key = page.next_key
        if key is None:
            return found


async def all_tolls(engine: Engine, wanted: EventFilter, limit: int) -> list[Toll]:
    found: list[Toll] = []
    key: TollKey | None = None
    while True:
        page = await tolls_page(engine, wanted, limit, key, 1_000)
        assert page.complete
        found += page.page.items
        if page.page.next_key is None:
            return found
        key = page.page.next_key  # type: ignore[assignment]


async def check_pages(url: str, log: Sequence[Message], wanted: EventFilter, at_us: int) -> None:
    """The pages hold what the rules make of all events that match."""
    engine = open_engine(url)
    try:
        await upgrade(engine)
        async with writing(engine).begin() as connection:
            for table in reversed(Base.metadata.sorted_tables):
                await connection.execute(table.delete())
        await Writer(engine).write(changes(log), {}, {})
        events = (await events_page(engine, wanted, 10_000, None)).items
        by_id = {m.id: m for m in measures(events, at_us)}
        paged = await all_measures(engine, wanted, at_us, 2)
        assert {m.id: m for m in paged} == by_id
        assert len(paged) == len(by_id)
        assert sorted(t.model_dump_json() for t in await all_tolls(engine, wanted, 2)) == sorted(
            t.model_dump_json() for t in tolls(events, GROUPS)
        )
    finally:
        await engine.dispose()


_wanted = st.sampled_from(FILTERS)
_at = st.integers(-30, 60).map(lambda hours: NOON_US + hours * HOUR_US)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(log=logs(), wanted=_wanted, at_us=_at)
async def test_pages_of_measures_and_tolls_hold_what_the_rules_make_on_sqlite(
    tmp_path: Path, log: list[Message], wanted: EventFilter, at_us: int
) -> None:
    await check_pages(f"sqlite+aiosqlite:///{tmp_path / 'readmodels.sqlite'}", log, wanted, at_us)


async def test_pages_of_measures_and_tolls_hold_what_the_rules_make_on_postgres(postgres_url: str) -> None:
    told = bans(5)
    for wanted in FILTERS:
        await check_pages(postgres_url, lay([], told, []), wanted, NOON_US + 7 * HOUR_US)


def bans(number: int) -> list[BaseEvent]:
    """Bans by turns imposed and lifted, on several, and tolls."""
    found: list[BaseEvent] = []
    for n in range(number):
        for ordinal, kind in enumerate(MEASURE_KINDS):
            found.append(
                event(
                    kind, report(n, outlet=f"Outlet {n % 2}"), ordinal=ordinal,
                    status=("occurred", "announced", "ended")[(n + ordinal) % 3],
                    participants=((RUSSIA, GEORGIA)[n % 2], Participant(role="target", name=f"channel {n % 3}")),
                    occurred=Occurred(start=NOON + timedelta(hours=n), precision="hour"),
                )
            )  # fmt: skip
        found.append(
            event(
                "casualty_report", report(n, outlet=f"Outlet {n % 2}"), ordinal=9,
                participants=(Participant(role="target", name="villagers"),), quantities=(count("killed", n, n),),
            )
        )  # fmt: skip
    return found


async def test_a_measure_says_how_many_claims_there_are_beside_those_shown(served: Served) -> None:
    same = [
        event("flight_ban", report(n), participants=(RUSSIA,), status="ended" if n == 7 else "occurred")
        for n in range(9)
    ]
    await served.arrive(lay([], same, []))
    [whole] = (await served.get("/v1/measures?claims=1000"))["items"]
    [some] = (await served.get("/v1/measures?claims=3"))["items"]
    assert (whole["claims_told"], len(whole["claims"])) == (9, 9)
    assert (some["claims_told"], some["claims"]) == (9, [whole["claims"][0], *whole["claims"][-2:]])
    assert {k: v for k, v in some.items() if k != "claims"} == {k: v for k, v in whole.items() if k != "claims"}


@pytest.mark.parametrize(
    ("model", "counted"),
    [("actors", "events_counted"), ("places", "events_counted"), ("casualties/tolls", "reports_counted"),
     ("sources", "incidents_compared")],
)  # fmt: skip
async def test_what_counts_the_newest_says_how_many_and_whether_that_was_all(
    served: Served, model: str, counted: str
) -> None:
    strikes: list[BaseEvent] = [strike(n, (GORI, KARELI)[n % 2], hour=n % 24 + 24 * (n // 2)) for n in range(6)]
    await served.arrive(lay([], strikes + bans(6), []))
    whole = await served.get(f"/v1/{model}?among=1000&kind=airstrike&kind=casualty_report")
    assert whole["complete"] is True
    there = whole[counted]
    assert there >= 6
    some = await served.get(f"/v1/{model}?among=2&kind=airstrike&kind=casualty_report")
    assert (some[counted], some["complete"]) == (2, False)
    exact = await served.get(f"/v1/{model}?among={there}&kind=airstrike&kind=casualty_report")
    assert (exact["items"], exact["complete"]) == (whole["items"], True)


async def test_the_newest_are_those_reported_last(served: Served) -> None:
    await served.arrive(lay([], [strike(1, GORI), strike(2, KARELI), strike(3, KARELI)], []))
    found = await served.get("/v1/places?among=2")
    assert [(p["name"], p["events"]) for p in found["items"]] == [("Kareli", 2)]
    before = await served.get(f"/v1/places?among=2&as_of={quote((NOON + timedelta(minutes=2)).isoformat())}")
    assert sorted((p["name"], p["events"]) for p in before["items"]) == [("Gori", 1), ("Kareli", 1)]


@pytest.mark.parametrize(
    ("query", "field"),
    [(f"{model}?among={bad}", "among") for model in ("actors", "places", "sources", "casualties/tolls")
     for bad in ("0", "-1", "1000001", "many", "")]
    + [("measures?claims=0", "claims"), ("measures?claims=1001", "claims"), ("measures?among=5", "among"),
       ("events?among=5", "among"), ("casualties/tolls?cursor=x", "cursor"), ("actors?among=1&among=2", "among")],
)  # fmt: skip
async def test_a_bad_bound_is_refused_by_name(served: Served, query: str, field: str) -> None:
    answer = await served.client.get(f"/v1/{query}")
    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert error["field"] == field
    assert error["problem"]
    assert error["mend"]


async def test_no_answer_about_casualties_is_a_bare_sum(served: Served) -> None:
    """Each number is somebody's: a row names its event and outlet, a range lists the claims that it spans, and neither
    the sum of two sources nor of two sides is anywhere in the answers."""
    told = [
        event(
            "casualty_report", report(n, outlet=outlet), quantities=(count("killed", killed, killed),),
            participants=(Participant(role="target", name=side),),
        )
        for n, (outlet, side, killed) in enumerate(
            [("Wire", "villagers", 1_000), ("Daily", "villagers", 20_000), ("Wire", "soldiers", 300_000)]
        )
    ]  # fmt: skip
    await served.arrive(lay([], told, []))
    ledger = (await served.get("/v1/casualties"))["items"]
    assert {(r["event_id"], r["outlet"], r["min"], r["max"]) for r in ledger} == {
        (e.id, e.outlet, e.quantities[0].min, e.quantities[0].max) for e in told
    }
    ranges = {tuple(t["side"]): t["range"] for t in (await served.get("/v1/casualties/tolls"))["items"]}
    assert {side: (r["low"], r["high"]) for side, r in ranges.items()} == {
        ("villagers",): (1_000, 20_000),
        ("soldiers",): (300_000, 300_000),
    }
    for found in ranges.values():
        said = {(c["event_id"], c["min"], c["max"]) for c in found["claims"]}
        assert (found["low_by"], found["high_by"]) == (
            [i for i, low, _ in sorted(said) if low == found["low"]],
            [i for i, _, high in sorted(said) if high == found["high"]],
        )
    numbers = {n for r in ranges.values() for n in _numbers(r)} | {n for r in ledger for n in _numbers(r)}
    assert numbers & {21_000, 301_000, 320_000, 321_000} == set()


def _numbers(value: Any) -> set[int]:
    if isinstance(value, dict):
        return {n for part in value.values() for n in _numbers(part)}
    if isinstance(value, list):
        return {n for part in value for n in _numbers(part)}
    return {value} if isinstance(value, int) and not isinstance(value, bool) else set()


async def test_the_keys_go_forward_and_back_on_a_filled_database(database_url: str) -> None:
    opened = open_engine(database_url)
    await upgrade(opened)
    log = [*LOG, *lay([], bans(5), [])]
    await Writer(opened).write(changes(log), {}, {})
    tables = ("measure_terms", "measure_claims", "toll_claims", "event_places", "event_participants", "event_sources")

    async def rows() -> list[list[str]]:
        async with opened.connect() as connection:
            columns = {name: ", ".join(c.name for c in Base.metadata.tables[name].columns) for name in tables}
            found = [await connection.execute(text(f"SELECT {_quoted(columns[n])} FROM {n}")) for n in tables]
            return [sorted(json.dumps(list(row)) for row in table) for table in found]

    before, parts = await rows(), (await digest(opened, GROUPS)).parts
    assert all(before)
    await downgrade(opened, "0007")
    await upgrade(opened)
    assert await rows() == before
    assert (await digest(opened, GROUPS)).parts == parts
    await opened.dispose()


def _quoted(columns: str) -> str:
    return ", ".join(f'"{name}"' for name in columns.split(", "))
