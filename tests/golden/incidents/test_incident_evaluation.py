"""Joining stays above its floors, on what it was tuned on and on what was kept apart."""

import pytest

from services.projection.core.incidents import assemble
from tests.golden.incidents.clusters import load
from tests.golden.incidents.evaluate import PRECISION_MIN, RECALL_MIN, lines, of_half, score

CLUSTERS = load()


@pytest.mark.parametrize("half", ["tuning", "held_out", None])
def test_joining_reaches_its_floors(half: str | None) -> None:
    found = score(of_half(CLUSTERS, half))
    assert found.precision >= PRECISION_MIN
    assert found.recall >= RECALL_MIN


def test_the_set_is_large_enough_and_its_halves_are_near_equal() -> None:
    parts = {half: score(of_half(CLUSTERS, half)) for half in ("tuning", "held_out")}
    assert sum(s.events for s in parts.values()) >= 90
    assert all(s.incidents >= 12 for s in parts.values())
    for name, cluster in CLUSTERS.items():
        ids = [event.id for _, event in cluster.told]
        assert len(ids) == len(set(ids)), name


def test_each_claim_of_a_joined_incident_says_why() -> None:
    for incident in assemble([event for _, event in of_half(CLUSTERS, None)], []):
        assert all(bool(claim.why) == (len(incident.claims) > 1) for claim in incident.claims)


def test_the_table_names_both_halves() -> None:
    table = "\n".join(lines(CLUSTERS))
    assert "the tuning half" in table
    assert "the held-out half" in table
