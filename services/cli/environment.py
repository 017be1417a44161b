"""Where settings come from: the environment, a file `.env`, what a running `tocsin up` wrote down, or defaults."""

import fcntl
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from services.cli.problem import CliError

DOTENV: Final = Path(".env")
RUNNING: Final = Path("var/running.json")
"""What `tocsin up` started here, as environment variables; it is there as long as `up` runs."""
LOCK: Final = Path("var/up.lock")
"""Held by `tocsin up` as long as it runs, and by nobody else; the kernel lets go of it however `up` ends."""
PREFIX: Final = "TOCSIN_"

PORT_BASE: Final = 8600
PORT_OFFSETS: Final[Mapping[str, int]] = {"ingest": 0, "projection": 10, "extractor": 20}

_from_dotenv: set[str] = set()


def load_dotenv(path: Path = DOTENV) -> None:
    """Take the `TOCSIN_…` lines of a file `.env` into the environment, which goes before it."""
    if not path.is_file():
        return
    from dotenv import dotenv_values

    for name, value in dotenv_values(path).items():
        if name.startswith(PREFIX) and value is not None and name not in os.environ:
            os.environ[name] = value
            _from_dotenv.add(name)


def came_from(name: str) -> str:
    """`env`, `.env` or `default`."""
    if name in _from_dotenv:
        return ".env"
    return "env" if name in os.environ else "default"


def read_running(path: Path = RUNNING) -> dict[str, str]:
    """The settings of the `tocsin up` that runs in this folder; empty where none does."""
    if not _is_locked(path.with_name(LOCK.name)):
        return {}  # what it wrote down outlasts a `kill -9`
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise CliError(f"{path} can't be read ({error}); remove it if no `tocsin up` runs here") from None
    return {str(name): str(value) for name, value in found["settings"].items()}


def _is_locked(path: Path) -> bool:
    try:
        with path.open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def adopt_running() -> None:
    """Let the settings of a running `tocsin up` stand where the environment says nothing."""
    for name, value in read_running().items():
        os.environ.setdefault(name, value)


def port_base() -> int:
    """Raises CliError for a base that leaves no room for the services' ports."""
    given = os.environ.get("TOCSIN_CLI_PORT_BASE", str(PORT_BASE))
    if not given.isdecimal() or not 1 <= int(given) <= 65_535 - max(PORT_OFFSETS.values()):
        raise CliError(f"PORT_BASE is {given!r}; choose a number from 1 to {65_535 - max(PORT_OFFSETS.values())}")
    return int(given)


def address(service: str) -> tuple[str, int]:
    """Host and port of a service: its own settings, else the port base and the service's place from there."""
    host = os.environ.get(f"TOCSIN_{service.upper()}_HOST", "127.0.0.1")
    port = os.environ.get(f"TOCSIN_{service.upper()}_PORT")
    if port is not None and not port.isdecimal():
        raise CliError(f"TOCSIN_{service.upper()}_PORT is {port!r}, which is no number")
    return host, int(port) if port is not None else port_base() + PORT_OFFSETS[service]


def url(service: str) -> str:
    """Where to reach a service: `TOCSIN_CLI_<SERVICE>_URL`, else its address."""
    given = os.environ.get(f"TOCSIN_CLI_{service.upper()}_URL")
    if given:
        return given.rstrip("/")
    host, port = address(service)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def token(service: str) -> str | None:
    return os.environ.get(f"TOCSIN_{service.upper()}_TOKEN") or None
