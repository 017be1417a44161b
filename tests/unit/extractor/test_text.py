"""Sentences, quotations and datelines as spans of the body."""

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.extractor.core.text import SENTENCE_CHARS_MAX, dateline, quotations, sentences
from tests.unit.extractor.coding import rows

CUTS = (
    # abbreviations
    ("Mr. Daro met Gen. Ivo Pell. They left.", "Mr. Daro met Gen. Ivo Pell.", "They left."),
    ("Lt. Col. Sera Holm spoke.", "Lt. Col. Sera Holm spoke."),
    ("Sen. Orla Pike and Adm. Tem Roos agreed.", "Sen. Orla Pike and Adm. Tem Roos agreed."),
    ("No. 4 battery fired. Nobody was hit.", "No. 4 battery fired.", "Nobody was hit."),
    ("He left in Jan. 2009. She stayed.", "He left in Jan. 2009.", "She stayed."),
    ("The hamlet of St. Orla fell.", "The hamlet of St. Orla fell."),
    ("Kell Corp. Chairman Holm left.", "Kell Corp. Chairman Holm left."),
    ("The U.S. Army left. The U.N. stayed.", "The U.S. Army left.", "The U.N. stayed."),
    ("The ship left the U.K. It arrived later.", "The ship left the U.K.", "It arrived later."),
    ("Rebels took hills, e.g. Kell Ridge. Others fled.", "Rebels took hills, e.g. Kell Ridge.", "Others fled."),
    # clock times
    ("At 11:38 a.m. President Ruo declared an alert.", "At 11:38 a.m. President Ruo declared an alert."),
    ("It began at 10 a.m. The troops left.", "It began at 10 a.m.", "The troops left."),
    ("It was over at 11 a.m. Moscow time. Jets left.", "It was over at 11 a.m. Moscow time.", "Jets left."),
    ("At 6 p.m. the guns fell silent.", "At 6 p.m. the guns fell silent."),
    # initials
    ("J. R. Olmo signed it. B. Kern did not.", "J. R. Olmo signed it.", "B. Kern did not."),
    ("The order of George W. Tamm stood.", "The order of George W. Tamm stood."),
    # ends
    ("What fell? Nobody knows! Help came… Too late.", "What fell?", "Nobody knows!", "Help came…", "Too late."),
    ("They waited... Then they left.", "They waited...", "Then they left."),
    ("About 3.5 million fled. Others stayed.", "About 3.5 million fled.", "Others stayed."),
    ("Two died (one a child). Three fled.", "Two died (one a child).", "Three fled."),
    ("Su-24s came.Then they left.", "Su-24s came.Then they left."),
    ("All was quiet. 200 men left.", "All was quiet.", "200 men left."),
    ("It was yesterday. iTV showed it.", "It was yesterday. iTV showed it."),
    # quotes
    ("“We won.” The crowd cheered.", "“We won.”", "The crowd cheered."),
    ('"Fire!" he cried. "They are near."', '"Fire!" he cried.', '"They are near."'),
    ("“We lost two men. We will answer,” he said.", "“We lost two men.", "We will answer,” he said."),
    ("He said: «Stop.» They stopped.", "He said: «Stop.»", "They stopped."),
    # lists, lines, paragraphs
    ("Losses:\n- two tanks\n- one gun", "Losses:", "- two tanks", "- one gun"),
    ("Losses:\n• two tanks\n• one gun", "Losses:", "• two tanks", "• one gun"),
    ("Towns taken:\n1. Kell\n2. Dorn", "Towns taken:", "1. Kell", "2. Dorn"),
    ("Towns taken:\n1) Kell\n2) Dorn", "Towns taken:", "1) Kell", "2) Dorn"),
    ("The army left\nthe town.", "The army left\nthe town."),
    ("A headline\n\nThe army left.", "A headline", "The army left."),
    ("The army left.\n \nThe town slept.", "The army left.", "The town slept."),
    # datelines
    ("SEOUL, April 1 (Reuters) - Troops moved.", "Troops moved."),
    ("GORI, Georgia — Jets bombed a town.", "Jets bombed a town."),
    ("KABUL (AP) -- A bomb went off. Two died.", "A bomb went off.", "Two died."),
    ("Nairobi, 7 March 2011 (IRIN) - Thousands fled.", "Thousands fled."),
    # nothing
    (" \n\n\t ",),
    ("",),
)


@pytest.mark.parametrize(("text", "expected"), rows(((t, e) for t, *e in CUTS)))
def test_sentences(text: str, expected: list[str]) -> None:
    got = [text[s.start : s.end] for s in sentences(text)]
    assert got == expected, f"gives {got}"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_paragraphs_are_counted(end: str) -> None:
    found = sentences("One is here. Two is here.\n\nThree is here\n \t\n\n\nFour is here.\nFive.".replace("\n", end))
    assert [s.paragraph for s in found] == [0, 0, 1, 2, 2]


def test_a_run_without_ends_is_cut_between_words() -> None:
    text = "word " * 1_000
    found = sentences(text)
    assert len(found) == -(-len(text.strip()) // SENTENCE_CHARS_MAX)
    assert all(s.end - s.start <= SENTENCE_CHARS_MAX for s in found)
    assert {word for s in found for word in text[s.start : s.end].split()} == {"word"}


PIECES = st.sampled_from(
    [". ", "! ", "\n", "\n\n", " ", "a.m. ", "Mr. ", "The ", "army ", "“", "”", '"', "(", ")", "- ", "1. ",
     "A. ", "…", "x" * 400, "é", "😀", "\t"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=60).map("".join) | st.text(max_size=200))
@example("x" * 4_000)
@example("a. B" * 2_000)
@example("x" * 999 + " \t" + "x" * 1_200)
@example("x" * 600 + "\t " + "x" * 1_200)
def test_spans_hold_every_visible_character_once_and_in_order(text: str) -> None:
    found = sentences(text)
    line = dateline(text)
    covered = [i for s in found for i in range(s.start, s.end)]
    assert covered == sorted(set(covered))
    visible = {i for i, char in enumerate(text) if not char.isspace() and not (line and line[0] <= i < line[1])}
    assert visible <= set(covered)
    assert all(a.end <= b.start and a.paragraph <= b.paragraph for a, b in pairwise(found))
    assert all(text[s.start : s.end].strip() == text[s.start : s.end] for s in found)


LONG = 200_000
SHAPES = (
    "a", "a.", "A. ", '" ', "“", ". \n", "\n\n", "- ", "(((", "A B, ", "a.m. ", "SEOUL ", "1. ", '."”’)',
    "…", ".", "?!", "\n1", "\n 1. ", "\r\n",
)  # fmt: skip


@pytest.mark.timeout(20)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_long_text_of_one_shape_is_read_through(shape: str) -> None:
    """What is quadratic runs for minutes here and into the limit."""
    text = (shape * (LONG // len(shape) + 1))[:LONG]
    assert all(s.end <= LONG for s in sentences(text))
    assert all(q.end <= LONG for q in quotations(text))


QUOTES = (
    ("He said: “We will go home.”", ("We will go home.", 4)),
    ('"Go," he said. "We are lost here."', ("Go,", 1), ("We are lost here.", 4)),
    ("A «small» raid and a “big” one", ("small", 1), ("big", 1)),
    ("“We wait,\n\nHe left it open.", ("We wait,", 2)),
    ('"We wait for them', ("We wait for them", 4)),
    ("“We wait,\r\n\r\nHe left it open.", ("We wait,", 2)),
    ("“First part.\n\n“Second part.”", ("First part.", 2), ("Second part.", 2)),
    ("It's the rebels' town",),
    ("No quotes",),
)


@pytest.mark.parametrize(("text", "expected"), rows((t, e) for t, *e in QUOTES))
def test_quotations(text: str, expected: list[tuple[str, int]]) -> None:
    got = [(text[q.start : q.end], q.words) for q in quotations(text)]
    assert got == expected, f"gives {got}"


DATELINES = (
    ("SEOUL, April 1 (Reuters) - Troops moved.", "SEOUL, April 1 (Reuters) - "),
    ("GORI, Georgia — Jets came.", "GORI, Georgia — "),
    ("KABUL (AP) -- A bomb went off.", "KABUL (AP) -- "),
    ("Geneva, 3 May 1999 - Refugees came.", "Geneva, 3 May 1999 - "),
    ("Troops moved on Sunday.", None),
    ("Rebels - some of them boys - came.", None),
    ("", None),
)


@pytest.mark.parametrize(("text", "expected"), rows(DATELINES))
def test_dateline(text: str, expected: str | None) -> None:
    span = dateline(text)
    assert (text[span[0] : span[1]] if span else None) == expected
