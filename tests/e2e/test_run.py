"""`make run` as a stranger does it: the whole house as real processes, on free ports, in a folder of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import pytest

from deploy.local import apache_kafka
from services.cli.up import KAFKA_OFFSET

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

WAIT_S_MAX: Final = 240
"""Three processes that each load their libraries, and one a parser, on a machine that runs other tests too."""
SERVICES: Final = ("INGEST", "PROJECTION", "EXTRACTOR")


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """The environment with three free ports."""
    found = {name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")}
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in SERVICES]
        ports = [str(listener.getsockname()[1]) for listener in sockets]
    return found | {f"TOCSIN_{name}_PORT": port for name, port in zip(SERVICES, ports, strict=True)}


def tocsin(*arguments: str, cwd: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "services.cli", *arguments],
        cwd=cwd, env=env, capture_output=True, text=True, check=False, timeout=WAIT_S_MAX,
    )  # fmt: skip


@contextmanager
def running(cwd: Path, env: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A house that is up, without the samples; killed at the end if it still runs."""
    command = [sys.executable, "-m", "services.cli", "up", "--no-samples"]
    with (cwd / "err.txt").open("w") as err:
        house = subprocess.Popen(command, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=err, text=True)
    assert house.stdout is not None
    try:
        for line in house.stdout:
            if line.startswith("Ctrl-C"):
                break
        else:
            pytest.fail(f"it did not come up: {(cwd / 'err.txt').read_text()}")
        yield house
    finally:
        house.kill()
        house.communicate()


def children(env: dict[str, str]) -> list[str]:
    """The processes that still have our ports in their environment. Linux only; elsewhere the ports must do."""
    mark = f"TOCSIN_INGEST_PORT={env['TOCSIN_INGEST_PORT']}".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (entry / "environ").read_bytes().split(b"\0"):
                found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


def until_nothing_is_left(env: dict[str, str]) -> None:
    deadline = time.monotonic() + WAIT_S_MAX
    while left := children(env):
        assert time.monotonic() < deadline, left
        time.sleep(0.1)
    for service in SERVICES:  # the ports are free again
        socket.create_server(("127.0.0.1", int(env[f"TOCSIN_{service}_PORT"]))).close()


def test_it_feeds_the_samples_shows_the_situation_and_keeps_its_data(tmp_path: Path, env: dict[str, str]) -> None:
    first = tocsin("up", "--no-stay", cwd=tmp_path, env=env)
    assert (first.returncode, first.stderr) == (0, "")
    for said in ("ready: ingest", "ready: extractor", "ready: projection", "posted 34 sample reports",
                 "Timeline", "Casualties by source", "Measures at", "Contested", "/v1/timeline"):  # fmt: skip
        assert said in first.stdout
    assert children(env) == []

    again = tocsin("up", "--no-stay", cwd=tmp_path, env=env)
    assert "posted 34 sample reports, 34 of them were there already" in again.stdout
    situation = slice(first.stdout.index("Timeline"), None)
    assert again.stdout[again.stdout.index("Timeline") :] == first.stdout[situation]


def test_people_post_follow_and_ask(tmp_path: Path, env: dict[str, str]) -> None:
    body = "Two Su-25 aircraft bombed a bridge near Gori on Friday, the Interior Ministry said. Five people were hurt."
    report = {"outlet": "Test Wire", "body": body, "published_at": "2008-08-08T15:00:00+04:00", "external_id": "t-1"}
    (tmp_path / "one.json").write_text(json.dumps(report))

    def said(*arguments: str) -> str:
        done = tocsin(*arguments, cwd=tmp_path, env=env)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def until(text: str, *arguments: str) -> str:
        deadline = time.monotonic() + WAIT_S_MAX
        while text not in (answer := said(*arguments)):
            assert time.monotonic() < deadline, answer
        return answer

    with running(tmp_path, env) as house:
        assert said("post", "one.json") == "1 accepted (0 of them were there already), 0 refused\n"
        assert "1 of them were there already" in said("post", "one.json")
        tailed = until("t-1", "tail", "airstrike", "--from-beginning", "--no-follow", "--ndjson")
        (event,) = map(json.loads, tailed.splitlines())
        (asked,) = json.loads(until("t-1", "query", "events", "--kind", "airstrike", "--json"))["items"]
        assert asked["id"] == event["id"]
        assert "1 raw reports, 1 receipts, 0 dead letters; 0 left uncoded" in said("status")
        assert "nothing was left uncoded" in said("reconcile")

        house.send_signal(signal.SIGINT)
        house.send_signal(signal.SIGINT)  # an impatient second one is harmless
        assert house.wait(WAIT_S_MAX) == 0
    until_nothing_is_left(env)


def test_a_service_that_dies_ends_the_house_with_one_clear_line(tmp_path: Path, env: dict[str, str]) -> None:
    with running(tmp_path, env) as house:
        (pid,) = _pids(env, "services.projection")
        os.kill(pid, signal.SIGKILL)
        assert house.wait(WAIT_S_MAX) == 1
    (line,) = (tmp_path / "err.txt").read_text().splitlines()
    assert line.startswith("tocsin: projection was ended by signal 9")
    until_nothing_is_left(env)


def test_a_killed_house_leaves_nothing_running(tmp_path: Path, env: dict[str, str]) -> None:
    with running(tmp_path, env) as house:
        house.kill()
    until_nothing_is_left(env)


def _pids(env: dict[str, str], module: str) -> list[int]:
    mark = f"TOCSIN_INGEST_PORT={env['TOCSIN_INGEST_PORT']}".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if module.encode() in (entry / "cmdline").read_bytes().split(b"\0") and mark in (
                entry / "environ"
            ).read_bytes().split(b"\0"):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def test_a_taken_port_is_one_clear_line(tmp_path: Path, env: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", int(env["TOCSIN_PROJECTION_PORT"]))):
        done = tocsin("up", cwd=tmp_path, env=env)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert f"port {env['TOCSIN_PROJECTION_PORT']} on 127.0.0.1 can't be had" in line
    assert "make run PORT_BASE=" in line
    assert children(env) == []


def test_a_second_house_in_one_folder_is_refused(tmp_path: Path, env: dict[str, str]) -> None:
    with running(tmp_path, env):
        done = tocsin("up", cwd=tmp_path, env=env)
    assert done.returncode == 1
    assert "another `tocsin up` runs on" in done.stderr


@pytest.mark.apache
def test_the_same_on_apache_kafka(tmp_path: Path, env: dict[str, str]) -> None:
    try:
        apache_kafka.fetch()
    except apache_kafka.KafkaMissing as missing:
        pytest.skip(f"Apache Kafka was not tested: {missing}")
    env["TOCSIN_CLI_PORT_BASE"] = str(apache_kafka.free_port() - KAFKA_OFFSET)
    done = tocsin("up", "--bus", "kafka", "--no-stay", cwd=tmp_path, env=env)
    assert (done.returncode, done.stderr) == (0, "")
    assert "ready: Apache Kafka at 127.0.0.1:" in done.stdout
    assert "posted 34 sample reports" in done.stdout
    assert "Casualties by source" in done.stdout
    until_nothing_is_left(env)
