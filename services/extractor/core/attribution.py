"""Who says so: the speakers above a clause, beside it, and around a quotation."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from services.extractor.core import arguments
from services.extractor.core.analysis import Analysis
from services.extractor.core.grammar import Grammar
from services.extractor.core.syntax import Token, Tree
from services.extractor.core.text import Quotation
from shared.events.base import Stance

QUOTATION_WORDS_MIN = 4
"""Shorter quotations are words in inverted commas inside somebody's sentence."""
SPEAKER_AFTER_CHARS = 200
SPEAKER_BEFORE_CHARS = 250
"""How far from a quotation's end or start a sentence may begin or stop that names who speaks."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """A noun phrase that speaks: the number of its sentence, the token that heads it, in which stance, `depth` clauses
    out from the event (those of one depth speak side by side), and the token of an outlet that it spoke to or through.
    """

    sentence: int
    head: int
    stance: Stance
    depth: int = 0
    outlet: int | None = None


def _speakers_of(g: Grammar, analysis: Analysis, verb: int, stance: Stance, depth: int = 0) -> list[Speaker]:
    """Those who speak by a verb of reporting: its subject, or whom it quotes."""
    tree = analysis.tree
    args = arguments.of_verb(g, tree, verb)
    heads = args.subj
    if not heads and not args.passive:
        heads = [t.i for t in tree.children(verb, "nsubj", "dobj") if t.i > verb]  # "..., says the agency"
    outlet: int | None = None
    word = tree.tokens[verb].lower
    if word in g.quoting and args.obj:  # "Reuters quoted the mayor", "was quoted by Reuters"
        quoted = [h for h in args.obj if _is_speaker(g, analysis, h)]
        if quoted:
            outlet = next((h for h in heads if _is_outlet(analysis, h)), None)
            heads = quoted if outlet is not None or args.passive or not heads else heads
    else:
        told = [h for h in (*args.obj, *args.preps.get("to", ())) if _is_outlet(analysis, h)]
        outlet = told[0] if told and not args.passive else None
        if outlet in heads:
            outlet = None
        for cited in _cited(g, analysis, verb):  # "Reuters reported, citing the mayor"
            outer = next((h for h in heads if _is_outlet(analysis, h)), None)
            if outer is not None:
                return [Speaker(analysis.number, h, stance, depth, outer) for h in cited]
    return [Speaker(analysis.number, h, stance, depth, outlet) for h in heads if _is_speaker(g, analysis, h, word)]


def _cited(g: Grammar, analysis: Analysis, verb: int) -> list[list[int]]:
    """Whom a clause beside a verb of reporting quotes."""
    tree = analysis.tree
    found: list[list[int]] = []
    for child in tree.children(verb, "advcl"):
        if child.tag == "VBG" and child.lower in g.quoting:
            heads = [t.i for d in tree.children(child.i, "dobj") for t in tree.conjuncts(d.i)]
            heads = [h for h in heads if _is_speaker(g, analysis, h)]
            found += [heads] if heads else []
    return found


def _is_outlet(analysis: Analysis, head: int) -> bool:
    """A named paper, agency or station; "reporters" are no outlet."""
    mention = analysis.actor_at(head)
    return mention is not None and mention.kind == "media" and not mention.generic


def _is_speaker(g: Grammar, analysis: Analysis, head: int, verb: str = "") -> bool:
    """Actors, persons, media, and nouns of people and papers speak; "the attack" and "it shows" do not. Of a `verb`
    that only people and their papers can be the subject of, any noun speaks."""
    token = analysis.tree.tokens[head]
    if analysis.actor_at(head) is not None:
        return True
    if token.tag in ("PRP", "WP", "DT"):
        return token.lower in g.speaking_pronouns
    return token.is_noun and (token.lower in g.speaking or verb in g.uttering)


def speakers(g: Grammar, analysis: Analysis, i: int, skip: frozenset[int] = frozenset()) -> list[Speaker]:
    """Those who say what token `i` tells, innermost first. `skip` are verbs that are themselves the event told."""
    tree = analysis.tree
    chain: list[Token] = [tree.tokens[i], *tree.ancestors(i)]
    out = _above(g, analysis, chain, skip)
    depth = 1 + max((s.depth for s in out), default=-1)
    out += _beside(g, analysis, i, chain, skip, depth)
    depth = 1 + max((s.depth for s in out), default=-1)
    for node in tree.tokens:  # "according to X"
        if node.lower == "according" and node.i not in skip:
            holder = tree.tokens[node.head]
            if tree.is_under(i, holder.i) or holder.dep == "ROOT" or not holder.is_verb:
                out += [
                    Speaker(analysis.number, t.i, "asserts", depth)
                    for to in tree.children(node.i, "prep")
                    for p in tree.children(to.i, "pobj")
                    for t in tree.conjuncts(p.i)[:2]
                ]
    return out


def _above(g: Grammar, analysis: Analysis, chain: Sequence[Token], skip: frozenset[int]) -> list[Speaker]:
    """The speakers of the clauses that the event stands in."""
    tree = analysis.tree
    out: list[Speaker] = []
    for depth, (below, node) in enumerate(pairwise(chain)):
        if node.i in skip or not node.is_verb or node.lower not in g.reporting:
            continue
        if not _is_content(g, tree, below, node) or _quoted_as(g, tree, node):
            continue
        stance: Stance = "confirms" if node.lower in g.confirming else "asserts"
        out += _speakers_of(g, analysis, node.i, stance, depth)[:2]
        args = arguments.of_verb(g, tree, node.i)
        if args.passive and node.lower not in g.quoting:
            out += [Speaker(analysis.number, h, stance, depth) for h in args.by if _is_speaker(g, analysis, h)]
        first = tree.tokens[node.head]
        apart = node.dep == "conj" and first.lower in g.reporting and first.i not in skip
        if apart and not tree.children(first.i, "ccomp", "xcomp", "dobj"):  # "officials said, and witnesses told, that"
            out += _speakers_of(g, analysis, first.i, stance, depth)[:2]
    return out


def _quoted_as(g: Grammar, tree: Tree, node: Token) -> bool:
    """ "Quoted the mayor as saying": the verb of quoting above knows who speaks."""
    as_ = tree.head(node.i)
    return node.dep == "pcomp" and as_.lower == "as" and tree.head(as_.i).lower in g.quoting


def _is_content(g: Grammar, tree: Tree, below: Token, node: Token) -> bool:
    """Whether what hangs on a verb of reporting by this label is what is reported."""
    if below.dep in ("ccomp", "xcomp", "parataxis"):  # "declared the airspace closed" does it, and reports nothing
        bare = not tree.children(below.i, "mark", "aux", "auxpass", "dobj", "prep", "dative")
        done = below.tag in ("VBN", "VBD", "JJ") and below.i > node.i and bare
        return not (done and node.lower in g.light)
    if below.dep == "prep" and below.lower == "in":  # "said in a statement that ..."
        return any(
            p.lower in g.speech_nouns and tree.child(p.i, "acl", "relcl") for p in tree.children(below.i, "pobj")
        )
    if below.dep not in ("prep", "dobj", "advcl", "pcomp", "oprd"):
        return False
    if node.lower in g.accusing or (below.dep == "prep" and below.lower == "as" and node.lower in g.quoting):
        return True
    return below.dep == "dobj" and node.lower in g.reporting_of


def _beside(
    g: Grammar, analysis: Analysis, i: int, chain: Sequence[Token], skip: frozenset[int], depth: int
) -> list[Speaker]:
    """ "The town, officials said, had fallen", "as the mayor told reporters"."""
    tree = analysis.tree
    out: list[Speaker] = []
    for node in chain:
        for child in tree.children(node.i, "parataxis", "ccomp", "dep", "advcl"):
            if child.i in skip or not child.is_verb or child.lower not in g.reporting or tree.is_under(i, child.i):
                continue
            behind = [t for t in tree.children(child.i, "dobj", "ccomp", "xcomp") if t.i > child.i]
            bare = all(t.dep == "dobj" and "@media_actor" in analysis.keys[t.i] for t in behind)
            mark = tree.child(child.i, "mark")
            if bare and (child.dep != "advcl" or mark is None or mark.lower == "as"):
                out += _speakers_of(g, analysis, child.i, "asserts", depth)
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
                found = _speakers_of(g, analysis, token.i, "asserts")
                if found:
                    gap = min(abs(token.start - quote.end), abs(quote.start - token.end))
                    best.append((gap, found[0]))
            elif outside and token.lower == "according":
                for to in analysis.tree.children(token.i, "prep"):
                    for p in analysis.tree.children(to.i, "pobj"):
                        best.append((abs(token.start - quote.end), Speaker(analysis.number, p.i, "asserts")))
    best.sort(key=lambda pair: pair[0])
    return [best[0][1]] if best else []
