"""`tocsin rebuild` and `tocsin digest`: the read models afresh from the log, and the proof that they are equal."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.environment import adopt_running
from services.cli.log import open_log, run
from services.cli.problem import CliError

if TYPE_CHECKING:
    from services.projection.rebuild import Compared
    from services.projection.store.digest import Digest
    from services.projection.store.engine import Engine

SHOWN_CHARS = 16
"""Of a digest: enough to see at a glance, the whole is printed last."""


def rebuild(
    accept_difference: Annotated[
        bool, typer.Option("--accept-difference", help="Switch though they differ, as after new joining rules.")
    ] = False,
    switch: Annotated[bool, typer.Option(help="Make the rebuilt read models the live ones.")] = True,
) -> None:
    """Build the read models afresh from the log beside the live ones, compare them, and switch in one step.

    Queries answer all the while. The exit code is 1, and nothing is switched, where the two differ.
    """
    run(_rebuild(accept_difference, switch))


def digest() -> None:
    """Print the digest of every read model; equal digests at one position of the log mean equal read models."""
    _print(run(_digest()))


async def _rebuild(accept_difference: bool, switch: bool) -> None:
    from services.projection.groups import read_groups
    from services.projection.rebuild import Rebuild
    from services.projection.store.places import PlaceRetired

    async with open_log() as bus:
        with telling_database():
            work = Rebuild(bus, database_url(), read_groups())
            try:
                total = await work.begin()
                with _bar(total) as advance:
                    read = await work.build(advance)
                print(f"read {read:,} messages; comparing with the live read models")
                compared = await work.compare()
                _report(compared)
                if not compared.equal and not accept_difference:
                    raise CliError(
                        "nothing was switched; see above. If that is what you expect, run `tocsin rebuild "
                        "--accept-difference`"
                    )
                if switch:
                    await work.switch()
                    print("switched: the rebuilt read models are live; a running projection follows within seconds")
                else:
                    print("nothing was switched, as asked")
            except PlaceRetired:
                raise CliError("another rebuild has switched meanwhile; nothing was switched here") from None
            finally:
                await work.close()


def _report(compared: "Compared") -> None:
    if compared.live is None:
        print("the live read models have not read as far (is the projection running?), so they can't be compared")
        _print(compared.rebuilt)
        return
    for name, live, rebuilt in compared.pairs():
        same = "equal" if live == rebuilt else f"DIFFERENT: rebuilt {rebuilt[:SHOWN_CHARS]}"
        print(f"{name:<20} {live[:SHOWN_CHARS]}  {same}")
    print(f"{'whole, live':<20} {compared.live.whole}\n{'whole, rebuilt':<20} {compared.rebuilt.whole}")


def _print(found: "Digest") -> None:
    for name, part in sorted(found.parts.items()):
        print(f"{name:<20} {part[:SHOWN_CHARS]}")
    print(f"{'whole':<20} {found.whole}")


async def _digest() -> "Digest":
    from services.projection.groups import read_groups
    from services.projection.store.digest import digest as digest_of

    async with open_database() as engine:
        return await digest_of(engine, read_groups())


def database_url() -> str:
    """Where the read models lie, by the settings. Raises CliError."""
    from pydantic import ValidationError

    from services.projection.settings import ProjectionSettings
    from shared.codec import describe

    adopt_running()
    try:
        return ProjectionSettings().database_url.get_secret_value()
    except ValidationError as error:
        raise CliError(f"settings: {describe(error)}") from None


@asynccontextmanager
async def open_database() -> "AsyncIterator[Engine]":
    """The live read models, with the schema of today. Raises CliError."""
    from services.projection.store.engine import follow, open_engine
    from services.projection.store.migrate import upgrade

    with telling_database():
        engine = open_engine(database_url())
        try:
            await follow(engine)
            await upgrade(engine)
            yield engine
        finally:
            await engine.dispose()


@contextmanager
def telling_database() -> Iterator[None]:
    """Trouble with the database becomes one line."""
    from services.projection.store.engine import DATABASE_ERRORS
    from services.projection.store.migrate import SchemaTooNew

    try:
        yield
    except (SchemaTooNew, ValueError, *DATABASE_ERRORS) as error:
        raise CliError(f"database: {error}") from error


@contextmanager
def _bar(total: int) -> Iterator[Callable[[int], None]]:
    """A bar with an estimate of the time that is left, on standard error where somebody watches."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
    from rich.progress import TimeRemainingColumn as Estimate

    console = Console(stderr=True)
    columns = (TextColumn("rebuilding"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), Estimate())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("rebuilding", total=total)
        yield lambda messages: progress.advance(task, messages)
