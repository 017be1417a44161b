"""What the console's tests and pictures need: the house with the samples, and a browser."""

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import pytest
from playwright.sync_api import Browser, sync_playwright

from services.cli.up import SAMPLES
from shared.bus.embedded import EmbeddedBus
from shared.bus.port import OutgoingMessage
from shared.topics import RAW

ROOT: Final = Path(__file__).parents[2]
AXE: Final = ROOT / "console" / "node_modules" / "axe-core" / "axe.min.js"
UP_S_MAX: Final = 240
"""Three processes that each load their libraries, and one a parser, on a machine that runs other tests too."""
BROWSER_WAIT_MS: Final = 60_000
CHROMIUM: Final = ("chromium", "chromium-browser", "google-chrome")
FLAGS: Final = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
                "--disable-sync", "--no-first-run")  # fmt: skip


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Debian's Chromium. Skips the test where there is none."""
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("the console was not tested: no Chromium here (on Debian and Ubuntu: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


class LoneProjection:
    """A projection in this folder that can be ended and started again, on one port and one database. Use as `with`."""

    def __init__(self, folder: Path, database: str = "readmodels.sqlite") -> None:
        self._folder = folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        clean = {name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")}
        database_url = f"sqlite+aiosqlite:///{folder / 'var' / database}"
        self._env = clean | {"TOCSIN_PROJECTION_PORT": str(port), "TOCSIN_PROJECTION_DATABASE_URL": database_url}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Until it answers that it is ready."""
        with (self._folder / "projection.txt").open("a") as said:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "services.projection"], cwd=self._folder, env=self._env, stdout=said, stderr=said
            )
        until_s = time.monotonic() + UP_S_MAX
        while not self._is_ready():
            if time.monotonic() > until_s or self._process.poll() is not None:
                pytest.fail(f"the projection did not come up: {(self._folder / 'projection.txt').read_text()}")
            time.sleep(0.2)

    def _is_ready(self) -> bool:
        try:
            urllib.request.urlopen(f"{self.url}/health/ready").close()
        except OSError:  # no connection yet, or 503
            return False
        return True

    def kill(self) -> None:
        """End it at once, without a word (SIGKILL)."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.kill()


class ConsoleHouse:
    """`tocsin up` on free ports in this folder, fed with the samples, in order. Use as `with`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with ExitStack() as stack:
            sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(3)]
            ports = [listener.getsockname()[1] for listener in sockets]
        self.ingest_url, self.url = (f"http://127.0.0.1:{port}" for port in ports[:2])
        clean = {name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")}
        names = ("INGEST", "PROJECTION", "EXTRACTOR")
        self._env = clean | {f"TOCSIN_{name}_PORT": str(port) for name, port in zip(names, ports, strict=True)}

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "services.cli", "up", "--no-samples"]
        errors = self.folder / "err.txt"
        with errors.open("w") as err:
            self._process = subprocess.Popen(
                command, cwd=self.folder, env=self._env, stdout=subprocess.PIPE, stderr=err, text=True
            )
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("Ctrl-C"):
                break
        else:
            pytest.fail(f"the house did not come up: {errors.read_text()}")
        for line in SAMPLES.read_text(encoding="utf-8").splitlines():
            self.post(json.loads(line))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.terminate()
        self._process.communicate()

    def post(self, report: dict[str, Any]) -> dict[str, Any]:
        """What ingest answered, once its events are in the read models."""
        sent = urllib.request.Request(
            f"{self.ingest_url}/v1/reports", json.dumps(report).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(sent) as answer:
            taken: dict[str, Any] = json.load(answer)
        place = f"{taken['topic']}/{taken['partition']}/{taken['offset']}"
        deadline = time.monotonic() + UP_S_MAX
        while not self._has_read(place):
            if time.monotonic() > deadline:
                pytest.fail(f"{place} was not coded in time")
        return taken

    def _has_read(self, place: str) -> bool:
        try:
            urllib.request.urlopen(f"{self.url}/v1/status?wait_s=20&min_position={place}").close()
        except urllib.error.HTTPError as error:
            error.close()
            if error.code != 503:
                raise
            return False
        return True

    def publish_broken(self) -> None:
        """A message on the log of reports that no report is."""

        async def publish() -> None:
            async with EmbeddedBus(self.folder / "var" / "log.sqlite") as bus:
                await bus.publish([OutgoingMessage(RAW.name, b"r_broken", b"{broken")])

        with ThreadPoolExecutor(1) as pool:  # Playwright runs a loop of its own in this thread
            pool.submit(asyncio.run, publish()).result()
