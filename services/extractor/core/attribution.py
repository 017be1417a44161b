"""Who says so: the speakers above a clause, beside it, and around a quotation."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from services.extractor.core import arguments
from services.extractor.core.analysis import Analysis
from services.extractor.core.grammar import Grammar
from services.extractor.core.syntax import Token
from services.extractor.core.text import Quotation
from shared.events.base import Stance

QUOTATION_WORDS_MIN = 4
"""Shorter quotations are words in inverted commas inside somebody's sentence."""
SPEAKER_AFTER_CHARS = 200
SPEAKER_BEFORE_CHARS = 250
"""How far from a quotation's end or start a sentence may begin or stop that names who speaks."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """A noun phrase that speaks: the number of its sentence, the token that heads it, and in which stance."""

    sentence: int
    head: int
    stance: Stance


def _speakers_of(g: Grammar, analysis: Analysis, verb: int, stance: Stance) -> list[Speaker]:
    tree = analysis.tree
    args = arguments.of_verb(g, tree, verb)
    heads = args.subj
    if not heads and not args.passive:
        heads = [t.i for t in tree.children(verb, "nsubj", "dobj") if t.i > verb]  # "..., says the agency"
    return [Speaker(analysis.number, h, stance) for h in heads]


def _is_speaker(g: Grammar, analysis: Analysis, head: int) -> bool:
    """Actors, persons, media, and nouns of people and papers speak; "the attack" and "it shows" do not."""
    token = analysis.tree.tokens[head]
    if analysis.actor_at(head) is not None:
        return True
    if token.tag in ("PRP", "WP", "DT"):
        return token.lower in g.speaking_pronouns
    return token.is_noun and token.lower in g.speaking


def speakers(g: Grammar, analysis: Analysis, i: int, skip: frozenset[int] = frozenset()) -> list[Speaker]:
    """Those who say what token `i` tells, innermost first. `skip` are verbs that are themselves the event told."""
    tree = analysis.tree
    out: list[Speaker] = []
    chain: list[Token] = [tree.tokens[i], *tree.ancestors(i)]
    for below, node in pairwise(chain):
        if node.i in skip or not node.is_verb or node.lower not in g.reporting:
            continue
        content = below.dep in ("ccomp", "xcomp", "pcomp", "parataxis", "prep", "dobj", "oprd", "advcl")
        if below.dep in ("prep", "dobj", "advcl", "pcomp", "oprd") and not (
            node.lower in g.accusing
            or (
                below.dep == "dobj"
                and node.lower.startswith(
                    ("report", "confirm", "claim", "describ", "document", "condemn", "acknowledg", "admit")
                )
            )
        ):
            content = False
        if not content:
            continue
        stance: Stance = "confirms" if node.lower in g.confirming else "asserts"
        found = [s for s in _speakers_of(g, analysis, node.i, stance) if _is_speaker(g, analysis, s.head)]
        out += found[:2]
        if arguments.of_verb(g, tree, node.i).passive:
            out += [
                Speaker(analysis.number, h, stance)
                for h in arguments.of_verb(g, tree, node.i).by
                if _is_speaker(g, analysis, h)
            ]
    for node in chain:  # "The town, officials said, had fallen."
        for child in tree.children(node.i, "parataxis", "ccomp", "dep", "advcl"):
            if child.i not in skip and child.is_verb and child.lower in g.reporting and not tree.is_under(i, child.i):
                bare = not [t for t in tree.children(child.i, "dobj", "ccomp", "xcomp") if t.i > child.i]
                adverbial = child.dep == "advcl" and tree.child(child.i, "mark") is not None
                if bare and (not adverbial or tree.child(child.i, "mark").lower == "as"):  # type: ignore[union-attr]
                    out += [
                        s for s in _speakers_of(g, analysis, child.i, "asserts") if _is_speaker(g, analysis, s.head)
                    ]
    for node in tree.tokens:  # "according to X"
        if node.lower == "according" and node.i not in skip:
            holder = tree.tokens[node.head]
            inside = (
                tree.is_under(i, holder.i) or holder.i == i or tree.tokens[holder.i].dep == "ROOT" or not holder.is_verb
            )
            if inside:
                for to in tree.children(node.i, "prep"):
                    out += [
                        Speaker(analysis.number, t.i, "asserts")
                        for p in tree.children(to.i, "pobj")
                        for t in tree.conjuncts(p.i)[:2]
                    ]
    return out


def quotation_at(quotations: Sequence[Quotation], start: int, end: int) -> Quotation | None:
    """The quotation that holds a span, if it is long enough to be an utterance."""
    return next((q for q in quotations if q.start <= start and end <= q.end and q.words >= QUOTATION_WORDS_MIN), None)


def quoted_speakers(
    g: Grammar, analyses: Sequence[Analysis], number: int, quotations: Sequence[Quotation], start: int, end: int
) -> list[Speaker]:
    """The speaker of the quotation around a span: the one named nearest to it in the paragraph, outside quotations."""
    quote = quotation_at(quotations, start, end)
    if quote is None:
        return []
    paragraph = next((a.sentence.paragraph for a in analyses if a.number == number), None)
    near = [
        a
        for a in analyses
        if a.sentence.start < quote.end + SPEAKER_AFTER_CHARS
        and a.sentence.end > quote.start - SPEAKER_BEFORE_CHARS
        and a.sentence.paragraph == paragraph
    ]
    best: list[tuple[int, Speaker]] = []
    for analysis in near:
        for token in analysis.tree.tokens:
            outside = quotation_at(quotations, token.start, token.end) is None
            if outside and token.is_verb and token.lower in g.reporting:
                found = [s for s in _speakers_of(g, analysis, token.i, "asserts") if _is_speaker(g, analysis, s.head)]
                if found:
                    gap = min(abs(token.start - quote.end), abs(quote.start - token.end))
                    best.append((gap, found[0]))
            elif outside and token.lower == "according":
                for to in analysis.tree.children(token.i, "prep"):
                    for p in analysis.tree.children(to.i, "pobj"):
                        best.append((abs(token.start - quote.end), Speaker(analysis.number, p.i, "asserts")))
    best.sort(key=lambda pair: pair[0])
    return [best[0][1]] if best else []
