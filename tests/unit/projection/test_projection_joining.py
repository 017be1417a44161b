"""Which events are one occurrence: a table of pairs, and what holds for any."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.projection.core.incidents import assemble, group
from services.projection.core.joining import blocks, compatible, distance_km, facts, match, same_place
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


KILLED = (count("killed", 6, 6),)
DAY = {"hour": -4, "precision": "day"}


@pytest.mark.parametrize(
    ("ours", "theirs", "joined"),
    [
        pytest.param({}, {"kind": "ground_combat"}, True, id="an attack and an airstrike at one hour"),
        pytest.param({}, {"kind": "shelling"}, True, id="shelling and an airstrike at one hour"),
        pytest.param({"kind": "bomb_attack"}, {"kind": "killing"}, True, id="an assassination by bomb"),
        pytest.param({}, {"kind": "killing"}, False, id="an execution is no air raid"),
        pytest.param({}, {"kind": "damage"}, False, id="damage is not the attack"),
        pytest.param({}, {"kind": "ground_combat", **DAY}, False, id="fighting that day and a strike at six"),
        pytest.param(
            DAY | {"quantities": KILLED}, {"kind": "shelling", "quantities": KILLED} | DAY, True, id="the toll"
        ),
        pytest.param({}, {"kind": "shelling", "place": KARELI}, False, id="another town"),
        pytest.param({}, {"kind": "shelling", "hour": 13}, False, id="another hour"),
        pytest.param({}, {"kind": "shelling", "participants": (GEORGIA,)}, False, id="another agent"),
        pytest.param({"place": REGION}, {"place": REGION, "kind": "shelling"}, False, id="somewhere in the region"),
        pytest.param(
            {"aircraft_types": ("Su-25",)}, {"kind": "shelling", "weapons": ("Grad",)}, False, id="both say by what"
        ),
        pytest.param({"aircraft_types": ("Su-25",)}, {"kind": "shelling"}, True, id="one says by what"),
        pytest.param({}, {"kind": "ground_combat", "control": "taken"}, False, id="a town taken"),
    ],
)
def test_kinds_that_reports_confuse(ours: dict[str, Any], theirs: dict[str, Any], joined: bool) -> None:
    a, b = attack(1, **ours), attack(2, **theirs)
    found = assemble([a, b], [])
    assert len(found) == (1 if joined else 2)
    if joined:
        [incident] = found
        assert set(incident.kinds) == {a.kind, b.kind}
        assert all("may be told of one attack" in claim.why[0] for claim in incident.claims)
        assert [claim.kind for claim in incident.claims] == [a.kind, b.kind]


def attack(number: int, kind: str = "airstrike", **fields: Any) -> BaseEvent:
    """An event with the slots of `strike`, of any kind of attack."""
    slots = strike(number, **{k: v for k, v in fields.items() if k not in ("aircraft_types", "weapons", "control")})
    general = {k: getattr(slots, k) for k in ("places", "participants", "occurred", "quantities", "evidence")}
    own = {k: v for k, v in fields.items() if k in ("aircraft_types", "weapons", "control")}
    return event(kind, report(number, outlet=slots.outlet), **general, **own)


def test_a_mixed_incident_is_called_what_most_call_it_or_the_more_specific() -> None:
    strikes, assault = [strike(1), strike(2)], attack(3, "ground_combat")
    assert [i.kind for i in assemble([assault, strikes[0]], [])] == ["airstrike"]
    assert [i.kind for i in assemble([*strikes, attack(4, "shelling")], [])] == ["airstrike"]
    assert [i.kind for i in assemble([attack(5, "shelling"), attack(6, "shelling"), strikes[0]], [])] == ["shelling"]


def test_a_clash_may_be_told_from_either_side() -> None:
    against = {p.name: p.model_copy(update={"role": "target"}) for p in (RUSSIA, GEORGIA)}
    ours = attack(1, "ground_combat", participants=(RUSSIA, against["Georgia"]))
    theirs = attack(2, "ground_combat", participants=(GEORGIA, against["Russia"]))
    [incident] = assemble([ours, theirs], [])
    assert "one clash, told from both sides" in incident.claims[0].why
    militia = Participant(role="target", name="militia")
    assert len(assemble([ours, attack(2, "ground_combat", participants=(GEORGIA, militia))], [])) == 2


def test_vague_reports_of_a_region_need_more_than_the_region() -> None:
    of_region: dict[str, Any] = {"place": REGION, "participants": ()}
    assert len(assemble([strike(1, **of_region), strike(2, **of_region)], [])) == 2
    assert len(assemble([strike(n, **of_region, quantities=KILLED) for n in (1, 2)], [])) == 1


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


LONG = "Two aircraft dropped bombs on the market square of the town and {} people died, the ministry said on Friday."


@pytest.mark.parametrize(
    ("ours", "theirs", "voices"),
    [
        pytest.param({"sources": (Source(name="Reuters"),)}, {"outlet": "Reuters"}, 1, id="the agency itself"),
        pytest.param({"sources": (Source(name="ITAR-TASS"),)}, {"sources": (Source(name="TASS"),)}, 1, id="two names"),
        pytest.param(
            {"sources": (Source(name="officials", via="Rustavi-2"),)}, {"outlet": "Rustavi-2"}, 1, id="its carrier"
        ),
        pytest.param({"quote": "GORI (Reuters) - Bombs fell."}, {"outlet": "Reuters"}, 1, id="credited in brackets"),
        pytest.param({"quote": "GORI (central) - Bombs fell."}, {"outlet": "Reuters"}, 2, id="brackets are no credit"),
        pytest.param({"quote": LONG.format("five")}, {"quote": LONG.format("eight")}, 1, id="copied, one word changed"),
        pytest.param({"quote": LONG.format("five")}, {"quote": "Bombs killed five at a market."}, 2, id="own words"),
        pytest.param({"sources": (Source(name="AFP"),)}, {"sources": (Source(name="Reuters"),)}, 2, id="two agencies"),
    ],
)
def test_voices_that_go_back_to_one_are_one(ours: dict[str, Any], theirs: dict[str, Any], voices: int) -> None:
    made = []
    for number, fields in enumerate((ours, theirs), 1):
        quote = fields.pop("quote", f"Report {number:02}")
        made.append(strike(number, **fields, evidence=(Evidence(start=0, end=len(quote), quote=quote),)))
    [incident] = assemble(made, [])
    assert incident.corroborated == voices == len(incident.voices)
    assert sorted(i for voice in incident.voices for i in voice.event_ids) == sorted(e.id for e in made)


def test_who_revises_a_count_does_not_contradict_himself() -> None:
    ministry = (Source(name="the ministry"),)
    first, later = (strike(n, sources=ministry, quantities=(count("killed", n, n),)) for n in (5, 9))
    assert not assemble([first, later], [])[0].contested
    other = strike(12, sources=(Source(name="a hospital"),), quantities=(count("killed", 30, 30),))
    [incident] = assemble([first, later, other], [])
    assert {c.event_id for c in incident.contests} == {later.id, other.id}
    assert (incident.counts[0].low, incident.counts[0].high) == (5, 30)


def test_a_denial_falls_when_its_speaker_admits() -> None:
    doubted = strike(1, sources=(Source(name="Moscow", stance="denies"),))
    admitted = strike(2, sources=(Source(name="Moscow", stance="confirms"),))
    assert assemble([doubted], [])[0].contested
    assert not assemble([doubted, admitted], [])[0].contested


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
                assert one.id == other.id or compatible(known[one.id], known[other.id])
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
