"""Take the pictures in `docs/pictures/` from a running house with the sample reports.

    python -m console.pictures [FOLDER]

Needs Chromium, as the console's tests do.
"""

import asyncio
import json
import sys
import tempfile
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, Literal

from playwright.sync_api import Page, ViewportSize, expect

from tests.bench.made_map import fill
from tests.e2e.console_house import BROWSER_WAIT_MS, ROOT, ConsoleHouse, LoneProjection, open_browser

TARGET: Final = ROOT / "docs" / "pictures"
SIZES: Final[dict[str, ViewportSize]] = {
    "desktop": {"width": 1440, "height": 900},
    "phone": {"width": 390, "height": 844},
}
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
MANY: Final = 20_000
"""Invented incidents, to show how they are counted."""
KEPT: Final = (
    "situation-desktop-light", "situation-desktop-dark", "situation-phone-light", "as-of-desktop-light",
    "timeline-desktop-light", "incident-desktop-light", "incident-phone-dark", "casualties-desktop-light",
    "live-desktop-dark", "operations-desktop-light", "timeline-phone-dark", "many-desktop-light", "many-phone-dark",
    "many-timeline-desktop-light",
)  # fmt: skip
"""Committed; with a folder named, all are taken."""
SETTLED_MS: Final = 4_000
"""The fine map comes after the first view."""
POSTED: Final = {
    "outlet": "Caucasus Wire", "title": "Bombs fall near Kareli", "country": "GE", "language": "en",
    "body": "Three Su-24 aircraft dropped bombs near the town of Kareli at 10:00 on Friday, the Interior Ministry "
            "said. At least seven people were injured. Moscow denied that its aircraft had attacked.",
    "published_at": "2008-08-08T10:40:00+04:00", "time_zone": "Asia/Tbilisi",
}  # fmt: skip


def richest(house: ConsoleHouse) -> str:
    """The incident that most is said of."""
    with urllib.request.urlopen(f"{house.url}/v1/incidents?contested=true&limit=200") as answer:
        found: list[dict[str, Any]] = json.load(answer)["items"]
    return str(max(found, key=lambda i: (len(i["claims"]), len(i["contests"]), i["id"]))["id"])


def main() -> None:
    everything = len(sys.argv) > 1
    target = Path(sys.argv[1]) if everything else TARGET
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, ConsoleHouse(Path(folder)) as house, open_browser() as browser:
        taken = house.post(POSTED)
        where = f"{taken['topic']}/{taken['partition']}/{taken['offset']}"
        views = {
            "situation": "", "as-of": "?as_of=2008-08-08T12:00:00Z", "timeline": "?view=timeline",
            "incident": f"?view=incident&id={richest(house)}", "casualties": "?view=casualties",
            "sources": "?view=sources", "live": f"?view=live&report={taken['id']}&where={where}",
            "operations": "?view=operations",
        }  # fmt: skip

        def look(name: str, page: Page, url: str) -> None:
            if everything or name in KEPT:
                page.goto(url)
                expect(page.locator(".loading, [aria-busy=true]")).to_have_count(0, timeout=BROWSER_WAIT_MS)
                page.wait_for_timeout(SETTLED_MS)
                page.screenshot(path=target / f"{name}.png")
                print(name)

        many = Path(folder) / "many"
        (many / "var").mkdir(parents=True)
        with ThreadPoolExecutor(1) as pool:  # Playwright runs a loop of its own in this thread
            pool.submit(asyncio.run, fill(f"sqlite+aiosqlite:///{many / 'var' / 'readmodels.sqlite'}", MANY)).result()
        with LoneProjection(many) as projection:
            for size, viewport in SIZES.items():
                for scheme in SCHEMES:
                    context = browser.new_context(viewport=viewport, color_scheme=scheme)
                    page = context.new_page()
                    for view, query in views.items():
                        look(f"{view}-{size}-{scheme}", page, f"{house.url}/{query}")
                    look(f"many-{size}-{scheme}", page, projection.url)
                    look(f"many-timeline-{size}-{scheme}", page, f"{projection.url}/?view=timeline")
                    context.close()


if __name__ == "__main__":
    main()
