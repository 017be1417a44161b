"""Kinds that reports confuse: which two may tell of one attack, and what a mixed incident is called.

One outlet's "attack on the town" is another's airstrike; a rocket from a helicopter and one from a launcher leave the
same hole. Such kinds are looked up together (a family), and joined on more evidence than two of one kind need.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Final, Literal

from shared.events.airstrike import Airstrike
from shared.events.base import BaseEvent
from shared.events.bomb_attack import BombAttack
from shared.events.ground_combat import GroundCombat
from shared.events.shelling import Shelling

CONFUSED: Final = frozenset(
    frozenset(pair)
    for pair in (
        ("ground_combat", "airstrike"),
        ("ground_combat", "shelling"),
        ("ground_combat", "bomb_attack"),
        ("ground_combat", "killing"),
        ("airstrike", "shelling"),
        ("airstrike", "bomb_attack"),
        ("shelling", "bomb_attack"),
        ("bomb_attack", "killing"),
    )
)
"""`ground_combat` stands for an attack that is not described. A killing of named people is no air raid."""

FAMILY: Final = {kind: "attack" for pair in CONFUSED for kind in pair}
"""The family of a kind that is confused with others; every other kind is its own."""

SPECIFIC_FIRST: Final = ("airstrike", "shelling", "bomb_attack", "killing", "ground_combat")

Means = Literal["air", "fire", "device", "taken"]


def family(kind: str) -> str:
    """The kinds of one family share blocks and clusters."""
    return FAMILY.get(kind, kind)


def confused(a: str, b: str) -> bool:
    """Whether reports of one occurrence may give these two kinds."""
    return frozenset((a, b)) in CONFUSED


def means(event: BaseEvent) -> Means | None:
    """How it was done, where the report itself says so (names the aircraft, the guns, the device, the town taken)."""
    if isinstance(event, Airstrike) and (event.aircraft or event.aircraft_types or event.sorties):
        return "air"
    if isinstance(event, Shelling) and event.weapons:
        return "fire"
    if isinstance(event, BombAttack) and (event.device or event.suicide):
        return "device"
    if isinstance(event, GroundCombat) and event.control:
        return "taken"
    return None


def told_kind(kinds: Iterable[str]) -> str:
    """What most claims call it; of equals the more specific."""
    counted = Counter(kinds)

    def rank(kind: str) -> int:
        return SPECIFIC_FIRST.index(kind) if kind in SPECIFIC_FIRST else len(SPECIFIC_FIRST)

    return min(counted, key=lambda kind: (-counted[kind], rank(kind), kind))
