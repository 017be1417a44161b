"""What one report tells twice is one event; a denial names what it denies; what differs stays apart."""

from datetime import UTC, datetime

import pytest

from tests.unit.extractor.coding import Coder, only, rows

# name, body, kinds in the order of the text
EVENTS = (
    ("the attack", "Rebels attacked a base near Gori on Sunday. The attack began at dawn.", "ground_combat"),
    (
        "the second attack",
        "Jets bombed Gori on Friday. Jets bombed Poti on Sunday. The second attack began at dawn.",
        "airstrike airstrike",
    ),
    ("the strikes", "Israeli air strikes hit a tunnel. The strikes lasted an hour.", "airstrike"),
    ("this shelling", "Rebels shelled Gori on Sunday. This shelling lasted an hour.", "shelling"),
    ("told twice in a sentence", "In an air strike jets bombed Gori.", "airstrike"),
    ("fired and landed", "Rebels fired rockets that landed in Gori.", "shelling"),
    ("two verbs of one act", "Troops stormed and captured the town of Gori.", "ground_combat"),
    ("killed in a clash", "Two rebels were killed in a clash with soldiers near Gori.", "ground_combat"),
    ("by a pronoun", "Jets bombed Poti on Saturday. They bombed it again on Sunday.", "airstrike airstrike"),
    ("another place", "Jets bombed Gori. Jets bombed Poti.", "airstrike airstrike"),
    (
        "another attack",
        "Rebels attacked a base near Gori. Another attack hit a base near Poti.",
        "ground_combat ground_combat",
    ),
    ("another day", "Rebels shelled Gori on Friday. They shelled Gori again on Sunday.", "shelling shelling"),
    ("another side", "Rebels shelled Gori. The army shelled Poti.", "shelling shelling"),
    ("two kinds", "Jets bombed Gori and rebels shelled Poti.", "airstrike shelling"),
    ("two kinds on one place", "Troops stormed Gori and arrested nine men.", "ground_combat detention"),
    ("the ceasefire", "The rebels announced a ceasefire. The truce holds.", "ceasefire"),
    ("old war", "Rebels shelled Gori on Sunday. In 1992 rebels had shelled Poti.", "shelling shelling"),
    ("its toll", "Rebels attacked a base near Gori. Nine people were killed.", "ground_combat"),
    (
        "a toll that another tells",
        "Rebels attacked a base near Gori. Officials said nine people were killed in the fighting.",
        "ground_combat casualty_report",
    ),
    (
        "the occasion of a statement",
        "After the clashes near Gori, Russia warned that it would shell Poti.",
        "ground_combat statement shelling",
    ),
    ("a measure that is only named", "The embargo has little effect.", "sanction"),
    ("speech that tells an event", "The mayor said that jets bombed Gori.", "airstrike"),
    ("speech that condemns", "The mayor condemned the raid on Gori by jets on Sunday.", "airstrike statement"),
    ("weak words alone", "The attack came as no surprise. Violence is bad.", ""),
)
EVENT_GAPS: tuple[tuple[str, str], ...] = (
    (
        "by a pronoun",
        "gives airstrike bomb_attack",
    ),
)


@pytest.mark.parametrize(("name", "body", "expected"), rows(EVENTS, EVENT_GAPS))
def test_events(coder: Coder, name: str, body: str, expected: str) -> None:
    got = sorted(e.kind for e in coder.code(body))
    assert got == sorted(expected.split()), f"gives {' '.join(got) or 'nothing'}"


# name, body, kinds that the one denial denies
DENIALS = (
    ("called nonsense", "Russian jets bombed Poti. The Russian Foreign Ministry called this nonsense.", "airstrike"),
    ("denied it", "Georgia said that Russian jets bombed Poti. Russia denied it.", "airstrike"),
    ("denied the claim", "Rebels said they had shot down a jet. The army denied the claim.", "aircraft_downing"),
    (
        "denied both",
        "Georgia said that Russian jets bombed Poti. It said that Russian tanks shelled Gori. Moscow denied this.",
        "airstrike shelling",
    ),
    (
        "own side",
        "Rebels shelled Gori on Friday. Georgia said that Russian jets bombed Poti. Russia denied the report.",
        "airstrike",
    ),
    ("passive", "Russian jets bombed Poti, Georgia said. The report was denied by Moscow.", "airstrike"),
    ("nothing to deny", "The minister denied the allegations of fraud.", ""),
)
DENIAL_GAPS: tuple[tuple[str, str], ...] = ()


@pytest.mark.parametrize(("name", "body", "expected"), rows(DENIALS, DENIAL_GAPS))
def test_denials(coder: Coder, name: str, body: str, expected: str) -> None:
    events = coder.code(body)
    kinds = {e.id: e.kind for e in events}
    got = sorted(kinds[i] for i in only(events, "denial").denies)
    assert got == sorted(expected.split()), f"gives {' '.join(got) or 'nothing'}"


# name, body, the links of the report as "kind same_as kind" or "kind part_of kind"
LINKS = (
    (
        "told again by a source",
        "Rebels shelled Gori on Sunday. The mayor said on Monday that rebels shelled Gori on Sunday.",
        "shelling same_as shelling",
    ),
    (
        "told again without a day",
        "Russian jets bombed Poti on Sunday. Georgia was angry. Georgia said Russian jets bombed Poti.",
        "airstrike same_as airstrike",
    ),
    ("again", "Rebels shelled Gori on Sunday. On Sunday rebels shelled Gori again.", ""),
    ("another day", "Rebels shelled Gori on Friday. Rebels shelled Gori on Sunday.", ""),
    ("another side", "Rebels shelled Gori on Sunday. The army shelled Gori on Sunday.", ""),
    ("another place", "Rebels shelled Gori on Sunday. Rebels shelled Poti on Sunday.", ""),
    ("another aim", "Jets bombed a bridge in Gori on Sunday. Jets bombed a school in Gori on Sunday.", ""),
    ("a country is too wide", "Jets bombed Georgia on Sunday. The army said jets bombed targets in Georgia.", ""),
    (
        "in the offensive",
        "Rebels launched an offensive near Gori. Jets bombed a bridge in Poti in the offensive.",
        "airstrike part_of ground_combat",
    ),
    (
        "as part of an offensive",
        "Jets bombed a bridge in Poti as part of an offensive against rebels.",
        "airstrike part_of ground_combat",
    ),
    ("destroyed in the shelling", "Two schools were destroyed in the shelling of Gori.", "damage part_of shelling"),
    ("beside an offensive", "Rebels launched an offensive near Gori. Jets bombed a bridge in Poti.", ""),
)


@pytest.mark.parametrize(("name", "body", "expected"), rows(LINKS))
def test_links(coder: Coder, name: str, body: str, expected: str) -> None:
    events = coder.code(body)
    kinds = {e.id: e.kind for e in events}
    got = [f"{e.kind} same_as {kinds[i]}" for e in events for i in e.same_as]
    got += [f"{e.kind} part_of {kinds[i]}" for e in events for i in e.part_of]
    assert ", ".join(sorted(got)) == expected


def test_links_are_to_events_of_the_same_report(coder: Coder) -> None:
    for _, body, _ in (*EVENTS, *DENIALS, *LINKS):
        events = coder.code(body)
        ids = {e.id for e in events}
        for event in events:
            links = {*event.denies, *event.same_as, *event.part_of}
            assert links <= ids - {event.id}


def test_what_is_long_past_has_its_own_year(coder: Coder) -> None:
    (event,) = coder.code("In May 1992 rebels shelled Poti.", published_at=datetime(2008, 8, 11, tzinfo=UTC))
    assert event.occurred is not None
    assert event.occurred.start.year == 1992
