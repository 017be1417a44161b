"""Senses: which entries of the vocabulary a token may open, whether one fits, and the kind that it comes out as."""

from typing import Final

from services.extractor.core.analysis import Analysis
from services.extractor.core.arguments import Arguments
from services.extractor.core.grammar import Grammar
from services.extractor.core.kinds import ACTS, MOVES
from services.extractor.core.lexicon import Entry, Lexicon, Sense
from services.extractor.core.syntax import Token

PARTICLE_WINDOW: Final = 7
"""How many tokens after a verb its particle or set object may stand ("shoot the jets down")."""
MEANS_WINDOW: Final = 6
"""How many tokens from the head of its phrase a means may stand ("hit by shells from heavy guns")."""


def entries_at(lexicon: Lexicon, analysis: Analysis, token: Token) -> list[tuple[Entry, tuple[int, ...]]]:
    """The entries that a token may open, the most specific first, with the tokens that each covers."""
    tokens = analysis.tree.tokens
    out: list[tuple[int, int, Entry, tuple[int, ...]]] = []
    if token.is_verb or (
        token.tag in ("JJ",)
        and token.lower in lexicon.verbs
        and token.dep in ("ROOT", "ccomp", "conj", "acl", "advcl", "relcl", "acomp", "oprd")
    ):
        for n, entry in enumerate(lexicon.verbs.get(token.lower, ())):
            covered = _with_rest(analysis, token, entry.rest)
            if covered is not None:
                out.append((-len(entry.rest) * 10 - _weight(entry.sense), n, entry, covered))
    nominal = token.tag[:2] in ("NN", "JJ", "VB") or token.dep in ("nsubj", "dobj", "pobj", "compound")
    if nominal and (token.is_noun or token.dep in ("nsubj", "dobj", "pobj", "nsubjpass", "conj")):
        for n, entry in enumerate(lexicon.nouns.get(token.lower, ())):
            k = len(entry.rest)
            if k <= token.i and all(
                tokens[token.i - k + j].lower in (word, word + "s") for j, word in enumerate(entry.rest)
            ):
                if token.dep == "compound" and tokens[token.head].is_noun and token.head == token.i + 1:
                    continue  # "ceasefire line": the head is what is spoken of
                covered = tuple(range(token.i - k, token.i + 1))
                out.append((-k * 10 - _weight(entry.sense) - 1, n, entry, covered))
    for n, entry in enumerate(lexicon.phrases.get(token.lower, ())):
        k = len(entry.rest)
        if token.i + k < len(tokens) and all(tokens[token.i + 1 + j].lower == w for j, w in enumerate(entry.rest)):
            out.append((-k * 10 - _weight(entry.sense), n, entry, tuple(range(token.i, token.i + k + 1))))
    out.sort(key=lambda row: row[:2])
    return [(entry, covered) for _, _, entry, covered in out]


def _weight(sense: Sense) -> int:
    conditions = (sense.subj, sense.obj, sense.with_, sense.content, sense.prep, sense.pobj, sense.form)
    return sum(map(bool, conditions)) + 3 * (sense.kind == "denial")


def _with_rest(analysis: Analysis, token: Token, rest: tuple[str, ...]) -> tuple[int, ...] | None:
    """The tokens of a verb with its particle or set words, in this order and under the verb; None if absent."""
    if not rest:
        return (token.i,)
    tree = analysis.tree
    covered, at = [token.i], token.i + 1
    for word in rest:
        found = next(
            (
                t.i
                for t in tree.tokens[at : token.i + PARTICLE_WINDOW]
                if t.lower == word and (tree.is_under(t.i, token.i))
            ),
            None,
        )
        if found is None:
            return None
        covered.append(found)
        at = found + 1
    return tuple(covered)


def fits(g: Grammar, sense: Sense, analysis: Analysis, token: Token, args: Arguments, covered: tuple[int, ...]) -> bool:
    """Whether the conditions of a sense hold for a trigger and its arguments; `covered` are the entry's own tokens."""
    keys = analysis.keys
    bare = sense.kind in MOVES and token.is_verb and not args.obj and not args.preps
    if bare and any(c.tag == "VB" for c in analysis.tree.children(token.i, "xcomp")):
        return False  # "the coalition has moved to shut the ports"
    if sense.form == "passive" and not args.passive:
        return False
    if sense.form == "active" and args.passive:
        return False
    subjects = args.obj if sense.form == "passive" else args.subj
    unnamed = sense.sense == "kill" and args.passive and not args.subj  # "was killed": whoever did it is not told
    if sense.subj and not unnamed and not any(sense.subj.holds(keys[i]) for i in with_phrase(g, analysis, subjects)):
        return False
    if sense.obj and not any(sense.obj.holds(keys[i]) for i in with_phrase(g, analysis, args.obj)):
        return False
    if sense.prep and not any(p in args.preps for p in sense.prep):
        return False
    if sense.pobj:
        heads = with_phrase(g, analysis, [i for p in (sense.prep or args.preps.keys()) for i in args.preps.get(p, ())])
        if not any(sense.pobj.holds(keys[i]) for i in heads):
            return False
    if sense.content and not any(sense.content.holds(keys[t.i]) for t in analysis.tree.tokens if t.i != token.i):
        return False
    if sense.with_ or sense.without:
        clause = [t.i for t in analysis.clause(token.i)]
        if sense.with_ and not any(sense.with_.holds(keys[i]) for i in clause):
            return False
        own = [{k for k in keys[i] if " " in k} for i in covered]
        beside = [t.i for t in _close(analysis, token.i)] if sense.without else []
        if sense.without and any(
            sense.without.holds(k) for k in [*own, *(keys[i] for i in beside if i not in covered)]
        ):
            return False
    return True


def _close(analysis: Analysis, i: int) -> tuple[Token, ...]:
    """The clause around a token without the participles that describe its nouns ("rebels fighting at the border")."""
    tree, clause = analysis.tree, analysis.clause(i)
    apart = {
        below.i
        for t in clause
        if t.dep in ("acl", "pcomp") and t.is_verb and not tree.is_under(i, t.i)
        for below in tree.subtree(t.i)
    }
    return tuple(t for t in clause if t.i not in apart)


def with_phrase(g: Grammar, analysis: Analysis, heads: list[int]) -> list[int]:
    """The heads, and for "a group of soldiers", "thousands of villagers" the nouns below "of"."""
    out: list[int] = []
    tree = analysis.tree
    for head in heads:
        out.append(head)
        token = tree.tokens[head]
        if token.lower in g.containers or token.tag == "CD":
            for prep in tree.children(head, "prep"):
                for node in (prep, *tree.children(prep.i, "prep")):  # "29 out of 38 drones"
                    out += [t.i for p in tree.children(node.i, "pobj") for t in tree.conjuncts(p.i)]
    return out


def kind_of(
    g: Grammar,
    lexicon: Lexicon,
    analysis: Analysis,
    sense: Sense,
    token: Token,
    args: Arguments,
    covered: tuple[int, ...],
) -> str | None:
    """The kind of a sense; an attack, a strike or a bombing takes its kind from the means told beside it."""
    if sense.kind == "damage" and token.is_verb and _means(lexicon, analysis, {*args.by}) == "air":
        return "airstrike"  # "hideouts were destroyed by jets"
    if sense.kind == "bomb_attack" and token.is_verb and _means(lexicon, analysis, {*args.subj, *args.by}) == "air":
        return "airstrike"  # "jets blew up a bridge"
    if sense.kind is not None:
        return sense.kind
    if sense.sense == "kill" and analysis.tells_total(g):
        return "casualty_report"  # "40 killed by air strikes since Monday" is no one strike
    if sense.sense == "kill":
        by = (
            _means(lexicon, analysis, {*args.subj, *args.by})
            if token.lower.startswith(("kill", "wound", "injur"))
            else None
        )
        if by is None and any(analysis.has(i, frozenset({"bomb"})) for i in (*args.subj, *args.by)):
            by = "air" if "air" in analysis.context else "explosive"
        return {"air": "airstrike", "artillery": "shelling", "explosive": "bomb_attack"}.get(
            by or "", "casualty_report"
        )
    near = set(covered)
    beside = [*args.mod, *args.subj, *args.by, *args.poss, *(t.i for t in analysis.tree.conjuncts(token.i))]
    for preposition in ("with", "using", "from", "by"):
        beside += args.preps.get(preposition, [])
    borne = {b.i for t in analysis.tree.tokens if t.lower in g.bearing for b in analysis.tree.subtree(t.i)}
    for i in beside:
        near.update(t.i for t in analysis.tree.subtree(i) if abs(t.i - i) <= MEANS_WINDOW and t.i not in borne)
    means = _means(lexicon, analysis, near)
    if means is None and token.is_verb:
        below = {t.i for i in args.obj for t in analysis.tree.subtree(i)}
        means = _means(lexicon, analysis, {t.i for t in analysis.clause(token.i)} - below - borne)
    if sense.sense == "raid":
        if means is None:
            return "airstrike" if "air" in analysis.context and token.tag == "NNS" else "ground_combat"
        return {"artillery": "ground_combat", "explosive": "ground_combat", "air": "airstrike"}[means]
    if means is None and token.is_verb and token.dep in ("conj", "xcomp"):
        means = _means_of_row(lexicon, analysis, token)
    sides = [a for i in args.subj if (a := analysis.actor_at(i)) is not None]
    if sense.sense == "bombing" and means is None and token.is_verb and any(a.kind == "armed_group" for a in sides):
        return "bomb_attack"  # few armed groups fly
    if sense.sense == "bombing" and means is None and token.is_verb and "air" not in analysis.context:
        return "airstrike" if any(a.kind in ("state", "force") for a in sides) or not args.subj else "bomb_attack"
    if sense.sense == "bombing":
        return {"artillery": "shelling", "explosive": "bomb_attack", "air": "airstrike"}.get(
            means or "", "airstrike" if "air" in analysis.context else "bomb_attack"
        )
    if sense.sense == "strike":
        if means is None and any(analysis.has(i, g.striking) for i in args.subj):
            return "airstrike" if "air" in analysis.context else "ground_combat"
        if means is None:
            if token.is_noun:
                return "shelling" if "missile" in analysis.keys[token.i] else "airstrike"
            if "air" in analysis.context and not any("@force_actor" in analysis.keys[i] for i in args.subj):
                return "airstrike"
            hitting = token.lower in ("hit", "hitting", "struck", "striking")
            if hitting and any(analysis.has(i, lexicon.classes["structures"]) for i in args.obj):
                return "damage"
            return (
                "shelling"
                if token.lower.startswith(("pound", "pummel", "hammer", "batter", "blitz"))
                else "ground_combat"
            )
        return {"air": "airstrike", "artillery": "shelling", "explosive": "bomb_attack"}[means]
    if means is None and token.is_verb and "air" in analysis.context and args.passive and not args.subj:
        return "airstrike" if any(analysis.has(i, lexicon.classes["structures"]) for i in args.obj) else "ground_combat"
    return {"air": "airstrike", "artillery": "shelling", "explosive": "bomb_attack"}.get(means or "", "ground_combat")


def _means_of_row(lexicon: Lexicon, analysis: Analysis, token: Token) -> str | None:
    """ "Launched air raids on the port and attacked the depot": the row's first verb tells the means."""
    tree = analysis.tree
    while token.dep in ("conj", "xcomp") and tree.tokens[token.head].is_verb:
        token = tree.tokens[token.head]
        objects = {t.i for o in tree.children(token.i, "dobj") for t in tree.subtree(o.i) if t.i - o.i < MEANS_WINDOW}
        if (means := _means(lexicon, analysis, objects)) is not None:
            return means
    return None


def _means(lexicon: Lexicon, analysis: Analysis, near: set[int]) -> str | None:
    found = {
        name
        for name, cls in (("explosive", "explosive"), ("air", "combat_air"), ("artillery", "artillery"))
        if any(
            analysis.has(i, lexicon.classes[cls]) or (name == "air" and "@weapon_aircraft" in analysis.keys[i])
            for i in near
        )
    }
    for name in ("explosive", "air", "artillery"):
        if name in found:
            return name
    return None


def _is_act(entry: Entry) -> bool:
    return entry.sense.kind in ACTS or entry.sense.sense in ("attack", "strike", "kill")


def negates(g: Grammar, lexicon: Lexicon, analysis: Analysis, token: Token) -> bool:
    """Whether a verb of speech reports that the speaker's side did not do something, or that there is no sign of it."""
    tree = analysis.tree
    for content in tree.children(token.i, "ccomp"):
        for noun in tree.children(content.i, "attr", "dobj", "nsubj"):
            if not any(d.lower in ("no", "any") for d in tree.children(noun.i, "det", "neg")):
                continue
            there_is = tree.child(content.i, "expl") is not None
            if noun.lower in g.no_such or (there_is and any(map(_is_act, lexicon.nouns.get(noun.lower, ())))):
                return True
        verbs = [v for v in tree.conjuncts(content.i) if v.is_verb]
        subject = tree.child(content.i, "nsubj", "nsubjpass")
        none = subject is not None and any(d.lower == "no" for d in tree.children(subject.i, "det"))
        if not none and not any(c.dep == "neg" for v in verbs for c in tree.children(v.i)):
            continue
        own = subject is not None and (
            subject.lower in ("it", "they", "we", "he", "she") or "@armed" in analysis.keys[subject.i]
        )
        acts = any(_is_act(e) for v in verbs for e in lexicon.verbs.get(v.lower, ()) if not e.rest)
        future = any(
            c.tag == "MD" and c.lower in ("will", "would", "can", "could", "should", "must", "ca", "wo")
            for v in verbs
            for c in tree.children(v.i, "aux")
        )
        if own and acts and not future:
            return True
    return False
