"""Which two events of different reports may tell of one occurrence, and why: a pure relation of two events.

The rules, in the order in which an analyst would ask:
1. different reports (two events of one report are two because its author told them apart), one kind, or two that
   reports confuse (see `kinds`), with the same count or a clock time each to show for it;
2. times that overlap, each taken as wide as its precision; clock times with the slack of hurried reporting;
3. places that can be one: the same gazetteer entry or name, or points nearer than their radii allow;
4. agents that do not contradict: where both name one, one is in common. A clash may be told from either side.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from services.projection.core.kinds import Means, confused, family, means
from services.projection.core.times import DAY_US, HOUR_US, MINUTE_US, microseconds, window
from services.projection.core.words import key
from shared.events.base import BaseEvent, Participant, Place

JOINED_KINDS: Final = frozenset(
    {
        "airstrike", "shelling", "ground_combat", "bomb_attack", "killing", "detention", "aircraft_downing",
        "airspace_violation", "mobilization", "troop_movement", "evacuation", "displacement", "damage",
        "flight_ban", "broadcast_ban", "border_closure", "sanction", "ceasefire", "talks", "humanitarian_appeal",
    }
)  # fmt: skip
"""What happens at a time. A statement or denial is speech about it, and a toll counts over many occurrences."""

PLACELESS_KINDS: Final = frozenset(
    {"mobilization", "flight_ban", "broadcast_ban", "border_closure", "sanction", "ceasefire", "talks",
     "humanitarian_appeal", "airspace_violation", "aircraft_downing"}
)  # fmt: skip
"""Kinds that a report may tell well without a place; the same agent then has to carry the join."""

WINDOW_US_MAX: Final = 8 * DAY_US
"""A time vaguer than a week overlaps with everything and so says nothing about sameness."""
UNDATED_US: Final = DAY_US
"""A report without a time tells of the day before it, as wire reports do."""
SLACK_US: Final = {"minute": 45 * MINUTE_US, "hour": HOUR_US}
"""Clock times of one strike differ between agencies by this much; parts of days and days are wide already."""
RADIUS_KM_DEFAULT: Final = 3.0
"""A town, where the gazetteer gives no radius."""
NEAR_KM: Final = 8.0
"""How far "near" and its like may reach beyond the place itself."""
RADIUS_KM_MAX: Final = 30.0
"""A place wider than this (a region, a country) lies near everything in it, so only its own name matches it."""
CLOCK_US_MAX: Final = 12 * HOUR_US
"""A time this narrow (a clock time with its slack, a part of the day) tells two attacks of one day apart."""
CONFUSED_PENALTY: Final = 1.0
"""So that an event is joined to one of its own kind before one of another."""
CELL_DEGREES: Final = 0.5
"""Blocks for finding candidates. Each event lies in every cell that half of `REACH_KM_MAX` around it touches, so two
that are within reach share a cell. Cells of 55 km keep that to one to four."""
REACH_KM_MAX: Final = 25.0
"""No two points further apart are one place, whatever their radii."""
WIDE_PLACE: Final = 1.5
"""How strongly the same region or country speaks for one occurrence."""
NARROW_PLACE: Final = 2.0
"""The least for points or names that can be one town."""
EARTH_KM: Final = 6371.0088

EXACT: Final = frozenset({"in"})
HARM_MEASURES: Final = frozenset({"killed", "injured", "missing", "casualties", "captured"})


@dataclass(frozen=True)
class Facts:
    """What joining looks at, taken from an event once. Times in microseconds, half-open."""

    event_id: str
    report_id: str
    kind: str
    from_us: int
    until_us: int
    precision: str | None
    places: tuple[Place, ...]
    participants: tuple[Participant, ...]
    counts: frozenset[tuple[str, int | None, int | None]]
    sources: frozenset[str]
    same_as: frozenset[str]
    means: Means | None

    @cached_property
    def family(self) -> str:
        return family(self.kind)

    @cached_property
    def agents(self) -> frozenset[str]:
        return frozenset(side(p) for p in self.participants if p.role == "agent")

    @cached_property
    def targets(self) -> frozenset[str]:
        return frozenset(side(p) for p in self.participants if p.role == "target")

    @cached_property
    def harm(self) -> frozenset[tuple[str, int | None, int | None]]:
        """Counts that two occurrences seldom share by chance: people harmed, and more than one."""
        return frozenset(c for c in self.counts if c[0] in HARM_MEASURES and max(c[1] or 0, c[2] or 0) > 1)

    @cached_property
    def target_states(self) -> frozenset[str]:
        return frozenset(p.country for p in self.participants if p.role == "target" and p.country)


def side(participant: Participant) -> str:
    """Whom a participant counts as: its state where it has one, else its name."""
    return participant.country or key(participant.name)


def facts(event: BaseEvent) -> Facts | None:
    """The facts of an event, or None where it is never joined: not such a kind, or a time too vague."""
    if event.kind not in JOINED_KINDS:
        return None
    span = window(event)
    from_us, until_us = span.from_us, span.until_us
    if event.occurred is None:
        reported = microseconds(event.reported_at)
        from_us, until_us = reported - UNDATED_US, reported + 1
    else:
        slack = SLACK_US.get(event.occurred.precision, 0)
        from_us, until_us = from_us - slack, until_us + slack
    if until_us - from_us > WINDOW_US_MAX:
        return None
    return Facts(
        event.id,
        event.report_id,
        event.kind,
        from_us,
        until_us,
        event.occurred.precision if event.occurred else None,
        event.places,
        event.participants,
        frozenset((q.measure, q.min, q.max) for q in event.quantities),
        frozenset(key(s.name) for s in event.sources),
        frozenset(event.same_as),
        means(event),
    )


def distance_km(a: Place, b: Place) -> float | None:
    """The great-circle distance (haversine), or None where one has no point."""
    if a.lat is None or a.lon is None or b.lat is None or b.lon is None:
        return None
    lat_a, lat_b = math.radians(a.lat), math.radians(b.lat)
    half_lat, half_lon = (lat_b - lat_a) / 2, math.radians(b.lon - a.lon) / 2
    h = math.sin(half_lat) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin(half_lon) ** 2
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(h)))


def _radius_km(place: Place) -> float:
    return RADIUS_KM_DEFAULT if place.radius_km is None else place.radius_km


def same_place(a: Place, b: Place) -> tuple[float, str] | None:
    """How strongly (0 to 3) and why two places can be one, or None where they can't."""
    if a.geonames_id is not None and a.geonames_id == b.geonames_id:
        return (3.0 if _radius_km(a) <= RADIUS_KM_MAX else WIDE_PLACE), f"the same place, {a.name}"
    if key(a.name) == key(b.name) and (a.country is None or b.country is None or a.country == b.country):
        apart_km = distance_km(a, b)
        if apart_km is None or apart_km <= REACH_KM_MAX:
            return 2.5, f"the same place, {a.name}"
    apart_km = distance_km(a, b)
    if apart_km is None or max(_radius_km(a), _radius_km(b)) > RADIUS_KM_MAX:
        return None
    loose_km = sum(0.0 if p.relation in EXACT else NEAR_KM for p in (a, b))
    if apart_km <= min(_radius_km(a) + _radius_km(b) + loose_km, REACH_KM_MAX):
        return 2.0, f"{a.name} and {b.name} lie {apart_km:.0f} km apart, within what they may mean"
    return None


def _places_match(a: Facts, b: Facts) -> tuple[float, str] | None:
    if not a.places or not b.places:
        both_placeless = a.kind in PLACELESS_KINDS and bool(a.agents & b.agents)
        return (0.5, "no place told, but the same agent") if both_placeless else None
    best: tuple[float, str] | None = None
    for role in ("location", "origin", "destination", "scope"):
        ours, theirs = [p for p in a.places if p.role == role], [p for p in b.places if p.role == role]
        if not ours or not theirs:
            continue
        matches = [m for p in ours for q in theirs if (m := same_place(p, q)) is not None]
        if not matches:
            return None  # both tell this role, and tell it differently
        best = max([*matches, best] if best else matches)
    return best


def _hours(us: int) -> str:
    return f"{us / HOUR_US:.0f} h" if us >= HOUR_US else f"{us / MINUTE_US:.0f} min"


@dataclass(frozen=True, slots=True)
class Match:
    """How well two events fit (a score to order by, no probability) and the reasons, for people."""

    score: float
    reasons: tuple[str, ...]


def _both_sides(a: Facts, b: Facts) -> bool:
    """Whether two reports tell of one clash from its two sides: each one's agent is the other's target."""
    clash = a.kind == b.kind == "ground_combat"
    return clash and bool(a.agents & b.targets) and bool(b.agents & a.targets)


def _contradict(a: Facts, b: Facts) -> bool:
    """Whether who did it, or to whom, excludes that the two are one."""
    if _both_sides(a, b):
        return False
    if a.agents and b.agents and not a.agents & b.agents:
        return True
    return bool(a.target_states and b.target_states and not a.target_states & b.target_states)


def _why_despite_kinds(a: Facts, b: Facts, place: float) -> str | None:
    """Why two events of kinds that reports confuse may be one attack, or None: a place alone is not enough."""
    if not confused(a.kind, b.kind) or place < NARROW_PLACE or (a.means and b.means and a.means != b.means):
        return None
    told = f"{a.kind.replace('_', ' ')} and {b.kind.replace('_', ' ')} may be told of one attack"
    if a.harm & b.harm:
        return f"{told}: the same harm is counted"
    clock = all(f.precision is not None and f.until_us - f.from_us <= CLOCK_US_MAX for f in (a, b))
    if clock and "taken" not in (a.means, b.means):
        return f"{told}: at one time of day"
    return None


def match(a: Facts, b: Facts) -> Match | None:
    """Whether two events may be one occurrence, either way round. None where anything contradicts."""
    if b.event_id < a.event_id:
        a, b = b, a
    if b.event_id in a.same_as or a.event_id in b.same_as:
        return Match(100.0, ("a report says that they are the same",))
    if a.report_id == b.report_id or a.family != b.family:
        return None
    common_us = min(a.until_us, b.until_us) - max(a.from_us, b.from_us)
    if common_us <= 0 or _contradict(a, b):
        return None
    place = _places_match(a, b)
    if place is None:
        return None
    agent = bool(a.agents & b.agents)
    counts, sources = a.counts & b.counts, a.sources & b.sources
    if place[0] == WIDE_PLACE and not agent and not a.harm & b.harm:
        return None  # "in the region" and nothing else in common
    despite = None
    if a.kind != b.kind and (despite := _why_despite_kinds(a, b, place[0])) is None:
        return None
    overlap = common_us / max(a.until_us - a.from_us, b.until_us - b.from_us)
    score = place[0] + overlap + (1.5 if agent else 0.0) + 0.5 * len(counts) + (0.5 if sources else 0.0)
    score -= CONFUSED_PENALTY if despite else 0.0
    reasons = [*([despite] if despite else []), place[1], f"times overlap by {_hours(common_us)}"]
    if agent:
        reasons.append(f"the same agent, {next(p.name for p in a.participants if side(p) in b.agents)}")
    elif _both_sides(a, b):
        reasons.append("one clash, told from both sides")
    elif not a.agents or not b.agents:
        reasons.append("one names no agent")
    if counts:
        reasons.append("the same count of " + ", ".join(sorted({m for m, _, _ in counts})))
    if sources:
        reasons.append("a source in common")
    return Match(round(score, 6), tuple(reasons))


def blocks(f: Facts) -> frozenset[str]:
    """Keys such that two events that match share one."""
    days = range(f.from_us // DAY_US, (f.until_us - 1) // DAY_US + 1)
    wheres: set[str] = set()
    for place in f.places:
        wheres.add(f"n:{key(place.name)}")
        if place.geonames_id is not None:
            wheres.add(f"g:{place.geonames_id}")
        if place.lat is not None and place.lon is not None and _radius_km(place) <= RADIUS_KM_MAX:
            wheres |= _cells(place.lat, place.lon)
    if f.kind in PLACELESS_KINDS:
        wheres |= {f"a:{agent}" for agent in f.agents}
    by_id = {f"id:{event_id}" for event_id in (f.event_id, *f.same_as)}
    return frozenset(f"{f.family}|{where}|{day}" for where in wheres for day in days) | by_id


def _cells(lat: float, lon: float) -> set[str]:
    """The cells that a square of `REACH_KM_MAX` to each side touches, half of it from each of two events."""
    half_lat = math.degrees(REACH_KM_MAX / EARTH_KM) / 2
    half_lon = min(half_lat / max(math.cos(math.radians(min(abs(lat) + half_lat, 89.0))), 0.01), 180.0)
    rows = {math.floor((lat + d) / CELL_DEGREES) for d in (-half_lat, half_lat)}
    first, last = math.floor((lon - half_lon) / CELL_DEGREES), math.floor((lon + half_lon) / CELL_DEGREES)
    around = round(360 / CELL_DEGREES)
    return {f"c:{row}:{column % around}" for row in rows for column in range(first, last + 1)}
