"""The command line as a whole: quick to help, every command there, trouble in one line."""

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("pydantic", "httpx", "fastapi", "sqlalchemy", "spacy", "aiokafka", "faust", "services.extractor")


def tocsin(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "services.cli", *arguments], cwd=cwd, capture_output=True, text=True, check=False
    )


def test_help_loads_nothing_heavy() -> None:
    code = f"import sys, services.cli.main; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_command_is_there_and_explains_itself(tmp_path: Path) -> None:
    listed = tocsin("--help", cwd=tmp_path).stdout
    commands = ("up", "post", "tail", "extract", "query", "topics", "dead-letters", "status", "reconcile", "config")
    assert [command for command in commands if f"  {command} " not in listed] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("tail", "earthquake"), "'earthquake' is no kind; the kinds are airstrike, shelling"),
        (("tail",), "there is no log at var/log.sqlite; start one with `tocsin up`"),
        (("post", "nowhere.json"), "nowhere.json: No such file or directory"),
        (("query", "events", "-p", "contested"), "write it as name=value"),
        (("dead-letters", "replay"), "name the places to replay"),
    ],
)
def test_trouble_is_one_clear_line(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    done = tocsin(*arguments, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("tocsin: ")
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_service_that_is_away_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_CLI_PROJECTION_URL", "http://127.0.0.1:1")
    done = tocsin("query", "timeline", cwd=tmp_path)
    assert (done.returncode, len(done.stderr.strip().splitlines())) == (1, 1)
    assert "no projection at http://127.0.0.1:1" in done.stderr
