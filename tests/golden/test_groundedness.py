"""Whatever the text: no crash, nothing that the text does not say at the given span, and the same events every time."""

import string
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.extractor.core.coder import BODY_CHARS_MAX, CHARS_PARSED_MAX, Coding
from services.extractor.knowledge import LoadedCoder
from shared.codec import encode
from shared.reports import RawReport, Report
from tests.golden.reference import load_reports

PUBLISHED: Final = datetime(2016, 3, 2, 12, 0, tzinfo=UTC)
BODIES: Final = tuple(report.body for report in load_reports())
EXAMPLES_MAX: Final = 40
"""A coding takes some 50 ms on one core, and there are four such tests; raise it for a hunt."""
relaxed = settings(deadline=None, max_examples=EXAMPLES_MAX)
SENTENCES: Final = (
    "Government troops shelled the village of Kibati on Tuesday, killing at least 12 people.",
    "Three Su-24 aircraft bombed a bridge near Gori at 10:15, officials said.",
    "The ministry denied that any of its jets had been shot down.",
    "Rebels seized the airport; flights to Goma were suspended until Friday.",
    "“Nobody was hurt,” the mayor’s office told reporters in Basra.",
)


def raw(body: str) -> RawReport:
    return RawReport.of(Report(outlet="Test", title=None, body=body, published_at=PUBLISHED), PUBLISHED)


def assert_grounded(body: str, coding: Coding) -> None:
    """Every span lies in the body and cuts out exactly the words that the slot or the evidence shows."""
    assert (coding.not_coded is None) or coding.events == ()
    for event in coding.events:
        for evidence in event.evidence:
            assert 0 <= evidence.start < evidence.end <= len(body)
            assert body[evidence.start : evidence.end] == evidence.quote
        times = (event.occurred,) if event.occurred else ()
        for slot in (*times, *event.places, *event.participants, *event.quantities, *event.sources):
            if slot.text is None:
                # Only what was taken from context may go without words of its own.
                assert getattr(slot, "inferred", False), f"{event.kind}: {slot!r} has no words and is not inferred"
                continue
            assert slot.span is not None
            assert body[slot.span.start : slot.span.end] == slot.text
            assert slot.text.strip()
        ids = {e.id for e in coding.events}
        assert {*event.denies, *event.same_as, *event.part_of} <= ids
        assert len(ids) == len(coding.events)


def check(coder: LoadedCoder, body: str) -> Coding:
    coding = coder.code(raw(body))
    assert coding.not_coded != "timeout", "a text that takes longer than a report may"
    assert_grounded(body, coding)
    return coding


def events_bytes(coding: Coding) -> bytes:
    return b"\n".join(encode(event) for event in coding.events)


@st.composite
def edited(draw: st.DrawFn) -> str:
    """A reference body after a few random cuts, doublings, insertions and swaps."""
    body = draw(st.sampled_from(BODIES))
    for _ in range(draw(st.integers(1, 8))):
        at = draw(st.integers(0, len(body)))
        to = min(len(body), at + draw(st.integers(0, 60)))
        edit = draw(st.sampled_from(("cut", "double", "insert", "upper", "reverse")))
        piece = body[at:to]
        changed = {
            "cut": "",
            "double": piece + piece,
            "upper": piece.upper(),
            "reverse": piece[::-1],
            "insert": draw(st.text(max_size=8)) + piece,
        }[edit]
        body = body[:at] + changed + body[to:]
    return body


@st.composite
def dressed(draw: st.DrawFn) -> str:
    """Sentences with triggers, held together by what reports are mangled with."""
    noise = st.sampled_from(
        [" ", "\n", "\n\n", "\t", "\r\n", "\x00", "\x1b[31m", "\u200b", "\u202e", "\ufeff", "\u00a0", "\u2028",
         "<p>", "</p>", "<script>alert(1)</script>", "&nbsp;", "&quot;", "🚀🔥",
         " | ", ";", "—", "...", "\"", "“", "(", "[1]",
         "قصفت الطائرات", "הפציצו", "взорвана", "轰炸", "e\u0301", "ﬁ"]
    )  # fmt: skip
    parts = draw(st.lists(st.one_of(st.sampled_from(SENTENCES), noise), min_size=1, max_size=14))
    return "".join(parts)


@given(st.text(max_size=400))
@example("")
@example("\x00")
@example("0" * 400)
@example("1" * 30 + " people were killed")
@example("killed killed killed killed killed killed killed killed")
@relaxed
def test_arbitrary_text(coder: LoadedCoder, body: str) -> None:
    check(coder, body)


@given(st.text(alphabet=string.printable, max_size=400))
@relaxed
def test_arbitrary_printable_text(coder: LoadedCoder, body: str) -> None:
    check(coder, body)


@given(edited())
@relaxed
def test_edited_reference_bodies(coder: LoadedCoder, body: str) -> None:
    check(coder, body)


@given(dressed())
@relaxed
def test_mangled_sentences(coder: LoadedCoder, body: str) -> None:
    check(coder, body)


@pytest.mark.parametrize("body", BODIES, ids=lambda b: b[:20])
def test_reference_bodies_as_they_are(coder: LoadedCoder, body: str) -> None:
    assert check(coder, body).not_coded is None


@pytest.mark.parametrize("body", BODIES[::5], ids=lambda b: b[:20])
@pytest.mark.parametrize(
    "mangle",
    [
        str.upper,
        str.lower,
        str.title,
        str.swapcase,
        lambda b: b.replace(" ", "\n"),
        lambda b: b.replace(" ", "  \u200b"),
        lambda b: b.replace("\n\n", " "),
        lambda b: "".join(f"<p class='x'>{line}</p>\n" for line in b.split("\n")),
        lambda b: "\u202e" + b[::-1] + "\u202c",
        lambda b: "\n".join(f"| {n} | {line} |" for n, line in enumerate(b.split(". "))),
        lambda b: b.replace("a", "a\u0301").replace("o", "ö"),
        lambda b: "😀".join(b.split(" ")),
        lambda b: b.replace(".", ""),
        lambda b: "\ufeff" + b.replace("\n", "\r\n"),
    ],
    ids=[
        "upper", "lower", "title", "swapcase", "lines", "wide", "one_paragraph", "html", "reversed", "table",
        "accents", "emoji", "no_full_stops", "crlf",
    ],
)  # fmt: skip
def test_mangled_reference_bodies(coder: LoadedCoder, body: str, mangle: Callable[[str], str]) -> None:
    check(coder, mangle(body))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "empty"),
        (" \n\t\x00", "empty"),
        ("1234 56:78 — … !!! 🚀", "empty"),
        ("\u202e\u200b\ufeff", "empty"),
        ("Les avions ont bombardé la ville de Gao dans la nuit de mardi à mercredi, selon des habitants.", "language"),
        ("Die Armee hat am Dienstag das Dorf beschossen, dabei wurden nach Angaben der Behörden elf Menschen getötet.",
         "language"),
        ("Авиация нанесла удары по городу Грозный в ночь на вторник, сообщили в министерстве обороны.", "language"),
        ("قصفت الطائرات الحربية حي الشيخ مقصود في مدينة حلب صباح اليوم وأسفر القصف عن مقتل سبعة أشخاص", "language"),
        ("x" * (BODY_CHARS_MAX + 1), "too_long"),
        ("The army shelled the town on Monday. " * (1 + BODY_CHARS_MAX // 37), "too_long"),
    ],
    ids=["nothing", "white", "signs", "marks", "french", "german", "russian", "arabic", "one_word", "many_sentences"],
)  # fmt: skip
def test_what_cannot_be_coded_says_why(coder: LoadedCoder, body: str, reason: str) -> None:
    assert coder.code(raw(body)).not_coded == reason


@pytest.mark.parametrize(
    "unit",
    [
        "the army shelled the town and ",
        "killed, wounded, ",
        "bombed ",
        "10,000,000 ",
        "(the (town (of ",
        '"said the "minister ',
        "on Tuesday ",
        "Gori, Poti, Basra, ",
        "Smith-Jones-",
        "<b>shelled</b>",
        "'",
    ],
    ids=[
        "clauses",
        "triggers",
        "one_trigger",
        "numbers",
        "brackets",
        "quotes",
        "days",
        "places",
        "hyphens",
        "html",
        "marks",
    ],
)
@pytest.mark.parametrize("chars", [2_000, 20_000])
def test_one_long_sentence(coder: LoadedCoder, unit: str, chars: int) -> None:
    check(coder, "The town fell " + (unit * (chars // len(unit)))[: chars - 20])


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit",
    [
        "the army shelled the town and ",
        "he said that she accused the army that ",
        "Smith-Jones-shelled-",
        "Gori, Poti, Basra were bombed by the army, ",
        "shelled the ",
    ],
)
def test_the_longest_sentence_that_is_coded(coder: LoadedCoder, unit: str) -> None:
    body = "The town fell, " + (unit * (CHARS_PARSED_MAX // len(unit)))[: CHARS_PARSED_MAX - 40]
    assert check(coder, body).not_coded is None


@pytest.mark.parametrize(("letter", "double"), [("i", "İ"), ("i", "ı"), ("s", "ſ"), ("k", "\u212a")])
def test_letters_that_match_without_case(coder: LoadedCoder, letter: str, double: str) -> None:
    for body in BODIES:
        check(coder, body.replace(letter, double))


def test_same_bytes_twice_and_in_any_order(coder: LoadedCoder) -> None:
    forwards = [events_bytes(coder.code(raw(body))) for body in BODIES]
    backwards = [events_bytes(coder.code(raw(body))) for body in reversed(BODIES)]
    assert forwards == backwards[::-1]


def test_a_reload_gives_the_same_bytes_and_version(coder: LoadedCoder) -> None:
    from services.extractor.knowledge import load_coder

    again = load_coder()
    assert again.version == coder.version
    for body in BODIES[::6]:
        assert events_bytes(again.code(raw(body))) == events_bytes(coder.code(raw(body)))


def test_every_event_carries_report_reference_and_version(coder: LoadedCoder) -> None:
    for report in load_reports():
        for event in coder.code(report.raw()).events:
            assert event.coder_version == coder.version
            assert event.report_ref == report.id
            assert event.report_id == report.raw().id
            assert event.outlet == report.outlet
