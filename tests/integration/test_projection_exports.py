"""Exports and search over HTTP, on both databases."""

import csv
import io
import json
from datetime import timedelta

import pyarrow  # type: ignore[import-untyped]
import pyarrow.parquet  # type: ignore[import-untyped]
import pytest

from tests.integration.test_projection_api import COPIED, ECHO, EVENTS, FILED, LOG, MOVED, RAID, Served, served
from tests.unit.projection.made import NOON, count, event, lay, report

__all__ = ["served"]  # the fixture


async def test_exports_hold_everything_and_run_no_formulas(served: Served) -> None:
    hostile = event("statement", report(7, outlet="=1+1", body="@SUM(A1)"))
    await served.arrive(LOG + lay([], [hostile, MOVED], []))
    lines = (await served.client.get("/v1/exports/events.ndjson")).text.splitlines()
    assert {json.loads(line)["id"] for line in lines} == {e.id for e in (*EVENTS, hostile, MOVED)}
    answer = await served.client.get("/v1/exports/events.csv?kind=statement&kind=airstrike")
    header, tags, *cells = list(csv.reader(io.StringIO(answer.text)))
    assert (header[1], tags[1], len(cells)) == ("kind", "#event+type", 3)
    assert all(tag.startswith("#") for tag in tags)
    assert cells[-1][header.index("outlet")] == "'=1+1"
    assert cells[-1][header.index("quote")] == "'@SUM(A"
    ledger = list(csv.reader(io.StringIO((await served.client.get("/v1/exports/casualties.csv")).text)))
    assert [row[6:8] for row in ledger[2:]] == [
        ["injured", "7"], ["killed", "10"], ["injured", "20"], ["killed", "12"], ["injured", "150"]
    ]  # fmt: skip
    everything = await served.get("/v1/exports/incidents.geojson")
    assert len(everything["features"]) == len((await served.get("/v1/map.geojson"))["features"])
    incidents = (await served.client.get("/v1/exports/incidents.ndjson?contested=true")).text.splitlines()
    assert len(incidents) == 1
    await served.get("/v1/exports/events.csv?limit=3", 400)
    sheet = list(csv.reader(io.StringIO((await served.client.get("/v1/exports/incidents.csv?contested=true")).text)))
    assert dict(zip(sheet[0], sheet[2], strict=True))["killed_high"] == "10"
    marks = (await served.get("/v1/exports/events.geojson?kind=evacuation"))["features"]
    assert [(m["properties"]["place"], m["geometry"]["type"]) for m in marks] == [
        ("Gori", "Point"), ("Kareli", "Point")
    ]  # fmt: skip


def table(content: bytes) -> pyarrow.Table:
    return pyarrow.parquet.ParquetFile(pyarrow.BufferReader(content)).read(use_threads=False)


async def test_parquet_holds_the_same_rows_with_types(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.projection.api.exports.LIMIT_MAX", 2)  # several row groups
    huge = event("casualty_report", report(8), quantities=(count("killed", 10**30, None, "over"),))
    await served.arrive(LOG + lay([], [huge], []))
    for name, rows in (("events", 6), ("casualties", 6), ("incidents", 2)):
        answer = await served.client.get(f"/v1/exports/{name}.parquet")
        found = table(answer.content)
        assert found.num_rows == rows, name
        sheet = list(csv.reader(io.StringIO((await served.client.get(f"/v1/exports/{name}.csv")).text)))
        assert found.column_names == sheet[0]
        assert [field.metadata[b"hxl"].decode() for field in found.schema] == sheet[1]
    events = table((await served.client.get("/v1/exports/events.parquet")).content).to_pylist()
    raid = next(row for row in events if row["event_id"] == RAID.id)
    assert (raid["from"], raid["injured_min"]) == (NOON - timedelta(hours=6), 7)
    assert max(row["killed_min"] or 0 for row in events) == 2**63 - 1
    assert table((await served.client.get("/v1/exports/events.parquet?kind=talks")).content).num_rows == 0


async def test_search_shows_what_it_found(served: Served) -> None:
    await served.arrive(LOG)
    found = await served.get("/v1/search?q=Kareli")
    assert {hit["event_id"] for hit in found["events"]} == {RAID.id, ECHO.id}
    [incident] = found["incidents"]
    assert (incident["incident_id"], incident["claims"]) == ("i_" + RAID.id[2:], 2)
    assert {hit["report_id"] for hit in found["reports"]} == {FILED.id, COPIED.id}
    shown = next(hit["snippet"] for hit in found["reports"] if hit["report_id"] == FILED.id)
    assert [shown["text"][start:end] for start, end in shown["hits"]] == ["Kareli"]
    assert found["more"] == []
    some = await served.get("/v1/search?q=kareli&limit=1&kind=airstrike")
    assert (len(some["events"]), some["reports"], some["more"]) == (1, [], ["events"])
