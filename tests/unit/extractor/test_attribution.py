"""Who says so: one report a row, the event's sources with their stance. The report's own voice is no source."""

import pytest

from tests.unit.extractor.coding import SPEECH, Coder, only, rows

# name of the row, body, kind of the event, its sources ("name", "name confirms", "name via outlet")
TABLE = (
    # said before, after, inside
    (
        "said before",
        "Georgian officials said that Russian jets had bombed the port of Poti.",
        "airstrike",
        "Georgian officials",
    ),
    ("said before, no that", "Witnesses said jets bombed the port of Poti.", "airstrike", "Witnesses"),
    ("said after", "Russian jets bombed the port of Poti, witnesses said.", "airstrike", "witnesses"),
    (
        "said after, inverted",
        "Russian jets bombed the port of Poti, said a police officer.",
        "airstrike",
        "police officer",
    ),
    (
        "said by two others",
        "The doctors and the residents said that rebels shelled it.",
        "shelling",
        "doctors; residents",
    ),
    ("said of the speaker's foes", "Rebels shelled the port of Poti, said a doctor.", "shelling", "doctor"),
    ("said inside", "The village, residents said, had been shelled overnight.", "shelling", "residents"),
    ("said after a passive", "Two policemen were kidnapped near Gori, the police said.", "detention", "police"),
    (
        "said twice",
        "Officials said, and witnesses told reporters, that jets bombed Poti.",
        "airstrike",
        "Officials; witnesses",
    ),
    ("two who say", "The police and the army said that rebels shelled the town.", "shelling", "police; army"),
    ("told reporters", "A doctor told reporters that shells hit the hospital.", "shelling", "doctor"),
    ("reported", "Reuters reported that rebels shelled the town.", "shelling", "Reuters"),
    ("claimed", "The rebels claimed that they had shot down a helicopter.", "aircraft_downing", "rebels"),
    ("added", "The mayor added that two shells hit the school.", "shelling", "mayor"),
    ("announced", "Israel announced that its jets had bombed a tunnel.", "airstrike", "Israel"),
    ("state media", "State television said that troops stormed the town of Gori.", "ground_combat", "State television"),
    # persons with office
    (
        "president",
        "President Mikheil Saakashvili said that Russian jets bombed Gori.",
        "airstrike",
        "Mikheil Saakashvili",
    ),
    (
        "spokesman of",
        "A spokesman for the Georgian Interior Ministry said jets bombed Gori.",
        "airstrike",
        "spokesman of Ministry of Interior of Georgia",
    ),
    ("appositive", "Ivan Petrov, the mayor of Gori, said that shells hit a school.", "shelling", "Ivan Petrov"),
    (
        "statement said",
        "A statement by the Taliban said that its fighters ambushed a convoy.",
        "ground_combat",
        "Taliban",
    ),
    # according to
    (
        "according to before",
        "According to the Red Cross, shells hit a hospital in Gori.",
        "shelling",
        "International Committee of the Red Cross",
    ),
    ("according to after", "Jets bombed a market in Gori, according to residents.", "airstrike", "residents"),
    (
        "according to two",
        "Jets bombed a market, according to residents and doctors.",
        "airstrike",
        "residents; doctors",
    ),
    (
        "according to a report",
        "Rebels shelled the town, according to a statement by the Taliban.",
        "shelling",
        "Taliban",
    ),
    ("as he put it", "Rebels shelled the town, as the mayor told reporters.", "shelling", "mayor"),
    # quoted
    ("quoted then said", "“Jets bombed the market in Gori,” the mayor said.", "airstrike", "mayor"),
    ("said then quoted", "The mayor said: “Jets bombed the market in Gori.”", "airstrike", "mayor"),
    ("straight quotes", '"Jets bombed the market in Gori," said a doctor.', "airstrike", "doctor"),
    (
        "quoted over sentences",
        "“We heard planes,” the mayor said. “Then jets bombed the market in Gori.”",
        "airstrike",
        "mayor",
    ),
    (
        "quoted before the speaker",
        "“The night was calm. Then jets bombed the market in Gori,” the mayor said.",
        "airstrike",
        "mayor",
    ),
    ("scare quotes", "Jets bombed a “terrorist” base in Gori on Sunday.", "airstrike", ""),
    # nested
    (
        "quoted by an agency",
        "The mayor was quoted by Reuters as saying that jets bombed Gori.",
        "airstrike",
        "mayor via Reuters",
    ),
    ("agency quoted", "Reuters quoted the mayor as saying that jets bombed Gori.", "airstrike", "mayor via Reuters"),
    ("told an agency", "The mayor told Reuters that jets bombed Gori.", "airstrike", "mayor via Reuters"),
    (
        "said in agency's report",
        "Interfax reported that the mayor said jets bombed Gori.",
        "airstrike",
        "mayor via Interfax",
    ),
    ("agency cites", "Rebels shelled the town, Reuters reported, citing the mayor.", "shelling", "mayor via Reuters"),
    # whoever says so
    ("a thing's owner says", "Rebels shelled the town, the grid operator said.", "shelling", "grid operator"),
    ("said in a statement", "The Taliban said in a statement that rebels shelled the town.", "shelling", "Taliban"),
    ("bare plural", "Georgian troops left. Rebels shelled the town, officials said.", "shelling", "officials"),
    (
        "the ministry told before",
        "The Georgian Interior Ministry met. Rebels shelled the town, the ministry said.",
        "shelling",
        "Ministry of Interior of Georgia",
    ),
    (
        "a source with a word before it",
        "Rebels shelled the town, a security source said.",
        "shelling",
        "security source",
    ),
    # no source
    ("spoken of later", "Rebels shelled Gori. The mayor said the shelling was a crime.", "shelling", ""),
    ("declared it closed", "The rebels declared the airspace over Gori closed.", "flight_ban", ""),
    ("own voice", "Russian jets bombed the port of Poti on Sunday.", "airstrike", ""),
    ("reportedly", "Russian jets reportedly bombed the port of Poti.", "airstrike", ""),
    ("was said", "Jets were reported to have bombed the port of Poti.", "airstrike", ""),
    ("speech of another clause", "The mayor said he was tired. Jets bombed the port of Poti.", "airstrike", ""),
    ("speech after and", "Jets bombed the port of Poti and the mayor said that he was tired.", "airstrike", ""),
    ("shown by a thing", "The wreck showed that jets had bombed the bridge.", "airstrike", ""),
    ("said tuesday of others", "After jets bombed Poti, the mayor said he would leave.", "airstrike", ""),
    # stance
    (
        "confirmed that",
        "The Georgian army confirmed that rebels had shelled Gori.",
        "shelling",
        "Georgian army confirms",
    ),
    (
        "admitted",
        "The Russian army admitted that rebels had shot down its jet over Gori.",
        "aircraft_downing",
        "Russian army confirms",
    ),
    ("confirmed the noun", "The mayor confirmed the bombing of the market by jets.", "airstrike", "mayor confirms"),
    # accusing
    ("accused of", "Georgia accused Russia of bombing the port of Poti with jets.", "airstrike", "Georgia"),
    ("blamed for", "Georgia blamed Russia for the air strike on Poti.", "airstrike", "Georgia"),
    # who announces an act of their own
    ("own act", "The Russian army said that it had shelled Gori.", "shelling", "Russian army"),
    (
        "pronoun speaks",
        "President Mikheil Saakashvili left. He said that jets bombed Gori.",
        "airstrike",
        "Mikheil Saakashvili",
    ),
    ("speaker is agent only", "The mayor condemned the raid.", "statement", ""),
)


@pytest.mark.parametrize(("name", "body", "kind", "expected"), rows(TABLE))
def test_sources(coder: Coder, name: str, body: str, kind: str, expected: str) -> None:
    event = only(coder.code(body), kind)
    got = {
        s.name + (f" {s.stance}" if s.stance != "asserts" else "") + (f" via {s.via}" if s.via else "")
        for s in event.sources
    }
    assert got == {w.strip() for w in expected.split(";")} - {""}, f"gives {'; '.join(sorted(got)) or 'no source'}"


DENIED = (
    "Russia denied that its forces had shelled Kharkiv.",
    "The Russian army denied shelling the school in Gori.",
    "The Kremlin said that Russian jets did not bomb Gori.",
    "The ministry rejected the claim that its troops had entered Gori.",
    "A spokesman called reports of an air strike on Gori false.",
)
DENIED_GAPS: tuple[tuple[str, str], ...] = (
    (
        "A spokesman called reports of an air strike on Gori false.",
        "gives airstrike",
    ),
)


@pytest.mark.parametrize("body", rows(((b,) for b in DENIED), DENIED_GAPS))
def test_what_is_denied_is_a_denial_and_nothing_that_the_denier_asserts(coder: Coder, body: str) -> None:
    events = coder.code(body)
    asserted = [e.kind for e in events if e.kind not in SPEECH and all(s.stance != "denies" for s in e.sources)]
    got = [e.kind for e in events]
    assert (asserted, "denial" in got) == ([], True), f"gives {', '.join(got) or 'nothing'}"


def test_the_table_is_wide() -> None:
    assert len(TABLE) >= 40


def test_a_sources_words_stand_in_the_body(coder: Coder) -> None:
    body = "According to the Red Cross, jets bombed Poti. Gori was shelled, witnesses said."
    for event in coder.code(body):
        for source in event.sources:
            assert source.span is not None
            assert body[source.span.start : source.span.end] == source.text
