"""The sample reports: enough of them, of the right length, in order, and each what ingest takes."""

from datetime import UTC, datetime, timedelta

import pytest

from services.cli.up import SAMPLES
from services.ingest.core.report import parse_item
from shared.reports import Report

REPORTS: list[Report] = []
for _line in SAMPLES.read_bytes().splitlines():
    _report = parse_item(_line, datetime.now(UTC))
    assert isinstance(_report, Report), _report
    REPORTS.append(_report)


def test_there_are_34_by_many_outlets_in_the_order_of_their_publication() -> None:
    assert len(REPORTS) == 34
    assert len({report.outlet for report in REPORTS}) >= 8
    assert [r.published_at for r in REPORTS] == sorted(r.published_at for r in REPORTS)
    assert len({r.external_id for r in REPORTS}) == len({r.report_id() for r in REPORTS}) == 34


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: str(report.external_id))
def test_each_has_60_to_200_words_and_the_time_of_tbilisi(report: Report) -> None:
    assert 60 <= len(report.body.split()) <= 200
    assert report.published_at.utcoffset() == timedelta(hours=4)
    assert datetime.fromisoformat("2008-08-07T00:00+04:00") <= report.published_at
    assert report.published_at < datetime.fromisoformat("2008-08-13T00:00+04:00")


def test_a_correction_supersedes_an_earlier_report() -> None:
    earlier = {report.report_id(): number for number, report in enumerate(REPORTS)}
    corrections = [(number, report) for number, report in enumerate(REPORTS) if report.supersedes]
    assert corrections
    assert all(earlier[report.supersedes or ""] < number for number, report in corrections)


@pytest.mark.parametrize(
    "word",
    ["Kareli", "Gori", "mobilization", "flights", "television channels", "volunteers", "evacuated", "Roki", "Poti",
     "Senaki", "ceasefire", "Security Council", "denied", "sanctions", "corridor", "checkpoint"],
)  # fmt: skip
def test_the_course_of_the_war_is_in_them(word: str) -> None:
    assert any(word.casefold() in f"{report.title} {report.body}".casefold() for report in REPORTS)
