"""The brokers that tests share. Every test makes topics of its own, so a broker can serve a whole session."""

import os
from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import settings

from deploy.local.apache_kafka import KafkaMissing
from shared.bus.embedded import EmbeddedBus
from tests.integration import brokers

APACHE_ASKED = "TOCSIN_TEST_APACHE"
NOT_TESTED = "Apache Kafka was not tested"

TESTS = Path(__file__).parent
LONG = frozenset({"e2e", "integration", "chaos", "golden"})
"""Folders whose tests take seconds rather than milliseconds."""

settings.register_profile("tocsin", deadline=None)  # how long an example takes is the machine's affair, not a defect
settings.load_profile("tocsin")


def apache_is_asked_for(config: pytest.Config) -> bool:
    """By `TOCSIN_TEST_APACHE=1` or by `-m apache` (or any expression that names the marker without `not`)."""
    expression = str(config.getoption("markexpr"))
    return os.environ.get(APACHE_ASKED) == "1" or ("apache" in expression and "not apache" not in expression)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not apache_is_asked_for(config):
        skip = pytest.mark.skip(reason=f"{NOT_TESTED}: make test-kafka does ({APACHE_ASKED}=1)")
        for item in items:
            if item.get_closest_marker("apache"):
                item.add_marker(skip)
    worker = getattr(config, "workerinput", None)
    if worker is not None:
        items[:] = spread(items, worker["workercount"])


def spread(items: Sequence[pytest.Item], workers: int) -> list[pytest.Item]:
    """The tests so ordered that each worker's first equal share begins with whole files of long tests.

    pytest-xdist's worksteal cuts the list into one run for each worker and steals from the ends, so short tests end it.
    """
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        if LONG & set(item.path.relative_to(TESTS).parts):
            files.setdefault(item.path, []).append(item)
    short = iter([item for item in items if item.path not in files])
    ordered: list[pytest.Item] = []
    for number in range(workers):
        share = [item for file in list(files.values())[number::workers] for item in file]
        wanted = (len(items) - len(ordered)) // (workers - number)
        ordered += [*share, *islice(short, max(0, wanted - len(share)))]
    return [*ordered, *short]


@pytest.fixture
async def embedded_bus(tmp_path: Path) -> AsyncIterator[EmbeddedBus]:
    """An embedded log of this test's own."""
    async with EmbeddedBus(tmp_path / "log.sqlite") as bus:
        yield bus


def _running(broker: brokers.Broker) -> Iterator[str]:
    broker.start()
    try:
        yield broker.bootstrap_servers
    finally:
        broker.stop()


@pytest.fixture(scope="session")
def noida(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a noida-db broker for the session."""
    yield from _running(brokers.noida(tmp_path_factory.mktemp("noida")))


@pytest.fixture(scope="session")
def tansu(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Tansu broker for the session."""
    yield from _running(brokers.tansu(tmp_path_factory.mktemp("tansu")))


@pytest.fixture(scope="session")
def apache_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an Apache Kafka broker for the session. Only for tests that are marked `apache`."""
    broker = brokers.apache(tmp_path_factory.mktemp("apache"))
    try:
        broker.start()
    except KafkaMissing as missing:
        pytest.skip(f"{NOT_TESTED}: {missing}")
    try:
        yield broker.bootstrap_servers
    finally:
        broker.stop()
