"""Every example sentence of every trigger opens an event of that trigger's kind, through the real parser."""

from typing import Final

import pytest

from services.extractor.core.lexicon import Lexicon, Sense
from services.extractor.core.text import sentences
from services.extractor.knowledge import read_yaml
from tests.unit.extractor.coding import Coder, rows

LEXICON: Final = Lexicon.from_mappings(read_yaml("triggers.yaml"), read_yaml("classes.yaml"))
ATTACKS: Final = frozenset({"airstrike", "shelling", "ground_combat", "bomb_attack"})
FAMILY: Final = {
    "attack": ATTACKS,
    "strike": ATTACKS | {"damage"},
    "bombing": ATTACKS,
    "raid": ATTACKS,
    "kill": ATTACKS | {"casualty_report", "killing"},
}
"""What a `sense:` entry may come out as, by the means told beside it."""
KINDS: Final = 23
GAPS: tuple[tuple[str, str], ...] = (
    (
        "combat.fight: The two armies duelled across the river.",
        "gives nothing: the parser takes the verb for a participle",
    ),
    (
        "combat.fall_bare: The fall of Dakel to the insurgents shocked the capital.",
        "gives nothing",
    ),
    (
        "killing.shot: The bodies of nine drivers who had been shot were found on a road.",
        "gives nothing",
    ),
    (
        "downing.crash: The plane went down after it was hit by a missile.",
        "gives ['shelling by strike.verb_passive']",
    ),
    (
        "statement.describe: The official called the raid a clear provocation.",
        "gives ['denial by denial.call', 'ground_combat by combat.raid']",
    ),
    (
        "denial.call: The general said the report was baseless.",
        "gives nothing",
    ),
)


def kinds_of(sense: Sense) -> frozenset[str]:
    return frozenset({sense.kind}) if sense.kind is not None else FAMILY[str(sense.sense)]


EXAMPLES = [(f"{sense.id}: {example}", sense, example) for sense in LEXICON.senses for example in sense.examples]


@pytest.mark.parametrize(("name", "sense", "example"), rows(EXAMPLES, GAPS))
def test_an_example_opens_its_sense(coder: Coder, name: str, sense: Sense, example: str) -> None:
    frames, left_out = coder.frames(example)
    got = [f"{f.kind} by {f.sense.id}" for f in frames]
    assert kinds_of(sense) & {f.kind for f in frames}, f"gives {got or 'nothing'}; left out: {left_out}"


GATE_GAPS: tuple[tuple[str, str], ...] = ()


@pytest.mark.parametrize("example", rows(((e,) for e in sorted({e for _, _, e in EXAMPLES})), GATE_GAPS))
def test_an_example_passes_the_gate(coder: Coder, example: str) -> None:
    assert any(coder.rules.gate.opens(example, s.start, s.end) for s in sentences(example)), "no form of it is known"


def test_every_kind_has_a_trigger() -> None:
    kinds = {sense.kind for sense in LEXICON.senses} - {None}
    assert len(kinds) == KINDS


def test_every_family_is_known() -> None:
    assert {sense.sense for sense in LEXICON.senses} - {None} <= set(FAMILY)


def test_ids_are_unique() -> None:
    ids = [sense.id for sense in LEXICON.senses]
    assert sorted(ids) == sorted(set(ids))
