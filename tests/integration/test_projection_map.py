"""The map in cells, on both databases: it counts what the list of incidents holds, whatever is kept and whenever."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.projection.core.cells import WORLD, lat_of, lon_of, spot, world_x, world_y
from services.projection.core.geo import features
from services.projection.core.incidents import Incident
from services.projection.core.times import DAY_US, HOUR_US, microseconds
from services.projection.store import read_map
from services.projection.store.engine import Engine, open_engine, writing
from services.projection.store.filters import Box, EventFilter
from services.projection.store.keep_map import keep_up
from services.projection.store.migrate import upgrade
from services.projection.store.pins import pin, unpin
from services.projection.store.read_incidents import incidents_page
from services.projection.store.read_map import MapCells, MapFilter, NotKeptUp, TooManyCells, map_cells
from services.projection.store.tables import Base
from services.projection.store.write import Writer
from shared.bus.port import Message
from shared.events.base import Place
from tests.integration import postgres
from tests.integration.test_projection_api import Served, served
from tests.integration.test_projection_store import changes, shuffled
from tests.unit.projection.made import GORI, KARELI, NOON, POTI, RUSSIA, event, lay, logs, report, strike

__all__ = ["served"]

NOON_US: Final = microseconds(NOON)
FILTERS: Final = (
    EventFilter(),
    EventFilter(places=("Gori",), sources=("Reuters",)),
    EventFilter(from_us=NOON_US - 4 * HOUR_US, to_us=NOON_US + DAY_US),
    EventFilter(kinds=("airstrike",)),
    EventFilter(kinds=("shelling", "ground_combat"), from_us=NOON_US - HOUR_US, to_us=NOON_US + HOUR_US),
    EventFilter(from_us=NOON_US + HOUR_US, to_us=NOON_US + 2 * HOUR_US),
    EventFilter(kinds=("airstrike", "troop_movement"), to_us=NOON_US + HOUR_US),
)
INSTANTS_US: Final = (None, *(NOON_US + minutes * 60_000_000 for minutes in (0, 1, 3)))


async def kept(engine: Engine) -> None:
    while await keep_up(engine):
        pass


async def listed(engine: Engine, wanted: MapFilter) -> list[Incident]:
    def keep(incident: Incident) -> bool:
        return incident.corroborated >= wanted.corroborated_min and wanted.contested in (None, incident.contested)

    return list((await incidents_page(engine, wanted.events, 1_000, None, keep=keep)).items)


def agree(cells: MapCells, incidents: Sequence[Incident]) -> None:
    """Nothing is hidden: every incident is in one cell or among the unplaced."""
    there = Counter[tuple[int, int]]()
    kinds = Counter[str]()
    leading = 0
    for incident in incidents:
        at, to = spot(incident)
        leading += to is not None
        if at:
            there[at[0] >> 14, at[1] >> 14] += 1
            kinds[incident.kind] += 1
    assert sum(route.incidents for _, route in cells.routes) + cells.routes_left == leading
    assert cells.incidents == len(incidents)
    assert cells.unplaced == len(incidents) - there.total()
    assert (
        Counter({(int(c.x / c.incidents) >> 14, int(c.y / c.incidents) >> 14): c.incidents for c in cells.cells})
        == there
    )
    assert sum((c.kinds for c in cells.cells), Counter[str]()) == kinds
    placed = [incident for incident in incidents if spot(incident)[0]]
    assert sum(c.contested for c in cells.cells) == sum(i.contested for i in placed)
    assert max((c.corroborated_max for c in cells.cells), default=0) == max((i.corroborated for i in placed), default=0)
    by_id = {i.id: i for i in incidents}
    for cell in cells.cells:
        assert bool(cell.marks) == (cell.incidents == 1)
        if cell.marks:
            assert cell.marks == features(by_id[cell.marks[0].properties.incident_id])


async def compare(engine: Engine, log: list[Message], chance: random.Random) -> None:
    async with writing(engine).begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            await connection.execute(table.delete())
    for batch in shuffled(log, chance):
        await Writer(engine).write(changes(batch), {}, {})
        if chance.random() < 0.6:
            await kept(engine)
    if chance.random() < 0.3:
        await pin(engine, "1.9.0")
    if chance.random() < 0.3:
        await kept(engine)
        await unpin(engine)
    for _ in ("as it is", "all kept"):
        for as_of_us in INSTANTS_US:
            for events in FILTERS:
                wanted = MapFilter(replace(events, as_of_us=as_of_us))
                agree(await map_cells(engine, wanted, None, 10), await listed(engine, wanted))
        wanted = MapFilter(EventFilter(), contested=chance.random() < 0.5, corroborated_min=2)
        agree(await map_cells(engine, wanted, None, 10), await listed(engine, wanted))
        await kept(engine)


def compare_many(url: str, examples: int) -> None:
    """One engine for all examples: SQLAlchemy would else compile every statement for each anew."""
    with asyncio.Runner() as runner:
        engine = open_engine(url)
        runner.run(upgrade(engine))

        @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
        @given(log=logs(), chance=st.randoms(use_true_random=False))
        def of(log: list[Message], chance: random.Random) -> None:
            runner.run(compare(engine, log, chance))

        try:
            of()
        finally:
            runner.run(engine.dispose())


def test_the_map_counts_what_the_list_holds_at_every_instant_on_sqlite(tmp_path: Path) -> None:
    compare_many(f"sqlite+aiosqlite:///{tmp_path / 'readmodels.sqlite'}", 12)


def test_the_map_counts_what_the_list_holds_at_every_instant_on_postgres(postgres_server: str) -> None:
    with postgres.database(postgres_server) as url:
        compare_many(url, 5)


TOLD: Final = [
    strike(0, GORI),
    strike(1, GORI),  # the same one
    strike(2, KARELI, hour=20),
    strike(3, POTI),
    strike(4, Place(name="Nowhere"), hour=30),
    event(
        "troop_movement",
        report(5),
        participants=(RUSSIA,),
        places=(GORI.model_copy(update={"role": "origin"}), POTI.model_copy(update={"role": "destination"})),
    ),
]
REPORTS: Final = [report(n, outlet=e.outlet) for n, e in enumerate(TOLD)]


async def test_cells_come_over_http(served: Served, engine: Engine) -> None:
    await served.arrive(lay(REPORTS, TOLD, []))
    for _ in range(2):
        world = await served.get("/v1/map/clusters?zoom=0")
        assert (world["incidents"], world["unplaced"]) == (5, 1)
        [cluster] = world["clusters"]
        assert cluster["kinds"] == {"airstrike": 3, "troop_movement": 1}
        assert cluster["corroborated_max"] == 2
        [flow] = world["flows"]
        assert flow["destination"] == pytest.approx([POTI.lon, POTI.lat], abs=1e-4)
        near = await served.get("/v1/map/clusters?zoom=9&bbox=43,41.5,45,42.5")
        assert (near["incidents"], near["unplaced"]) == (5, 1)
        assert sorted(c["incidents"] for c in near["clusters"]) == [1, 2]
        [alone] = [c for c in near["clusters"] if c["incidents"] == 1]
        assert alone["marks"][0]["properties"]["place"] == "Kareli"
        assert (alone["lon"], alone["lat"]) == pytest.approx((KARELI.lon, KARELI.lat), abs=1e-4)
        strikes = await served.get("/v1/map/clusters?zoom=9&bbox=43,41.5,45,42.5&kind=airstrike")
        assert (strikes["incidents"], strikes["unplaced"], strikes["flows"]) == (4, 1, [])
        assert sorted(c["incidents"] for c in strikes["clusters"]) == [1, 1]
        moves = await served.get("/v1/map/clusters?zoom=9&bbox=41,41.5,42,42.5&kind=troop_movement")
        assert (moves["incidents"], moves["clusters"], len(moves["flows"])) == (1, [], 1)  # it leads into the box
        then = (NOON + timedelta(seconds=30)).isoformat().replace("+00:00", "Z")
        assert (await served.get(f"/v1/map/clusters?as_of={then}"))["incidents"] == 1
        for kind in ("airstrike", "troop_movement", "talks"):
            of_kind = await served.get(f"/v1/map/clusters?kind={kind}")
            assert of_kind["incidents"] == len(await served.ids(f"/v1/incidents?kind={kind}"))
        few = await served.get("/v1/map/clusters?marks_max=5")
        assert (few["incidents"], few["unplaced"], few["clusters"]) == (5, 1, [])
        listed_marks = (await served.get("/v1/map.geojson?limit=100"))["features"]
        assert sorted(few["features"], key=lambda f: f["id"]) == sorted(listed_marks, key=lambda f: f["id"])
        await kept(engine)


async def test_what_was_counted_goes_by_the_state_of_what_is_kept(engine: Engine) -> None:
    wanted, found = MapFilter(EventFilter()), list[int]()
    for told in (TOLD[:3], TOLD):
        await Writer(engine).write(changes(lay(REPORTS, told, [])), {}, {})
        await kept(engine)
        once, again = [await map_cells(engine, wanted, None, 10) for _ in range(2)]
        assert (once.cells, once.routes, once.unplaced) == (again.cells, again.routes, again.unplaced)
        agree(again, await listed(engine, wanted))
        found.append(again.incidents)
    assert found == [2, 5]


async def test_too_much_is_said(served: Served, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    await served.arrive(lay(REPORTS, TOLD, []))
    monkeypatch.setattr(read_map, "DUE_MAX", 2)
    problem = await served.get("/v1/map/clusters", status=503)
    assert "5 places" in problem["detail"]
    await kept(engine)
    monkeypatch.setattr(read_map, "CELLS_MAX", 1)
    problem = await served.get("/v1/map/clusters?zoom=9", status=400)
    assert problem["errors"][0]["field"] == "zoom"


async def test_errors_of_the_store_are_its_own(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    await Writer(engine).write(changes(lay(REPORTS, TOLD, [])), {}, {})
    monkeypatch.setattr(read_map, "DUE_MAX", 0)
    with pytest.raises(NotKeptUp):
        await map_cells(engine, MapFilter(EventFilter()), None, 4)
    await kept(engine)
    monkeypatch.setattr(read_map, "CELLS_MAX", 0)
    with pytest.raises(TooManyCells):
        await map_cells(engine, MapFilter(EventFilter()), Box(40, 40, 46, 44), 4)


async def test_the_timeline_in_bins_leaves_nothing_out(served: Served) -> None:
    await served.arrive(lay(REPORTS, TOLD, []))
    for size, query in ((1, ""), (60, ""), (7, "&kind=airstrike"), (9, "&kind=denial"), (200, "&place=Gori")):
        bins = await served.get(f"/v1/timeline/bins?columns={size}&rows={size}{query}")
        listed_events = (await served.get(f"/v1/timeline?limit=100{query}"))["items"]
        assert bins["events"] == sum(b["events"] for b in bins["bins"]) == len(listed_events)
        kinds = sum((Counter[str](b["kinds"]) for b in bins["bins"]), Counter[str]())
        assert kinds == Counter(e["kind"] for e in listed_events)
        for b in bins["bins"]:
            assert 0 <= b["column"] < size
            assert 0 <= b["row"] < size


@given(lon=st.floats(-180, 180), lat=st.floats(-85, 85))
def test_a_point_comes_back(lon: float, lat: float) -> None:
    assert lon_of(world_x(lon) + 0.5) == pytest.approx(lon, abs=360 / WORLD)
    assert lat_of(world_y(lat) + 0.5) == pytest.approx(lat, abs=360 / WORLD)
