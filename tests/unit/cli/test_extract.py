"""`tocsin extract`: pure input and output, with a small coder in place of the knowledge that takes seconds to load."""

import json
from pathlib import Path

import pytest

from services.cli import extract as command
from services.cli.problem import CliError
from tests.integration.tiny_coder import TinyCoder

GOOD = {"outlet": "A", "body": "A bomb and a bomb.", "published_at": "2008-08-08T10:00:00+04:00", "external_id": "x-1"}


@pytest.fixture(autouse=True)
def _tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "load", TinyCoder)


def test_each_event_says_which_report_it_is_of(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    path = tmp_path / "a.ndjson"
    path.write_text("".join(json.dumps(GOOD | {"external_id": f"x-{n}"}) + "\n" for n in range(3)))
    command.extract([path])
    events = [json.loads(line) for line in capfdbinary.readouterr().out.splitlines()]
    assert [event["report_ref"] for event in events] == ["x-0", "x-0", "x-1", "x-1", "x-2", "x-2"]
    assert {event["kind"] for event in events} == {"airstrike"}


def test_two_runs_write_the_same(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(GOOD))
    command.extract([path])
    first = capfdbinary.readouterr().out
    command.extract([path])
    assert capfdbinary.readouterr().out == first != b""


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ('{"outlet": "A"}', "a.ndjson:2: body Field required"),
        ("{nonsense", "a.ndjson:2: the report line 1, column 2"),
        (json.dumps(GOOD | {"published_at": "yesterday"}), "a.ndjson:2: published_at is not RFC 3339"),
        (json.dumps(GOOD | {"body": "DEFECT"}), "a.ndjson:2: the coder failed, which is our defect: ZeroDivision"),
    ],
)
def test_a_bad_report_is_told_with_its_line_and_the_others_are_coded(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], bad: str, said: str
) -> None:
    path = tmp_path / "a.ndjson"
    path.write_text("\n".join([json.dumps(GOOD), bad, json.dumps(GOOD | {"external_id": "x-3"})]))
    with pytest.raises(CliError, match="1 report was not coded"):
        command.extract([path])
    out, err = capfd.readouterr()
    assert [json.loads(line)["report_ref"] for line in out.splitlines()] == ["x-1", "x-1", "x-3", "x-3"]
    assert said in err


def test_plain_text_with_its_time(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "wire.txt"
    path.write_text("A bomb.")
    command.extract([path], published_at="2008-08-08T10:00:00+04:00", outlet="Some Wire")
    (event,) = map(json.loads, capfd.readouterr().out.splitlines())
    assert (event["outlet"], event["reported_at"]) == ("Some Wire", "2008-08-08T10:00:00+04:00")
