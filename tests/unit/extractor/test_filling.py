"""Which event a number, a place and a time belong to."""

import pytest

from shared.events.base import BaseEvent
from tests.unit.extractor.coding import Coder, rows


def brief(event: BaseEvent) -> str:
    """An event's numbers, as "airstrike killed 7" or "shelling injured 3-5", ranges open where not said."""
    numbers = []
    for q in event.quantities:
        least, most = ("" if n is None else str(n) for n in (q.min, q.max))
        numbers.append(f"{q.measure} {least if q.min == q.max else f'{least}-{most}'}")
    return f"{event.kind} {', '.join(sorted(numbers))}".strip()


# name, body, events with their numbers in the order of the text
COUNTS = (
    # tied to the event
    ("killed in the attack", "Seven people were killed in an air strike on Gori.", "airstrike killed 7"),
    ("attack killed", "An air strike on Gori killed seven people.", "airstrike killed 7"),
    ("killed and wounded", "Shelling of Gori left 12 dead and 150 wounded.", "shelling injured 150, killed 12"),
    ("killing participle", "Jets bombed a market in Gori, killing at least 20 people.", "airstrike killed 20-"),
    ("bare wounded", "A bomb in a bus in Gori killed two and wounded nine.", "bomb_attack injured 9, killed 2"),
    ("zero", "No one was hurt when jets bombed the port.", "airstrike casualties 0"),
    ("zero told after", "Jets bombed the port on Sunday. No one was injured.", "airstrike casualties 0"),
    ("range", "Between 10 and 15 people were killed in the shelling of Gori.", "shelling killed 10-15"),
    ("up to", "Up to four Russian jets were shot down over Gori.", "aircraft_downing aircraft -4"),
    ("more than", "More than 100 villagers were captured by rebels.", "detention captured 100-"),
    ("dozens", "Dozens were wounded in clashes in Gori.", "ground_combat injured 24-"),
    ("two of them children", "Jets bombed Gori, killing nine people, two of them children.", "airstrike killed 9"),
    ("munitions", "Rebels fired six rockets at the port.", "shelling munitions 6"),
    ("bombs", "A plane dropped two bombs on the bridge.", "airstrike munitions 2"),
    ("aircraft in a raid", "Three Su-24 jets bombed the bridge.", "airstrike aircraft 3"),
    ("partitive", "The army shot down 12 of 15 drones.", "aircraft_downing aircraft 12"),
    ("captured", "Rebels captured five soldiers.", "detention captured 5"),
    ("executed", "Rebels executed 11 prisoners.", "killing killed 11"),
    ("displaced", "Some 3,000 villagers fled to Sudan.", "displacement displaced 3000"),
    ("refugees", "About 2,000 refugees crossed into Chad.", "displacement displaced 2000"),
    ("evacuated", "The navy evacuated 200 tourists from Tripoli.", "evacuation evacuated 200"),
    ("troops sent", "Ethiopia sent 400 soldiers to Somalia.", "troop_movement personnel 400"),
    ("vehicles", "A convoy of 20 tanks crossed the border.", "troop_movement vehicles 20"),
    ("called up", "Georgia called up 5,000 reservists.", "mobilization personnel 5000"),
    ("buildings", "The fire destroyed 40 houses.", "damage buildings 40"),
    ("almost", "Almost 5,000 people fled the town.", "displacement displaced 5000"),
    ("an article", "The army shot down a helicopter.", "aircraft_downing aircraft 1"),
    ("another", "Another shell fell near the port.", "shelling munitions 1"),
    ("were confirmed", "At least nine troops were confirmed injured.", "casualty_report injured 9-"),
    ("along with", "Ten policemen were killed, along with dozens of rebels.", "casualty_report killed 10, killed 24-"),
    ("nouns behind U.S.", "The general deployed 3,200 U.S. troops.", "troop_movement personnel 3200"),
    (
        "toll of another time",
        "Turkey launched an offensive in Iraq on Wednesday, hours after rebels killed 26 soldiers.",
        "ground_combat|ground_combat killed 26",
    ),
    # to the right event of two
    (
        "the second and the first",
        "Jets bombed the port of Poti on Sunday. They bombed it again on Monday. "
        "While no one was hurt in the second raid, seven were wounded in the first.",
        "airstrike injured 7|airstrike casualties 0",
    ),
    (
        "two clauses",
        "Shells killed two people in Gori, and a car bomb killed nine in Tbilisi.",
        "shelling killed 2|bomb_attack killed 9",
    ),
    (
        "two kinds",
        "Rebels captured four soldiers and shot down two helicopters.",
        "detention captured 4|aircraft_downing aircraft 2",
    ),
    (
        "two sentences",
        "Jets bombed a market in Gori. Three people were killed. Later shells hit Poti. Two people died.",
        "airstrike killed 3|shelling killed 2",
    ),
    # told a sentence later
    ("toll after", "A car bomb went off in Gori. Nine people were killed.", "bomb_attack killed 9"),
    ("attack taken up", "Rebels attacked a base near Gori. The attack left four dead.", "ground_combat killed 4"),
    # tolls by themselves
    ("toll", "The death toll has risen to 120.", "casualty_report killed 120"),
    ("since", "Some 600 people have been killed since Monday.", "casualty_report killed 600"),
    ("killed in since", "Some 600 people have been killed in shelling since June.", "casualty_report killed 600"),
    ("an attack's since", "Shelling has killed 600 people since June.", "casualty_report killed 600"),
    ("alone", "Ten people were killed in Gori on Sunday.", "casualty_report killed 10"),
    # never a count
    ("year", "The army, founded in 1992, shelled the town.", "shelling"),
    ("age", "Police arrested a 34-year-old man.", "detention captured 1"),
    ("distance", "Rebels shelled a village 30 km north of Gori.", "shelling"),
    ("calibre", "The army shelled the town with 122 mm guns.", "shelling"),
    ("name of a jet", "A MiG-29 bombed the bridge.", "airstrike"),
    ("clock", "At 11:38 jets bombed the bridge.", "airstrike"),
    ("unit", "The 58th Army shelled the town.", "shelling"),
)
COUNT_GAPS: tuple[tuple[str, str], ...] = (
    (
        "the second and the first",
        "gives airstrike | bomb_attack casualties 0, injured 7",
    ),
    (
        "killed in since",
        "gives casualty_report killed 600 | shelling",
    ),
    (
        "an attack's since",
        "gives shelling | shelling killed 600",
    ),
)


@pytest.mark.parametrize(("name", "body", "expected"), rows(COUNTS, COUNT_GAPS))
def test_numbers(coder: Coder, name: str, body: str, expected: str) -> None:
    got = [brief(e) for e in coder.code(body)]
    assert got == expected.split("|"), f"gives {' | '.join(got) or 'nothing'}"


# name, body, events as "kind: place role, ..." in the order of the text
PLACES = (
    ("in", "Jets bombed a market in Gori.", "airstrike: Gori location"),
    ("near", "Rebels ambushed a convoy near Gori.", "ground_combat: Gori location"),
    ("two places", "Jets bombed Gori and Poti.", "airstrike: Gori location, Poti location"),
    ("narrowest", "Jets bombed a market in Gori, Georgia.", "airstrike: Gori location"),
    ("from to", "Troops withdrew from Gori to Tbilisi.", "troop_movement: Gori origin, Tbilisi destination"),
    ("fled", "Villagers fled Gori for Tbilisi.", "displacement: Gori origin, Tbilisi destination"),
    ("evacuated from", "The navy evacuated tourists from Tripoli.", "evacuation: Tripoli origin"),
    ("scope", "The government imposed a curfew in Gori.", "border_closure: Gori scope"),
    (
        "to each its own",
        "Jets bombed Gori, and rebels shelled Poti.",
        "airstrike: Gori location|shelling: Poti location",
    ),
    ("dateline is no place", "TBILISI (AP) - Jets bombed Gori.", "airstrike: Gori location"),
    ("speaker's place", "The mayor said in Tbilisi that jets bombed Gori.", "airstrike: Gori location"),
    ("the town", "Troops stormed Gori. Jets bombed the town.", "ground_combat: Gori location|airstrike: Gori location"),
    ("no place", "Jets bombed a bridge.", "airstrike:"),
    ("measured from", "Jets bombed a market in Gori, 60 km west of Tbilisi.", "airstrike: Gori location"),
    ("told of a name", "Jets bombed Poti, a port that lies near Batumi.", "airstrike: Poti location"),
    (
        "list of towns",
        "Jets bombed the towns of Gori, Zelkani and Poti.",
        "airstrike: Gori location, Zelkani location, Poti location",
    ),
    (
        "to each its own ground",
        "Jets entered Georgian airspace and dropped bombs near Gori.",
        "airspace_violation: Georgia location|airstrike: Gori location",
    ),
    ("behind the border", "Russia moved troops to its border with Georgia.", "troop_movement: Georgia destination"),
    ("what talks are on", "The council met on Sunday to discuss the situation in Gori.", "talks:"),
    ("where talks are", "Talks between the army and the rebels in Batumi ended.", "talks: Batumi location"),
)
PLACE_GAPS: tuple[tuple[str, str], ...] = ()


@pytest.mark.parametrize(("name", "body", "expected"), rows(PLACES, PLACE_GAPS))
def test_places(coder: Coder, name: str, body: str, expected: str) -> None:
    got = [
        f"{e.kind}: {', '.join(f'{p.name} {p.role}' for p in e.places)}".strip() for e in coder.code(body, country="GE")
    ]
    assert got == expected.split("|"), f"gives {' | '.join(got) or 'nothing'}"


# name, body, the events' days and precision; the report is of Monday, 11 August 2008, noon UTC, four hours later there
TIMES = (
    ("weekday", "Jets bombed Gori on Saturday.", "airstrike 2008-08-09 day"),
    (
        "leading weekday",
        "On Saturday jets bombed Gori and shells hit Poti.",
        "airstrike 2008-08-09 day|shelling 2008-08-09 day",
    ),
    (
        "to each its own",
        "Jets bombed Gori on Saturday and rebels shelled Poti on Sunday.",
        "airstrike 2008-08-09 day|shelling 2008-08-10 day",
    ),
    ("clock", "At 11:38 a.m. jets bombed Gori.", "airstrike 2008-08-11T11:38 minute"),
    ("said on", "The mayor said on Sunday that jets had bombed Gori.", "airstrike -"),
    ("said on, happened on", "The mayor said on Sunday that jets bombed Gori on Friday.", "airstrike 2008-08-08 day"),
    ("none", "Jets bombed Gori.", "airstrike -"),
    ("to come", "The army will withdraw from Gori on Friday.", "troop_movement 2008-08-15 day"),
    ("date", "Jets bombed Gori on August 7.", "airstrike 2008-08-07 day"),
    (
        "not carried on",
        "At 11:38 a.m. jets bombed Gori. Rebels shelled Poti.",
        "airstrike 2008-08-11T11:38 minute|shelling -",
    ),
    (
        "as",
        "Jets bombed Gori on Saturday as police arrested nine men.",
        "airstrike 2008-08-09 day|detention 2008-08-09 day",
    ),
    ("of a party", "Jets bombed a bridge that was built in May.", "airstrike -"),
    ("since a clause", "The airport has been shut since fighting began on August 7.", "flight_ban 2008-08-07 day"),
    ("clock of an entry", "09:05 Jets bombed Gori.", "airstrike -"),
)
TIME_GAPS: tuple[tuple[str, str], ...] = (
    (
        "to each its own",
        "gives airstrike 2008-08-09 day",
    ),
)


def moment(event: BaseEvent) -> str:
    when = event.occurred
    if when is None:
        return f"{event.kind} -"
    shape = "%Y-%m-%dT%H:%M" if when.precision in ("minute", "hour") else "%Y-%m-%d"
    return f"{event.kind} {when.start.strftime(shape)} {when.precision}"


@pytest.mark.parametrize(("name", "body", "expected"), rows(TIMES, TIME_GAPS))
def test_times(coder: Coder, name: str, body: str, expected: str) -> None:
    got = [moment(e) for e in coder.code(body, country="GE", time_zone="Asia/Tbilisi")]
    assert got == expected.split("|"), f"gives {' | '.join(got) or 'nothing'}"
