"""The HTTP side on a real embedded log: what is answered, and that bad input is never a 500."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from services.ingest.api import EXAMPLE, build_app
from services.ingest.core.seen import SeenIds
from services.ingest.settings import IngestSettings
from services.ingest.stream import Intake
from shared.bus.embedded import EmbeddedBus
from shared.bus.port import OutgoingMessage, Placed, TopicPartition
from shared.codec import decode
from shared.reports import RawReport
from shared.topics import RAW

JSON = {"content-type": "application/json"}
LINES = {"content-type": "application/x-ndjson"}


@asynccontextmanager
async def ingest(bus: EmbeddedBus, **changes: Any) -> AsyncIterator[httpx.AsyncClient]:
    stop = asyncio.Event()
    intake = Intake(bus, SeenIds(1000))
    app = build_app(IngestSettings(**changes), intake, CollectorRegistry())
    running = asyncio.create_task(intake.run(stop))
    try:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://ingest") as client:
            await intake.caught_up.wait()
            yield client
    finally:
        stop.set()
        await running


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with ingest(EmbeddedBus(tmp_path / "log.sqlite")) as client:
        yield client


async def stored(path: Path) -> list[RawReport]:
    async with EmbeddedBus(path) as bus:
        positions = await bus.beginnings([TopicPartition(RAW.name, n) for n in await bus.partitions(RAW.name)])
        async with bus.reader(positions) as reader:
            decoded = [decode(message) for message in await reader.read(1000, 0)]
    return [report for report in decoded if isinstance(report, RawReport)]


async def test_a_report_is_on_the_log_and_says_where(client: httpx.AsyncClient, tmp_path: Path) -> None:
    answer = await client.post("/v1/reports", json=EXAMPLE)
    assert answer.status_code == 202, answer.text
    said = answer.json()
    assert said["duplicate"] is False
    assert said["links"]["events"] == f"/v1/events?report_id={said['id']}"
    (report,) = await stored(tmp_path / "log.sqlite")
    assert (report.id, report.body, report.external_id) == (said["id"], EXAMPLE["body"], "cw-1")


async def test_posting_twice_stores_once_and_says_so(client: httpx.AsyncClient, tmp_path: Path) -> None:
    first = (await client.post("/v1/reports", json=EXAMPLE)).json()
    second = await client.post("/v1/reports", json=EXAMPLE)
    assert second.status_code == 202
    assert second.json() == first | {"duplicate": True}
    assert len(await stored(tmp_path / "log.sqlite")) == 1


async def test_a_new_ingest_knows_what_an_old_one_stored(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite"
    async with ingest(EmbeddedBus(path)) as client:
        first = (await client.post("/v1/reports", json=EXAMPLE)).json()
    async with ingest(EmbeddedBus(path)) as client:
        assert (await client.post("/v1/reports", json=EXAMPLE)).json() == first | {"duplicate": True}


async def test_a_batch_has_a_result_for_each_item(client: httpx.AsyncClient, tmp_path: Path) -> None:
    other = EXAMPLE | {"external_id": "cw-2"}
    body = "\n".join([json.dumps(EXAMPLE), "{oops", json.dumps(other), json.dumps(EXAMPLE), '{"outlet": 3}'])
    answer = await client.post("/v1/reports:batch", content=body, headers=LINES)
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert said["counts"] == {"accepted": 3, "duplicate": 1, "refused": 2}
    assert [item["status"] for item in said["results"]] == [202, 400, 202, 202, 422]
    assert said["results"][3]["report"]["duplicate"] is True
    assert said["results"][4]["problem"]["errors"][0]["mend"]
    assert len(await stored(tmp_path / "log.sqlite")) == 2
    array = await client.post("/v1/reports:batch", json=[EXAMPLE, other])
    assert array.json()["counts"] == {"accepted": 2, "duplicate": 2, "refused": 0}


@pytest.mark.parametrize(
    ("path", "content", "headers", "status", "words"),
    [
        ("/v1/reports", b"{", JSON, 400, "column 2"),
        ("/v1/reports", b"\xff", JSON, 400, "UTF-8"),
        ("/v1/reports", b"{}", JSON, 422, "outlet"),
        ("/v1/reports", b"{}", {"content-type": "text/plain"}, 415, "application/json"),
        ("/v1/reports", b"{}", {}, 415, "no content type"),
        ("/v1/reports", b"{}", LINES, 415, "reports:batch"),
        ("/v1/reports", b"{}", {"content-type": "application/json; charset=latin-1"}, 415, "application/json"),
        ("/v1/reports", b"{}", JSON | {"content-encoding": "gzip"}, 415, "gzip"),
        ("/v1/reports", b" " * 1_000_001, JSON, 413, "1,000,000"),
        ("/v1/reports:batch", b"[]", JSON, 422, "at least one"),
        ("/v1/reports:batch", b"{}\n" * 1001, LINES, 413, "1,000"),
        ("/v1/reports:batch", b" " * 10_000_001, LINES, 413, "10,000,000"),
        ("/v1/reports:batch", b"x", {"content-type": "text/csv"}, 415, "x-ndjson"),
    ],
)
async def test_bad_input_is_a_problem_with_its_mend(
    client: httpx.AsyncClient, path: str, content: bytes, headers: dict[str, str], status: int, words: str
) -> None:
    answer = await client.post(path, content=content, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    said = answer.json()
    assert said["status"] == status
    assert said["title"]
    assert words in answer.text


async def test_a_body_without_a_length_is_cut_at_the_limit(client: httpx.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(2000):
            yield b" " * 1000

    assert (await client.post("/v1/reports", content=endless(), headers=JSON)).status_code == 413


async def test_other_addresses_and_methods_are_problems(client: httpx.AsyncClient) -> None:
    for answer in (await client.get("/nowhere"), await client.get("/v1/reports")):
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.status_code in (404, 405)


class Away(EmbeddedBus):
    """A real log whose publish is refused by the medium, as when the broker is away."""

    async def publish(self, batch: Any) -> tuple[Placed, ...]:
        await super().__aexit__()
        return await super().publish(batch)


async def test_a_log_that_is_away_is_503_and_never_202(tmp_path: Path) -> None:
    async with ingest(Away(tmp_path / "log.sqlite")) as client:
        for path, body in (("/v1/reports", EXAMPLE), ("/v1/reports:batch", [EXAMPLE])):
            answer = await client.post(path, json=body)
            assert answer.status_code == 503
            assert int(answer.headers["retry-after"]) > 0
            assert "post it again" in answer.json()["detail"]


class Slow(EmbeddedBus):
    """A real log that waits for a word before it stores."""

    go: asyncio.Event

    async def publish(self, batch: Any) -> tuple[Placed, ...]:
        await self.go.wait()
        messages: tuple[OutgoingMessage, ...] = tuple(batch)
        return await super().publish(messages)


async def test_too_many_under_way_are_429_and_the_others_are_stored(tmp_path: Path) -> None:
    bus = Slow(tmp_path / "log.sqlite")
    bus.go = asyncio.Event()
    async with ingest(bus, in_flight_mb_max=2) as client:
        posts = [
            asyncio.create_task(client.post("/v1/reports", json=EXAMPLE | {"external_id": str(number)}))
            for number in range(3)
        ]
        done, _ = await asyncio.wait(posts, return_when=asyncio.FIRST_COMPLETED)
        (refused,) = done
        assert refused.result().status_code == 429
        assert refused.result().headers["retry-after"] == "1"
        bus.go.set()
        assert sorted(answer.status_code for answer in await asyncio.gather(*posts)) == [202, 202, 429]


async def test_health_metrics_and_openapi(client: httpx.AsyncClient) -> None:
    await client.post("/v1/reports", json=EXAMPLE)
    assert (await client.get("/health/live")).status_code == 200
    assert (await client.get("/health/ready")).json()["facts"]["seen_complete"] is True
    metrics = (await client.get("/metrics")).text
    assert 'tocsin_ingest_items_total{result="accepted"} 1.0' in metrics
    assert 'route="/v1/reports"' in metrics
    paths = (await client.get("/openapi.json")).json()["paths"]
    assert paths["/v1/reports"]["post"]["requestBody"]["content"]["application/json"]["example"] == EXAMPLE
    assert {"202", "400", "413", "415", "422", "429", "503"} <= set(paths["/v1/reports"]["post"]["responses"])


async def test_a_token_where_one_is_set(tmp_path: Path) -> None:
    async with ingest(EmbeddedBus(tmp_path / "log.sqlite"), token="s3cret") as client:
        answer = await client.post("/v1/reports", json=EXAMPLE)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="tocsin"')
        given = {"authorization": "Bearer s3cret"}
        assert (await client.post("/v1/reports", json=EXAMPLE, headers=given)).status_code == 202
        assert (await client.get("/health/live")).status_code == 200


def test_no_open_door_beyond_loopback() -> None:
    with pytest.raises(ValueError, match="TOCSIN_INGEST_TOKEN"):
        IngestSettings(host="0.0.0.0")


@pytest.fixture(scope="module")
def post(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Post bytes to one running app, from a test that is not async (hypothesis runs it many times)."""
    with asyncio.Runner() as runner:
        running = ingest(EmbeddedBus(tmp_path_factory.mktemp("fuzz") / "log.sqlite"))
        client = runner.run(running.__aenter__())
        yield lambda path, content, headers: runner.run(client.post(path, content=content, headers=headers))
        runner.run(running.__aexit__(None, None, None))


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(), max_size=5), inner, max_size=3)
    ),
    max_leaves=10,
)
FIELDS = st.sampled_from([*EXAMPLE, "supersedes", "retracts", "x", "\ud800", "\0"])
BODIES = (
    st.binary(max_size=300)
    | JSON_VALUES.map(lambda value: json.dumps(value).encode())
    | st.dictionaries(FIELDS, JSON_VALUES).map(lambda change: json.dumps(EXAMPLE | change).encode())
)
PATHS = st.sampled_from([("/v1/reports", JSON), ("/v1/reports:batch", JSON), ("/v1/reports:batch", LINES)])


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(PATHS, BODIES)
def test_no_bytes_are_a_500(post: Any, where: tuple[str, dict[str, str]], body: bytes) -> None:
    path, headers = where
    answer = post(path, body, headers)
    assert answer.status_code in (200, 202, 400, 413, 422), answer.text
    answer.json()
