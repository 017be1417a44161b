"""Trees: walks over hand-made tokens, and the real parser's trees over the body's offsets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.extractor.core.syntax import Token, Tree
from tests.unit.extractor.coding import Coder


def tree(*words: tuple[str, str, str, int]) -> Tree:
    """A tree of (word, tag, label, head)."""
    tokens, at = [], 0
    for i, (text, tag, dep, head) in enumerate(words):
        tokens.append(Token(i, at, at + len(text), text, text.lower(), tag, dep, head))
        at += len(text) + 1
    return Tree(tuple(tokens))


TOWNS = "Troops of the south took Kell , Dorn and the old town of Bresk on Sunday"
TREE = tree(
    ("Troops", "NNS", "nsubj", 4),
    ("of", "IN", "prep", 0),
    ("the", "DT", "det", 3),
    ("south", "NN", "pobj", 1),
    ("took", "VBD", "ROOT", 4),
    ("Kell", "NNP", "dobj", 4),
    (",", ",", "punct", 5),
    ("Dorn", "NNP", "conj", 5),
    ("and", "CC", "cc", 7),
    ("the", "DT", "det", 11),
    ("old", "JJ", "amod", 11),
    ("town", "NN", "conj", 7),
    ("of", "IN", "prep", 11),
    ("Bresk", "NNP", "pobj", 12),
    ("on", "IN", "prep", 4),
    ("Sunday", "NNP", "pobj", 14),
)


def words(tokens: tuple[Token, ...]) -> str:
    return " ".join(t.text for t in tokens)


def test_children_by_label_in_sentence_order() -> None:
    assert words(TREE.children(4)) == "Troops Kell on"
    assert words(TREE.children(4, "dobj", "prep")) == "Kell on"
    child = TREE.child(4, "iobj", "dobj")
    assert child is not None
    assert child.text == "Kell"
    assert TREE.child(5, "amod") is None


def test_ancestors_go_up_to_the_root() -> None:
    assert words(tuple(TREE.ancestors(3))) == "of Troops took"
    assert tuple(TREE.ancestors(4)) == ()
    assert TREE.is_under(3, 4)
    assert TREE.is_under(3, 3)
    assert not TREE.is_under(4, 3)


def test_conjuncts_run_to_the_right() -> None:
    assert words(TREE.conjuncts(5)) == "Kell Dorn town"
    assert TREE.first_conjunct(11).text == "Kell"


def test_subtree_and_reach() -> None:
    assert words(TREE.subtree(0)) == "Troops of the south"
    start, end = TREE.reach(5)
    assert TOWNS[start:end] == "Kell , Dorn and the old town of Bresk"


@pytest.mark.parametrize(
    ("head", "with_of", "expected"),
    [
        (0, True, "Troops of the south"),
        (0, False, "Troops"),
        (5, True, "Kell"),
        (11, True, "the old town of Bresk"),
        (11, False, "the old town"),
    ],
)
def test_noun_phrase(head: int, with_of: bool, expected: str) -> None:
    start, end = TREE.noun_phrase(head, with_of=with_of)
    assert TOWNS[start:end] == expected


def test_tokens_and_head_of_a_span() -> None:
    start = TOWNS.index("old town of Bresk")
    assert words(TREE.at(start, start + len("old town of Bresk"))) == "old town of Bresk"
    head = TREE.head_of_span(start, start + len("old town of Bresk"))
    assert head is not None
    assert head.text == "town"
    assert TREE.head_of_span(len(TOWNS) + 5, len(TOWNS) + 9) is None


def test_an_empty_tree() -> None:
    assert len(Tree(())) == 0


@given(st.lists(st.integers(0, 11), min_size=1, max_size=12))
def test_walks_end_even_on_a_tree_with_a_ring(heads: list[int]) -> None:
    made = tree(*(("w", "NN", "dep", min(head, len(heads) - 1)) for head in heads))
    for token in made.tokens:
        assert len(list(made.ancestors(token.i))) <= len(made)
        assert token in made.subtree(token.i)
        assert made.reach(token.i)[0] <= token.start


def test_the_parsers_tokens_lie_where_the_body_has_them(coder: Coder) -> None:
    body = "Nothing.  Rebels’ guns hit\nthe “old” bridge — 😀 again at 11:38 a.m. Then they left."
    stretches = [(body[10:], 10), (body[:8], 0), ("   ", 8)]
    trees = coder.rules.parser.parse(stretches)
    assert len(trees) == 3
    for found in trees:
        assert all(body[t.start : t.end].replace("’", "'") == t.text for t in found.tokens)
    assert len(trees[2]) == 0


def test_the_parser_reads_the_typographers_apostrophe_as_the_typewriters(coder: Coder) -> None:
    plain = "Georgia's army didn't shell the rebels' guns."
    one, other = coder.rules.parser.parse([(plain, 0), (plain.replace("'", "’"), 0)])
    assert one.tokens == other.tokens
    assert {"'s", "n't", "'"} <= {t.text for t in one.tokens}


def test_the_parsers_trees_have_one_root(coder: Coder) -> None:
    body = "Troops left. They went home. Guns fell silent, and the town slept; nobody spoke.\n\nA line. "
    (found,) = coder.rules.parser.parse([(body, 0)])
    roots = [t for t in found.tokens if t.head == t.i]
    assert len(roots) == 1
    assert len(found.subtree(roots[0].i)) == len(found)


def test_a_stretch_is_read_alike_alone_and_in_company(coder: Coder) -> None:
    stretches = [(f"Rebels shelled the town of Kell{'l' * n} on Sunday.", 0) for n in range(20)]
    together = coder.rules.parser.parse(stretches)
    alone = [coder.rules.parser.parse([s])[0] for s in stretches]
    assert [t.tokens for t in together] == [t.tokens for t in alone]
