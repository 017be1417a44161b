"""The console in a real browser, against the real services with the sample reports: what an analyst does with it."""

import asyncio
import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.bench.made_map import fill
from tests.e2e.console_house import AXE, BROWSER_WAIT_MS, ROOT, ConsoleHouse, LoneProjection, open_browser

expect.set_options(timeout=BROWSER_WAIT_MS)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

VIEWS: Final = ("situation", "timeline", "casualties", "sources", "live", "operations")
HOSTILE: Final = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
DESKTOP: Final = {"width": 1440, "height": 900}
MANY: Final = 2_600
PHONE: Final = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleHouse]:
    with ConsoleHouse(tmp_path_factory.mktemp("console")) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as found:
        yield found


@pytest.fixture
def page(browser: Browser, house: ConsoleHouse) -> Iterator[Page]:
    """A page that asks nobody but our own two services, and breaks no rule of its own policy."""
    context = browser.new_context(viewport=DESKTOP, color_scheme="light")  # type: ignore[arg-type]
    opened = context.new_page()
    opened.set_default_timeout(BROWSER_WAIT_MS)
    outside: list[str] = []
    errors: list[str] = []
    opened.on("request", lambda r: None if r.url.startswith((house.url, house.ingest_url)) else outside.append(r.url))
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on("console", lambda m: errors.append(m.text) if "Content Security Policy" in m.text else None)
    yield opened
    context.close()
    assert (outside, errors) == ([], [])


def incidents(page: Page) -> int:
    """How many the list beside the map says that there are."""
    expect(page.locator(".side .list li").first).to_be_visible()
    return int(page.locator(".side h2 small").inner_text().replace(",", ""))


def test_the_map_shows_the_samples_and_every_state_is_in_the_address(page: Page, house: ConsoleHouse) -> None:
    page.goto(house.url)
    all_of_them = incidents(page)
    assert all_of_them > 30
    expect(page.locator(".map")).to_have_attribute("data-drawn", re.compile(r"[1-9]"))
    expect(page.locator(".measures li").first).to_be_visible()

    page.get_by_role("button", name="From the air").click()
    expect(page).to_have_url(re.compile("kind=airstrike"))
    expect(page.locator(".side h2 small")).not_to_have_text(str(all_of_them))
    some = incidents(page)
    page.reload()
    assert incidents(page) == some
    page.go_back()
    expect(page.locator(".side h2 small")).to_have_text(str(all_of_them))


def test_as_of_shows_what_was_known_and_plays(page: Page, house: ConsoleHouse) -> None:
    page.goto(house.url)
    now = incidents(page)
    slider = page.get_by_role("slider", name="As of")
    slider.focus()
    slider.press("Home")
    expect(page).to_have_url(re.compile("as_of=2008-08-07"))
    for _ in range(6):
        slider.press("PageUp")
    expect(page.locator(".side h2 small")).not_to_have_text(str(now))
    assert incidents(page) < now
    was = page.url
    page.get_by_role("button", name="Replay hour by hour").click()
    expect(page).not_to_have_url(re.compile(re.escape(re.findall(r"as_of=[^&]+", was)[0])))
    page.get_by_role("button", name="Pause the replay").click()
    page.get_by_role("button", name="Back to now").click()
    expect(page.locator(".side h2 small")).to_have_text(str(now))


def test_a_posted_report_is_followed_to_the_map_and_its_evidence(page: Page, house: ConsoleHouse) -> None:
    strike = "Three aircraft bombed the port of Poti on Sunday, the Interior Ministry said."
    text = f"{strike} {HOSTILE} Nine people were hurt."
    page.goto(f"{house.url}/?view=live")
    page.get_by_label("Outlet").fill("Test Wire")
    page.get_by_label("Published (UTC)").fill("2008-08-10T15:00")
    page.get_by_label("Country").fill("GE")
    page.get_by_label("Headline").fill(f"Poti {HOSTILE}")
    page.get_by_label("Text", exact=True).fill(text)
    page.get_by_role("button", name="Post").click()
    expect(page.locator(".steps .done")).to_have_count(3)
    expect(page.locator(".arrivals")).to_contain_text("new event")
    expect(page.locator(".follow .report .body")).to_have_text(text)  # as text, to the letter
    assert page.locator(".follow mark").count() > 0

    found = page.locator(".follow .found li", has_text="Airstrike")
    expect(found).to_contain_text("Poti")
    found.get_by_role("link").click()
    expect(page.locator(".incident h1")).to_contain_text("Airstrike")
    expect(page.locator(".claim blockquote").first).to_contain_text("bombed the port of Poti")
    expect(page.locator(".report mark.chosen").first).to_contain_text("bombed the port of Poti")
    assert page.title() == "Incident · Tocsin"
    assert page.locator("#app img, #app script").count() == 0

    page.get_by_role("link", name="Situation", exact=True).click()
    page.get_by_role("searchbox").fill("port of Poti")
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator(".side .list li", has_text="Poti")).not_to_have_count(0)


def test_brushing_the_timeline_filters_the_map(page: Page, house: ConsoleHouse) -> None:
    page.goto(house.url)
    everything = incidents(page)
    page.get_by_role("link", name="Timeline", exact=True).click()
    box = page.locator(".chart svg").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + 140, steps=4)
    page.mouse.up()
    expect(page).to_have_url(re.compile("from=2008-08.*to=2008-08"))
    page.get_by_role("link", name="See it on the map").click()
    expect(page.locator(".side h2 small")).not_to_have_text(str(everything))
    assert incidents(page) < everything


def test_the_map_moves_by_keyboard_and_a_mark_can_be_chosen(page: Page, house: ConsoleHouse) -> None:
    page.goto(f"{house.url}/?map=44.1,42.0,7.5")
    incidents(page)
    page.locator(".map").focus()
    page.keyboard.press("+")
    expect(page).to_have_url(re.compile(r"map=44\.1\d*%2C42\.0\d*%2C8\.00"))
    page.keyboard.press("ArrowRight")
    expect(page).not_to_have_url(re.compile(r"map=44\.1\d*%2C"))
    page.goto(f"{house.url}/?map=44.113,41.985,9")
    everything = incidents(page)
    expect(page.locator(".map")).to_have_attribute("data-drawn", re.compile(r"[1-9]"))
    page.locator(".map").click(force=True)  # Gori lies in the middle
    expect(page).to_have_url(re.compile("(near|pick)="))
    assert incidents(page) < everything


def test_a_lost_connection_is_said_and_mended(page: Page, house: ConsoleHouse) -> None:
    page.goto(house.url)
    before = incidents(page)
    expect(page.locator(".conn")).to_have_text("Live")
    page.context.set_offline(True)
    expect(page.locator(".away")).to_be_visible()
    assert incidents(page) == before  # what was there stays readable
    shelled = "Rebels shelled the town of Zugdidi on Monday, witnesses said."
    at = "2008-08-11T15:00:00+04:00"
    house.post({"outlet": "Test Wire", "body": shelled, "country": "GE", "published_at": at})
    page.context.set_offline(False)
    expect(page.locator(".conn")).to_have_text("Live")
    expect(page.locator(".away")).to_have_count(0)
    expect(page.locator(".side h2 small")).to_have_text(str(before + 1))


def test_a_projection_that_is_killed_and_comes_back_is_followed(page: Page, house: ConsoleHouse) -> None:
    """Beside the house's own: another projection of the same log, ended by SIGKILL while the page looks at it."""
    outside = page.context.new_page()
    outside.set_default_timeout(BROWSER_WAIT_MS)
    with LoneProjection(house.folder, "another.sqlite") as projection:
        outside.goto(projection.url)
        expect(outside.locator(".conn")).to_have_text("Live")
        before = incidents(outside)
        outside.evaluate("window.never_reloaded = true")
        projection.kill()
        expect(outside.locator(".conn")).to_have_text("Connection lost")
        expect(outside.locator(".away")).to_contain_text("no connection to the service")
        assert incidents(outside) == before  # what was there stays readable
        outside.get_by_role("link", name="Sources", exact=True).click()
        expect(outside.get_by_role("alert").filter(has_text="No answer")).to_be_visible()
        outside.go_back()
        for place in ("Senaki", "Tskhinvali"):
            body = f"Two jets bombed the town of {place} on Tuesday, residents said."
            at = "2008-08-12T15:00:00+04:00"
            house.post({"outlet": "Test Wire", "body": body, "country": "GE", "published_at": at})
        projection.start()
        expect(outside.locator(".conn")).to_have_text("Live")
        expect(outside.locator(".away")).to_have_count(0)
        expect(outside.locator(".side h2 small")).to_have_text(str(before + 2))
        assert outside.evaluate("window.never_reloaded")


def test_a_dead_letter_is_shown_and_replayed(page: Page, house: ConsoleHouse) -> None:
    page.goto(f"{house.url}/?view=operations")
    expect(page.locator(".tile", has_text="Projection")).to_contain_text("ready")
    house.publish_broken()
    letter = page.locator(".dead li").first
    expect(letter).to_be_visible(timeout=BROWSER_WAIT_MS)
    letter.locator("summary").click()
    expect(letter.locator("pre")).to_have_text("{broken")
    letter.get_by_role("button", name="Replay").click()
    expect(letter).to_contain_text("could not be handled there either")
    expect(page.locator(".dead li")).to_have_count(2)


def test_a_replay_asks_for_what_a_foreign_page_cannot_send(house: ConsoleHouse) -> None:
    url = f"{house.url}/v1/dead-letters/reports.raw.v1/0/999999/replay"
    for content_type, status in (("text/plain", 415), ("application/json", 404)):
        asked = urllib.request.Request(url, b"{}", {"Content-Type": content_type}, method="POST")
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(asked)
        refused.value.close()
        assert refused.value.code == status


def test_the_page_is_served_with_a_strict_policy(house: ConsoleHouse) -> None:
    with urllib.request.urlopen(house.url) as answer:
        policy, page = answer.headers["Content-Security-Policy"], answer.read().decode()
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert re.findall(r"<script[^>]*>[^<]+|style=|https?://", page) == []
    (script,) = re.findall(r'src="(/console/assets/[^"]+\.js)"', page)
    asked = urllib.request.Request(house.url + script, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(asked) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert "immutable" in answer.headers["Cache-Control"]
        assert len(answer.read()) < 300_000


def test_ingest_lets_the_console_post_and_no_other_page(house: ConsoleHouse) -> None:
    for origin, allowed in ((house.url, house.url), ("http://elsewhere.example", None)):
        headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        asked = urllib.request.Request(f"{house.ingest_url}/v1/reports", headers=headers, method="OPTIONS")
        try:
            answer = urllib.request.urlopen(asked)
        except urllib.error.HTTPError as refused:
            answer = refused
        with answer:
            assert answer.headers["Access-Control-Allow-Origin"] == allowed


def test_the_lock_names_no_registry() -> None:
    locked = json.loads((ROOT / "console" / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert [name for name, entry in locked.items() if "resolved" in entry] == []
    assert [name for name, entry in locked.items() if name and "integrity" not in entry] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_view_fits_its_window_and_axe_finds_nothing_serious(
    browser: Browser, house: ConsoleHouse, scheme: Any, size: Any
) -> None:
    context = browser.new_context(viewport=size, color_scheme=scheme)
    page = context.new_page()
    with urllib.request.urlopen(f"{house.url}/v1/incidents?contested=true&limit=1") as answer:
        (incident,) = json.load(answer)["items"]
    addresses = [f"/?view={view}" for view in VIEWS] + [f"/?view=incident&id={incident['id']}"]
    bad: list[str] = []
    for address in addresses:
        page.goto(house.url + address)
        expect(page.locator(".loading")).to_have_count(0)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], address
        if AXE.is_file():
            page.evaluate(AXE.read_text(encoding="utf-8") + "; null")
            found = page.evaluate("axe.run().then(r => r.violations)")
            bad += [f"{address}: {v['id']}: {[n['html'][:90] for n in v['nodes'][:3]]}" for v in found
                    if v["impact"] in ("serious", "critical")]  # fmt: skip
    context.close()
    assert bad == []
    if not AXE.is_file():
        pytest.skip(f"the views fit; axe-core was not run: `make console` brings it to {AXE.relative_to(ROOT)}")


def test_very_many_incidents_are_all_counted_and_can_be_looked_into(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Fewer here, but more than the page draws one by one; `make bench` has the hundred thousand."""
    folder = tmp_path_factory.mktemp("many")
    with ThreadPoolExecutor(1) as pool:  # Playwright runs a loop of its own in this thread
        (folder / "var").mkdir()
        database_url = f"sqlite+aiosqlite:///{folder / 'var' / 'readmodels.sqlite'}"
        pool.submit(asyncio.run, fill(database_url, MANY)).result()
    with LoneProjection(folder) as projection:
        with urllib.request.urlopen(f"{projection.url}/v1/map/clusters") as answer:
            counted = json.load(answer)
        assert counted["incidents"] > MANY * 0.9  # a few fall together
        page = browser.new_context(viewport=DESKTOP).new_page()  # type: ignore[arg-type]
        page.set_default_timeout(BROWSER_WAIT_MS)
        page.goto(projection.url)
        total = counted["incidents"] - counted["unplaced"]
        expect(page.locator(".side h2 small")).to_have_text(f"{total:,}")
        expect(page.locator(".map")).to_have_attribute("data-drawn", re.compile(r"^\d{2,}$"))
        assert incidents(page) == total
        with urllib.request.urlopen(f"{projection.url}/v1/map/clusters?zoom=6") as answer:
            largest = max(json.load(answer)["clusters"], key=lambda cluster: cluster["incidents"])
        page.goto(f"{projection.url}/?map={largest['lon']},{largest['lat']},6")
        expect(page.locator(".map")).to_have_attribute("data-cells", "6")  # the world's come first
        page.locator(".map").click(force=True)
        expect(page).to_have_url(re.compile("box="))
        expect(page.locator(".side h2")).to_contain_text("In this part of the map")
        expect(page.locator(".side .list li").first).to_be_visible()
        page.get_by_role("link", name="show all").click()
        page.get_by_role("button", name="On the ground").click()
        expect(page.locator(".side h2 small")).not_to_have_text(f"{total:,}")
        page.goto(f"{projection.url}/?view=timeline")
        expect(page.locator(".chart rect title").first).to_contain_text("event")
        expect(page.get_by_text("None is left out")).to_be_visible()
        for view, query, is_whole in (
            ("sources", "", lambda answer: answer["complete"]),
            ("casualties", "?limit=1000", lambda answer: "next" not in answer),
        ):
            with urllib.request.urlopen(f"{projection.url}/v1/{view}{query}") as answer:
                whole = is_whole(json.load(answer))
            page.goto(f"{projection.url}/?view={view}")
            expect(page.locator("table").first).to_be_visible()
            expect(page.locator(".cut")).to_have_count(0 if whole else 1)  # what is left out is said
        page.context.close()
