"""The coder as a function of a report: what it refuses, what it keeps to, and what a report's hints change."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from services.extractor.core.coder import BODY_CHARS_MAX, SENTENCES_PARSED_MAX
from services.extractor.knowledge import code_version, load_coder
from shared.events import CLASS_OF
from tests.unit.extractor.coding import Coder, only, report, rows

BODY: Final = (
    "TBILISI (AP) - Georgian officials said on Sunday that Russian jets had bombed the port of Poti, killing seven "
    "people. Russia denied it.\n\nAt 11:38 a.m. President Mikheil Saakashvili declared a general mobilization. "
    "Some 2,000 refugees fled to Gori, according to the Red Cross."
)
OTHERS: Final = (
    "Turkey closed its airspace on Friday. Rebels shelled a village near Aleppo, residents said.",
    "The Security Council held an emergency session in New York. Sanctions were imposed on Sudan.",
    "",
    "Rien de nouveau dans la ville de Gori, où les soldats russes sont entrés dimanche soir.",
)

UNCODED: tuple[tuple[str, str, dict[str, object], str], ...] = (
    ("empty", "", {}, "empty"),
    ("blank", " \n\t\n ", {}, "empty"),
    ("no word", "12:30 --- 14 + 3 = 17 !!! 😀", {}, "empty"),
    ("said to be French", "Jets bombed the port of Poti.", {"language": "fr"}, "language"),
    ("French", OTHERS[3], {}, "language"),
    ("Spanish", "Los aviones rusos bombardearon el puerto y murieron siete personas en la ciudad.", {}, "language"),
    ("German", "Russische Flugzeuge haben am Sonntag den Hafen bombardiert, sieben Menschen starben.", {}, "language"),
    ("Russian", "Самолёты бомбили порт в воскресенье, погибли семь человек, сообщили власти города.", {}, "language"),
    ("too long", "Jets bombed the port of Poti. " * (BODY_CHARS_MAX // 30 + 1), {}, "too_long"),
    ("too many events", "Jets bombed it. " * (SENTENCES_PARSED_MAX + 1), {}, "too_long"),
    ("a retraction", "Jets bombed the port of Poti.", {"retracts": True, "supersedes": "r_" + "0" * 32}, "retraction"),
)


@pytest.mark.parametrize(("name", "body", "fields", "reason"), rows(UNCODED))
def test_what_is_not_coded_says_why(coder: Coder, name: str, body: str, fields: dict[str, object], reason: str) -> None:
    coding = coder.coding(body, **fields)
    assert (coding.not_coded, coding.events) == (reason, ())


ENGLISH: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("plain", "The army shelled the town on Sunday.", {}),
    ("said to be English", "The army shelled the town on Sunday.", {"language": "en-GB"}),
    ("three letters", "The army shelled the town on Sunday.", {"language": "eng"}),
    ("short", "Jets bombed Poti.", {}),
    ("a headline", "Rebels captured four soldiers and shot down two helicopters.", {}),
    ("a clipped line", "Jets bombed Gori, killing nine people, two of them children.", {}),
    ("said to be English by its reporter", "Rebels captured nine men, shot down two jets.", {"language": "en"}),
    ("all capitals", "RUSSIAN JETS BOMBED THE PORT OF POTI ON SUNDAY, OFFICIALS SAID.", {}),
    ("with foreign names", "Abu Kamal, Deir ez-Zor: jets bombed the bridge near al-Mayadin on Sunday.", {}),
)  # fmt: skip


@pytest.mark.parametrize(("name", "body", "fields"), rows(ENGLISH))
def test_english_is_coded(coder: Coder, name: str, body: str, fields: dict[str, object]) -> None:
    coding = coder.coding(body, **fields)
    assert coding.not_coded is None, f"gives not_coded {coding.not_coded!r}"
    assert coding.events, "gives no event"


def test_a_report_without_events_is_coded(coder: Coder) -> None:
    coding = coder.coding("The weather in the city was fine and the shops were open.")
    assert (coding.not_coded, coding.events) == (None, ())


def test_same_in_same_out(coder: Coder) -> None:
    assert coder.coding(BODY) == coder.coding(BODY)


def test_no_report_leaves_anything_behind_for_the_next(coder: Coder) -> None:
    alone = {body: coder.coding(body) for body in (BODY, *OTHERS)}
    for body in (*reversed(OTHERS), BODY):
        assert coder.coding(body) == alone[body]


def test_another_loaded_coder_says_the_same(gazetteer_path: Path) -> None:
    one, other = load_coder(gazetteer_path), load_coder(gazetteer_path)
    assert other.version == one.version
    assert other.code(report(BODY)) == one.code(report(BODY))
    rules = one.rules
    assert one.version == rules.version == code_version(rules.gazetteer.version, rules.parser.version)  # type: ignore[attr-defined]
    assert re.fullmatch(r"[0-9a-f]{12}", one.version)


def test_every_event_names_report_outlet_and_version(coder: Coder) -> None:
    given = report(BODY, external_id="wire-7", outlet="Test Wire")
    for event in coder.code(BODY, external_id="wire-7"):
        assert (event.report_id, event.report_ref, event.outlet) == (given.id, "wire-7", "Test Wire")
        assert (event.reported_at, event.coder_version) == (given.published_at, coder.loaded.version)
        assert type(event) is CLASS_OF[event.kind]


def test_ids_are_unique_and_of_the_report(coder: Coder) -> None:
    twins = "Jets bombed Gori. Jets bombed Gori and Poti. Rebels shelled Gori and shelled Poti."
    ids = [e.id for e in (*coder.code(BODY), *coder.code(twins))]
    assert len(ids) == len(set(ids))
    again = [e.id for e in coder.code(BODY, external_id="another")]
    assert not set(again) & set(ids)


def test_events_stand_in_the_order_of_their_evidence(coder: Coder) -> None:
    starts = [min(s.start for s in e.evidence) for e in coder.code(BODY)]
    assert starts == sorted(starts)
    assert len(starts) >= 4


def test_evidence_is_cut_out_of_the_body_as_received(coder: Coder) -> None:
    body = "\ufeff😀 \r\n\r\n" + BODY.replace("\n", "\r\n")
    events = coder.code(body)
    assert {e.kind for e in events} >= {"airstrike", "denial", "mobilization", "displacement"}
    for event in events:
        assert all(body[s.start : s.end] == s.quote for s in event.evidence)
        for slot in (*event.places, *event.participants, *event.quantities, *event.sources, event.occurred):
            if slot is not None and slot.span is not None:
                assert body[slot.span.start : slot.span.end] == slot.text


def test_a_country_hint_settles_the_theatre(coder: Coder) -> None:
    body = "Shells hit a school in Tripoli on Sunday."
    found = {c: only(coder.code(body, country=c), "shelling").places[0].country for c in ("LY", "LB")}
    assert found == {"LY": "LY", "LB": "LB"}


def test_a_time_zone_hint_settles_the_clock(coder: Coder) -> None:
    body = "At 6 a.m. on Sunday the army shelled the town."
    starts = [only(coder.code(body, time_zone=z), "shelling").occurred for z in ("Asia/Tbilisi", "America/Bogota")]
    assert [s.start.astimezone(UTC).hour for s in starts if s is not None] == [2, 11]  # +04:00 and -05:00


def test_without_a_hint_the_theatre_settles_the_clock(coder: Coder) -> None:
    body = "At 6 a.m. on Sunday the Georgian army shelled the town of Gori. Officials in Tbilisi were silent."
    occurred = only(coder.code(body), "shelling").occurred
    assert occurred is not None
    assert occurred.start.astimezone(UTC) == datetime(2008, 8, 10, 2, tzinfo=UTC)


def test_why_triggers_were_left_out_is_told(coder: Coder) -> None:
    coding = coder.coding("The army did not shell the town of Gori.")
    assert coding.events == ()
    assert any("shell" in reason for reason in coding.left_out)


def test_confidence_has_its_reasons(coder: Coder) -> None:
    for event in coder.code(BODY):
        assert 0 < event.confidence < 1
        assert event.confidence_reasons
