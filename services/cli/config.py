"""`tocsin config`: every setting of every service, its value, and where it came from."""

import os
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli.environment import PREFIX, came_from
from services.cli.problem import CliError

if TYPE_CHECKING:
    from pydantic_settings import BaseSettings

HIDDEN = "********"
CLI_SETTINGS = ("PORT_BASE", "INGEST_URL", "PROJECTION_URL", "EXTRACTOR_URL")


def config(
    names: Annotated[bool, typer.Option("--describe", help="Say what each setting is for.")] = False,
) -> None:
    """Show every setting, its value, and where it came from (default, env, .env); secrets are hidden.

    The exit code is 1 where a setting is wrong or unknown.
    """
    troubles = unknown_settings()
    for settings in _all():
        values, wrong = _values(settings)
        troubles += wrong
        for name, value in values.items():
            variable = variable_of(settings, name)
            print(f"{variable}={value}  ({came_from(variable)})")
            if names and (text := settings.model_fields[name].description):
                print(f"    {text}")
    for name in CLI_SETTINGS:
        variable = f"{PREFIX}CLI_{name}"
        print(f"{variable}={os.environ.get(variable, '')}  ({came_from(variable)})")
    if troubles:
        raise CliError("settings: " + "; ".join(troubles))


def unknown_settings() -> list[str]:
    """A line for each `TOCSIN_…` variable that no service knows: a misspelt setting is an error, not a loss."""
    known = {variable_of(settings, name) for settings in _all() for name in settings.model_fields}
    known |= {f"{PREFIX}CLI_{name}" for name in CLI_SETTINGS}
    given = {name for name in os.environ if name.startswith(PREFIX) and not name.startswith(f"{PREFIX}TEST_")}
    return [f"{name} is no setting; `tocsin config` lists them" for name in sorted(given - known)]


def variable_of(settings: "type[BaseSettings]", name: str) -> str:
    return f"{settings.model_config.get('env_prefix', '')}{name}".upper()


def _all() -> "tuple[type[BaseSettings], ...]":
    from services.extractor.settings import ExtractorSettings
    from services.ingest.settings import IngestSettings
    from services.projection.settings import ProjectionSettings
    from shared.bus.settings import BusSettings

    return BusSettings, IngestSettings, ExtractorSettings, ProjectionSettings


def _values(settings: "type[BaseSettings]") -> tuple[dict[str, str], list[str]]:
    """The values as text, and what is wrong with them. Values that do not validate are shown as they were given."""
    from pydantic import SecretStr, ValidationError

    from shared.codec import describe

    def text(value: Any) -> str:
        return HIDDEN if isinstance(value, SecretStr) else "" if value is None else str(value)

    def given(name: str, default: str) -> str:
        return os.environ.get(variable_of(settings, name), default)

    try:
        made = settings()
        return {name: text(getattr(made, name)) for name in settings.model_fields}, []
    except ValidationError as error:
        shown = {
            name: HIDDEN if "Secret" in str(field.annotation) else given(name, text(field.default))
            for name, field in settings.model_fields.items()
        }
        return shown, [f"{settings.model_config.get('env_prefix')}… {describe(error)}"]
