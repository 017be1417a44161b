"""`tocsin up`: the whole house on this machine, fed with the sample reports, until Ctrl-C."""

import fcntl
import json
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from services.cli.environment import LOCK, PORT_OFFSETS, RUNNING, address, port_base
from services.cli.house import House, Signals, Stopped
from services.cli.problem import CliError

if TYPE_CHECKING:
    from services.cli.client import Client
    from services.cli.post import Tally

VAR: Final = RUNNING.parent
LOGS: Final = VAR / "log"
SAMPLES: Final = Path(__file__).parent / "samples" / "august-2008.ndjson"
READY_S_MAX: Final = 120.0
"""Loading the parser takes 3 s on an idle machine and half a minute on one that does much else."""
CODED_S_MAX: Final = 300.0
"""The samples take seconds; this is for a machine that is busy, and a house that was left with work."""
POLL_S: Final = 0.2
KAFKA_OFFSET: Final = 30
SERVICES: Final = {
    "ingest": "services.ingest",
    "extractor": "services.extractor",
    "projection": "services.projection",
}


class BusKind(StrEnum):
    EMBEDDED = "embedded"
    KAFKA = "kafka"


def up(
    bus: Annotated[BusKind, typer.Option(help="The log: a file, or Apache Kafka.")] = BusKind.EMBEDDED,
    samples: Annotated[bool, typer.Option(help="Feed the sample reports of August 2008.")] = True,
    stay: Annotated[bool, typer.Option(help="Stay until Ctrl-C; without, stop when all is shown.")] = True,
) -> None:
    """Start the log and every service here, feed the sample reports, show the situation, stay until Ctrl-C."""
    signals = Signals()
    signals.install()
    try:
        with _house(bus, signals) as house:
            _wait_until_ready(house)
            if samples:
                _feed(house)
            _say_urls()
            if stay:
                _say("Ctrl-C stops everything; the data stays in ./var")
            while stay:
                house.check()
                time.sleep(POLL_S)
    except Stopped:
        _say("stopped; the data stays in ./var")


@contextmanager
def _house(bus: BusKind, signals: Signals) -> Iterator[House]:
    """The running house; at the end of the block everything is stopped."""
    from services.cli.config import unknown_settings

    if unknown := unknown_settings():
        raise CliError("; ".join(unknown))
    with ExitStack() as stack:
        stack.enter_context(_alone())
        settings = _ports()
        settings |= _bus_settings(bus, stack)
        os.environ.update(settings)
        RUNNING.write_text(json.dumps({"pid": os.getpid(), "settings": settings}, indent=1))
        stack.callback(RUNNING.unlink, missing_ok=True)
        house = House(LOGS, signals)
        stack.callback(_stop, house)
        stack.callback(signals.ignore)  # comes first when we stop: signals that come later do nothing
        for name, module in SERVICES.items():
            house.start(name, module, {})
        yield house


def _stop(house: House) -> None:
    for name in house.stop():
        _say(f"{name} did not stop in time and was killed")


def _ports() -> dict[str, str]:
    """The services' ports as settings. Raises CliError naming the first that is taken."""
    base = port_base()
    settings = {}
    for service in PORT_OFFSETS:
        host, port = address(service)
        if port == 0:
            raise CliError(f"TOCSIN_{service.upper()}_PORT is 0, but the others must know the port; choose a number")
        _check_free(host, port, f"{service} needs it; choose others with `make run PORT_BASE={_other(base)}`, or "
                                f"set TOCSIN_{service.upper()}_PORT")  # fmt: skip
        settings[f"TOCSIN_{service.upper()}_PORT"] = str(port)
    return settings | _console(settings["TOCSIN_PROJECTION_PORT"])


def _console(port: str) -> dict[str, str]:
    """Who may post from the page, and where to."""
    from services.cli.environment import url

    origins = f"{url('projection')},http://127.0.0.1:{port},http://localhost:{port}"
    given = {"TOCSIN_INGEST_CONSOLE_ORIGINS": origins, "TOCSIN_PROJECTION_INGEST_URL": url("ingest")}
    return {name: os.environ.get(name, value) for name, value in given.items()}


def _other(base: int) -> int:
    return base + 100 if base + 100 + KAFKA_OFFSET < 65_535 else 8_600


def _check_free(host: str, port: int, mend: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CliError(f"port {port} on {host} can't be had ({error.strerror}): {mend}") from None


@contextmanager
def _alone() -> Iterator[None]:
    """One house a folder: two would share its data and wonder at each other's reports. Raises CliError."""
    try:
        VAR.mkdir(exist_ok=True)
        lock = LOCK.open("w")
    except OSError as error:
        raise CliError(f"can't write in {VAR.resolve()}: {error.strerror}") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CliError(f"another `tocsin up` runs on {VAR.resolve()}; stop it first") from None
        yield


def _bus_settings(bus: BusKind, stack: ExitStack) -> dict[str, str]:
    """The settings of the log; starts Apache Kafka where it is asked for and no broker is named."""
    servers = os.environ.get("TOCSIN_BUS_BOOTSTRAP_SERVERS")
    if bus is BusKind.EMBEDDED:
        if servers:
            _say(f"the log is Kafka at {servers} (TOCSIN_BUS_BOOTSTRAP_SERVERS)")
        return {}
    if servers:
        return {"TOCSIN_BUS_BOOTSTRAP_SERVERS": servers}
    # Beside the distribution, not in it: deploy/ is for whoever has the checkout.
    sys.path.insert(0, str(Path(__file__).parents[2]))
    try:
        from deploy.local.apache_kafka import ApacheKafka, KafkaFailed, KafkaMissing
    except ImportError:
        raise CliError("deploy/local is not here; name a broker with TOCSIN_BUS_BOOTSTRAP_SERVERS") from None
    port = port_base() + KAFKA_OFFSET
    _check_free("127.0.0.1", port, "Apache Kafka needs it; choose others with `make run BUS=kafka PORT_BASE=…`")
    _say("waiting for Apache Kafka (the first time Maven brings its jars)")
    try:
        kafka = stack.enter_context(ApacheKafka(VAR / "kafka", port))
    except (KafkaMissing, KafkaFailed) as error:
        raise CliError(str(error)) from None
    stack.callback(_say, "stopping Apache Kafka")
    _say(f"ready: Apache Kafka at {kafka.bootstrap_servers}, its data in {VAR / 'kafka'}")
    # A log of its own has read models of its own: positions on one log mean nothing on another.
    return {
        "TOCSIN_BUS_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
        "TOCSIN_PROJECTION_DATABASE_URL": os.environ.get(
            "TOCSIN_PROJECTION_DATABASE_URL", f"sqlite+aiosqlite:///{VAR / 'readmodels-kafka.sqlite'}"
        ),
    }


def _wait_until_ready(house: House) -> None:
    """Until every service is ready; says what it waits for. Raises CliError."""
    from services.cli.client import Client

    deadline = time.monotonic() + READY_S_MAX
    for service in SERVICES:
        said = ""
        with Client(service) as client:
            while (reason := _not_ready(client)) is not None:
                house.check()
                if reason != said:
                    _say(f"waiting for {service}: {reason}")
                    said = reason
                if time.monotonic() > deadline:
                    raise CliError(
                        f"{service} was not ready within {READY_S_MAX:g} s: {reason}; its log: {LOGS}/{service}.log"
                    )
                time.sleep(POLL_S)
            _say(f"ready: {service} at {client.url}")


def _not_ready(client: "Client") -> str | None:
    try:
        health: dict[str, Any] = client.send("GET", "/health/ready", timeout=2.0).json()
    except (CliError, ValueError):
        return "starting"
    return None if health["ok"] else "; ".join(health["reasons"]) or "not ready"


def _feed(house: House) -> None:
    """Post the samples, wait until they are coded and projected, show the situation."""
    from services.cli.client import Client
    from services.cli.situation import show_situation

    with Client("ingest") as ingest, Client("projection") as projection:
        tally = _post_samples(ingest)
        _wait_until_projected(house, projection, tally)
        show_situation(projection)


def _post_samples(ingest: "Client") -> "Tally":
    from services.cli.bar import bar
    from services.cli.items import TextOptions, read_items
    from services.cli.post import Tally, post_items

    tally = Tally()
    with bar("posting the sample reports", SAMPLES.stat().st_size) as advance:
        post_items(ingest, read_items([SAMPLES], TextOptions("", None)), tally, advance, batch_items=4)
    if tally.problems:
        raise CliError(f"ingest refused a sample report: {tally.problems[0]}")
    there = f", {tally.duplicate} of them were there already" if tally.duplicate else ""
    _say(f"posted {tally.accepted} sample reports{there}")
    return tally


def _wait_until_projected(house: House, projection: "Client", tally: "Tally") -> None:
    """Until every posted report is coded and its events are in the read models. Raises CliError."""
    from services.cli.bar import bar
    from services.cli.client import problem_of

    deadline = time.monotonic() + CODED_S_MAX
    _say("waiting for the extractor to code them and the projection to read their events")
    with bar("coding and projecting", len(tally.posted)) as advance:
        for report in tally.posted:
            params = [("min_position", report.place), ("wait_s", "2")]
            while (answer := projection.send("GET", f"/v1/reports/{report.id}", params=params)).status_code == 503:
                house.check()
                if time.monotonic() > deadline:
                    raise CliError(f"the samples were not coded within {CODED_S_MAX:g} s: {problem_of(answer)}")
            if answer.status_code != 200:
                raise CliError(problem_of(answer))
            advance(1)


def _say_urls() -> None:
    from services.cli.environment import url

    _say("")
    _say(f"console         {url('projection')}/")
    _say(f"post reports    {url('ingest')}/v1/reports")
    _say(f"query           {url('projection')}/v1/timeline   (also events, incidents, casualties, measures, reports)")
    _say(f"live feed       {url('projection')}/v1/stream")
    _say(f"health          {url('extractor')}/health/ready   (the same on every service)")


def _say(line: str) -> None:
    print(line, flush=True)
