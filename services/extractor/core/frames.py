"""Frames: the events that a sentence's trigger words open, with their logical arguments and status."""

from dataclasses import dataclass, field
from typing import Final, cast

from services.extractor.core import arguments
from services.extractor.core.analysis import Analysis
from services.extractor.core.arguments import Arguments
from services.extractor.core.grammar import Grammar
from services.extractor.core.lexicon import Entry, Lexicon, Sense
from services.extractor.core.modality import modality
from services.extractor.core.syntax import Token
from shared.events.base import Status

PARTICLE_WINDOW: Final = 7
"""How many tokens after a verb its particle or set object may stand ("shoot the jets down")."""

ATTACKS: Final = frozenset({"airstrike", "shelling", "ground_combat", "bomb_attack"})
SPEECH: Final = frozenset({"statement", "denial"})
ACTS: Final = frozenset(
    {
        "airstrike",
        "shelling",
        "ground_combat",
        "bomb_attack",
        "killing",
        "aircraft_downing",
        "airspace_violation",
        "troop_movement",
        "detention",
        "damage",
    }
)
STRIKING: Final = frozenset({"raid", "strike", "airstrike", "attack", "sortie"})
SUFFERED: Final = frozenset({"die", "perish", "lose", "suffer"})
"""Verbs whose subject is the victim."""
DECIDED: Final = frozenset({"flight_ban", "broadcast_ban", "border_closure", "sanction"})
DEFAULT_ROLES: Final = {
    "verb": (("subj", "by"), ("obj", "against", "on", "at", "upon")),
    "noun": (
        ("subj", "by", "poss", "mod", "of_agent", "between", "involving"),
        ("on", "against", "of", "upon", "at", "targeting", "under"),
    ),
    "phrase": (("subj", "by"), ("obj",)),
}


@dataclass(slots=True)
class Frame:
    """A trigger with what hangs on it. Token numbers are those of its sentence's tree."""

    analysis: Analysis
    token: int
    sense: Sense
    kind: str
    args: Arguments
    status: Status
    status_reason: str
    agents: list[int] = field(default_factory=list)
    targets: list[int] = field(default_factory=list)
    triggers: list[tuple[int, int]] = field(default_factory=list)
    absorbed: list[int] = field(default_factory=list)
    measure: str | None = None
    reasons: list[str] = field(default_factory=list)

    @property
    def head(self) -> Token:
        return self.analysis.tree.tokens[self.token]

    @property
    def nodes(self) -> tuple[int, ...]:
        """The tokens that stand for this event in the tree."""
        light = () if self.args.light is None else (self.args.light,)
        return (self.token, *self.absorbed, *light)


def find_frames(g: Grammar, lexicon: Lexicon, analysis: Analysis) -> tuple[list[Frame], list[str]]:
    """The frames of a sentence in the order of their triggers, and why triggers were left out (for the explanation)."""
    frames: list[Frame] = []
    left_out: list[str] = []
    taken: set[int] = set()
    for opener in analysis.tree.tokens:
        if opener.i in taken:
            continue
        for entry, covered in _entries(lexicon, analysis, opener):
            token = opener
            if entry.pos == "phrase":
                span = analysis.tree.head_of_span(
                    analysis.tree.tokens[covered[0]].start, analysis.tree.tokens[covered[-1]].end
                )
                token = span or token
            args = arguments.of_token(g, analysis.tree, token)
            if not _fits(g, entry.sense, analysis, token, args, covered) or (
                entry.sense.negated and not _negates(g, lexicon, analysis, token)
            ):
                continue
            kind = _kind(lexicon, analysis, entry.sense, token, args, covered)
            if kind is None:
                continue
            default = cast(Status, entry.sense.status or "occurred")
            told = None
            if entry.sense.id == "bomb.blast" and "air" in analysis.context:
                continue  # in an air war a blast is the raid's own
            if kind in SPEECH and entry.pos == "verb" and analysis.tree.child(token.i, "neg") is not None:
                left_out.append(f"{kind} at {token.text!r}: negated")
                break
            if kind not in SPEECH:
                told = modality(g, analysis, token.i, kind, args.light, default, polar=entry.pos == "phrase")
            if told is not None and told.status is None and entry.sense.sense == "kill" and _zero(analysis, token):
                told = None
            if told is not None and told.status is None and default == "ended" and told.reason.startswith("negated"):
                default, told = "ongoing", None  # "flights have not resumed"
            if told is not None and told.status is None:
                left_out.append(f"{kind} at {token.text!r}: {told.reason}")
                taken.update(covered)
                break
            status = default if told is None or told.status is None else told.status
            if entry.sense.status == "ended" and told is not None and told.status in ("occurred", "announced"):
                status = "ended" if told.status == "occurred" else told.status
            if kind in DECIDED and status == "called_for" and told is not None and "order" in told.reason.lower():
                status = "occurred"
            frame = Frame(analysis, token.i, entry.sense, kind, args, status, told.reason if told else "speech")
            frame.measure = "kill" if entry.sense.sense == "kill" and kind == "casualty_report" else None
            frame.triggers.append(
                (min(analysis.tree.tokens[c].start for c in covered), max(analysis.tree.tokens[c].end for c in covered))
            )
            _roles(g, analysis, frame, entry)
            frames.append(frame)
            taken.update(covered)
            break
    return _merge(g, frames, left_out), left_out


def _entries(lexicon: Lexicon, analysis: Analysis, token: Token) -> list[tuple[Entry, tuple[int, ...]]]:
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
    if token.tag[:2] in ("NN", "JJ", "VB") or token.dep in ("nsubj", "dobj", "pobj", "compound"):
        if token.is_noun or token.dep in ("nsubj", "dobj", "pobj", "nsubjpass", "conj"):
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
    return sum(map(bool, (sense.subj, sense.obj, sense.with_, sense.prep, sense.form))) + 3 * (sense.kind == "denial")


def _with_rest(analysis: Analysis, token: Token, rest: tuple[str, ...]) -> tuple[int, ...] | None:
    """The tokens of a verb with its particle or set words, each after the one before and under the verb; None if absent."""
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


def _fits(
    g: Grammar, sense: Sense, analysis: Analysis, token: Token, args: Arguments, covered: tuple[int, ...]
) -> bool:
    keys = analysis.keys
    if sense.form == "passive" and not args.passive:
        return False
    if sense.form == "active" and args.passive:
        return False
    if token.is_verb or sense.subj or sense.obj:
        if sense.subj and not any(
            sense.subj.holds(keys[i])
            for i in _with_phrase(g, analysis, args.subj if not (sense.form == "passive") else args.obj)
        ):
            if sense.sense != "kill" or not (args.passive and not args.subj):
                return False
        if sense.obj and not any(sense.obj.holds(keys[i]) for i in _with_phrase(g, analysis, args.obj)):
            return False
    if sense.prep and not any(p in args.preps for p in sense.prep):
        return False
    if sense.pobj:
        heads = _with_phrase(g, analysis, [i for p in (sense.prep or args.preps.keys()) for i in args.preps.get(p, ())])
        if not any(sense.pobj.holds(keys[i]) for i in heads):
            return False
    if sense.content and not any(sense.content.holds(keys[t.i]) for t in analysis.tree.tokens if t.i != token.i):
        return False
    if sense.with_ or sense.without:
        clause = [t.i for t in analysis.clause(token.i)]
        if sense.with_ and not any(sense.with_.holds(keys[i]) for i in clause):
            return False
        own = [{k for k in keys[i] if " " in k} for i in covered]
        if sense.without and any(
            sense.without.holds(k) for k in [*own, *(keys[i] for i in clause if i not in covered)]
        ):
            return False
    return True


def _with_phrase(g: Grammar, analysis: Analysis, heads: list[int]) -> list[int]:
    """The heads, and for "a group of soldiers", "thousands of villagers" the nouns below "of"; modifiers of names too."""
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


def _kind(
    lexicon: Lexicon, analysis: Analysis, sense: Sense, token: Token, args: Arguments, covered: tuple[int, ...]
) -> str | None:
    """The kind of a sense; an attack, a strike or a bombing takes its kind from the means told beside it."""
    if sense.kind == "damage" and token.is_verb and _means(lexicon, analysis, {*args.by}) == "air":
        return "airstrike"  # "hideouts were destroyed by jets"
    if sense.kind is not None:
        return sense.kind
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
    near = {i for i in covered}
    for i in [*args.mod, *args.subj, *args.by, *args.poss, *args.preps.get("with", []), *args.preps.get("using", []),
              *args.preps.get("from", []), *args.preps.get("by", []), *(t.i for t in analysis.tree.conjuncts(token.i))]:  # fmt: skip
        near.update(t.i for t in analysis.tree.subtree(i) if abs(t.i - i) <= 6)
    means = _means(lexicon, analysis, near)
    if means is None and token.is_verb:
        below = {t.i for i in args.obj for t in analysis.tree.subtree(i)}
        means = _means(lexicon, analysis, {t.i for t in analysis.clause(token.i)} - below)
    if sense.sense == "raid":
        if means is None:
            return "airstrike" if "air" in analysis.context and token.tag == "NNS" else "ground_combat"
        return {"artillery": "ground_combat", "explosive": "ground_combat", "air": "airstrike"}[means]
    if sense.sense == "bombing" and means is None and token.is_verb and "air" not in analysis.context:
        sides = [a for i in args.subj if (a := analysis.actor_at(i)) is not None]
        return "airstrike" if any(a.kind in ("state", "force") for a in sides) or not args.subj else "bomb_attack"
    if sense.sense == "bombing":
        return {"artillery": "shelling", "explosive": "bomb_attack", "air": "airstrike"}.get(
            means or "", "airstrike" if "air" in analysis.context else "bomb_attack"
        )
    if sense.sense == "strike":
        if means is None and any(analysis.has(i, STRIKING) for i in args.subj):
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


def _roles(g: Grammar, analysis: Analysis, frame: Frame, entry: Entry) -> None:
    agent_paths, target_paths = DEFAULT_ROLES[entry.pos if entry.pos != "phrase" or not frame.head.is_noun else "noun"]
    if frame.sense.agent is not None:
        agent_paths = frame.sense.agent
    if frame.sense.target is not None:
        target_paths = frame.sense.target
    args = frame.args
    if frame.measure == "kill" and entry.lemma in SUFFERED:
        frame.targets += [i for i in args.subj if not _is_time(analysis, i)]
        return
    if entry.pos == "noun" and frame.sense.agent is None and not args.subj and not args.by and not args.poss:
        # "an offensive of the rebels": a force below "of" is who does it, anything else is what it is done to
        forces = [i for i in args.preps.get("of", []) if "@force_actor" in analysis.keys[i]]
        if forces and frame.kind in ("ground_combat",):
            frame.agents += forces
    for path in agent_paths:
        for i in args.at(path):
            if (path == "mod" and not _names_actor(analysis, i)) or _is_time(analysis, i):
                continue
            if i not in frame.agents and i not in frame.targets and i != frame.token:
                frame.agents.append(i)
        if frame.agents and path in ("subj", "by", "poss"):
            break
    if not frame.agents and frame.kind in DECIDED:
        frame.agents += _decider(g, analysis, frame.token)
    for path in target_paths:
        heads = [frame.token] if path == "self" else args.at(path)
        for i in heads:
            if i not in frame.targets and i not in frame.agents and not _is_time(analysis, i):
                frame.targets.append(i)
        if frame.targets and path != "self":
            break


def _zero(analysis: Analysis, token: Token) -> bool:
    """ "No one was hurt" tells a count of zero."""
    clause = analysis.clause(token.i)
    return any(n.max == 0 and clause[0].start <= n.start < clause[-1].end for n in analysis.numbers)


def _decider(g: Grammar, analysis: Analysis, i: int) -> list[int]:
    """ "Authorities ordered the airport closed": who orders a measure imposes it."""
    tree = analysis.tree
    for above in tree.ancestors(i):
        if above.is_verb and (above.lower in g.calling or above.lower in g.announcing):
            return [s for s in arguments.of_verb(g, tree, above.i).subj if s != i]
    return []


NO_SUCH: Final = frozenset(
    {
        "evidence",
        "truth",
        "basis",
        "involvement",
        "link",
        "connection",
        "knowledge",
        "responsibility",
        "information",
        "indication",
        "proof",
        "record",
    }
)


def _negates(g: Grammar, lexicon: Lexicon, analysis: Analysis, token: Token) -> bool:
    """Whether a verb of speech reports that the speaker's side did not do something, or that there is no sign of it."""
    tree = analysis.tree
    for content in tree.children(token.i, "ccomp"):
        for noun in tree.children(content.i, "attr", "dobj", "nsubj"):
            if noun.lower in NO_SUCH and any(d.lower in ("no", "any") for d in tree.children(noun.i, "det", "neg")):
                return True
        verbs = [v for v in tree.conjuncts(content.i) if v.is_verb]
        negated = [v for v in verbs if any(c.dep == "neg" for c in tree.children(v.i))]
        if not negated:
            continue
        subject = tree.child(content.i, "nsubj", "nsubjpass")
        own = subject is not None and (
            subject.lower in ("it", "they", "we", "he", "she") or "@armed" in analysis.keys[subject.i]
        )
        acts = any(
            e.sense.kind in ACTS or e.sense.sense in ("attack", "strike", "kill")
            for v in verbs
            for e in lexicon.verbs.get(v.lower, ())
        )
        future = any(
            c.tag == "MD" and c.lower in ("will", "would", "can", "could", "should", "must", "ca", "wo")
            for v in verbs
            for c in tree.children(v.i, "aux")
        )
        if own and acts and not future:
            return True
    return False


def _is_time(analysis: Analysis, i: int) -> bool:
    token = analysis.tree.tokens[i]
    return any(t.start < token.end and token.start < t.end for t in analysis.times)


def _names_actor(analysis: Analysis, i: int) -> bool:
    """A modifier acts only where it names somebody: "Israeli air strikes", not "artillery fire"."""
    mention = analysis.actor_at(i)
    return mention is not None and not mention.generic


def _merge(g: Grammar, frames: list[Frame], left_out: list[str]) -> list[Frame]:
    """One event told by a noun and the verb that carries it ("carried out air strikes that hit ...") becomes one frame."""
    gone: set[int] = set()
    for n, noun in enumerate(frames):
        if not (noun.head.is_noun) or noun.kind in SPEECH:
            continue
        for v, verb in enumerate(frames):
            if v == n or v in gone or n in gone or not verb.head.is_verb:
                continue
            tree = noun.analysis.tree
            around = _with_phrase(g, noun.analysis, [*verb.args.subj, *verb.args.obj, *verb.args.by])
            acl = verb.head.dep in ("acl", "relcl") and tree.is_under(verb.token, noun.token) and verb.kind == noun.kind
            near = (
                acl
                or noun.token in around
                or (verb.kind == noun.kind and tree.is_under(noun.token, verb.token))
                or any(
                    noun.token in heads
                    for p, heads in verb.args.preps.items()
                    if p in ("in", "with", "during", "by", "from", "under")
                )
            )
            if not near:
                continue
            if (
                verb.measure == "kill"
                and noun.sense.id == "combat.fighting"
                and noun.token in verb.args.subj
                and any(a.lower in ("has", "have", "had") for a in tree.children(verb.token, "aux"))
            ):
                gone.add(n)  # "the fighting has left 600 dead" tells the toll
            elif verb.measure == "kill" and noun.kind in ATTACKS and noun.analysis.tells_total():
                if not (noun.agents or noun.targets) or noun.token in verb.args.by:
                    gone.add(n)
            elif verb.measure == "kill" and noun.kind in (*ATTACKS, "killing"):
                _absorb(noun, verb)
                gone.add(v)
            elif verb.kind == noun.kind or (verb.kind in ATTACKS and noun.kind in ATTACKS):
                if noun.token in verb.args.subj or acl:  # "the air strikes hit a market": the noun knows the kind
                    noun.targets += [t for t in verb.targets if t not in noun.targets]
                    _absorb(noun, verb)
                    gone.add(v)
                else:
                    verb.agents += [a for a in noun.agents if a not in verb.agents] if not verb.agents else []
                    verb.targets = [t for t in verb.targets if t != noun.token] or [
                        t for t in noun.targets if t not in verb.targets
                    ]
                    _absorb(verb, noun)
                    gone.add(n)
    kept = [f for k, f in enumerate(frames) if k not in gone]
    return [f for f in kept if not _within_another(f, kept)]


def _within_another(frame: Frame, frames: list[Frame]) -> bool:
    """A verb that only goes on with another of its kind ("fired a missile that landed ...", "were told to evacuate"),
    or a participle that says who a party is ("units fighting separatists"), opens no event of its own."""
    tree = frame.analysis.tree
    for other in frames:
        if other is frame or not other.head.is_verb or not frame.head.is_verb:
            continue
        same = other.kind == frame.kind or (other.kind in ATTACKS and frame.kind in ATTACKS)
        if same and frame.head.dep in ("xcomp", "relcl", "acl", "advcl") and tree.is_under(frame.token, other.token):
            holder = frame.head.head
            if frame.head.dep in ("relcl", "acl"):  # of the missile, or of the captives, not of some ship's own past
                goes_on = "@weapon" in frame.analysis.keys[holder] or (
                    frame.kind == other.kind == "detention" and holder in (*other.args.subj, *other.args.obj)
                )
            else:
                goes_on = (
                    frame.head.dep == "xcomp"
                    or frame.kind == other.kind
                    or not (set(frame.targets) - set(other.targets))
                    or frame.kind == "shelling"
                )
            if goes_on:
                other.targets += (
                    [t for t in frame.targets if t not in (*other.targets, *other.agents)] if not other.targets else []
                )
                _absorb(other, frame)
                return True
        parties = (*other.args.subj, *other.args.obj, *other.args.by)
        if frame.head.dep == "acl" and frame.head.tag == "VBG" and frame.kind in ATTACKS and frame.head.head in parties:
            return True
    return False


def _absorb(keeper: Frame, other: Frame) -> None:
    keeper.absorbed += [other.token, *other.absorbed]
    keeper.triggers += other.triggers
    keeper.targets = [t for t in keeper.targets if t != other.token]
    keeper.agents = [a for a in keeper.agents if a != other.token]
