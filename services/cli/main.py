"""The typer app: `tocsin`. Every command imports what is heavy when it runs, so that `tocsin --help` is quick."""

import os
import sys

import typer

from services.cli import (
    config,
    dead_letters,
    extract,
    post,
    query,
    rebuild,
    recode,
    reconcile,
    status,
    tail,
    topics,
    up,
)
from services.cli.environment import load_dotenv
from services.cli.problem import CliError

app = typer.Typer(
    name="tocsin",
    help="Raw wire reports in; typed, attributed events out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(up.up)
app.command()(post.post)
app.command()(tail.tail)
app.command()(extract.extract)
app.add_typer(query.app, name="query")
app.command()(topics.topics)
app.add_typer(dead_letters.app, name="dead-letters")
app.command()(status.status)
app.command()(reconcile.reconcile)
app.command()(rebuild.rebuild)
app.command()(rebuild.digest)
app.command()(recode.recode)
app.command()(config.config)


def main() -> int:
    """Run the command line; the exit code. Trouble that a user can mend is one line on standard error."""
    try:
        load_dotenv()
        app()
    except CliError as error:
        print(f"tocsin: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader of a pipe has seen enough, as in `tocsin tail | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    return 0
