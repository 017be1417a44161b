"""Read models of any number of incidents around one theatre, for measuring what draws them.

The places, times and kinds are invented by a seed, so the same number gives the same map. One in five incidents is told
by two outlets, one in nine is denied by a source.
"""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Final

from services.projection.changes import Change, EventSeen, RawSeen
from services.projection.store.engine import open_engine
from services.projection.store.keep_map import keep_up
from services.projection.store.migrate import upgrade
from services.projection.store.write import Writer
from shared.events import CLASS_OF
from shared.events.base import BaseEvent, Evidence, Occurred, Participant, Place, Quantity, Source, event_id
from shared.reports import RawReport, Report

BEGIN: Final = datetime(2008, 1, 1, tzinfo=UTC)
DAYS: Final = 220
"""Ending with the samples' war, so that a page that shows all of it looks at one theatre."""
PLACES: Final = 4_000
KINDS: Final = ("airstrike", "shelling", "ground_combat", "killing", "troop_movement", "displacement", "damage")
BATCH: Final = 4_000


def _places(chance: random.Random) -> list[Place]:
    return [
        Place(
            name=f"Village {number}",
            country="GE",
            lat=round(chance.gauss(42.1, 0.6), 4),
            lon=round(chance.gauss(44.0, 1.2), 4),
            geonames_id=9_000_000 + number,
            radius_km=chance.choice((2.0, 4.0, 9.0)),
        )
        for number in range(PLACES)
    ]


def _event(told: RawReport, kind: str, places: tuple[Place, ...], at: datetime, denied: bool) -> BaseEvent:
    evidence = (Evidence(start=0, end=len(told.body), quote=told.body),)
    return CLASS_OF[kind].of_slots(
        id=event_id(told.id, "1.0.0", kind, evidence, 0),
        report_id=told.id,
        outlet=told.outlet,
        reported_at=told.published_at,
        coder_version="1.0.0",
        status="occurred",
        evidence=evidence,
        confidence=0.8,
        places=places,
        occurred=Occurred(start=at, precision="hour"),
        participants=(Participant(role="agent", name="Russia", country="RU"),),
        quantities=(Quantity(measure="killed", min=3, max=3, qualifier="exact"),) if kind == "killing" else (),
        sources=(Source(name="Defence Ministry", stance="denies"),) if denied else (),
    )


def changes(incidents: int) -> Iterator[Change]:
    """What a log of so many incidents changes in the read models, one report after another."""
    chance = random.Random(8)
    places = _places(chance)
    for number in range(incidents):
        at = (BEGIN + timedelta(days=DAYS) * (number / incidents)).replace(microsecond=0)
        kind, place = chance.choice(KINDS), chance.choice(places)
        where: tuple[Place, ...] = (place,)
        if kind in ("troop_movement", "displacement"):
            to = chance.choice(places).model_copy(update={"role": "destination"})
            where = (place.model_copy(update={"role": "origin"}), to)
        for outlet in range(2 if number % 5 == 0 else 1):
            filed = Report(
                outlet=f"Outlet {(number + outlet) % 60}",
                body=f"{kind.replace('_', ' ').capitalize()} in {place.name}, as told by outlet {outlet} ({number}).",
                published_at=at + timedelta(hours=1 + outlet),
            )
            told = RawReport.of(filed, filed.published_at)
            yield RawSeen(0, 2 * number + outlet, told)
            yield EventSeen(_event(told, kind, where, at, number % 9 == 0 and not outlet))


async def fill(url: str, incidents: int) -> None:
    """Write the read models of so many incidents into an empty database, and keep their map."""
    engine = open_engine(url)
    try:
        await upgrade(engine)
        writer, rest = Writer(engine), changes(incidents)
        while batch := list(islice(rest, BATCH)):
            await writer.write(batch, {}, {})
        while await keep_up(engine):
            pass
    finally:
        await engine.dispose()
