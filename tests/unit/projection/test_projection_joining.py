"""Which events are one occurrence: a table of pairs, and what holds for any."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.projection.core.incidents import assemble, group
from services.projection.core.joining import blocks, distance_km, facts, match, same_place
from shared.bus.port import Message
from shared.codec import decode
from shared.events.base import BaseEvent, Evidence, Participant, Place, Source
from shared.events.denial import Denial
from tests.unit.projection.made import GEORGIA, GORI, KARELI, NOON, POTI, RUSSIA, count, event, logs, report, strike

REGION = Place(name="South Ossetia", country="GE", lat=42.3, lon=44.1, geonames_id=614001, radius_km=60)
OUTSKIRTS = Place(name="Gori District", country="GE", lat=42.05, lon=44.15, geonames_id=1, radius_km=10)


@pytest.mark.parametrize(
    ("ours", "theirs", "joined"),
    [
        pytest.param({}, {}, True, id="the same told twice"),
        pytest.param({}, {"place": KARELI}, False, id="another town, 18 km off"),
        pytest.param({}, {"place": OUTSKIRTS}, True, id="its district"),
        pytest.param({}, {"place": REGION}, False, id="a whole region"),
        pytest.param({"place": REGION}, {"place": REGION}, True, id="the same region"),
        pytest.param({}, {"place": Place(name="GORI")}, True, id="the same name without a point"),
        pytest.param({}, {"place": Place(name="Gori", country="IR")}, False, id="a namesake abroad"),
        pytest.param({}, {"hour": 7}, True, id="an hour's difference between agencies"),
        pytest.param({}, {"hour": 13}, False, id="two strikes on one town on one day"),
        pytest.param({}, {"hour": -4, "precision": "day"}, True, id="told by the day"),
        pytest.param({}, {"hour": 20, "precision": "day"}, False, id="told of the next day"),
        pytest.param({}, {"hour": -96, "precision": "month"}, False, id="a month says nothing"),
        pytest.param({}, {"occurred": None, "reported_at": NOON}, True, id="undated, told the same day"),
        pytest.param({}, {"participants": (GEORGIA,)}, False, id="another agent"),
        pytest.param({}, {"participants": ()}, True, id="no agent named"),
        pytest.param({}, {"places": ()}, False, id="no place named"),
    ],
)
def test_pairs(ours: dict[str, Any], theirs: dict[str, Any], joined: bool) -> None:
    a, b = facts(strike(1, **ours)), facts(strike(2, **theirs))
    if a is None or b is None:
        assert not joined
        return
    assert (match(a, b) is not None) is joined
    assert match(a, b) == match(b, a)


def test_two_events_of_one_report_are_two_unless_it_says_that_they_are_one() -> None:
    of = report(1)
    first, second = event(of=of, places=(GORI,)), event(of=of, places=(GORI,), ordinal=1)
    assert len(assemble([first, second], [])) == 2
    same = event(of=of, places=(GORI,), ordinal=1, same_as=(first.id,))
    assert len(assemble([first, same], [])) == 1


def test_bans_are_joined_by_who_imposes_them() -> None:
    ban = event("flight_ban", report(1), participants=(RUSSIA,))
    assert len(assemble([ban, event("flight_ban", report(2), participants=(RUSSIA,))], [])) == 1
    assert len(assemble([ban, event("flight_ban", report(2), participants=(GEORGIA,))], [])) == 2
    assert len(assemble([ban, event("flight_ban", report(2))], [])) == 2
    against = Participant(role="target", name="flights to Georgia", country="GE")
    elsewhere = Participant(role="target", name="flights to Ukraine", country="UA")
    one, other = (event("flight_ban", report(n), participants=(RUSSIA, t)) for n, t in ((1, against), (2, elsewhere)))
    assert len(assemble([one, other], [])) == 2


def test_a_vague_report_does_not_weld_two_strikes() -> None:
    morning, evening = strike(1, hour=6), strike(2, hour=13)
    vague = strike(3, hour=-4, precision="day", quantities=(count("injured", 3, 3),))
    found = assemble([morning, evening, vague], [])
    assert sorted(len(incident.claims) for incident in found) == [1, 2]


def test_an_agency_copied_by_five_outlets_is_one_voice() -> None:
    agency = (Source(name="Interfax"),)
    copies = [strike(n, sources=agency) for n in range(5)]
    assert assemble(copies, [])[0].corroborated == 1
    witness = strike(6, sources=(Source(name="a witness"),))
    assert assemble([*copies, witness], [])[0].corroborated == 2
    assert assemble([strike(1), strike(2)], [])[0].corroborated == 2
    copied = [strike(n, evidence=(Evidence(start=0, end=5, quote="Boom."),)) for n in (1, 2)]
    assert assemble(copied, [])[0].corroborated == 1


def test_denials_and_counts_contest() -> None:
    ten = strike(1, quantities=(count("killed", 10, 10),))
    more = strike(2, quantities=(count("killed", 30, None, "at_least"),))
    about = strike(3, quantities=(count("killed", 11, 11, "about"),))
    assert [c.how for c in assemble([ten, about], [])[0].contests] == []
    assert {c.how for c in assemble([ten, more], [])[0].contests} == {"counts"}
    [killed] = assemble([ten, more], [])[0].counts
    assert (killed.low, killed.low_by, killed.high, killed.open_above) == (10, (ten.id,), 10, True)
    denial = event("denial", report(9), participants=(RUSSIA,), denies=(ten.id,))
    assert isinstance(denial, Denial)
    [contest] = assemble([ten, about], [denial])[0].contests
    assert (contest.how, contest.by, contest.denies) == ("denial", ("Russia",), (ten.id,))
    doubted = strike(1, sources=(Source(name="Moscow", stance="denies"),))
    assert [c.how for c in assemble([doubted], [])[0].contests] == ["source_denies"]


def test_groups_counted_under_other_names_do_not_contradict() -> None:
    soldiers = strike(1, quantities=(count("killed", 3, 3, of="soldiers"),))
    civilians = strike(2, quantities=(count("killed", 40, 40, of="civilians"),))
    assert not assemble([soldiers, civilians], [])[0].contested


def events_of(log: list[Message]) -> list[BaseEvent]:
    return [e for e in map(decode, log) if isinstance(e, BaseEvent)]


@settings(max_examples=150, deadline=None)
@given(log=logs(), chance=st.randoms(use_true_random=False))
def test_incidents_do_not_depend_on_order_and_hold_each_event_once(log: list[Message], chance: random.Random) -> None:
    events = events_of(log)
    denials = [e for e in events if isinstance(e, Denial)]
    found = assemble(events, denials)
    chance.shuffle(events)
    assert assemble(events + events[:3], denials[::-1]) == found
    ids = [claim.event_id for incident in found for claim in incident.claims]
    assert len(ids) == len(set(ids))


@settings(max_examples=150, deadline=None)
@given(log=logs())
def test_all_members_fit_one_another_and_matches_share_a_block(log: list[Message]) -> None:
    events = {e.id: e for e in events_of(log)}
    known = {i: f for i, e in events.items() if (f := facts(e)) is not None}
    for a in known.values():
        for b in known.values():
            if a.event_id != b.event_id and match(a, b):
                assert blocks(a) & blocks(b)
    for members, best in group(events.values()):
        for one in members:
            for other in members:
                assert one.id == other.id or match(known[one.id], known[other.id])
        assert (len(members) > 1) == bool(best)


_degrees = st.tuples(st.floats(-89, 89), st.floats(-180, 180))


@given(at=_degrees, north=st.floats(-0.3, 0.3), east=st.floats(-3, 3))
def test_places_within_reach_share_a_block_anywhere_on_earth(
    at: tuple[float, float], north: float, east: float
) -> None:
    lat, lon = at
    a = Place(name="A", lat=lat, lon=lon, radius_km=20)
    b = Place(name="B", lat=max(-90, min(90, lat + north)), lon=(lon + east + 180) % 360 - 180, radius_km=20)
    if same_place(a, b):
        one, other = facts(strike(1, place=a)), facts(strike(2, place=b))
        assert one is not None
        assert other is not None
        assert blocks(one) & blocks(other)


def test_distance() -> None:
    assert distance_km(GORI, POTI) == pytest.approx(202.5, abs=2)
    assert distance_km(GORI, Place(name="nowhere")) is None
