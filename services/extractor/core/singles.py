"""Singles: what an article counts, where the kind of event counts it: "downed a helicopter", "another shell fell"."""

from collections.abc import Iterator, Sequence
from typing import Final

from services.extractor.core.analysis import Analysis
from services.extractor.core.frame import Frame
from services.extractor.core.lexicon import Lexicon
from services.extractor.core.quantities import NumberMention
from services.extractor.core.syntax import Token

ARTICLES: Final = frozenset({"a", "an", "another"})
FIRING: Final = frozenset({"shelling", "airstrike"})
ASIDES: Final = frozenset({"acl", "relcl"})
"""A death told beside a name ("the home of a civilian killed on Monday") is no toll of the event."""


def singles(lexicon: Lexicon, analysis: Analysis, frames: Sequence[Frame]) -> tuple[NumberMention, ...]:
    """One exactly for each singular noun with an article that is a party of an event which counts such things."""
    found: dict[int, NumberMention] = {}
    for frame in frames:
        for token, measure in _counted(lexicon, analysis, frame):
            article = next((t for t in analysis.tree.children(token.i, "det") if t.lower in ARTICLES), None)
            numbered = analysis.tree.children(token.i, "nummod")
            if article is None or numbered or token.tag not in ("NN", "NNP"):
                continue
            found[token.i] = NumberMention(
                article.start, article.end, article.text, 1, 1, "exact", (token.start, token.end), measure, token.text,
                indefinite=True,
            )  # fmt: skip
    return tuple(found[i] for i in sorted(found))


def _counted(lexicon: Lexicon, analysis: Analysis, frame: Frame) -> Iterator[tuple[Token, str | None]]:
    """The nouns of a frame that its kind counts one by one, with their measure (None: the verb gives it)."""
    classes, tokens = lexicon.classes, analysis.tree.tokens
    if frame.kind in ("aircraft_downing", "airspace_violation"):
        parties = frame.targets if frame.kind == "aircraft_downing" else frame.agents
        for i in dict.fromkeys((*parties, *frame.args.obj, *frame.args.subj)):
            named = "@weapon_aircraft" in analysis.keys[i]
            if analysis.has(i, classes["aircraft"]) or named:
                yield tokens[i], "aircraft"
    elif frame.kind in FIRING and frame.head.is_verb and frame.measure is None:
        for i in dict.fromkeys((*frame.args.obj, *frame.args.subj)):
            if analysis.has(i, classes["munition"]):
                yield tokens[i], "munitions"
    elif (frame.measure == "kill" and frame.head.dep not in ASIDES) or frame.kind in ("killing", "detention"):
        for i in dict.fromkeys((*frame.targets, *frame.args.obj)):
            if analysis.has(i, classes["people"], classes["victims"]):
                yield tokens[i], "captured" if frame.kind == "detention" else None
