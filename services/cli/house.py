"""Child processes that are started, watched and stopped together, and leave nothing behind."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final

from services.cli.problem import CliError

STOP_S_MAX: Final = 7.0
"""A service ends within 5 s of a signal; what is left of the house's 10 s belongs to the broker."""
LINE_CHARS_MAX: Final = 300
RAISED: Final = re.compile(r"[A-Za-z_]\w*(\.\w+)*(Error|Missing|Failed|Exception|Halted): ")
"""The last line of a traceback: an exception's name, then what it says."""


class Stopped(Exception):
    """Somebody asked us to stop."""


class Signals:
    """The first SIGINT, SIGTERM or SIGHUP raises Stopped in the main thread; any later one does nothing."""

    def __init__(self) -> None:
        self._seen = self._held = False

    def install(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on)

    def _on(self, number: int, frame: FrameType | None) -> None:
        if not self._seen:
            self._seen = True
            if not self._held:
                raise Stopped

    def ignore(self) -> None:
        """From here on a signal does nothing: we are stopping already."""
        self._seen = True

    @contextmanager
    def held(self) -> Iterator[None]:
        """A signal that comes in this block raises at its end, so that no child is started and forgotten."""
        seen_before, self._held = self._seen, True
        try:
            yield
        finally:
            self._held = False
        if self._seen and not seen_before:
            raise Stopped


@dataclass(frozen=True, slots=True)
class Child:
    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def last_words(self) -> str:
        """Why it ended, as its log tells it: the last exception of a traceback, else the last line."""
        lines = [line.strip() for line in self.log.read_text(errors="replace").splitlines() if line.strip()]
        raised = [line for line in lines if RAISED.match(line)]
        line = (raised or lines or ["it said nothing"])[-1]
        return line.removeprefix(f"{self.name}: ")[:LINE_CHARS_MAX]


class House:
    """Starts modules as processes of their own sessions, with logs in `logs`."""

    def __init__(self, logs: Path, signals: Signals) -> None:
        self._logs, self._signals = logs, signals
        self._children: list[Child] = []
        self._leash_read, self._leash_write = os.pipe()
        self._leash_held = True

    def start(self, name: str, module: str, settings: Mapping[str, str]) -> None:
        """Start `python -m <module>`, on a leash, with these settings on top of the environment."""
        self._logs.mkdir(parents=True, exist_ok=True)
        path = self._logs / f"{name}.log"
        with path.open("wb") as log, self._signals.held():
            process = subprocess.Popen(
                [sys.executable, "-m", "services.cli.leash", str(self._leash_read), module],
                env={**os.environ, **settings},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(self._leash_read,),
                start_new_session=True,  # Ctrl-C is for us, who stop them in order
            )
            self._children.append(Child(name, process, path))

    def check(self) -> None:
        """Raises CliError for the first that has ended by itself."""
        for child in self._children:
            code = child.process.poll()
            if code is not None:
                how = f"was ended by signal {-code}" if code < 0 else f"stopped with exit code {code}"
                raise CliError(f"{child.name} {how}: {child.last_words()} (its log: {child.log})")

    def stop(self) -> list[str]:
        """Stop all within `STOP_S_MAX` seconds, for good; the names of those that had to be killed."""
        for child in self._children:
            child.process.terminate()
        deadline = time.monotonic() + STOP_S_MAX
        killed = []
        for child in self._children:
            try:
                child.process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                killed.append(child.name)
            try:  # whatever it left in its session
                os.killpg(child.process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                pass
            child.process.wait()
        self._children.clear()
        if self._leash_held:
            self._leash_held = False
            os.close(self._leash_write)
            os.close(self._leash_read)
        return killed
