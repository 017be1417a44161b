"""What the parser gets wrong in wire news, mended: an act read as a noun phrase, a noun read as somebody's act."""

import pytest

from services.extractor.core.mending import mended
from services.extractor.core.syntax import Token

ROWS = (
    # words with their tag, label and head as the parser gives them, and what must come out for the numbered token
    (
        "A/DT/det/3 helicopter/NN/npadvmod/2 fired/VBN/amod/3 rockets/NNS/ROOT/3 at/IN/prep/3 it/PRP/pobj/4",
        {0: ("det", 1), 1: ("nsubj", 2), 2: ("ROOT", 2), 3: ("dobj", 2), 4: ("prep", 2), 5: ("pobj", 4)},
    ),
    (
        "They/PRP/nsubj/1 fled/VBD/ROOT/1 after/IN/prep/1 shelling/VBG/pcomp/2 from/IN/prep/3 hills/NNS/pobj/4",
        {3: ("pobj", 2), 4: ("prep", 3)},
    ),
    (
        "fighting/VBG/csubj/3 between/IN/prep/0 them/PRP/pobj/1 began/VBD/ROOT/3",
        {0: ("nsubj", 3)},
    ),
    (
        "He/PRP/nsubj/1 said/VBD/ROOT/1 troops/NNS/dobj/1 and/CC/cc/2 rebels/NNS/nsubjpass/6 were/VBD/auxpass/6 "
        "killed/VBN/ccomp/1",
        {2: ("nsubjpass", 6), 4: ("conj", 2), 6: ("ccomp", 1)},
    ),
    (
        "Aircraft/NNS/ROOT/0 intruded/VBN/acl/0 in/IN/prep/1 airspace/NN/pobj/2",
        {0: ("nsubj", 1), 1: ("ROOT", 1), 2: ("prep", 1)},
    ),
    ("Qatar/NNP/nsubj/1 is/VBZ/aux/2 mediating/VBG/ROOT/2", {0: ("nsubj", 2), 2: ("ROOT", 2)}),
    ("Soldiers/NNS/ROOT/0 killed/VBN/acl/0", {0: ("ROOT", 0), 1: ("acl", 0)}),
    # whoever shells something acts, and a besieged town is only a town
    (
        "They/PRP/nsubj/1 left/VBD/ROOT/1 after/IN/prep/1 shelling/VBG/pcomp/2 it/PRP/dobj/3",
        {3: ("pcomp", 2)},
    ),
    ("The/DT/det/2 captured/VBN/amod/2 towns/NNS/ROOT/2", {1: ("amod", 2), 2: ("ROOT", 2)}),
    ("", {}),
)


def tokens(words: str) -> tuple[Token, ...]:
    out = []
    for n, word in enumerate(words.split()):
        text, tag, dep, head = word.split("/")
        out.append(Token(n, n, n + len(text), text, text.lower(), tag, dep, int(head)))
    return tuple(out)


@pytest.mark.parametrize(("words", "expected"), ROWS)
def test_mended(words: str, expected: dict[int, tuple[str, int]]) -> None:
    out = mended(tokens(words))
    assert len(out) == len(words.split())
    assert {i: (out[i].dep, out[i].head) for i in expected} == expected
