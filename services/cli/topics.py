"""`tocsin topics`: every topic, what lies on it, and how many."""

from typing import Annotated

import typer

from services.cli.log import open_log, partitions, run


def topics(
    count: Annotated[bool, typer.Option(help="Ask the log how many messages each topic holds.")] = True,
) -> None:
    """List the topics of the house: key, payload, partitions, and how many messages lie there."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from shared.topics import TOPICS

    counts = run(_counts()) if count else {}
    table = Table(box=box.SIMPLE_HEAD)
    for name in ("topic", "payload", "key", "partitions"):
        table.add_column(name, justify="right" if name == "partitions" else "left", no_wrap=True)
    if count:
        table.add_column("messages", justify="right")
    for topic in TOPICS:
        row = [topic.name, topic.payload.__name__, topic.key, str(topic.partitions)]
        table.add_row(*row, *([f"{counts[topic.name]:,}"] if count else []))
    Console(width=None if Console().is_terminal else 120).print(table)


async def _counts() -> dict[str, int]:
    from shared.topics import TOPICS

    async with open_log() as bus:
        wheres = await partitions(bus, [topic.name for topic in TOPICS])
        beginnings, ends = await bus.beginnings(wheres), await bus.ends(wheres)
    found = dict.fromkeys((topic.name for topic in TOPICS), 0)
    for where in wheres:
        found[where.topic] += ends[where] - beginnings[where]
    return found
