"""`tocsin status`: is it well, how far behind, where does everybody stand."""

from typing import TYPE_CHECKING, Any

import typer

from services.cli.environment import adopt_running
from services.cli.log import open_log, partitions, run
from services.cli.problem import CliError

if TYPE_CHECKING:
    from shared.bus.port import Bus

SERVICES = ("ingest", "extractor", "projection")


def status() -> None:
    """Show the health, lag and positions of every service. The exit code is 1 where something is not well."""
    adopt_running()
    well = [_show(service) for service in SERVICES]
    raw, coded, dead, uncoded = run(_log())
    print(f"log         {raw:,} raw reports, {coded:,} receipts, {dead:,} dead letters; {uncoded:,} left uncoded")
    if uncoded:
        print("            `tocsin reconcile` codes them; the extractor does so by itself")
    if not all(well):
        raise typer.Exit(1)


def _show(service: str) -> bool:
    from services.cli.client import Client

    with Client(service) as client:
        try:
            answer: dict[str, Any] = client.send("GET", "/health/ready").json()
        except (CliError, ValueError) as error:
            print(f"{service:<11} away: {error}")
            return False
    facts = ", ".join(f"{name} {value}" for name, value in answer.get("facts", {}).items())
    state = "ready" if answer["ok"] else "not ready: " + "; ".join(answer["reasons"])
    print(f"{service:<11} {state} at {client.url}" + (f" ({facts})" if facts else ""))
    return bool(answer["ok"])


async def _log() -> tuple[int, int, int, int]:
    from services.extractor.reconcile import find_gaps_on
    from shared.topics import CODED, DEAD_LETTER, RAW

    async with open_log() as bus:
        counts = [await _count(bus, topic.name) for topic in (RAW, CODED, DEAD_LETTER)]
        gaps = await find_gaps_on(bus)
    return counts[0], counts[1], counts[2], sum(gap.reports for gap in gaps)


async def _count(bus: "Bus", topic: str) -> int:
    wheres = await partitions(bus, [topic])
    beginnings, ends = await bus.beginnings(wheres), await bus.ends(wheres)
    return sum(ends[where] - beginnings[where] for where in wheres)
