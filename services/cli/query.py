"""`tocsin query`: the read models over HTTP, as tables or JSON."""

from typing import Annotated, Final

import typer

from services.cli.environment import adopt_running
from services.cli.problem import CliError

app = typer.Typer(help="Ask the read models: a table, or --json.", no_args_is_help=True)

HELP: Final = {
    "timeline": "What happened, in the order in which it happened.",
    "events": "Every typed event with its claims.",
    "incidents": "Occurrences, each with the claims of all reports that tell of it.",
    "casualties": "The ledger of tolls: each count by side, source and time; never summed.",
    "measures": "Bans, closures, sanctions and truces, and their state at an instant (-p at=…).",
    "reports": "The reports as they were posted, newest first.",
}
"""Here and not read from the views, because those load what draws tables."""


def _add(name: str) -> None:
    def run(
        kind: Annotated[list[str] | None, typer.Option(help="As in airstrike; may be repeated.")] = None,
        status: Annotated[list[str] | None, typer.Option(help="As in announced; may be repeated.")] = None,
        country: Annotated[list[str] | None, typer.Option(help="Of a place, as in GE.")] = None,
        place: Annotated[list[str] | None, typer.Option(help="Name or GeoNames id.")] = None,
        actor: Annotated[list[str] | None, typer.Option(help="Who does it, or to whom.")] = None,
        source: Annotated[list[str] | None, typer.Option(help="Who says so.")] = None,
        outlet: Annotated[list[str] | None, typer.Option(help="Who carries it.")] = None,
        from_: Annotated[str | None, typer.Option("--from", help="Happened then or later, RFC 3339.")] = None,
        to: Annotated[str | None, typer.Option(help="Happened before then.")] = None,
        as_of: Annotated[str | None, typer.Option(help="What had been reported by then.")] = None,
        words: Annotated[str | None, typer.Option("-q", help="Words in its quotes or names.")] = None,
        limit: Annotated[int, typer.Option(min=1, max=1_000, help="Items of a page.")] = 50,
        cursor: Annotated[str | None, typer.Option(help="The next page, as the one before says.")] = None,
        param: Annotated[
            list[str] | None, typer.Option("-p", help="Any other parameter of the API, as in contested=true.")
        ] = None,
        as_json: Annotated[bool, typer.Option("--json", help="The answer as JSON.")] = False,
    ) -> None:
        lists = {"kind": kind, "status": status, "country": country, "place": place, "actor": actor}
        lists |= {"source": source, "outlet": outlet}
        single = {"from": from_, "to": to, "as_of": as_of, "q": words, "cursor": cursor, "limit": str(limit)}
        params = [(key, value) for key, values in lists.items() for value in values or ()]
        params += [(key, value) for key, value in single.items() if value is not None]
        _ask(name, params + [_pair(text) for text in param or ()], as_json)

    app.command(name, help=HELP[name])(run)


for _name in HELP:
    _add(_name)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise CliError(f"-p {text}: write it as name=value")
    return name, value


def _ask(name: str, params: list[tuple[str, str]], as_json: bool) -> None:
    import json

    from services.cli.client import Client
    from services.cli.show import show
    from services.cli.views import VIEWS

    adopt_running()
    view = VIEWS[name]
    with Client("projection") as client:
        answer = client.get(view.path, params)
    if as_json:
        print(json.dumps(answer, ensure_ascii=False, indent=2))
        return
    show("", view.columns, answer["items"])
    if "next" in answer:
        print(f"there is more: --cursor {answer['next']} (with the same filters)")
    elif not answer["items"]:
        print("nothing fits")
