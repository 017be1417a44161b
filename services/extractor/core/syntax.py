"""Parsed sentences: tokens under a dependency tree, and the walks over it that the rules need.

Labels are those of spaCy's English models (ClearNLP dependencies, Penn Treebank tags).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Token:
    """A word: its number in the sentence, its span in the body, tag, label, and the number of its head."""

    i: int
    start: int
    end: int
    text: str
    lower: str
    tag: str
    dep: str
    head: int

    @property
    def is_verb(self) -> bool:
        return self.tag[:2] in ("VB", "MD")

    @property
    def is_noun(self) -> bool:
        return self.tag[:2] == "NN"


class Parser(Protocol):
    """Turns stretches of text into trees. `offset` is where the stretch lies in the body."""

    def parse(self, stretches: list[tuple[str, int]]) -> list["Tree"]: ...


class Tree:
    """A sentence's tokens and their children. Never changed after it is made."""

    __slots__ = ("_children", "tokens")

    def __init__(self, tokens: tuple[Token, ...]) -> None:
        self.tokens = tokens
        children: list[list[int]] = [[] for _ in tokens]
        for token in tokens:
            if token.head != token.i:
                children[token.head].append(token.i)
        self._children = tuple(tuple(c) for c in children)

    def __len__(self) -> int:
        return len(self.tokens)

    def children(self, i: int, *deps: str) -> tuple[Token, ...]:
        """The children of a token, of these labels if any are given, in sentence order."""
        below, tokens = self._children[i], self.tokens
        if not below:
            return ()
        # lists: the rules ask this most of all, and a generator costs twice as much
        return tuple([tokens[c] for c in below] if not deps else [tokens[c] for c in below if tokens[c].dep in deps])

    def child(self, i: int, *deps: str) -> Token | None:
        for c in self._children[i]:
            if not deps or self.tokens[c].dep in deps:
                return self.tokens[c]
        return None

    def head(self, i: int) -> Token:
        return self.tokens[self.tokens[i].head]

    def ancestors(self, i: int) -> Iterator[Token]:
        """From the token's head up to the root."""
        steps = 0
        while self.tokens[i].head != i and steps < len(self.tokens):
            i, steps = self.tokens[i].head, steps + 1
            yield self.tokens[i]

    def subtree(self, i: int) -> tuple[Token, ...]:
        """The token and all below it, in sentence order."""
        found, queue = {i}, [i]
        while queue:
            for child in self._children[queue.pop()]:
                if child not in found:
                    found.add(child)
                    queue.append(child)
        return tuple(self.tokens[j] for j in sorted(found))

    def reach(self, i: int) -> tuple[int, int]:
        """The span in the body from the leftmost to the rightmost token under this one."""
        below = self.subtree(i)
        return below[0].start, below[-1].end

    def is_under(self, i: int, ancestor: int) -> bool:
        return i == ancestor or any(a.i == ancestor for a in self.ancestors(i))

    def conjuncts(self, i: int) -> tuple[Token, ...]:
        """The token and those coordinated with it to the right ("Gori, Poti and Senaki")."""
        out, queue = [self.tokens[i]], [i]
        while queue:
            for child in self.children(queue.pop(0), "conj"):
                out.append(child)
                queue.append(child.i)
        return tuple(sorted(out, key=lambda t: t.i))

    def first_conjunct(self, i: int) -> Token:
        while self.tokens[i].dep == "conj":
            i = self.tokens[i].head
        return self.tokens[i]

    def noun_phrase(self, i: int, *, with_of: bool = True) -> tuple[int, int]:
        """The span of a noun's phrase, without clauses, appositions, coordination and prepositions.

        `with_of`: phrases with "of" stay in.
        """
        members = {i}
        queue = [i]
        while queue:
            for child in self.children(queue.pop()):
                keep = child.dep in (
                    "det", "amod", "compound", "nummod", "poss", "nmod", "quantmod", "case", "predet", "neg", "advmod",
                ) or (child.dep == "punct" and child.text in ("-", "’", "'")) or (
                    with_of and child.dep == "prep" and child.lower == "of"
                ) or (child.dep == "pobj" and with_of)  # fmt: skip
                if keep and not (child.dep == "advmod" and child.i > i):
                    members.add(child.i)
                    queue.append(child.i)
        # the phrase is the unbroken run around the head
        left = right = i
        while left - 1 in members:
            left -= 1
        while right + 1 in members:
            right += 1
        return self.tokens[left].start, self.tokens[right].end

    def at(self, start: int, end: int) -> tuple[Token, ...]:
        """The tokens that overlap a span of the body."""
        return tuple(t for t in self.tokens if t.start < end and t.end > start)

    def head_of_span(self, start: int, end: int) -> Token | None:
        """The token of a span whose head lies outside it: the span's syntactic head."""
        inside = self.at(start, end)
        numbers = {t.i for t in inside}
        return next((t for t in inside if t.head not in numbers or t.head == t.i), None)
