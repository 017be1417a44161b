"""Merging: one event told by several words of a sentence becomes one frame."""

from services.extractor.core.frame import Frame
from services.extractor.core.grammar import Grammar
from services.extractor.core.kinds import ATTACKS, SPEECH
from services.extractor.core.senses import with_phrase


def merge(g: Grammar, frames: list[Frame]) -> list[Frame]:
    """An event told by a noun and the verb that carries it ("carried out air strikes that hit") becomes one frame."""
    gone: set[int] = set()
    for n, noun in enumerate(frames):
        if not noun.head.is_noun or noun.kind in SPEECH:
            continue
        for v, verb in enumerate(frames):
            if v == n or v in gone or n in gone or not verb.head.is_verb:
                continue
            tree = noun.analysis.tree
            around = with_phrase(g, noun.analysis, [*verb.args.subj, *verb.args.obj, *verb.args.by])
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
            if not near or _larger(g, noun, verb):
                continue
            if (
                verb.measure == "kill"
                and noun.sense.id == "combat.fighting"
                and noun.token in verb.args.subj
                and any(a.lower in ("has", "have", "had") for a in tree.children(verb.token, "aux"))
            ):
                gone.add(n)  # "the fighting has left 600 dead" tells the toll
            elif (
                verb.measure == "kill"
                and noun.kind in ATTACKS
                and (noun.analysis.tells_total(g) or _over_days(g, noun) or _by_many(verb, noun) or _known(noun))
            ):
                verb.apart = True
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
    kept = _by_bombers([f for k, f in enumerate(frames) if k not in gone])
    return [f for f in kept if not _owned_up(f, kept) and not _within_another(f, kept)]


def _over_days(g: Grammar, noun: Frame) -> bool:
    """ "Died in three days of fighting": counted over the days."""
    tree = noun.analysis.tree
    above = tree.head(noun.token)
    return above.lower == "of" and tree.head(above.i).lower.removesuffix("s") in g.spans_of_time


def _known(noun: Frame) -> bool:
    """ "Twenty were killed in the battles": the toll of what was told before; whose it is, is seen when linking."""
    tree = noun.analysis.tree
    the = any(t.lower in ("the", "this", "these", "those") for t in tree.children(noun.token, "det"))
    bare = the and not tree.children(noun.token, "prep", "acl", "relcl", "compound", "amod", "poss")
    return bare and noun.sense.id == "combat.fighting" and tree.head(noun.token).lower in ("in", "during")


def _by_many(verb: Frame, noun: Frame) -> bool:
    """ "Have been killed by rocket fire": by all of it so far, for no one act is named."""
    tree = noun.analysis.tree
    perfect = any(t.lower in ("has", "have") for t in tree.children(verb.token, "aux"))
    named = tree.children(noun.token, "det", "poss", "nummod")
    return perfect and not named and (noun.head.tag == "NNS" or not noun.analysis.times)


def _larger(g: Grammar, noun: Frame, verb: Frame) -> bool:
    """ "In the offensive jets bombed a bridge": the offensive is more than the raid."""
    beside = noun.token in (*verb.args.subj, *verb.args.obj, *verb.args.by)
    return verb.measure is None and verb.kind != noun.kind and noun.head.lower in g.wide_events and not beside


def _by_bombers(frames: list[Frame]) -> list[Frame]:
    """ "A suicide bomber carried out an attack": whoever does it is named by a word of attack, and is no second one."""
    out = list(frames)
    for bomber in frames:
        act = next((f for f in out if f is not bomber and f.kind in ATTACKS and bomber.token in f.agents), None)
        if act is None or bomber.kind not in ATTACKS or bomber not in out:
            continue
        agents = list(act.agents)
        act.targets += [t for t in bomber.targets if t not in act.targets]
        _absorb(act, bomber)
        act.agents = agents
        out.remove(bomber)
    return out


def _owned_up(frame: Frame, frames: list[Frame]) -> bool:
    """ "Claimed responsibility for the bombing": the bombing is the event, and whoever claims it its agent."""
    tree = frame.analysis.tree
    return frame.sense.id == "attack.claim" and any(
        f is not frame and f.kind in ATTACKS and tree.is_under(f.token, frame.token) for f in frames
    )


def _within_another(frame: Frame, frames: list[Frame]) -> bool:
    """A verb that only goes on with another of its kind ("fired a missile that landed ...", "were told to evacuate"),
    or a participle that says who a party is ("units fighting separatists"), opens no event of its own."""
    tree = frame.analysis.tree
    for other in frames:
        if other is frame or not other.head.is_verb or not frame.head.is_verb:
            continue
        same = (
            other.kind == frame.kind
            or (other.kind in ATTACKS and frame.kind in ATTACKS)
            or (other.kind, frame.kind) == ("evacuation", "displacement")  # "ordered residents to leave"
        )
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
