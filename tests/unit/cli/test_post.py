"""Batches and bookmarks of `tocsin post`, against a real HTTP server that answers as ingest does."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from services.cli.client import Client
from services.cli.items import Item, TextOptions, read_items
from services.cli.post import Bookmark, Tally, post_items
from services.cli.problem import CliError

TEXT = TextOptions("A", None)


class Ingest(ThreadingHTTPServer):
    """Takes `capacity` batches and then answers 500; refuses items whose body says so; is busy `busy` times."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.capacity, self.busy = 1_000, 0
        self.taken: list[str] = []


class _Handler(BaseHTTPRequestHandler):
    server: Ingest

    def do_POST(self) -> None:
        lines = self.rfile.read(int(self.headers["Content-Length"])).splitlines()
        if self.server.busy:
            self.server.busy -= 1
            self._answer(429, {"title": "Busy", "detail": "Later."}, {"Retry-After": "0"})
        elif not self.server.capacity:
            self._answer(500, {"title": "A defect", "detail": "Ours."})
        else:
            self.server.capacity -= 1
            self._answer(200, {"results": [self._result(index, line) for index, line in enumerate(lines)]})

    def _result(self, index: int, line: bytes) -> dict[str, object]:
        body = json.loads(line)["body"]
        if body == "bad":
            errors = [{"field": "body", "problem": "is bad", "mend": "write a good one"}]
            return {"index": index, "status": 422, "report": None, "problem": {"errors": errors, "detail": "bad"}}
        duplicate = body in self.server.taken
        self.server.taken.append(body)
        report = {"id": f"r_{body}", "duplicate": duplicate, "topic": "reports.raw.v1", "partition": 0, "offset": index}
        return {"index": index, "status": 202, "report": report, "problem": None}

    def _answer(self, status: int, document: object, headers: dict[str, str] | None = None) -> None:
        content = json.dumps(document).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def ingest(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ingest]:
    with Ingest() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        monkeypatch.setenv("TOCSIN_CLI_INGEST_URL", f"http://127.0.0.1:{server.server_port}")
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    path = tmp_path / "reports.ndjson"
    path.write_text("".join(json.dumps({"body": f"b{n}"}) + "\n" for n in range(10)))
    return path


def post(path: Path, folder: Path) -> Tally:
    tally = Tally()
    with Client("ingest") as client:
        bookmark = Bookmark(path, client.url, folder)
        post_items(client, read_items([path], TEXT), tally, lambda steps: None, bookmark, batch_items=3)
    return tally


def test_everything_is_posted_once_and_the_places_are_known(ingest: Ingest, reports: Path, tmp_path: Path) -> None:
    tally = post(reports, tmp_path / "marks")
    assert ingest.taken == [f"b{n}" for n in range(10)]
    assert (tally.accepted, tally.duplicate, tally.problems) == (10, 0, [])
    assert tally.posted[4] == ("r_b4", "reports.raw.v1/0/1")
    assert list((tmp_path / "marks").iterdir()) == []


def test_after_an_interruption_it_goes_on_where_it_stopped(ingest: Ingest, reports: Path, tmp_path: Path) -> None:
    ingest.capacity = 2
    with pytest.raises(CliError, match=r"reports\.ndjson:7 and on: 500 A defect"):
        post(reports, tmp_path / "marks")
    ingest.capacity = 1_000
    tally = post(reports, tmp_path / "marks")
    assert ingest.taken == [f"b{n}" for n in range(10)]
    assert tally.accepted == 4


def test_a_changed_file_begins_anew(ingest: Ingest, reports: Path, tmp_path: Path) -> None:
    ingest.capacity = 2
    with pytest.raises(CliError):
        post(reports, tmp_path / "marks")
    ingest.capacity = 1_000
    reports.write_text(reports.read_text() + json.dumps({"body": "b10"}) + "\n")
    assert (tally := post(reports, tmp_path / "marks")).accepted == 11
    assert tally.duplicate == 6


def test_a_refused_item_is_told_with_its_line_and_the_mend(ingest: Ingest, tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    path.write_text('{"body": "good"}\n\n{"body": "bad"}\n')
    tally = post(path, tmp_path / "marks")
    assert tally.problems == [f"{path}:3: body is bad: write a good one"]
    assert tally.accepted == 1


def test_it_waits_where_ingest_is_busy(ingest: Ingest, tmp_path: Path) -> None:
    ingest.busy = 3
    tally = Tally()
    with Client("ingest") as client:
        post_items(client, [Item("x:1", b'{"body": "b"}')], tally, lambda steps: None)
    assert tally.accepted == 1
