"""How well joining tells which events are one occurrence: pairs joined rightly, wrongly, and missed.

    python -m tests.golden.incidents.evaluate [--misses]

Pairwise, as duplicate detection is judged: of all pairs of events that were joined, the share that belong together
(precision); of all that belong together, the share that were joined (recall). Every cluster is judged alone and all of
them in one log. Half of the clusters are kept apart while the rules are tuned; both halves are reported.
"""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from services.projection.core.incidents import assemble
from shared.events.base import BaseEvent
from tests.golden.incidents.clusters import Cluster, load

PRECISION_MIN: Final = 0.95
RECALL_MIN: Final = 0.85

Told = Sequence[tuple[str, BaseEvent]]
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Score:
    """Pairs of event ids, each in order."""

    wanted: frozenset[Pair]
    joined: frozenset[Pair]
    events: int
    incidents: int

    @property
    def precision(self) -> float:
        return len(self.wanted & self.joined) / len(self.joined) if self.joined else 1.0

    @property
    def recall(self) -> float:
        return len(self.wanted & self.joined) / len(self.wanted) if self.wanted else 1.0


def _pairs(groups: Iterable[Iterable[str]]) -> frozenset[Pair]:
    return frozenset(pair for ids in groups for pair in combinations(sorted(ids), 2))


def score(told: Told) -> Score:
    """Joins the events and compares with how they are marked."""
    marked: dict[str, list[str]] = {}
    for incident, event in told:
        marked.setdefault(incident, []).append(event.id)
    found = assemble([event for _, event in told], [])
    joined = _pairs([claim.event_id for claim in incident.claims] for incident in found)
    return Score(_pairs(marked.values()), joined, len(told), len(marked))


def of_half(clusters: dict[str, Cluster], half: str | None) -> Told:
    """The events of the clusters of that half, or of all; incidents named by their cluster."""
    return [
        (f"{name}: {incident}", event)
        for name, cluster in clusters.items()
        if half in (None, cluster.half)
        for incident, event in cluster.told
    ]


def lines(clusters: dict[str, Cluster]) -> list[str]:
    """The table."""
    shown = [f"{'events of':<24}{'events':>8}{'incidents':>11}{'pairs':>7}{'precision':>11}{'recall':>8}"]
    parts = [(name, of_half({name: cluster}, None)) for name, cluster in clusters.items()]
    parts += [("the tuning half", of_half(clusters, "tuning")), ("the held-out half", of_half(clusters, "held_out"))]
    for name, told in [*parts, ("all, as one log", of_half(clusters, None))]:
        s = score(told)
        shown.append(f"{name:<24}{s.events:>8}{s.incidents:>11}{len(s.wanted):>7}{s.precision:>11.3f}{s.recall:>8.3f}")
    return shown


def misses(told: Told) -> list[str]:
    """The pairs joined wrongly and those missed, for reading."""
    quotes = {event.id: f"[{incident}, {event.kind}] {event.evidence[0].quote}" for incident, event in told}
    s = score(told)
    shown = [f"joined wrongly:\n  {quotes[a]}\n  {quotes[b]}" for a, b in sorted(s.joined - s.wanted)]
    return shown + [f"missed:\n  {quotes[a]}\n  {quotes[b]}" for a, b in sorted(s.wanted - s.joined)]


if __name__ == "__main__":
    print("\n".join(lines(load())))
    if "--misses" in sys.argv[1:]:  # of the tuning half alone: who reads the other tunes on it
        print("\n".join(misses(of_half(load(), "tuning"))))
