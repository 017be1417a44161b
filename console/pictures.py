"""Take the pictures in `docs/pictures/` from a running house with the sample reports.

    python -m console.pictures [FOLDER]

Needs Chromium, as the console's tests do.
"""

import json
import sys
import tempfile
import urllib.request
from pathlib import Path
from typing import Any, Final

from tests.e2e.console_house import ROOT, ConsoleHouse, open_browser

TARGET: Final = ROOT / "docs" / "pictures"
SIZES: Final = {"desktop": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
KEPT: Final = (
    "situation-desktop-light", "situation-desktop-dark", "situation-phone-light", "as-of-desktop-light",
    "timeline-desktop-light", "incident-desktop-light", "incident-phone-dark", "casualties-desktop-light",
    "live-desktop-dark",
)  # fmt: skip
"""Committed; with a folder named, all are taken."""
SETTLED_MS: Final = 2_500
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
        for size, viewport in SIZES.items():
            for scheme in ("light", "dark"):
                context = browser.new_context(viewport=viewport, color_scheme=scheme)  # type: ignore[arg-type]
                page = context.new_page()
                for view, query in views.items():
                    name = f"{view}-{size}-{scheme}"
                    if not everything and name not in KEPT:
                        continue
                    page.goto(f"{house.url}/{query}")
                    page.wait_for_timeout(SETTLED_MS)
                    page.screenshot(path=target / f"{name}.png")
                    print(name)
                context.close()


if __name__ == "__main__":
    main()
