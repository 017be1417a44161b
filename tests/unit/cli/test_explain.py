"""`tocsin extract --explain`: the same events, a reason for every slot, and the right words marked."""

import io
import json
import os
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Final

import pytest
from rich.console import Console

from services.cli import explain, extract
from services.extractor.core.coder import Explained
from services.extractor.gazetteer import DEFAULT_PATH
from services.extractor.knowledge import LoadedCoder, load_coder
from shared.codec import encode
from shared.events.base import BaseEvent, Span
from shared.reports import RawReport, Report
from tests.golden.reference import ReferenceReport, load_reports

GIVEN: Final = "TOCSIN_TEST_GAZETTEER"
PUBLISHED: Final = datetime(2008, 8, 11, 12, tzinfo=UTC)
REPORTS: Final = tuple(load_reports())
BODY: Final = (
    "Georgian officials said that on Sunday two Russian Su-24 jets had bombed the port of Poti, killing seven people. "
    "Russia denied it."
)


@pytest.fixture(scope="module")
def coder() -> LoadedCoder:
    return load_coder(Path(os.environ.get(GIVEN, DEFAULT_PATH)))


def raw(body: str) -> RawReport:
    return RawReport.of(Report(outlet="Test Wire", body=body, published_at=PUBLISHED, external_id="x-1"), PUBLISHED)


def slots(event: BaseEvent) -> list[tuple[str, Span | None]]:
    """Name and span of every slot of an event, in the order of its explanation."""
    found: list[tuple[str, Span | None]] = [(p.role, p.span) for p in event.participants]
    found += [("place", p.span) for p in event.places] + [("quantity", q.span) for q in event.quantities]
    found += [("source", s.span) for s in event.sources]
    if event.occurred is not None:
        found.append(("occurred", event.occurred.span))
    return found


def shown(explained: Explained, body: str, *, coloured: bool) -> str:
    """What is written of a report, with or without a terminal."""
    stream = io.StringIO()
    out = Console(file=stream, force_terminal=coloured, color_system="truecolor" if coloured else None, width=200)
    explain.write(out, "x-1", raw(body), explained)
    return stream.getvalue()


@pytest.mark.parametrize("report", REPORTS, ids=lambda r: r.id)
def test_the_events_are_those_without_an_explanation(coder: LoadedCoder, report: ReferenceReport) -> None:
    given = report.raw()
    assert coder.explain(given).coding == coder.code(given)


@pytest.mark.parametrize("report", REPORTS, ids=lambda r: r.id)
def test_every_slot_of_every_event_has_a_reason_and_its_own_words(coder: LoadedCoder, report: ReferenceReport) -> None:
    given = report.raw()
    explained = coder.explain(given)
    assert explained.coding.events
    for event, explanation in zip(explained.coding.events, explained.explanations, strict=True):
        assert explanation.event_id == event.id
        assert f"trigger {explanation.rule.split(',')[0]}" in event.confidence_reasons
        *because, status = explanation.because
        assert (status.slot, status.value) == ("status", event.status)
        assert [(r.slot, r.start, r.end) for r in because] == [
            (name, span.start if span else None, span.end if span else None) for name, span in slots(event)
        ]
        assert all(r.why.strip() for r in explanation.because)
        for start, end in explanation.triggers:
            assert any(e.start <= start and end <= e.end for e in event.evidence)


MARKED: Final = {
    "trigger": ["bombed", "killing"],
    "agent": ["Russian Su-24 jets"],
    "target": ["port of Poti"],
    "quantity": ["two", "seven"],
    "source": ["Georgian officials"],
    "occurred": ["Sunday"],
}
REASONS: Final = {
    "agent": ("subject of 'bombed'", "jets"),
    "target": ("object of 'bombed'", "port"),
    "place": ("'Poti' (pobj of 'of')", "theatre"),
    "source": ("speaks of it", "officials"),
    "occurred": ("'Sunday'", "said"),
    "status": ("told by 'bombed'",),
}


def test_the_right_words_are_marked(coder: LoadedCoder) -> None:
    explained = coder.explain(raw(BODY))
    event, explanation = explained.coding.events[0], explained.explanations[0]
    spans = explain.marked_spans(explanation)
    for slot, words in MARKED.items():
        assert sorted(BODY[a:b] for name, a, b in spans if name == slot) == sorted(words)
    text = explain.excerpt(BODY, event, explanation, coloured=True)
    styles = ["" for _ in text.plain]
    for span in text.spans:
        styles[span.start : span.end] = [str(span.style)] * (span.end - span.start)
    runs = {
        (style, "".join(char for _, char in run))
        for style, run in groupby(zip(styles, text.plain, strict=True), key=lambda pair: pair[0])
    }
    for slot in ("trigger", "agent", "source", "occurred"):
        assert {(explain.STYLES[slot], words) for words in MARKED[slot]} <= runs


@pytest.mark.parametrize("slot", REASONS)
def test_reasons_name_the_rule(coder: LoadedCoder, slot: str) -> None:
    explanation = coder.explain(raw(BODY)).explanations[0]
    (why,) = [r.why for r in explanation.because if r.slot == slot]
    assert all(part in why for part in REASONS[slot])


def test_a_pronoun_and_a_context_say_so(coder: LoadedCoder) -> None:
    body = "Rebels shelled the town of Gori on Monday. They killed four people there. Georgia closed its airspace."
    reasons = [r for e in coder.explain(raw(body)).explanations for r in e.because]
    assert any("whoever decides it is at home there" in r.why for r in reasons)
    assert any("told once more of this event" in r.why or "taken from the context" in r.why for r in reasons)


def test_colours_on_a_terminal_and_none_elsewhere(coder: LoadedCoder) -> None:
    explained = coder.explain(raw(BODY))
    assert "\x1b[" in shown(explained, BODY, coloured=True)
    plain = shown(explained, BODY, coloured=False)
    assert "\x1b" not in plain
    assert "had ⟦bombed⟧ the port of Poti, ⟦killing⟧ seven people" in plain
    assert "1. airstrike (occurred)" in plain
    assert "denies   event 1" in plain


def test_no_colours_where_they_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stream = Terminal()
    explain.console(stream).print("red", style="red")
    assert "31m" not in stream.getvalue()


@pytest.mark.parametrize("body", ["", "Les soldats ont pris la ville de Gori dans la nuit."])
def test_what_is_not_coded_says_why(coder: LoadedCoder, body: str) -> None:
    assert "not coded: " in shown(coder.explain(raw(body)), body, coloured=False)


def test_a_trigger_that_opened_nothing_is_told(coder: LoadedCoder) -> None:
    body = "The army did not shell the town of Gori."
    assert "left out: shelling at 'shell': negated" in shown(coder.explain(raw(body)), body, coloured=False)


def test_a_text_cannot_steer_the_terminal(coder: LoadedCoder) -> None:
    body = "Jets bombed \x1b[31mGori\x1b[0m on Sunday\x07, \u202eofficials said."
    written = shown(coder.explain(raw(body)), body, coloured=False)
    assert not {"\x1b", "\x07", "\u202e"} & set(written)


def test_long_texts_are_shown_around_their_events(coder: LoadedCoder) -> None:
    body = "The shops were open. " * 200 + "Jets bombed Gori on Sunday. " + "The weather was fine. " * 200
    written = shown(coder.explain(raw(body)), body, coloured=False)
    assert len(written) < 1_500
    assert "Jets ⟦bombed⟧ Gori" in written


def test_the_command_writes_the_same_events_with_their_explanations(
    coder: LoadedCoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.setattr(extract, "load", lambda: coder)
    path = tmp_path / "a.ndjson"
    path.write_text(raw(BODY).model_dump_json(exclude={"id", "received_at"}, exclude_defaults=True) + "\n")
    extract.extract([path])
    plain = capfdbinary.readouterr().out.splitlines()
    extract.extract([path], explain=True, as_json=True)
    explained = capfdbinary.readouterr().out.splitlines()
    extract.extract([path], explain=True)
    assert b"x-1: 2 events" in capfdbinary.readouterr().out
    events = coder.code(raw(BODY)).events
    assert plain == [encode(event) for event in events]
    for line, event in zip(explained, events, strict=True):
        assert line.startswith(b'{"event":' + encode(event) + b',"explanation":{"triggers":[{"start":')
        told = json.loads(line)["explanation"]
        assert {r["slot"] for r in told["because"]} >= {"agent", "status"}
