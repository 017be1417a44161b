"""The query API over HTTP, on both databases."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from prometheus_client import CollectorRegistry

from services.projection.api import build_app
from services.projection.api.context import Context
from services.projection.groups import read_groups
from services.projection.progress import Progress
from services.projection.settings import ProjectionSettings
from services.projection.store import narrow
from services.projection.store.engine import Engine
from services.projection.store.write import Writer
from shared.bus.port import Message, TopicPartition
from shared.events.base import BaseEvent, Evidence, Occurred, Participant, Source
from shared.web.serve import bind, serve_on, url_of
from tests.integration.test_projection_store import changes
from tests.unit.projection.made import GORI, KARELI, NOON, RUSSIA, count, event, lay, receipt, report, strike

BODY = "Bombs fell near Kareli at ten, officials said; the ministry called this nonsense."
FILED = report(1, outlet="Caucasus Wire", external_id="cw-1", body=BODY)
COPIED = report(2, outlet="Daily", body="Jets bombed Kareli, killing ten.")
RAID = event(
    of=FILED,
    places=(KARELI,),
    participants=(RUSSIA,),
    occurred=Occurred(start=NOON - timedelta(hours=6), precision="hour"),
    quantities=(count("injured", 7, 7),),
    sources=(Source(name="Georgian officials"),),
    evidence=(Evidence(start=0, end=22, quote=BODY[:22]),),
)
ECHO = event(
    of=COPIED,
    places=(KARELI,),
    participants=(RUSSIA,),
    occurred=Occurred(start=NOON - timedelta(hours=6), precision="part_of_day"),
    quantities=(count("killed", 10, 10), count("injured", 20, None, "at_least")),
)
DENIAL = event(
    "denial",
    FILED,
    participants=(Participant(role="agent", name="Foreign Ministry of Russia", country="RU"),),
    denies=(RAID.id,),
    evidence=(Evidence(start=47, end=81, quote=BODY[47:81]),),
)
BAN = event(
    "flight_ban",
    report(3, outlet="Caucasus Wire"),
    status="announced",
    participants=(RUSSIA,),
    occurred=Occurred(start=NOON + timedelta(hours=8), precision="minute"),
)
TOLL = event(
    "casualty_report",
    report(4, outlet="Daily"),
    participants=(Participant(role="target", name="Russian peacekeepers", country="RU"),),
    quantities=(count("killed", 12, 12), count("injured", 150, 150)),
)
EVENTS: tuple[BaseEvent, ...] = (RAID, ECHO, DENIAL, BAN, TOLL)
REPORTS = (FILED, COPIED, report(3, outlet="Caucasus Wire"), report(4, outlet="Daily"))
LOG = lay(REPORTS, EVENTS, [receipt(r, EVENTS, n) for n, r in enumerate(REPORTS)])


class Served:
    """An app on a database, with the means to let more of a log arrive."""

    def __init__(self, engine: Engine, client: httpx.AsyncClient, progress: Progress) -> None:
        self.client, self._writer, self._progress = client, Writer(engine), progress

    async def arrive(self, messages: Sequence[Message]) -> None:
        stored = await self._writer.positions()
        ends: dict[TopicPartition, int] = {}
        for message in messages:
            ends[message.where] = max(ends.get(message.where, 0), message.offset + 1)
        before = {where: stored.get(where, 0) for where in ends}
        after = {where: max(end, before[where]) for where, end in ends.items()}
        await self._writer.write(changes(messages), before, after)
        self._progress.moved(after, {}, 0, 0.0)

    async def get(self, path: str, status: int = 200) -> Any:
        answer = await self.client.get(path)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def ids(self, path: str) -> set[str]:
        return {item["id"] for item in (await self.get(path))["items"]}


@pytest.fixture
async def served(engine: Engine) -> AsyncIterator[Served]:
    registry = CollectorRegistry()
    progress, stop = Progress(registry), asyncio.Event()
    app = build_app(Context(engine, progress, ProjectionSettings(), read_groups(), stop), registry)
    listener = bind("127.0.0.1", 0)
    async with asyncio.TaskGroup() as group:
        group.create_task(serve_on(app, listener, stop))
        async with httpx.AsyncClient(base_url=url_of(listener), timeout=20) as client:
            yield Served(engine, client, progress)
        stop.set()
        progress.notice.ring()


@pytest.mark.parametrize("rare", [narrow.RARE_EVENTS_MAX, 0], ids=["by id", "by walking"])
async def test_every_filter_finds_what_it_says(served: Served, rare: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(narrow, "RARE_EVENTS_MAX", rare)
    monkeypatch.setattr(narrow, "LISTED_MAX", rare)
    await served.arrive(LOG)
    assert await served.ids("/v1/events") == {e.id for e in EVENTS}
    assert await served.ids("/v1/events?kind=airstrike&kind=denial") == {RAID.id, ECHO.id, DENIAL.id}
    assert await served.ids("/v1/events?status=announced") == {BAN.id}
    assert await served.ids("/v1/events?country=ge") == {RAID.id, ECHO.id}
    assert await served.ids("/v1/events?place=kareli&outlet=Daily") == {ECHO.id}
    assert await served.ids("/v1/events?place=613762") == {RAID.id, ECHO.id}
    assert await served.ids("/v1/events?bbox=43,42,44,43") == {RAID.id, ECHO.id}
    assert await served.ids("/v1/events?bbox=10,42,11,43") == set()
    assert await served.ids("/v1/events?actor=russia&bbox=43,42,44,43&source=georgian%20officials") == {RAID.id}
    assert await served.ids("/v1/events?actor=RUSSIA&kind=flight_ban") == {BAN.id}
    assert await served.ids("/v1/events?source=georgian%20officials") == {RAID.id}
    assert await served.ids(f"/v1/events?report_id={FILED.id}") == {RAID.id, DENIAL.id}
    assert await served.ids("/v1/events?q=bombs%20KARELI") == {RAID.id}
    assert await served.ids("/v1/events?q=100%25") == set()
    assert await served.ids("/v1/events?q=k%C3%A4reli%20airstrike&kind=airstrike") == {RAID.id, ECHO.id}
    assert await served.ids("/v1/events?q=areli") == set()  # words from their beginning
    assert await served.ids("/v1/events?near=42.02,43.90,1") == {RAID.id, ECHO.id}
    assert await served.ids("/v1/events?near=41.98,44.11,17") == set()
    assert await served.ids("/v1/events?near=41.98,44.11,19") == {RAID.id, ECHO.id}
    assert await served.ids("/v1/events?near=42,-136,20038&q=kareli") == {RAID.id, ECHO.id}
    assert await served.ids("/v1/events?confidence_min=0.9") == set()
    assert await served.ids("/v1/events?from=2008-08-08T19:00:00Z&to=2008-08-09T00:00:00Z") == {BAN.id}
    assert await served.ids("/v1/events?as_of=2008-08-08T16:01:00+04:00") == {RAID.id, DENIAL.id}


async def test_pages_hold_everything_once(served: Served) -> None:
    await served.arrive(LOG)
    for path in ("/v1/events", "/v1/timeline", "/v1/reports", "/v1/incidents", "/v1/measures", "/v1/casualties"):
        whole = await served.get(path)
        seen, cursor = [], ""
        for _ in range(10):
            page = await served.get(f"{path}?limit=1{cursor}")
            seen += page["items"]
            if "next" not in page:
                break
            cursor = f"&cursor={page['next']}"
        assert seen == whole["items"], path
        assert "next" not in page


async def test_an_incident_shows_each_claim_and_who_contests_it(served: Served) -> None:
    await served.arrive(LOG)
    page = await served.get("/v1/incidents?kind=airstrike&contested=true")
    [incident] = page["items"]
    assert incident["id"] == "i_" + RAID.id[2:]
    assert [c["outlet"] for c in incident["claims"]] == ["Caucasus Wire", "Daily"]
    assert all("the same place, Kareli" in c["why"] for c in incident["claims"])
    assert {c["measure"]: (c["low"], c.get("high"), c["contradictory"]) for c in incident["counts"]} == {
        "injured": (7, 7, True),
        "killed": (10, 10, False),
    }
    assert {c["how"] for c in incident["contests"]} == {"denial", "counts"}
    assert incident["corroborated"] == 2
    denial = next(c for c in incident["contests"] if c["how"] == "denial")
    assert (denial["by"], denial["denies"]) == (["Foreign Ministry of Russia"], [RAID.id])
    by_other_id = await served.client.get("/v1/incidents/i_" + ECHO.id[2:], follow_redirects=True)
    assert by_other_id.history[0].status_code == 308
    assert by_other_id.json()["incident"] == incident
    alone = await served.get(f"/v1/incidents/{incident['id']}?as_of=2008-08-08T12:01:30Z")
    assert len(alone["incident"]["claims"]) == 1
    await served.get("/v1/incidents/i_" + "0" * 32, 404)


async def test_reports_show_the_spans_that_events_rest_on(served: Served) -> None:
    await served.arrive(LOG)
    found = await served.get(f"/v1/reports/{FILED.id}")
    assert found["report"]["body"] == BODY
    marks = found["marks"]
    assert [BODY[m["start"] : m["end"]] for m in marks] == [BODY[:22], BODY[47:81]]
    assert await served.ids("/v1/reports?external_id=cw-1") == {FILED.id}
    assert await served.ids("/v1/reports?q=nonsense") == {FILED.id}


async def test_measures_and_tolls(served: Served) -> None:
    await served.arrive(LOG)
    [ban] = (await served.get("/v1/measures?at=2008-08-08T13:00:00Z"))["items"]
    assert (ban["state"], ban["since"]) == ("announced", "2008-08-08T20:00:00Z")
    [ban] = (await served.get("/v1/measures?at=2008-08-09T00:00:00Z&state=in_force"))["items"]
    assert ban["imposed_by"] == ["Russia"]
    rows = (await served.get("/v1/casualties?kind=casualty_report"))["items"]
    assert [(r["measure"], r["min"], r["group"]) for r in rows] == [
        ("killed", 12, "military"),
        ("injured", 150, "military"),
    ]
    tolls = (await served.get("/v1/casualties/tolls"))["items"]
    assert [(t["side"], t["range"]["measure"]) for t in tolls] == [
        (["Russian peacekeepers"], "injured"),
        (["Russian peacekeepers"], "killed"),
    ]


@pytest.mark.parametrize(
    ("query", "field", "says"),
    [
        ("/v1/events?kinds=airstrike", "kinds", "known: "),
        ("/v1/events?kind=air", "kind", "airstrike"),
        ("/v1/events?limit=0", "limit", "greater"),
        ("/v1/events?limit=2000", "limit", "1000"),
        ("/v1/events?limit=1&limit=2", "limit", "more than once"),
        ("/v1/events?cursor=abc", "cursor", "no cursor of this query"),
        ("/v1/events?from=2008-08-08", "from", "RFC 3339"),
        ("/v1/events?from=1218204000", "from", "RFC 3339"),
        ("/v1/events?from=2008-13-08T00:00:00Z", "from", "no time that exists"),
        ("/v1/events?from=2008-08-09T00:00:00Z&to=2008-08-08T00:00:00Z", "to", "not after"),
        ("/v1/events?bbox=1,2,3", "bbox", "four numbers"),
        ("/v1/events?bbox=nan,2,3,4", "bbox", "beyond"),
        ("/v1/events?bbox=0,80,10,100", "bbox", "beyond"),
        ("/v1/events?bbox=0,50,10,40", "bbox", "turned round"),
        ("/v1/events?near=1,2", "near", "three numbers"),
        ("/v1/events?near=91,2,3", "near", "beyond"),
        ("/v1/events?near=1,2,0", "near", "out of bounds"),
        ("/v1/events?near=1,2,nan", "near", "out of bounds"),
        ("/v1/events?q=%25%25", "q", "no word"),
        ("/v1/reports?q=_", "q", "no word"),
        ("/v1/search", "q", "required"),
        ("/v1/events?country=GEO", "country", "ISO 3166"),
        ("/v1/events?place=", "place", "at least 1"),
        ("/v1/events?confidence_min=2", "confidence_min", "less than"),
        ("/v1/events?min_position=17", "min_position", "topic/partition/offset"),
        ("/v1/events?min_position=p.!!", "min_position", "no position"),
        ("/v1/measures?state=on", "state", "in_force"),
        ("/v1/stream?after=-1", "after", "greater"),
        ("/v1/events/17", "event_id", "pattern"),
    ],
)
async def test_bad_queries_name_the_field_and_the_mend(served: Served, query: str, field: str, says: str) -> None:
    answer = await served.client.get(query)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    [error] = answer.json()["errors"]
    assert error["field"].startswith(field)
    assert says in error["problem"] + error["mend"]


async def test_a_cursor_belongs_to_its_query(served: Served) -> None:
    await served.arrive(LOG)
    cursor = (await served.get("/v1/events?limit=1"))["next"]
    await served.get(f"/v1/events?limit=2&cursor={cursor}")
    await served.get(f"/v1/events?limit=1&kind=airstrike&cursor={cursor}", 400)
    await served.get(f"/v1/timeline?limit=1&cursor={cursor}", 400)


async def test_a_reader_waits_for_its_own_write(served: Served) -> None:
    await served.get("/v1/events?min_position=reports.raw.v1/0/0&wait_s=0", 503)
    waiting = asyncio.create_task(served.get("/v1/events?min_position=reports.raw.v1/0/0"))
    await served.arrive([m for m in LOG if m.topic.startswith("reports.")])
    await asyncio.sleep(0.05)
    assert not waiting.done()  # its receipt names events that are not here yet
    await served.arrive([m for m in LOG if m.topic.startswith("events.")])
    found = await waiting
    assert len(found["items"]) == len(EVENTS)
    await served.get(f"/v1/events?min_position={found['position']}&wait_s=0")


async def test_status_tells_what_is_owed_and_dead(served: Served) -> None:
    await served.arrive(lay([report(1), report(2)], [], [receipt(report(1), [], 0)], bury=True))
    status = await served.get("/v1/status")
    assert (status["raw_owed"], status["raw_owed_first"]) == (1, [{"partition": 0, "offset": 1}])
    assert (status["dead_letters"], status["dead_letters_by_reason"]) == (1, {"not_json": 1})
    [letter] = (await served.get("/v1/dead-letters?reason=not_json"))["items"]
    assert letter["value"] == "ew=="
    assert (await served.get("/v1/dead-letters?topic=none"))["items"] == []


async def take(served: Served, query: str, wanted: int, **headers: str) -> list[tuple[int, str]]:
    """The first events of a live feed: number and id."""
    found: list[tuple[int, str]] = []
    number = 0
    async with served.client.stream("GET", f"/v1/stream{query}", headers=headers) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        async for line in answer.aiter_lines():
            if line.startswith("id: "):
                number = int(line[4:])
            elif line.startswith("data: "):
                found.append((number, json.loads(line[6:])["id"]))
                if len(found) == wanted:
                    break
    return found


async def test_the_feed_resumes_without_a_gap_or_a_double(served: Served) -> None:
    strikes = [strike(number) for number in range(40)]
    await served.arrive(lay([], strikes[:10], []))
    first = await take(served, "?after=0", 7)
    rest = asyncio.create_task(take(served, "", 33, **{"Last-Event-ID": str(first[-1][0])}))
    for end in range(15, 45, 5):
        await asyncio.sleep(0.01)
        await served.arrive(lay([], strikes[:end], []))  # doubles of all before
    assert [number for number, _ in first + await rest] == list(range(1, 41))
    assert [i for _, i in first + rest.result()] == [s.id for s in strikes]


async def test_the_feed_filters_and_refuses_a_wrong_number(served: Served) -> None:
    await served.arrive(LOG)
    found = await take(served, f"?after=0&kind=airstrike&outlet={quote('Daily')}", 1)
    assert [i for _, i in found] == [ECHO.id]
    answer = await served.client.get("/v1/stream", headers={"Last-Event-ID": "x"})
    assert answer.status_code == 400


async def test_the_feed_without_a_start_begins_now(served: Served) -> None:
    await served.arrive(LOG)
    task = asyncio.create_task(take(served, "", 1))
    late = strike(50)
    while not task.done():  # until the feed is open, what arrives is before its start
        late = strike(int(late.evidence[0].quote[-2:]) + 1)
        await served.arrive(lay([], [late], []))
        await asyncio.sleep(0.05)
    [(number, _)] = task.result()
    assert number > len(EVENTS)


async def test_the_contract_is_documented(served: Served) -> None:
    paths = (await served.get("/openapi.json"))["paths"]
    names = {p["name"] for p in paths["/v1/incidents"]["get"]["parameters"]}
    assert {"kind", "from", "to", "as_of", "bbox", "cursor", "contested", "min_position"} <= names
    assert "tocsin_http_requests" in (await served.client.get("/metrics")).text


MOVED = event(
    "evacuation",
    report(5, outlet="Daily"),
    places=(
        GORI.model_copy(update={"role": "origin"}),
        KARELI.model_copy(update={"role": "destination"}),
    ),
    quantities=(count("evacuated", 300, 300, "about"),),
)


async def test_the_map_shows_areas_and_routes(served: Served) -> None:
    await served.arrive(LOG + lay([], [MOVED], []))
    found = await served.get("/v1/map.geojson?kind=airstrike&kind=evacuation&kind=flight_ban")
    assert (found["type"], found["unplaced"]) == ("FeatureCollection", 1)
    marks = {(f["properties"]["kind"], f["geometry"]["type"]): f for f in found["features"]}
    strike_mark = marks["airstrike", "Point"]
    assert strike_mark["geometry"]["coordinates"] == [KARELI.lon, KARELI.lat]
    shown = strike_mark["properties"]
    assert (shown["radius_km"], shown["contested"], shown["corroborated"]) == (3, True, 2)
    assert shown["counts"] == ["7 injured, or more", "10 killed"]
    assert marks["evacuation", "LineString"]["geometry"]["coordinates"] == [
        [GORI.lon, GORI.lat],
        [KARELI.lon, KARELI.lat],
    ]


async def test_overviews(served: Served) -> None:
    await served.arrive(LOG + lay([], [MOVED], []))
    [moved] = (await served.get("/v1/displacement"))["items"]
    assert (moved["origins"][0]["name"], moved["destinations"][0]["name"]) == ("Gori", "Kareli")
    assert moved["counts"][0]["qualifier"] == "about"
    await served.get("/v1/displacement?kind=airstrike", 400)
    actors = {a["name"]: a for a in (await served.get("/v1/actors"))["items"]}
    assert (actors["Russia"]["as_agent"], actors["Russian peacekeepers"]["as_target"]) == (3, 1)
    places = {p["name"]: p for p in (await served.get("/v1/places?kind=airstrike"))["items"]}
    assert {name: p["events"] for name, p in places.items()} == {"Kareli": 2}
    voices = {v["name"]: v for v in (await served.get("/v1/sources"))["items"]}
    assert voices["Georgian officials"]["first"] == 1
    assert voices["Daily"]["contradicts"] == [{"name": "Georgian officials", "incidents": 1}]
    ministry = voices["Foreign Ministry of Russia"]
    assert {v["name"] for v in ministry["denies"]} == {"Georgian officials", "Daily"}


@pytest.mark.parametrize("first", [0, 1])
async def test_what_a_report_calls_the_same_is_found_by_either_kind(served: Served, first: int) -> None:
    ban = event("flight_ban", report(6, outlet="Wire"), participants=(RUSSIA,))
    closed = event("border_closure", report(7, outlet="Daily"), same_as=(ban.id,))
    for told in ((ban, closed), (closed, ban))[first]:
        await served.arrive(lay([], [told], []))
    [incident] = (await served.get("/v1/incidents?kind=flight_ban"))["items"]
    assert len(incident["claims"]) == 2
    assert await served.ids("/v1/incidents?kind=border_closure") == {incident["id"]}
    assert await served.ids("/v1/incidents?kind=sanction") == set()


async def test_a_time_finds_what_lasted_into_it_and_what_was_announced(served: Served) -> None:
    """The plan looks at what began shortly before; a siege of a month and an announcement are found all the same."""
    long = strike(20, hour=0, precision="month")
    soon = strike(21, hour=40 * 24 + 13)
    await served.arrive(lay([], [long, soon, strike(22)], []))
    for model in ("events", "timeline", "incidents"):
        for days, wanted in ((20, 1), (40, 1), (60, 0)):
            at = NOON + timedelta(days=days)
            window = f"from={quote(at.isoformat())}&to={quote((at + timedelta(days=1)).isoformat())}"
            assert len((await served.get(f"/v1/{model}?{window}"))["items"]) == wanted, (model, days)
        then = quote((NOON + timedelta(minutes=21)).isoformat())
        assert len((await served.get(f"/v1/{model}?as_of={then}"))["items"]) == 2


@pytest.mark.parametrize("rare", [narrow.RARE_EVENTS_MAX, 0], ids=["by id", "by walking"])
async def test_names_are_counted_of_events_that_name_others_too(
    served: Served, rare: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(narrow, "RARE_EVENTS_MAX", rare)
    await served.arrive(LOG + lay([], [MOVED], []))
    with_georgia = (await served.get("/v1/places?place=Gori"))["items"]
    assert {p["name"]: p["events"] for p in with_georgia} == {"Gori": 1, "Kareli": 1}
    assert {p["name"] for p in (await served.get("/v1/places?bbox=44,41.9,44.2,42&country=GE"))["items"]} == {
        "Gori",
        "Kareli",
    }
    assert (await served.get("/v1/actors?actor=Russian+peacekeepers"))["items"][0]["as_target"] == 1
    assert [a["name"] for a in (await served.get("/v1/actors?actor=Russia&place=Kareli"))["items"]] == ["Russia"]


async def test_an_id_of_a_withdrawn_claim_leads_to_what_it_was_counted_to(served: Served) -> None:
    again = report(9, supersedes=FILED.id)
    kept = event(
        of=again, places=RAID.places, participants=RAID.participants, occurred=RAID.occurred, sources=RAID.sources
    )
    await served.arrive(LOG + lay([again], [kept], []))
    answer = await served.client.get("/v1/incidents/i_" + RAID.id[2:], follow_redirects=True)
    assert answer.status_code == 200
    assert [c["event_id"] for c in answer.json()["incident"]["claims"]] == [ECHO.id, kept.id]
    before = await served.get(f"/v1/incidents/i_{RAID.id[2:]}?as_of=2008-08-08T12:03:00Z")
    assert [c["event_id"] for c in before["incident"]["claims"]] == [RAID.id, ECHO.id]
    assert (await served.get(f"/v1/events/{RAID.id}"))["counts"] is False
