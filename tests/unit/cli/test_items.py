"""Reports in every form in which people have them."""

import io
import json
import sys
from pathlib import Path

import pytest

from services.cli.items import Item, TextOptions, Unreadable, read_items
from services.cli.problem import CliError

TEXT = TextOptions("Some Wire", "2008-08-08T10:00:00+04:00")
ONE, TWO = {"outlet": "A", "body": "one"}, {"outlet": "B", "body": "two"}


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def values(path: Path) -> list[object]:
    found = []
    for item in read_items([path], TEXT):
        assert isinstance(item, Item), item
        found.append(json.loads(item.raw))
    return found


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.ndjson", f"{json.dumps(ONE)}\n\n{json.dumps(TWO)}\n"),
        ("a.jsonl", f"{json.dumps(ONE)}\r\n{json.dumps(TWO)}"),
        ("a.json", json.dumps([ONE, TWO], indent=2)),
        ("a.json", f"{json.dumps(ONE)}\n{json.dumps(TWO)}\n"),
        ("a", f"\n {json.dumps([ONE, TWO])}"),
        ("a", f"\ufeff{json.dumps(ONE)}\n{json.dumps(TWO)}\n"),
    ],
)
def test_two_reports_in_json(tmp_path: Path, name: str, content: str) -> None:
    assert values(written(tmp_path, name, content)) == [ONE, TWO]


@pytest.mark.parametrize("indent", [None, 2])
def test_one_report_in_json(tmp_path: Path, indent: int | None) -> None:
    assert values(written(tmp_path, "a.json", json.dumps(ONE, indent=indent))) == [ONE]


def test_a_plain_text_is_one_report_with_its_name_as_external_id(tmp_path: Path) -> None:
    path = written(tmp_path, "wire.txt", "\n{Tanks} rolled.\n")
    assert values(path) == [
        {
            "outlet": "Some Wire",
            "body": "\n{Tanks} rolled.\n",
            "published_at": "2008-08-08T10:00:00+04:00",
            "external_id": str(path),
        }
    ]


def test_a_text_without_a_time_takes_the_files_own_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, "wire", "Tanks rolled.")
    (item,) = read_items([path], TextOptions("Some Wire", None))
    assert isinstance(item, Item)
    assert json.loads(item.raw)["published_at"].endswith("+00:00")
    assert "took the file's own time" in capsys.readouterr().err


def test_a_broken_line_keeps_its_number_and_spoils_only_itself(tmp_path: Path) -> None:
    path = written(tmp_path, "a.ndjson", f"{json.dumps(ONE)}\n{{broken\n{json.dumps(TWO)}\n")
    items = list(read_items([path], TEXT))
    assert [item.where for item in items] == [f"{path}:1", f"{path}:2", f"{path}:3"]


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [("a.json", "[1, ", "is not JSON"), ("a.json", "Tanks", "is not JSON"), ("a", b"Tanks \xff", "is not UTF-8 at")],
)
def test_what_is_no_item_says_why(tmp_path: Path, name: str, content: str | bytes, why: str) -> None:
    (item,) = read_items([written(tmp_path, name, content)], TEXT)
    assert isinstance(item, Unreadable)
    assert why in item.why


def test_no_file_means_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(ONE).encode())))
    assert [item.where for item in read_items([], TEXT)] == ["-:1"]


def test_a_missing_file_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(CliError, match=r"nowhere\.json: No such file"):
        list(read_items([tmp_path / "nowhere.json"], TEXT))
