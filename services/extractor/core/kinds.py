"""Groups of event kinds that the rules treat alike."""

from typing import Final

ATTACKS: Final = frozenset({"airstrike", "shelling", "ground_combat", "bomb_attack"})
SPEECH: Final = frozenset({"statement", "denial"})
"""Kinds of words: what they tell is told by their speaker, and a place beside them is where somebody spoke."""
ACTS: Final = ATTACKS | {
    "killing",
    "aircraft_downing",
    "airspace_violation",
    "troop_movement",
    "detention",
    "damage",
}
"""Kinds that somebody does, and so may deny to have done."""
DECIDED: Final = frozenset({"flight_ban", "broadcast_ban", "border_closure", "sanction"})
"""Kinds that an order brings about: who orders them imposes them."""
MEASURES: Final = DECIDED | {"ceasefire"}
"""Kinds that last and can be lifted: for them "end" and "lift" mean `ended`."""
SCOPED: Final = MEASURES | {"mobilization"}
"""Kinds that hold over a ground rather than happen at a point; who announces such an act of their own acts by it."""
MOVES: Final = frozenset({"troop_movement", "evacuation", "displacement"})
"""Kinds with an origin and a destination."""
