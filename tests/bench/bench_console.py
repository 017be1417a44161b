"""The console in a real browser: how soon it shows the situation, and whether its map pans without a stutter.

    make bench

Prints figures and judges none: they depend on the machine and on what else it does, so the load average (of processes
that want one of its cores) stands beside them. The same is done with a hundred incidents and with a hundred thousand,
in one run, so that the second can be read beside the first; each first view is followed by a visit to an answer of a
few bytes from the same server, so that what the browser takes by itself can be read beside it. A frame of more than
50 ms is one that a hand on the map feels. TOCSIN_BENCH_INCIDENTS=2000 for fewer.
"""

import asyncio
import os
import re
import statistics
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.bench.made_map import fill
from tests.e2e.console_house import BROWSER_WAIT_MS, LoneProjection, open_browser

MANY: Final = int(os.environ.get("TOCSIN_BENCH_INCIDENTS", "100000"))
FEW: Final = 100
VISITS: Final = 7
ASKED: Final = 20
PANS: Final = 4
"""To and fro, so many times; a pan is as long as a window is wide."""
STEPS: Final = 60
SLOW_MS: Final = 50.0
DESKTOP: Final = {"width": 1440, "height": 900}
QUERIES: Final = {
    "the world": "zoom=3",
    "a window": "zoom=7&bbox=40,40,48,44.5",
    "a window, one kind": "zoom=7&bbox=40,40,48,44.5&kind=shelling",
    "a window, three kinds": "zoom=7&bbox=40,40,48,44.5&kind=shelling&kind=airstrike&kind=ground_combat",
    "the world, one kind": "zoom=4&marks_max=2000&kind=shelling",
    "a window, half way": "zoom=7&bbox=40,40,48,44.5&as_of=2008-05-01T12:00:00Z",
    "a window, one month": "zoom=7&bbox=40,40,48,44.5&from=2008-05-01T00:00:00Z&to=2008-06-01T00:00:00Z",
}
FRAMES: Final = """
window.frames_ms = [];
let last = performance.now();
requestAnimationFrame(function tick(now) { frames_ms.push(now - last); last = now; requestAnimationFrame(tick); });
"""

pytestmark = pytest.mark.timeout(0)


def say(what: str, figure: str) -> None:
    print(f"\n{what:<58} {figure}", end="", flush=True)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    found = {}
    for incidents in (FEW, MANY):
        folder = tmp_path_factory.mktemp(f"console{incidents}")
        (folder / "var").mkdir()
        started = time.perf_counter()
        asyncio.run(fill(f"sqlite+aiosqlite:///{folder / 'var' / 'readmodels.sqlite'}", incidents))
        say(f"{incidents:,} incidents written and kept in", f"{time.perf_counter() - started:8.0f} s")
        found[incidents] = folder
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as found:
        yield found


@pytest.mark.parametrize("incidents", [FEW, MANY])
def test_console(folders: dict[int, Path], browser: Browser, incidents: int) -> None:
    with LoneProjection(folders[incidents]) as projection:
        url = projection.url
        print(f"\n--- {incidents:,} incidents, load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", end="")
        counting(url)
        opening(browser, url)
        panning(browser, url, incidents)
        print()


def counting(url: str) -> None:
    for name, query in QUERIES.items():
        took_ms = []
        for _ in range(ASKED):
            started = time.perf_counter()
            with urllib.request.urlopen(f"{url}/v1/map/clusters?{query}") as answer:
                size = len(answer.read())
            took_ms.append((time.perf_counter() - started) * 1_000)
        say(
            f"GET /v1/map/clusters, {name}",
            f"p50 {statistics.median(took_ms):6.0f} ms, worst {max(took_ms):6.0f} ms, {size / 1000:.0f} kB",
        )


def visit(browser: Browser, url: str) -> tuple[Page, float, float]:
    """A page that was never here before; milliseconds until there are marks, and until there is land as well."""
    page = browser.new_context(viewport=DESKTOP).new_page()  # type: ignore[arg-type]
    page.set_default_timeout(BROWSER_WAIT_MS)
    page.add_init_script(
        """new MutationObserver(() => {
          const map = document.querySelector(".map");
          if (!map) return;
          if (+map.dataset.drawn > 0) window.marks_ms ??= performance.now();
          if (window.marks_ms && map.dataset.ground) document.documentElement.dataset.whole ??= performance.now();
        }).observe(document, { subtree: true, childList: true, attributes: true });"""
    )
    page.goto(url)
    root = page.locator("html")
    expect(root).to_have_attribute("data-whole", re.compile(r"\d"), timeout=BROWSER_WAIT_MS)
    return page, page.evaluate("marks_ms"), float(root.get_attribute("data-whole") or "nan")


def nothing(browser: Browser, url: str) -> float:
    """Milliseconds until an answer of a few bytes is loaded in a page that was never here before."""
    page = browser.new_context(viewport=DESKTOP).new_page()  # type: ignore[arg-type]
    page.goto(f"{url}/health/live", wait_until="load")
    page.wait_for_function("performance.getEntriesByType('navigation')[0].loadEventEnd > 0")
    took_ms = float(page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd"))
    page.context.close()
    return took_ms


def opening(browser: Browser, url: str) -> None:
    took_ms: dict[str, list[float]] = {
        name: [] for name in ("marks drawn", "marks on their ground", "nothing (paired)")
    }
    for _ in range(VISITS):
        page, marks, whole = visit(browser, url)
        page.context.close()
        for times, ms in zip(took_ms.values(), (marks, whole, nothing(browser, url)), strict=True):
            times.append(ms)
    for name, times in took_ms.items():
        say(f"first view: {name}", f"p50 {statistics.median(times):6.0f} ms, worst {max(times):6.0f} ms")
    say("load average", f"{os.getloadavg()[0]:.1f}")


def panning(browser: Browser, url: str, incidents: int) -> None:
    page, _, _ = visit(browser, f"{url}/?map=44.0,42.1,7")
    expect(page.locator(".side h2 small")).not_to_have_text("")
    expect(page.locator(".map")).to_have_attribute("data-drawn", re.compile(r"^\d+$"))
    expect(page.locator(".map")).to_have_attribute("data-ground", "fine")
    page.wait_for_timeout(1_500)
    for name, act in (("pan", pan), ("zoom", zoom)):
        page.evaluate(FRAMES)
        act(page)
        frames = sorted(page.evaluate("frames_ms"))
        slow = sum(ms > SLOW_MS for ms in frames)
        p95 = frames[len(frames) * 95 // 100]
        say(
            f"{name}: {len(frames)} frames",
            f"{slow / len(frames):6.1%} over {SLOW_MS:.0f} ms, p50 {statistics.median(frames):.0f} ms, "
            f"p95 {p95:.0f} ms, worst {frames[-1]:.0f} ms",
        )
    page.context.close()


def pan(page: Page) -> None:
    box = page.locator(".map").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    reach = box["width"] * 0.4
    for turn in range(PANS):
        way = 1 if turn % 2 else -1
        page.mouse.move(x - way * reach, y)
        page.mouse.down()
        for step in range(STEPS):
            page.mouse.move(x - way * reach + way * 2 * reach * (step + 1) / STEPS, y + 40 * turn * step / STEPS)
        page.mouse.up()


def zoom(page: Page) -> None:
    box = page.locator(".map").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    for turn in range(PANS):
        for _ in range(STEPS // 4):
            page.mouse.wheel(0, 60 if turn % 2 else -60)
            page.wait_for_timeout(16)
