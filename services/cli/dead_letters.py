"""`tocsin dead-letters`: look at what could not be handled, and put it back on its topic."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.lines import safe
from services.cli.log import open_log, read_all, run
from services.cli.problem import CliError

if TYPE_CHECKING:
    from shared.bus.dead_letters import DeadLetter
    from shared.bus.port import Bus

app = typer.Typer(help="List, show and replay what could not be handled.", no_args_is_help=True)
Places = Annotated[list[str], typer.Argument(help="Where the original lies, as `list` shows it: reports.raw.v1/3/17")]


@app.command("list")
def list_() -> None:
    """One line a dead letter: where its original lies, who gave up, why."""
    letters = run(_read())
    for letter in letters:
        at, why = f"{letter.died_at:%Y-%m-%d %H:%M:%S}", safe(letter.detail)
        print(f"{letter.place()}  {letter.handler}  {at}  {letter.reason}: {why}")
    print(f"{len(letters)} dead letter{'' if len(letters) == 1 else 's'}", file=sys.stderr)


@app.command()
def show(places: Places) -> None:
    """The whole dead letter, with the original's headers and bytes."""
    for letter in _chosen(run(_read()), places):
        original = letter.original()
        print(f"{letter.place()} of {letter.timestamp_ms} (Unix ms), given up by {letter.handler} at {letter.died_at}")
        print(f"  {letter.reason}: {safe(letter.detail)}")
        for name, value in (*original.headers, ("key", original.key or b"")):
            print(f"  {safe(name)}: {_text(value)}")
        print(_text(original.value or b""))


@app.command()
def replay(
    places: Annotated[list[str] | None, typer.Argument(help="Where the originals lie, as `list` shows it.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Every dead letter.")] = False,
) -> None:
    """Publish the original bytes on their topic again, once what was wrong is mended.

    Nothing is lost or doubled by it: ids are derived from the content, and what still can't be handled becomes a dead
    letter again.
    """
    if bool(places) == all_:
        raise CliError("name the places to replay, as `tocsin dead-letters list` shows them, or say --all")
    count = run(_replay(places))
    print(f"replayed {count} message{'' if count == 1 else 's'}")


def _text(value: bytes) -> str:
    return safe(value.decode("utf-8", "backslashreplace"), keep="\n\t")


async def _read() -> "list[DeadLetter]":
    async with open_log() as bus:
        return await _letters(bus)


async def _letters(bus: "Bus") -> "list[DeadLetter]":
    """Every dead letter, the last of each place and handler, in the order of the log."""
    from shared.bus.dead_letters import DeadLetter
    from shared.codec import decode
    from shared.topics import DEAD_LETTER

    found: dict[tuple[str, str], DeadLetter] = {}
    async for message in read_all(bus, [DEAD_LETTER.name]):
        letter = decode(message)
        if isinstance(letter, DeadLetter):
            found[letter.place(), letter.handler] = letter
    return list(found.values())


def _chosen(letters: "list[DeadLetter]", places: list[str]) -> "list[DeadLetter]":
    known = {letter.place() for letter in letters}
    for place in places:
        if place not in known:
            raise CliError(f"no dead letter of {place}; `tocsin dead-letters list` shows them")
    return [letter for letter in letters if letter.place() in places]


async def _replay(places: list[str] | None) -> int:
    from shared.bus.port import OutgoingMessage

    async with open_log() as bus:
        letters = await _letters(bus)
        originals = {
            letter.place(): letter.original()
            for letter in (letters if places is None else _chosen(letters, places))
            if letter.value is not None  # too large to be in the letter: the original lies where it lay
        }
        batch = [OutgoingMessage(m.topic, m.key, m.value, m.headers) for m in originals.values()]
        await bus.publish(batch)
    return len(batch)
