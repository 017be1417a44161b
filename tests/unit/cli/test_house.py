"""Child processes: one that ends is told, all are stopped, and none outlives whoever started it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.cli.house import House, Signals, Stopped
from services.cli.problem import CliError

PATIENT = "import signal, time\nprint('up', flush=True)\nsignal.pause()\n"
STUBBORN = (
    "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('up', flush=True)\ntime.sleep(600)\n"
)
BROKEN = "import sys\nprint('broken: the disk is full', file=sys.stderr)\nsys.exit(3)\n"


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in {"patient": PATIENT, "stubborn": STUBBORN, "broken": BROKEN}.items():
        (tmp_path / f"{name}.py").write_text(text)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path


@pytest.fixture
def house(modules: Path) -> Iterator[House]:
    made = House(modules / "log", Signals())
    yield made
    made.stop()


def eventually(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


def test_one_that_ends_by_itself_is_told_with_its_last_words(house: House) -> None:
    house.start("broken", "broken", {})

    def still_well() -> bool:
        house.check()
        return False

    def watch() -> None:
        eventually(still_well)

    with pytest.raises(CliError, match="broken stopped with exit code 3: the disk is full"):
        watch()


def test_all_are_stopped_and_who_does_not_listen_is_killed(
    house: House, modules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.cli.house.STOP_S_MAX", 0.5)
    for name in ("patient", "stubborn"):
        house.start(name, name, {})
        eventually(lambda name=name: "up" in (modules / "log" / f"{name}.log").read_text())  # type: ignore[misc]
    house.check()
    assert house.stop() == ["stubborn"]


def test_a_child_ends_when_its_starter_is_killed(modules: Path) -> None:
    code = (
        "import pathlib, time\nfrom services.cli.house import House, Signals\n"
        f"house = House(pathlib.Path({str(modules / 'log')!r}), Signals())\nhouse.start('patient', 'patient', {{}})\n"
        "print(house._children[0].process.pid, flush=True)\ntime.sleep(600)\n"
    )
    starter = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None
    child = int(starter.stdout.readline())
    eventually(lambda: "up" in (modules / "log" / "patient.log").read_text())
    starter.send_signal(signal.SIGKILL)
    starter.communicate()
    eventually(lambda: not _runs(child))


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")  # one that nobody waits for is dead, though it still has a number
    return not (stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z")


def test_the_first_signal_stops_and_the_second_does_nothing() -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    signals = Signals()
    signals.install()
    try:
        with pytest.raises(Stopped):
            signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGTERM)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def test_a_signal_while_a_child_is_started_waits_until_it_is_known() -> None:
    before = signal.getsignal(signal.SIGINT)
    signals = Signals()
    signals.install()
    reached = []

    def start() -> None:
        with signals.held():
            signal.raise_signal(signal.SIGINT)
            reached.append("the end of the block")

    try:
        with pytest.raises(Stopped):
            start()
    finally:
        signal.signal(signal.SIGINT, before)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
    assert reached
