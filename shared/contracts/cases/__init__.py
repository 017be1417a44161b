"""The examples, by hand: a plain one and a difficult one of every kind, citing reports written for the purpose."""

from typing import Final

from shared.contracts.cases import attacks, envelope, measures, movements, people, words
from shared.contracts.citing import Case

CASES: Final[tuple[Case, ...]] = (
    *envelope.CASES,
    *attacks.CASES,
    *movements.CASES,
    *people.CASES,
    *measures.CASES,
    *words.CASES,
)
