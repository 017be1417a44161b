"""How much, how fast: the running house on the embedded log, beside a bare aiokafka loop of the same bytes.

    make bench

Prints figures and judges none: they depend on the machine and on what else it does. Not collected by `make test`.
"""

import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

REPORTS: Final = 300
BATCH: Final = 50
SINGLES: Final = 60
"""Reports posted one by one, each awaited until it is visible; p99 of so few is nearly their slowest."""
WAIT_S_MAX: Final = 600
TEXT: Final = (
    "Two Su-25 aircraft bombed a bridge near Gori on Friday, the Interior Ministry said. Five people were injured. "
    "Officials in Moscow denied the report. Reservists were called up in the afternoon, and flights were suspended. "
)


def report(number: int) -> bytes:
    body = {"outlet": "Bench Wire", "body": f"{TEXT} ({number})", "published_at": "2008-08-08T15:00:00+04:00"}
    return json.dumps(body).encode()


@pytest.fixture(scope="module")
def urls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Ingest and the query API of a house of its own."""
    names = ("INGEST", "PROJECTION", "EXTRACTOR")
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in names]
        ports = [str(listener.getsockname()[1]) for listener in sockets]
    env = os.environ | {f"TOCSIN_{name}_PORT": port for name, port in zip(names, ports, strict=True)}
    command = [sys.executable, "-m", "services.cli", "up", "--no-samples"]
    folder = tmp_path_factory.mktemp("house")
    with subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.PIPE, text=True) as house:
        assert house.stdout is not None
        for line in house.stdout:
            if line.startswith("Ctrl-C"):
                break
        yield f"http://127.0.0.1:{ports[0]}", f"http://127.0.0.1:{ports[1]}"
        house.terminate()


def say(what: str, figure: str) -> None:
    print(f"\n{what:<66} {figure}", end="", flush=True)


def wait_until_visible(query: str, accepted: dict[str, object]) -> None:
    place = f"{accepted['topic']}/{accepted['partition']}/{accepted['offset']}"
    params = {"min_position": place, "wait_s": "30"}
    deadline = time.monotonic() + WAIT_S_MAX
    while (answer := httpx.get(f"{query}/v1/reports/{accepted['id']}", params=params, timeout=60)).status_code == 503:
        assert time.monotonic() < deadline
    answer.raise_for_status()


def test_reports_through_ingest_and_the_whole_flow(urls: tuple[str, str]) -> None:
    ingest, query = urls
    headers = {"Content-Type": "application/x-ndjson"}
    started = time.perf_counter()
    results: list[dict[str, dict[str, object]]] = []
    with httpx.Client(timeout=60) as client:
        for first in range(0, REPORTS, BATCH):
            body = b"\n".join(report(number) for number in range(first, first + BATCH))
            results += client.post(f"{ingest}/v1/reports:batch", content=body, headers=headers).json()["results"]
    taken_s = time.perf_counter() - started
    for result in results:
        wait_until_visible(query, result["report"])
    whole_s = time.perf_counter() - started
    events = httpx.get(f"{query}/v1/status").json()["events"]
    say(f"ingest, batches of {BATCH}, one client, durable", f"{REPORTS / taken_s:8.0f} reports/s")
    say("the whole flow until visible (the coder is the slow part)", f"{REPORTS / whole_s:8.1f} reports/s")
    say("the whole flow until visible", f"{events / whole_s:8.1f} events/s")


def test_post_to_visible(urls: tuple[str, str]) -> None:
    ingest, query = urls
    took_ms = []
    for number in range(SINGLES):
        body, headers = report(1_000_000 + number), {"Content-Type": "application/json"}
        started = time.perf_counter()
        wait_until_visible(query, httpx.post(f"{ingest}/v1/reports", content=body, headers=headers).json())
        took_ms.append((time.perf_counter() - started) * 1_000)
    cuts = statistics.quantiles(took_ms, n=100)
    say("POST to visible, one at a time, idle house", f"p50 {cuts[49]:.0f} ms, p99 {cuts[98]:.0f} ms")


async def test_a_bare_aiokafka_loop_of_the_same_bytes(noida: str, tmp_path: Path) -> None:
    """The yardstick: produce with acknowledgement and consume, nothing else, on the development broker."""
    count = REPORTS * 20
    values = [report(number) for number in range(count)]
    async with AIOKafkaProducer(bootstrap_servers=noida, acks="all") as producer:
        await producer.send_and_wait("bench-warm-up", b"x")
        started = time.perf_counter()
        await asyncio.gather(*[await producer.send("bench-bytes", value) for value in values])
        produced_s = time.perf_counter() - started
    consumer = AIOKafkaConsumer("bench-bytes", bootstrap_servers=noida, auto_offset_reset="earliest", group_id=None)
    async with consumer:
        started = time.perf_counter()
        seen = 0
        while seen < count:
            seen += sum(map(len, (await consumer.getmany(timeout_ms=1_000)).values()))
        consumed_s = time.perf_counter() - started
    say("bare aiokafka, produce, acks=all, noida-db", f"{count / produced_s:8.0f} messages/s")
    say("bare aiokafka, consume, noida-db", f"{count / consumed_s:8.0f} messages/s")
