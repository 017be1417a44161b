"""Who acts and to whom it is done: names, descriptions, pronouns and owners, by canonical name."""

import pytest

from tests.unit.extractor.coding import Coder, names, only, rows

# name of the row, body, kind, agents, targets ("a; b"; None: not asked)
TABLE = (
    # voice and order
    ("active", "Russian forces shelled a Georgian village.", "shelling", "Russia", "Georgian village"),
    ("passive", "A Georgian village was shelled by Russian forces.", "shelling", "Russia", "Georgian village"),
    ("passive without agent", "Two schools were shelled on Sunday.", "shelling", "", "schools"),
    ("nominal", "The bombardment of two villages by Turkish gunners went on.", "shelling", "Turkey", "villages"),
    ("nominal, adjective", "Israeli air strikes on a tunnel killed two.", "airstrike", "Israel", "tunnel"),
    ("possessive", "Israel's air strikes on a tunnel killed two.", "airstrike", "Israel", "tunnel"),
    (
        "of two",
        "Clashes between the Taliban and the Afghan army broke out.",
        "ground_combat",
        "Taliban; Afghanistan",
        "",
    ),
    ("with", "Taliban fighters clashed with Pakistani soldiers.", "ground_combat", "Taliban; Pakistan", ""),
    ("conjoined passive", "A pilot was captured and killed by the Taliban.", "killing", "Taliban", "pilot"),
    ("accused of", "Kyiv accused Russia of shelling a school.", "shelling", "Russia", "school"),
    ("control", "Russia told Georgian troops to leave the zone.", "troop_movement", "Georgia", None),
    ("participle", "Jets of the coalition struck a bridge held by rebels.", "airstrike", "coalition", "bridge"),
    # names
    ("aircraft of a state", "Three Russian Su-24 aircraft bombed a depot.", "airstrike", "Russia", "depot"),
    ("demonym", "The Turks shelled a Kurdish camp.", "shelling", "Turkey", "Kurdish camp"),
    ("capital for the state", "Moscow expelled four British diplomats.", "sanction", "Russia", None),
    ("metonym", "The Kremlin imposed sanctions on Turkey.", "sanction", "Russia", "Turkey"),
    ("abbreviation", "NATO jets bombed a bridge.", "airstrike", "NATO", "bridge"),
    (
        "person with office",
        "President Mikheil Saakashvili declared a general mobilization.",
        "mobilization",
        "Mikheil Saakashvili",
        None,
    ),
    ("person as target", "Police arrested opposition leader Ivan Tarn.", "detention", "Police", "Ivan Tarn"),
    (
        "new group by grammar",
        "The Free Kell Brigade ambushed a convoy.",
        "ground_combat",
        "Free Kell Brigade",
        "convoy",
    ),
    (
        "appositive",
        "Ivan Tarn, the leader of the strike, was arrested by the police.",
        "detention",
        "police",
        "Ivan Tarn",
    ),
    ("two agents", "Russia and Turkey closed the border.", "border_closure", "Russia; Turkey", None),
    ("two targets", "Rebels attacked a convoy and a checkpoint.", "ground_combat", "Rebels", "convoy; checkpoint"),
    # descriptions
    ("gunmen", "Unknown gunmen kidnapped two aid workers.", "detention", "Unknown gunmen", "aid workers"),
    ("counted people", "Police detained 40 protesters.", "detention", "Police", "protesters"),
    ("dozens of", "Rebels took dozens of villagers hostage.", "detention", "Rebels", "villagers"),
    (
        "part of a population",
        "Most of the population of the valley fled.",
        "displacement",
        None,
        "population of the valley",
    ),
    (
        "a pilot of a jet",
        "The pilot of the jet was captured by Georgian soldiers.",
        "detention",
        "Georgia",
        "pilot of the jet",
    ),
    ("weapon is no agent", "Two shells hit a clinic.", "shelling", "", "clinic"),
    ("time is no target", "Rebels attacked on Sunday.", "ground_combat", "Rebels", ""),
    ("incoming flights", "Turkey banned incoming flights.", "flight_ban", "Turkey", "incoming flights"),
    ("channels", "Georgia blocked Russian TV channels.", "broadcast_ban", "Georgia", "Russian TV channels"),
    # pronouns and definite descriptions
    ("they", "Taliban fighters came at dawn. They ambushed a convoy.", "ground_combat", "Taliban", "convoy"),
    ("it", "Russia was angry. It expelled four diplomats.", "sanction", "Russia", "diplomats"),
    (
        "he",
        "President Mikheil Saakashvili spoke on Sunday. He declared a general mobilization.",
        "mobilization",
        "Mikheil Saakashvili",
        None,
    ),
    ("it inside", "Israel said that it had bombed a tunnel.", "airstrike", "Israel", "tunnel"),
    ("its forces", "Russia said that its forces had shelled a depot.", "shelling", "Russia", "depot"),
    (
        "its as target",
        "Georgia said that its troops were attacked by Russian tanks.",
        "ground_combat",
        "Russia",
        "Georgia",
    ),
    (
        "the group",
        "The Taliban spoke out on Sunday. The group ambushed a convoy.",
        "ground_combat",
        "Taliban",
        "convoy",
    ),
    ("the rebels", "Houthi rebels came at dawn. The rebels ambushed a convoy.", "ground_combat", "Houthis", "convoy"),
    ("who", "Soldiers arrested two men who had bombed a bus.", "detention", "Soldiers", "men"),
    ("no antecedent", "They ambushed a convoy.", "ground_combat", "", "convoy"),
    # under fire
    ("came under fire", "Pakistani soldiers came under mortar fire.", "shelling", "", "Pakistan"),
    (
        "driven out of",
        "The Taliban were driven out of Kandahar by the Afghan army.",
        "ground_combat",
        "Afghanistan",
        "Taliban",
    ),
    ("fell to", "The town of Kunduz fell to the Taliban.", "ground_combat", "Taliban", None),
)
GAPS: tuple[tuple[str, str], ...] = (
    (
        "dozens of",
        "gives Rebels -> villagers hostage",
    ),
    (
        "it",
        "gives Russia -> -",
    ),
    (
        "it inside",
        "gives [('bomb_attack', 'occurred')]",
    ),
)


@pytest.mark.parametrize(("name", "body", "kind", "agents", "targets"), rows(TABLE, GAPS))
def test_who(coder: Coder, name: str, body: str, kind: str, agents: str | None, targets: str | None) -> None:
    event = only(coder.code(body), kind)
    got = (
        None if agents is None else names(event, "agent"),
        None if targets is None else names(event, "target"),
    )
    wanted = tuple(None if w is None else {x.strip() for x in w.split(";")} - {""} for w in (agents, targets))
    assert got == wanted, "gives " + " -> ".join("; ".join(sorted(found or ())) or "-" for found in got)


def test_words_of_parties_stand_in_the_body(coder: Coder) -> None:
    for _, body, *_ in TABLE:
        for event in coder.code(body):
            for party in event.participants:
                if party.span is not None:
                    assert body[party.span.start : party.span.end] == party.text
                else:
                    assert party.inferred
