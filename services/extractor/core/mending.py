"""Mends what the parser gets wrong time and again in wire news. Pure: tokens in, tokens out, in the same number."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from services.extractor.core.syntax import Token

EVENT_GERUNDS: Final = frozenset({"shelling", "bombing", "fighting", "killing", "shooting", "looting", "bombarding"})
GERUND_PREPOSITIONS: Final = frozenset(
    {"after", "before", "during", "amid", "despite", "following", "in", "of", "from", "by", "since", "because"}
)
ACTS: Final = frozenset(
    {"fired", "launched", "shelled", "bombed", "attacked", "dropped", "killed", "wounded", "injured", "destroyed",
     "downed", "ambushed", "stormed", "raided", "evacuated", "closed", "expelled", "released", "arrested", "captured"}
)  # fmt: skip
"""Past forms that are also participles, and that a singular noun without a verb of its own does to what follows."""
MOVES: Final = frozenset(
    {"intruded", "entered", "crossed", "advanced", "clashed", "arrived", "landed", "exploded", "crashed", "marched",
     "gathered", "retreated", "withdrew", "fled"}
)  # fmt: skip
"""Past forms that are no participles of a passive: with nothing else to tell, they are what the sentence tells."""
SUBJECT_TAGS: Final = ("NN", "NNP", "JJ")


def mended(tokens: Sequence[Token]) -> Sequence[Token]:
    """The tokens of one sentence with the misreadings that the functions below tell of undone."""
    return _lost_verb(_lost_move(_listed(_said_row(_gerunds(_below_auxiliary(tokens))))))


def _below_auxiliary(tokens: Sequence[Token]) -> Sequence[Token]:
    """ "Qatar is mediating": the subject hung on the auxiliary is its verb's."""
    out = list(tokens)
    for token in tokens:
        above = tokens[token.head]
        if token.dep in ("nsubj", "nsubjpass") and above.dep in ("aux", "auxpass") and above.head != above.i:
            out[token.i] = replace(token, head=above.head)
    return out


def _gerunds(tokens: Sequence[Token]) -> Sequence[Token]:
    """ "They fled after shelling from the hills": the shelling is somebody else's, a noun and no act of theirs."""
    out = list(tokens)
    for token in tokens:
        if token.lower not in EVENT_GERUNDS or token.tag != "VBG" or token.dep not in ("pcomp", "csubj"):
            continue
        if token.dep == "csubj" and any(t.head == token.i and t.lower == "between" for t in tokens):
            out[token.i] = replace(token, tag="NN", dep="nsubj")  # "fighting between the two armies flared up"
            continue
        below = {t.dep for t in tokens if t.head == token.i and t.i != token.i}
        if tokens[token.head].lower in GERUND_PREPOSITIONS and not below & {"dobj", "nsubj", "aux", "advmod", "prt"}:
            out[token.i] = replace(token, tag="NN", dep="pobj")
    return out


def _said_row(tokens: Sequence[Token]) -> Sequence[Token]:
    """ "He said 20 soldiers and a number of rebels were killed": the first of the row read as what is said."""
    out = list(tokens)
    for verb in tokens:
        if verb.lower not in ("said", "says", "say"):
            continue
        below = [t for t in tokens if t.head == verb.i and t.i > verb.i]
        first = next((t for t in below if t.dep == "dobj" and t.is_noun), None)
        told = next((t for t in below if t.dep == "ccomp" and first is not None and t.i > first.i), None)
        if first is None or told is None or not any(t.head == first.i and t.dep == "cc" for t in tokens):
            continue
        second = next((t for t in tokens if t.head == told.i and t.dep in ("nsubj", "nsubjpass")), None)
        if second is not None and first.i < second.i < told.i:
            out[first.i] = replace(first, dep=second.dep, head=told.i)
            out[second.i] = replace(second, dep="conj", head=first.i)
    return out


def _listed(tokens: Sequence[Token]) -> Sequence[Token]:
    """ "A school, a kindergarten and ten houses were hit": a list whose second member is read as an apposition."""
    out = list(tokens)
    for token in tokens:
        above = tokens[token.head]
        if token.dep != "appos" or not {token.tag, above.tag} <= {"NN", "NNS"}:
            continue
        row = [t for t in tokens if t.head == token.i and t.dep == "conj" and t.i > token.i]
        named = any(t.head == above.i and t.dep in ("det", "poss") and t.lower not in ("a", "an") for t in tokens)
        if not row or named or not any(t.head == token.i and t.dep == "cc" for t in tokens):
            continue
        last = row[-1].i + 1
        if last < len(tokens) and tokens[last].text == ",":
            continue  # "a farmer, a father and husband, was killed"
        out[token.i] = replace(token, dep="conj")
    return out


def _noun_root(tokens: Sequence[Token]) -> Token | None:
    """The root where the parser takes the whole for a noun phrase."""
    root = next((t for t in tokens if t.head == t.i), None)
    return root if root is not None and root.is_noun else None


def _lost_move(tokens: Sequence[Token]) -> Sequence[Token]:
    """ "Six aircraft intruded in its airspace": read as aircraft that were intruded."""
    root = _noun_root(tokens)
    if root is None:
        return tokens
    verb = next((t for t in tokens if t.head == root.i and t.dep == "acl" and t.lower in MOVES), None)
    if verb is None or any(t.tag in ("VBD", "VBZ", "VBP", "MD") and t.i != verb.i for t in tokens):
        return tokens
    out = list(tokens)
    out[verb.i] = replace(verb, tag="VBD", dep="ROOT", head=verb.i)
    out[root.i] = replace(root, dep="nsubj", head=verb.i)
    for token in tokens:
        if token.i > verb.i and token.head == root.i:
            out[token.i] = replace(token, head=verb.i)
    return out


def _lost_verb(tokens: Sequence[Token]) -> Sequence[Token]:
    """ "A helicopter fired rockets at the station": read as one noun phrase about fired rockets."""
    root = _noun_root(tokens)
    if root is None:
        return tokens
    verb = next((t for t in tokens[1 : root.i] if t.head == root.i and t.dep == "amod" and t.lower in ACTS), None)
    if verb is None:
        return tokens
    subject = tokens[verb.i - 1]
    if subject.head not in (verb.i, root.i) or subject.tag not in SUBJECT_TAGS or subject.i == 0:
        return tokens
    out = list(tokens)
    out[verb.i] = replace(verb, tag="VBD", dep="ROOT", head=verb.i)
    out[root.i] = replace(root, dep="dobj", head=verb.i)
    out[subject.i] = replace(subject, tag="NN", dep="nsubj", head=verb.i)
    for token in tokens:
        if token.i < subject.i and token.head in (root.i, verb.i):
            out[token.i] = replace(token, head=subject.i)
        elif token.i > root.i and token.head == root.i:
            out[token.i] = replace(token, head=verb.i)
    return out
