"""Apache Kafka on this machine without Docker: its jars by Maven, its data in a folder, one broker on 127.0.0.1.

    python -m deploy.local.apache_kafka fetch
    python -m deploy.local.apache_kafka start --dir var/kafka --port 9092
    python -m deploy.local.apache_kafka stop --dir var/kafka

The versions are pinned in `kafka/pom.xml`, every jar's checksum in `kafka/SHA256SUMS`. KRaft, broker and controller
in one process. One broker keeps one copy of everything: for development and tests, not for what must not be lost.
"""

import argparse
import base64
import ctypes
import hashlib
import os
import secrets
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

PINS: Final = Path(__file__).parent / "kafka"
SUMS: Final = PINS / "SHA256SUMS"
VERSION: Final = "4.4.0"
"""Apache Kafka's, as in pom.xml: the newest 4.x whose broker runs on Java 17."""

JAVA_MIN: Final = 17
"""Kafka 4's broker is compiled for it."""

HEAP: Final = ("-Xms64m", "-Xmx384m")
"""Two hundred partitions of a development broker fit with room to spare."""

QUICK: Final = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto")
"""Ready sooner on few cores, for a lower peak than a real deployment's."""

FETCH_S_MAX: Final = 600
"""45 MB on a slow line."""

READY_S_MAX: Final = 60
"""A start takes 3 to 6 s; a machine busy with other tests takes longer."""

STOP_S_MAX: Final = 8
"""A clean stop takes 1 to 3 s; whoever stops everything has 10 s."""

POLL_S: Final = 0.05


class KafkaMissing(Exception):
    """Apache Kafka can't be had on this machine now; the text says why and what to do."""


class KafkaFailed(Exception):
    """Apache Kafka is there and did not start or stop as it should."""


def libs_path() -> Path:
    """Where the jars lie: one place for all checkouts of a user."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "tocsin" / f"kafka-{VERSION}"


def sums() -> dict[str, str]:
    """SHA-256 in hexadecimal by jar name."""
    return {name: digest for digest, name in (line.split() for line in SUMS.read_text().splitlines())}


def wrong_jars(libs: Path, expected: dict[str, str]) -> list[str]:
    """The jars that are missing, changed or not ours."""
    there = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in libs.glob("*.jar")}
    return sorted(name for name in there.keys() | expected.keys() if there.get(name) != expected.get(name))


def fetch() -> Path:
    """The folder of the verified jars, brought by Maven where they are not there yet. Raises `KafkaMissing`."""
    java()
    libs, expected = libs_path(), sums()
    if libs.is_dir():
        if not wrong_jars(libs, expected):
            return libs
        shutil.rmtree(libs)
    libs.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=libs.parent) as scratch:
        fresh = Path(scratch) / "libs"
        _maven(fresh)
        if wrong := wrong_jars(fresh, expected):
            raise KafkaMissing(f"what Maven brought differs from {SUMS.name}: {', '.join(wrong)}")
        try:
            fresh.rename(libs)
        except OSError:  # another checkout was faster
            if wrong_jars(libs, expected):
                raise
    return libs


def pin() -> None:
    """Write the checksums of what pom.xml names now, for a person to commit."""
    with tempfile.TemporaryDirectory() as scratch:
        fresh = Path(scratch) / "libs"
        _maven(fresh)
        lines = [f"{hashlib.sha256(jar.read_bytes()).hexdigest()}  {jar.name}\n" for jar in sorted(fresh.glob("*.jar"))]
    SUMS.write_text("".join(lines))


def _maven(target: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise KafkaMissing("Maven (mvn) is not on this machine; install it, for instance: apt-get install maven")
    command = [maven, "-q", "-B", "-ntp", "-f", str(PINS / "pom.xml")]
    command += ["dependency:copy-dependencies", f"-DoutputDirectory={target}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=FETCH_S_MAX, check=False)
    except subprocess.TimeoutExpired:
        raise KafkaMissing(f"Maven did not bring Apache Kafka's jars within {FETCH_S_MAX} s") from None
    if done.returncode != 0 or not target.is_dir():
        errors = [line for line in done.stdout.splitlines() if "ERROR" in line] or ["no reason given"]
        raise KafkaMissing(f"Maven could not bring Apache Kafka's jars (is the network there?): {errors[0][:300]}")


def java() -> str:
    """The path of a Java that is new enough. Raises `KafkaMissing`."""
    path = shutil.which("java")
    if path is None:
        raise KafkaMissing(f"Java {JAVA_MIN} is not on this machine; as in: apt-get install default-jre-headless")
    text = subprocess.run([path, "-version"], capture_output=True, text=True, check=False).stderr
    version = text.partition('"')[2].partition('"')[0]
    major = version.partition(".")[0].partition("-")[0]
    if not major.isdigit() or int(major) < JAVA_MIN:
        raise KafkaMissing(f"Apache Kafka {VERSION} needs Java {JAVA_MIN} or newer, {path} is {version or 'unknown'}")
    return path


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def properties(folder: Path, port: int, controller_port: int) -> str:
    """server.properties of one broker that is its own controller."""
    values = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@127.0.0.1:{controller_port}",
        "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "PLAINTEXT",
        "log.dirs": str(folder / "data"),
        "auto.create.topics.enable": "false",
        "offsets.topic.num.partitions": "4",
        "offsets.topic.replication.factor": "1",
        "transaction.state.log.num.partitions": "4",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        "group.initial.rebalance.delay.ms": "0",
        "broker.heartbeat.interval.ms": "500",
        "broker.session.timeout.ms": "3000",  # after a kill the controller, itself, waits this long for the old broker
        "log.cleaner.dedupe.buffer.size": "8388608",
    }
    return "".join(f"{name}={value}\n" for name, value in values.items())


@dataclass
class ApacheKafka:
    """One broker with its data in `folder`, ended with the block: `with ApacheKafka(folder, port) as kafka`."""

    folder: Path
    port: int
    with_parent: bool = True
    """End it with the thread that started it, however that ends (Linux)."""

    _process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap_servers(self) -> str:
        return f"127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Returns when the broker answers. Raises `KafkaMissing`, or `KafkaFailed` with nothing left running."""
        path, libs = java(), fetch()
        _check_free(self.port)
        folder = self.folder.resolve()
        folder.mkdir(parents=True, exist_ok=True)
        config = folder / "server.properties"
        config.write_text(properties(folder, self.port, free_port()))
        command = [path, *HEAP, *QUICK, f"-Dlog4j2.configurationFile={PINS / 'log4j2.properties'}", "-cp", f"{libs}/*"]
        if not (folder / "data" / "meta.properties").exists():
            cluster = base64.urlsafe_b64encode(b"\0" + secrets.token_bytes(15)).decode().rstrip("=")
            tool = [*command, "kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(config)]
            done = subprocess.run(tool, capture_output=True, text=True, timeout=READY_S_MAX, check=False)
            if done.returncode != 0:
                raise KafkaFailed(f"formatting {folder} failed: {(done.stderr or done.stdout).strip()[-500:]}")
        with (folder / "kafka.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "kafka.Kafka", str(config)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # a Ctrl-C is for whoever started it, who stops it in order
                preexec_fn=_end_with_parent() if self.with_parent else None,
            )
        try:
            self._wait_until_ready(folder)
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """A clean stop; after `STOP_S_MAX` seconds the process is killed, which loses nothing it has written."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_S_MAX)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def kill(self) -> None:
        """`kill -9`."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _wait_until_ready(self, folder: Path) -> None:
        assert self._process is not None
        deadline = time.monotonic() + READY_S_MAX
        while not answers(self.port):
            code = self._process.poll()
            if code is not None or time.monotonic() > deadline:
                what = f"ended with {code}" if code is not None else f"was not ready within {READY_S_MAX} s"
                raise KafkaFailed(f"Apache Kafka {what}: {_last_line(folder / 'kafka.log')}")
            time.sleep(POLL_S)


def answers(port: int) -> bool:
    """Does a Kafka broker answer there? Sends ApiVersions version 0, the one request that every broker knows."""
    request = struct.pack(">hhih", 18, 0, 1, -1)
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(struct.pack(">i", len(request)) + request)
            return len(connection.recv(8)) > 0
    except OSError:
        return False


def _check_free(port: int) -> None:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError as error:
        raise KafkaFailed(f"port {port} on 127.0.0.1 can't be used: {error.strerror}; name another") from None


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    errors = [line for line in lines if "ERROR" in line or "FATAL" in line or "Exception" in line]
    return (errors or lines or ["it said nothing"])[-1][:500]


def _end_with_parent() -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    prctl, on_parents_death = ctypes.CDLL(None).prctl, 1

    def ask() -> None:
        prctl(on_parents_death, signal.SIGTERM)

    return ask


def _start(folder: Path, port: int) -> None:
    pid_path = folder / "kafka.pid"
    if (pid := _running(pid_path)) is not None:
        raise KafkaFailed(f"a broker runs on {folder} already (process {pid})")
    kafka = ApacheKafka(folder, port or free_port(), with_parent=False)
    kafka.start()
    pid_path.write_text(str(kafka.pid))
    print(f"Apache Kafka {VERSION} at {kafka.bootstrap_servers}, data in {folder}")


def _stop(folder: Path) -> None:
    pid_path = folder / "kafka.pid"
    pid = _running(pid_path)
    if pid is not None:
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_S_MAX
        while _running(pid_path) is not None:
            if time.monotonic() > deadline:
                os.kill(pid, signal.SIGKILL)
            time.sleep(POLL_S)
    pid_path.unlink(missing_ok=True)


def _running(pid_path: Path) -> int | None:
    """The process of the pid file, if it still is a broker and not another that got its number."""
    try:
        pid = int(pid_path.read_text())
        if Path("/proc").is_dir():
            arguments = Path(f"/proc/{pid}/cmdline").read_bytes()  # empty once it has ended
        else:
            arguments = subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, check=False).stdout
    except (OSError, ValueError):
        return None
    return pid if b"kafka.Kafka" in arguments else None


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.local.apache_kafka", description="Apache Kafka, locally.")
    parser.add_argument("command", choices=("fetch", "start", "stop", "pin"))
    parser.add_argument("--dir", type=Path, default=Path("var/kafka"), help="the broker's data (default: %(default)s)")
    parser.add_argument("--port", type=int, default=9092, help="on 127.0.0.1; 0: any free one (default: %(default)s)")
    asked = parser.parse_args(arguments)
    try:
        if asked.command == "fetch":
            print(fetch())
        elif asked.command == "pin":
            pin()
        elif asked.command == "start":
            _start(asked.dir, asked.port)
        else:
            _stop(asked.dir)
    except (KafkaMissing, KafkaFailed) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
