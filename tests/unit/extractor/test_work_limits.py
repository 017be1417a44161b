"""What bounds a report's coding: its length, what of it is parsed, and the time of the thread that codes it."""

from typing import Final

import pytest

from services.extractor import knowledge
from services.extractor.core.coder import BODY_CHARS_MAX, CHARS_PARSED_MAX, SENTENCES_PARSED_MAX
from services.extractor.core.text import SENTENCE_CHARS_MAX
from shared.reports import REPORT_BODY_CHARS_MAX
from tests.unit.extractor.coding import Coder, report

CLAUSE: Final = "the army shelled the town and "
EMPTY_TALK: Final = "The weather was fine and the shops were open. "


def of_length(unit: str, chars: int) -> str:
    return (unit * (chars // len(unit) + 1))[:chars]


@pytest.mark.parametrize("unit", [CLAUSE, "x", "killed. ", "Gori ", "1 ", "“", "<p>", "\u202e", "😀 shelled "])
def test_a_megabyte_is_too_long(coder: Coder, unit: str) -> None:
    """Whatever it is; one without any word is empty."""
    body = of_length(unit, REPORT_BODY_CHARS_MAX)
    assert coder.coding(body).not_coded == ("too_long" if any(c.isalpha() for c in unit) else "empty")


def test_a_sentence_as_long_as_a_report_is_cut_and_coded(coder: Coder) -> None:
    body = of_length(f"The town fell and {CLAUSE}", CHARS_PARSED_MAX // 4)
    coding = coder.coding(body)
    assert coding.not_coded is None
    assert coding.events
    assert all(s.end - s.start <= SENTENCE_CHARS_MAX for e in coding.events for s in e.evidence)


def test_a_longer_one_is_too_long(coder: Coder) -> None:
    assert coder.coding(of_length(CLAUSE, CHARS_PARSED_MAX + SENTENCE_CHARS_MAX)).not_coded == "too_long"


def test_so_are_too_many_sentences_with_a_trigger(coder: Coder) -> None:
    assert coder.coding("Jets bombed Gori.\n" * (SENTENCES_PARSED_MAX + 1)).not_coded == "too_long"


def test_what_tells_no_event_may_be_longer(coder: Coder) -> None:
    body = of_length(EMPTY_TALK, BODY_CHARS_MAX - 40) + "\n\nJets bombed Gori on Sunday."
    coding = coder.coding(body)
    assert coding.not_coded is None
    assert [e.kind for e in coding.events] == ["airstrike"]


def test_time_is_asked_for_between_sentences(coder: Coder) -> None:
    given = report("Jets bombed Gori. Rebels shelled Poti. Jets bombed Senaki.")
    whole = coder.rules.code(given)
    asked = 0

    def late_at(limit: int) -> bool:
        nonlocal asked
        asked += 1
        return asked > limit

    assert coder.rules.code(given, lambda: late_at(1_000)) == whole
    sentences_asked = asked
    assert sentences_asked >= 3
    for limit in range(sentences_asked):
        asked = 0
        assert coder.rules.code(given, lambda limit=limit: late_at(limit)).not_coded == "timeout"  # type: ignore[misc]


def test_a_report_that_takes_too_long_is_given_up(coder: Coder, monkeypatch: pytest.MonkeyPatch) -> None:
    given = report("Jets bombed Gori. Rebels shelled Poti.")
    monkeypatch.setattr(knowledge, "REPORT_CPU_S_MAX", 0.0)
    coding = coder.loaded.code(given)
    assert (coding.not_coded, coding.events) == ("timeout", ())
    assert coder.loaded.code(report("The shops were open.")).not_coded is None
