"""`tocsin tail`: typed events as they arrive on the log."""

import sys
from typing import Annotated

import typer

from services.cli.log import open_log, read_all, read_on, run
from services.cli.problem import CliError


def tail(
    kinds: Annotated[list[str] | None, typer.Argument(help="Kinds as in `airstrike`; all where none is given.")] = None,
    ndjson: Annotated[bool, typer.Option("--ndjson", help="One event a line as JSON.")] = False,
    from_beginning: Annotated[bool, typer.Option("--from-beginning", help="First what is there already.")] = False,
    follow: Annotated[bool, typer.Option(help="Wait for more; without, stop at the end of the log.")] = True,
) -> None:
    """Show typed events as they arrive, until Ctrl-C."""
    run(_tail(topics_of(kinds or []), ndjson, from_beginning, follow))


def topics_of(kinds: list[str]) -> list[str]:
    """The topics of the kinds, of all where none is given. Raises CliError for an unknown kind."""
    from shared.events import KINDS
    from shared.topics import event_topic_name

    wanted = [kind.replace("-", "_") for kind in kinds]
    for kind in wanted:
        if kind not in KINDS:
            raise CliError(f"{kind!r} is no kind; the kinds are {', '.join(KINDS)}")
    return [event_topic_name(kind) for kind in dict.fromkeys(wanted or KINDS)]


async def _tail(topics: list[str], ndjson: bool, from_beginning: bool, follow: bool) -> None:
    from services.cli.lines import event_line
    from shared.codec import Rejected, decode, encode
    from shared.events.base import BaseEvent

    async with open_log() as bus:
        messages = read_on(bus, topics, from_beginning) if follow else read_all(bus, topics)
        async for message in messages:
            event = decode(message)
            if isinstance(event, BaseEvent):
                print(encode(event).decode() if ndjson else event_line(event), flush=True)
                continue
            why = event.detail if isinstance(event, Rejected) else f"holds a {type(event).__name__}"
            print(f"tocsin: {message.topic}[{message.partition}]@{message.offset}: {why}", file=sys.stderr)
