"""Who does what to whom around a predicate, by the heads of the phrases, through the real parser."""

from collections.abc import Mapping

import pytest

from services.extractor.core import arguments
from services.extractor.core.arguments import Arguments
from tests.unit.extractor.coding import Coder, rows

# sentence, predicate, path and heads ("subj: rebels; obj: town")
TABLE = (
    # active and passive
    ("Rebels shelled the old town.", "shelled", "subj: Rebels; obj: town"),
    ("Rebels and deserters shelled Kell and Dorn.", "shelled", "subj: Rebels deserters; obj: Kell Dorn"),
    ("The town was shelled by rebels.", "shelled", "subj: rebels; obj: town"),
    ("The town was shelled.", "shelled", "subj: ; obj: town"),
    ("Two towns have been shelled by rebels.", "shelled", "subj: rebels; obj: towns"),
    ("Rebels have shelled the town.", "shelled", "subj: Rebels; obj: town"),
    ("The town was being shelled by rebels and deserters.", "shelled", "subj: rebels deserters; obj: town"),
    ("The town got shelled.", "shelled", "obj: town"),
    # coordination of verbs
    ("The pilot was captured and killed by rebels.", "captured", "subj: rebels; obj: pilot"),
    ("The pilot was captured and later killed by rebels.", "killed", "subj: rebels; obj: pilot"),
    ("Rebels captured and killed the pilot.", "captured", "subj: Rebels; obj: pilot"),
    ("Rebels captured and killed the pilot.#", "killed", "subj: Rebels; obj: pilot"),
    ("Troops entered the town and burned three houses.", "burned", "subj: Troops; obj: houses"),
    ("Troops entered the town and rebels burned three houses.", "burned", "subj: rebels; obj: houses"),
    # control
    ("The general ordered troops to withdraw.", "withdraw", "subj: troops"),
    ("The general ordered his men to shell the town.", "shell", "subj: men; obj: town"),
    ("Troops were ordered to withdraw.", "withdraw", "subj: Troops"),
    ("Rebels tried to shell the town.", "shell", "subj: Rebels; obj: town"),
    ("Rebels promised to leave.", "leave", "subj: Rebels"),
    ("The mayor called on rebels to leave.", "leave", "subj: rebels"),
    ("The general let his men loot the town.", "loot", "subj: men; obj: town"),
    # accusing, preventing
    ("The mayor accused rebels of bombing Dorn.", "bombing", "subj: rebels; obj: Dorn"),
    ("Rebels were accused of bombing Dorn.", "bombing", "subj: Rebels; obj: Dorn"),
    ("The wall kept rebels from shelling the town.", "shelling", "subj: rebels; obj: town"),
    # participles and relative clauses
    ("Rebels shelling the town were captured.", "shelling", "subj: Rebels; obj: town"),
    ("A town shelled by rebels was rebuilt.", "shelled", "subj: rebels; obj: town"),
    ("Rebels who shelled the town were captured.", "shelled", "subj: Rebels; obj: town"),
    ("The town that rebels shelled was rebuilt.", "shelled", "subj: rebels; obj: town"),
    ("The town which was shelled by rebels was rebuilt.", "shelled", "subj: rebels; obj: town"),
    ("Rebels advanced on the town, shelling its market.", "shelling", "subj: Rebels; obj: market"),
    ("After shelling the town, rebels left.", "shelling", "subj: rebels; obj: town"),
    # prepositions
    ("Troops withdrew from Kell to Dorn.", "withdrew", "subj: Troops; from: Kell; to: Dorn"),
    ("Rebels fired rockets at the port and the bridge.", "fired", "obj: rockets; at: port bridge"),
    ("Troops were driven out of the town by rebels.", "driven", "subj: rebels; obj: Troops; of: town"),
    ("Gunners shot down 29 out of 38 drones.", "shot", "subj: Gunners; obj: 29"),
    # nouns
    ("The army launched an offensive against rebels.", "offensive", "subj: army; against: rebels"),
    ("The army and its allies launched an offensive.", "offensive", "subj: army allies"),
    ("An offensive by troops failed.", "offensive", "by: troops"),
    ("The bombardment of Dorn by rebels went on.", "bombardment", "by: rebels; of: Dorn"),
    ("The rebels’ attack on the bridge failed.", "attack", "poss: rebels; on: bridge"),
    ("The rebels' attack on the bridge failed.", "attack", "poss: rebels; on: bridge"),
    ("Rebel attacks on the bridge went on.", "attacks", "mod: Rebel; on: bridge"),
    ("Clashes between troops and rebels broke out.", "Clashes", "between: troops rebels"),
    ("The town came under fire.", "fire", "under: town"),
    ("Troops came under fire from rebels.", "fire", "under: Troops; from: rebels"),
    ("An attack carried out by rebels failed.", "attack", "by: rebels"),
    ("A raid targeting the market failed.", "raid", "on: market"),
    ("The two sides held a new round of talks.", "talks", "subj: sides"),
    ("Rebels carried out two raids on the town.", "raids", "subj: Rebels; on: town"),
    # states
    ("The border is closed to refugees.", "closed", "obj: border; to: refugees"),
    ("They found the border closed.", "closed", "obj: border"),
)
GAPS: tuple[tuple[str, str], ...] = (
    (
        "Troops entered the town and rebels burned three houses.",
        "gives subj: Troops; obj: houses",
    ),
    (
        "The mayor accused rebels of bombing Dorn.",
        "gives subj: ; obj: Dorn",
    ),
)


def heads(args: Arguments, body: str, spans: Mapping[int, tuple[int, int]], path: str) -> list[str]:
    return sorted(body[slice(*spans[i])] for i in args.at(path))


@pytest.mark.parametrize(("sentence", "predicate", "expected"), rows(TABLE, GAPS))
def test_arguments(coder: Coder, sentence: str, predicate: str, expected: str) -> None:
    body = sentence.rstrip("#")
    (analysis,) = coder.analyses(body)
    token = next(t for t in analysis.tree.tokens if t.text == predicate)
    args = arguments.of_token(coder.rules.grammar, analysis.tree, token)
    spans = {t.i: (t.start, t.end) for t in analysis.tree.tokens}
    wanted = {path: sorted(w.split()) for path, _, w in (part.strip().partition(":") for part in expected.split(";"))}
    got = {path: heads(args, body, spans, path) for path in wanted}
    assert got == wanted, f"gives {'; '.join(f'{path}: {chr(32).join(found)}' for path, found in got.items())}"


@pytest.mark.parametrize(
    ("sentence", "predicate", "passive"),
    [
        ("The town was shelled.", "shelled", True),
        ("The town shelled by rebels fell.", "shelled", True),
        ("Rebels have shelled the town.", "shelled", False),
        ("Rebels shelled the town.", "shelled", False),
        ("The pilot was captured and killed.", "killed", True),
    ],
)
def test_voice(coder: Coder, sentence: str, predicate: str, passive: bool) -> None:
    (analysis,) = coder.analyses(sentence)
    token = next(t for t in analysis.tree.tokens if t.text == predicate)
    assert arguments.of_token(coder.rules.grammar, analysis.tree, token).passive is passive


def test_no_path_is_no_heads() -> None:
    assert Arguments().at("against") == []
