"""The vocabulary: inflection, conditions, what a wrong entry says, and every list of grammar.yaml at work."""

import dataclasses
import re
from typing import Final

import pytest

from services.extractor.core.frames import find_frames
from services.extractor.core.grammar import Grammar
from services.extractor.core.lexicon import Lexicon, noun_forms, verb_forms
from services.extractor.knowledge import CORE, read_yaml
from tests.unit.extractor.coding import Coder, counts, names, only, rows, told

TRIGGERS: Final = read_yaml("triggers.yaml")
CLASSES: Final = read_yaml("classes.yaml")
GRAMMAR: Final = read_yaml("grammar.yaml")
IRREGULAR: Final = {str(k): tuple(map(str, v)) for k, v in TRIGGERS["irregular"].items()}

VERBS = (
    ("attack", "attacks attacked attacking"),
    ("bomb", "bombs bombed bombing"),
    ("pass", "passes passed passing"),
    ("crash", "crashes crashed crashing"),
    ("besiege", "besieges besieged besieging"),
    ("free", "frees freed freeing"),
    ("carry", "carries carried carrying"),
    ("destroy", "destroys destroyed destroying"),
    ("die", "dies died dying"),
    ("stop", "stops stopped stopping"),
    ("ban", "bans banned banning"),
    ("flee", "flees fled fleeing"),
    ("shoot", "shoots shot shooting"),
    ("withdraw", "withdraws withdrew withdrawn withdrawing"),
    ("hit", "hits hit hitting"),
    ("duel", "duels duelled duelling"),
    ("freeze", "freezes froze frozen freezing"),
    ("overfly", "overflies overflew overflown overflying"),
    ("echo", "echoes echoed echoing"),
)
NOUNS = (
    ("attack", "attack attacks"),
    ("clash", "clash clashes"),
    ("casualty", "casualty casualties"),
    ("convoy", "convoy convoys"),
    ("militiaman", "militiaman militiamen"),
    ("child", "child children"),
    ("knife", "knife knives"),
    ("air strike", "air strike|air strikes"),
    ("crisis", "crisis crises"),
    ("bus", "bus buses"),
)


@pytest.mark.parametrize(("lemma", "expected"), rows(VERBS))
def test_verb_forms(lemma: str, expected: str) -> None:
    assert set(expected.split()) <= verb_forms(lemma, IRREGULAR)


@pytest.mark.parametrize(("lemma", "expected"), rows(NOUNS))
def test_noun_forms(lemma: str, expected: str) -> None:
    forms = noun_forms(lemma)
    assert forms == set(expected.split("|") if "|" in expected else expected.split()), f"gives {sorted(forms)}"


def entry(**fields: object) -> dict[str, object]:
    made = {"id": "test.one", "kind": "damage", "verbs": ["deface"], "examples": ["Men defaced it."], **fields}
    return {k: v for k, v in made.items() if v is not None}


WRONG = (
    ("an unknown field", entry(colour="red"), "test.one: unknown field"),
    ("neither kind nor sense", entry(kind=None), "test.one: needs either a kind or a sense"),
    ("both kind and sense", entry(sense="attack"), "test.one: needs either a kind or a sense"),
    ("no example", entry(examples=None), "test.one: needs an example"),
    ("no such class", entry(obj=["@nothing_known"]), "test.one.obj: @nothing_known"),
    ("a word where a list belongs", entry(verbs="deface"), "test.one: expected a list"),
    ("roles that are no mapping", entry(roles=["subj"]), "expected a mapping"),
)


@pytest.mark.parametrize(("name", "wrong", "message"), rows(WRONG))
def test_a_wrong_entry_is_refused_by_name(name: str, wrong: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Lexicon.from_mappings({"irregular": {}, "triggers": [wrong]}, CLASSES)


@pytest.mark.parametrize(
    ("classes", "message"), [({"a": ["@b"], "b": ["@a"]}, "takes itself in"), ({"a": ["@c"]}, "no class 'c'")]
)
def test_a_wrong_class_is_refused_by_name(classes: dict[str, list[str]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Lexicon.from_mappings({"irregular": {}, "triggers": []}, classes)


def test_a_new_trigger_is_found_without_a_change_of_code(coder: Coder) -> None:
    sentence = "Rioters defaced two shops in Gori."
    made = {**TRIGGERS, "triggers": [*TRIGGERS["triggers"], entry(obj=["shop"])]}
    (analysis,) = coder.analyses(sentence)
    frames, _ = find_frames(coder.rules.grammar, Lexicon.from_mappings(made, CLASSES), analysis)
    assert [(f.kind, f.sense.id) for f in frames] == [("damage", "test.one")]
    assert coder.frames(sentence)[0] == []


def test_a_condition_keeps_a_sense_out(coder: Coder) -> None:
    made = {**TRIGGERS, "triggers": [entry(without=["paint"])]}
    lexicon = Lexicon.from_mappings(made, CLASSES)
    found = [
        len(find_frames(coder.rules.grammar, lexicon, coder.analyses(text)[0])[0])
        for text in ("Men defaced the shop.", "Men defaced the shop with paint.")
    ]
    assert found == [1, 0]


def test_lemmas_and_keys(coder: Coder) -> None:
    (analysis,) = coder.analyses("The cities fled from MiG-29 jets and militiamen with mortar rounds.")
    lemmas = {t.text: coder.rules.lexicon.lemma(t) for t in analysis.tree.tokens}
    assert (lemmas["fled"], lemmas["cities"], lemmas["militiamen"]) == ("flee", "city", "militiaman")
    keys = {t.text: analysis.keys[t.i] for t in analysis.tree.tokens}
    assert "mortar round" in keys["rounds"]
    assert any("@weapon_aircraft" in k for k in analysis.keys)


def test_a_missing_list_is_an_error() -> None:
    with pytest.raises(KeyError):
        Grammar.from_mappings({k: v for k, v in GRAMMAR.items() if k != "hedges"}, TRIGGERS)


# --- the lists of grammar.yaml ------------------------------------------------------------------------------------

STATUSES = (
    ("verbs.light", "Rebels staged an ambush near Gori.", "ground_combat occurred"),
    ("verbs.failing", "Rebels failed to shoot down the jet.", ""),
    ("verbs.announcing", "Officials plan to evacuate the camp.", "evacuation announced"),
    ("verbs.calling", "Officials demanded an evacuation of the camp.", "evacuation called_for"),
    ("verbs.threatening", "Rebels threatened to shell the camp.", "shelling threatened"),
    ("verbs.denying", "Rebels denied that they had shelled the camp.", ""),
    ("verbs.continuing", "Clashes continue near Gori.", "ground_combat ongoing"),
    ("verbs.ending", "The curfew in Gori was lifted.", "border_closure ended"),
    ("verbs.happening", "The attack on Gori did not take place.", ""),
    ("verbs.holding", "The ceasefire in Gaza did not hold.", "ceasefire ended"),
    ("verbs.attempting", "The navy was racing to evacuate the camp.", "evacuation ongoing"),
    ("modals", "Jets might bomb the camp.", ""),
    ("nouns.announcing", "Plans to evacuate the camp were made public.", "evacuation announced"),
    ("nouns.calling", "Calls for a ceasefire in Gaza grew louder.", "ceasefire called_for"),
    ("nouns.threatening", "A threat to shell the camp was heard.", "shelling threatened"),
    ("nouns.failing", "Fears of an invasion of Gori grew.", ""),
    ("adjectives.announced", "A planned evacuation of the camp drew crowds.", "evacuation announced"),
    ("adjectives.hypothetical", "A potential invasion of Gori worries many.", ""),
    ("adjectives.ongoing", "Sustained shelling of Gori frightened many.", "shelling ongoing"),
    ("adjectives.predicative_announced", "The ceasefire is due to start on Friday.", "ceasefire announced"),
    ("hypothetical_marks", "Unless jets bomb the camp, it will hold.", ""),
    ("negations", "Rebels never shelled the camp.", ""),
    ("unreal", "The rebels slept without shelling the camp.", ""),
    ("under_way", "The evacuation of the camp is under way.", "evacuation ongoing"),
    ("nouns.reporting", "The ministry dismissed reports of an invasion.", ""),
    ("nouns.blame", "The ministry denied a role in an attack on Gori.", ""),
    ("time_nouns", "Thousands marked the anniversary of the invasion.", ""),
    ("containers", "The two sides held another round of peace talks in Vienna.", "talks occurred"),
)
STATUS_GAPS: tuple[tuple[str, str], ...] = ()


@pytest.mark.parametrize(("name", "sentence", "expected"), rows(STATUSES, STATUS_GAPS))
def test_a_list_steers_what_is_told(coder: Coder, name: str, sentence: str, expected: str) -> None:
    got = ", ".join(sorted(f"{kind} {status}" for kind, status in told(coder.code(sentence))))
    assert got == expected, f"gives {got or 'nothing'} for {sentence!r}"


def sources(coder: Coder, body: str, kind: str) -> set[tuple[str, str]]:
    return {(s.name, s.stance) for s in only(coder.code(body), kind).sources}


def test_reporting_verbs_name_a_source(coder: Coder) -> None:
    assert sources(coder, "Residents said that jets bombed the camp.", "airstrike") == {("Residents", "asserts")}


def test_confirming_verbs_confirm(coder: Coder) -> None:
    got = sources(coder, "The Georgian army confirmed that jets bombed the camp.", "airstrike")
    assert {stance for _, stance in got} == {"confirms"}


def test_the_object_of_a_controlling_verb_acts(coder: Coder) -> None:
    event = only(coder.code("Moscow forced the Georgian army to withdraw from Gori."), "troop_movement")
    assert not names(event, "agent") & {"Russia", "Moscow"}
    assert names(event, "agent")


def test_the_object_of_an_accusing_verb_did_it(coder: Coder) -> None:
    event = only(coder.code("Georgia accused Russia of shelling the camp."), "shelling")
    assert names(event, "agent") == {"Russia"}


@pytest.mark.parametrize(
    "body",
    [
        "Officials blamed the rebels for a bombing in Gori.",
        "Officials pinned the bombing on the rebels.",
        "Nine people died in a bombing attributed to the rebels.",
        "The rebels claimed responsibility for the bombing in Gori.",
        "The rebels were responsible for the bombing in Gori.",
        "The bombing in Gori was claimed by the rebels.",
    ],
)
def test_who_is_blamed_for_it_or_owns_up_did_it(coder: Coder, body: str) -> None:
    event = only(coder.code(body), "bomb_attack")
    assert names(event, "agent") == {"rebels"}
    assert "rebels" not in names(event, "target")


def test_who_denies_responsibility_did_not_do_it(coder: Coder) -> None:
    events = coder.code("The rebels denied responsibility for the bombing in Gori.")
    assert all("rebels" not in names(e, "agent") for e in events if e.kind == "bomb_attack")


@pytest.mark.parametrize(
    ("body", "kind", "agent"),
    [
        ("Four people were killed by government shellfire in Gori.", "shelling", "government"),
        ("Four people were killed by artillery shellfire in Gori.", "shelling", None),
        ("Missiles fired by Pakistani jets hit Gori.", "airstrike", "Pakistan"),
        ("A decree signed by President Saakashvili bans Russian aircraft.", "flight_ban", "Mikheil Saakashvili"),
        ("Some of the attackers detonated explosives in Gori.", "bomb_attack", "attackers"),
        ("A suicide bomber carried out an attack in Gori, killing two airmen.", "bomb_attack", "suicide bomber"),
        ("The government flew in 600 reinforcements.", "troop_movement", "government"),
        ("UNICEF appealed for $52 million to feed children.", "humanitarian_appeal", "UNICEF"),
        ("Rebels gained ground in fighting with government forces in Gori.", "ground_combat", "Rebels"),
    ],
)
def test_who_acts(coder: Coder, body: str, kind: str, agent: str | None) -> None:
    assert names(only(coder.code(body), kind), "agent") == ({agent} if agent else set())


@pytest.mark.parametrize(
    ("body", "kind", "targets"),
    [
        (
            "A school, a kindergarten and 10 apartment buildings were damaged in Gori.",
            "damage",
            {"school", "kindergarten", "apartment buildings"},
        ),
        ("Five soldiers were killed when their convoy hit a mine near Gori.", "bomb_attack", {"soldiers"}),
        ("Warplanes attacked the port of Gori, blowing up a ship.", "airstrike", {"port of Gori"}),
        ("A land mine killed four Red Cross workers on the road.", "bomb_attack", {"Red Cross workers"}),
        ("Mortar rounds landed inside the UN compound.", "shelling", {"UN compound"}),
        ("A suicide bomber rammed a truck into a police post.", "bomb_attack", {"police post"}),
        ("Saudi Arabia cut diplomatic ties with Iran.", "sanction", {"Iran"}),
        ("Four crew members of the helicopter were missing.", "casualty_report", {"crew members of the helicopter"}),
        ("Rebels captured Gori from the army on Sunday.", "ground_combat", {"Gori", "army"}),
    ],
)
def test_who_suffers(coder: Coder, body: str, kind: str, targets: set[str]) -> None:
    event = only(coder.code(body), kind)
    assert names(event, "target") == targets
    assert not names(event, "agent") & targets


def test_hedges_lower_the_confidence(coder: Coder) -> None:
    plain, hedged = (only(coder.code(f"Jets {w}bombed the camp."), "airstrike") for w in ("", "reportedly "))
    assert hedged.confidence < plain.confidence


def test_denial_words_make_a_denial(coder: Coder) -> None:
    event = only(coder.code("Jets bombed Gori. The Russian Foreign Ministry called this nonsense."), "denial")
    assert event.denies


def test_a_place_taken_up_by_a_noun(coder: Coder) -> None:
    events = coder.code("Russian troops entered Gori on Sunday. Jets later bombed the town.")
    places = only(events, "airstrike").places
    assert [(p.name, p.inferred) for p in places] == [("Gori", True)]


def test_an_event_taken_up_by_a_noun(coder: Coder) -> None:
    events = coder.code("Russian jets bombed Gori on Sunday. The attack killed nine people.")
    assert counts(only(events, "airstrike")) == {("killed", 9, 9)}
    assert told(events) == {("airstrike", "occurred")}


def test_air_words_make_a_bombing_an_airstrike(coder: Coder) -> None:
    alone = told(coder.code("The bombing of the market in Gori killed two."))
    with_jets = told(coder.code("The bombing of the market in Gori killed two. Three warplanes were seen."))
    assert (alone, with_jets) == ({("bomb_attack", "occurred")}, {("airstrike", "occurred")})


def test_grounds_make_a_place_of_an_adjective(coder: Coder) -> None:
    event = only(coder.code("Rebels crossed into Turkish territory."), "troop_movement")
    assert {(p.name, p.role) for p in event.places} == {("Turkey", "destination")}


def test_resumption_takes_the_side_from_the_event_before(coder: Coder) -> None:
    events = coder.code("Russian jets bombed Gori on Sunday. A later flight dropped one bomb near Poti.")
    second = [e for e in events if e.kind == "airstrike"][-1]
    assert {p.name for p in second.places} == {"Poti"}
    assert names(second, "agent") == {"Russia"}


ORDINALS: Final = "The jets bombed Gori on Friday. The jets bombed Poti on Saturday. The second attack killed two."
# list, body, what the last event then says
SLOTS = (
    ("speaking", "Doctors said that jets bombed the camp.", "airstrike, Doctors says so"),
    (
        "speaking_pronouns",
        "Vladimir Putin left. He said that jets bombed the camp.",
        "airstrike, Vladimir Putin says so",
    ),
    ("verbs.reporting_of", "Doctors confirmed the shelling of the camp.", "shelling, Doctors says so"),
    (
        "wide_events",
        "Rebels launched an offensive near Gori. Jets bombed a bridge in Poti in the offensive.",
        "airstrike, by Jets, of bridge, location Poti",
    ),
    ("verbs.quoting", "Reuters quoted a doctor as saying that jets bombed it.", "airstrike, doctor says so"),
    ("verbs.uttering", "An islander said that jets bombed the camp.", "airstrike, islander says so"),
    ("nouns.speech", "Doctors said in a report that jets bombed it.", "airstrike, Doctors says so"),
    ("verbs.occurring", "Fighting spread to the west.", "ground_combat"),
    ("bearing", "Rebels armed with mortars attacked Gori.", "ground_combat, by Rebels, of Gori, location Gori"),
    ("measures", "Planes dropped napalm on Gori.", "airstrike, by Planes, of Gori, location Gori"),
    ("nobody", "Ten people were killed in Gori on Sunday.", "casualty_report, location Gori, killed 10"),
    ("nothing", "Turkish guns shelled the area.", "shelling, by Turkey"),
    ("offices", "The Taliban attacked the Russian embassy.", "ground_combat, by Taliban, of embassy of Russia"),
    ("locative", "Turkish guns shelled a school in Georgia.", "shelling, by Turkey, of school, location Georgia"),
    ("no_such", "Russia said there was no evidence that its jets were involved.", "denial, by Russia"),
    ("striking", "The attack hit a school in Gori.", "ground_combat, of school, location Gori"),
    ("suffered", "Nine soldiers perished in the shelling of Gori.", "shelling, of Gori, location Gori, killed 9"),
    ("own_words", "Houthi rebels came. Gunmen ambushed a convoy.", "ground_combat, by Gunmen, of convoy"),
    ("pronouns", "The Taliban came. They ambushed a convoy.", "ground_combat, by Taliban, of convoy"),
    ("totals", "Some 600 people have been killed since June.", "casualty_report, killed 600"),
    ("spans_of_time", "A ten-day offensive has left 90 people dead.", "casualty_report, killed 90"),
    ("border_words", "Turkey closed the Habur crossing.", "border_closure, by Turkey, scope Habur"),
    ("ordinals", ORDINALS, "airstrike, by jets, of Poti, location Poti, killed 2"),
    ("stems.killed", "The Taliban executed 11 prisoners.", "killing, by Taliban, of prisoners, killed 11"),
    ("stems.injured", "A car bomb in Gori maimed nine soldiers.", "bomb_attack, of soldiers, location Gori, injured 9"),
    ("stems.leaving", "Villagers fled Gori.", "displacement, of Villagers, origin Gori"),
    ("stems.arriving", "Russian troops were deployed in Gori.", "troop_movement, by Russia, destination Gori"),
)
SLOT_GAPS: tuple[tuple[str, str], ...] = ()


@pytest.mark.parametrize(("name", "body", "expected"), rows(SLOTS, SLOT_GAPS))
def test_a_list_steers_who_where_and_how_many(coder: Coder, name: str, body: str, expected: str) -> None:
    events = coder.code(body)
    assert events, f"gives nothing for {body!r}"
    last = max(events, key=lambda e: e.evidence[0].start)
    got = [last.kind, *(f"by {n}" for n in sorted(names(last, "agent")))]
    got += [f"of {n}" for n in sorted(names(last, "target"))] + [f"{p.role} {p.name}" for p in last.places]
    got += [f"{measure} {least}" for measure, least, _ in counts(last)] + [f"{s.name} says so" for s in last.sources]
    wanted = expected.split(", ")
    if name in WHO_SAYS:
        got = [part for part in got if part == last.kind or part.endswith("says so")]
    assert got == wanted, f"gives {', '.join(got)} for {body!r}"


WHO_SAYS: Final = (
    "speaking",
    "speaking_pronouns",
    "verbs.reporting_of",
    "verbs.quoting",
    "verbs.uttering",
    "nouns.speech",
)
"""Rows that ask for the source alone."""
ELSEWHERE: Final = {
    "verbs.object_control", "verbs.accusing", "verbs.accusing_by", "verbs.owning_up", "verbs.reporting",
    "verbs.confirming", "hedges", "denial_words",
    "anaphora.place", "air_words", "grounds", "resumption", "function_words", "sides", "ways",
}  # fmt: skip
"""Lists that tests show by name: all above, but the function words in `test_coder.py`."""
TABLES: Final = ("verbs", "nouns", "adjectives", "anaphora", "stems")
LISTS: Final = sorted(
    f"{name}.{inner}" if name in TABLES else name
    for name, value in GRAMMAR.items()
    for inner in (value if name in TABLES else [""])
)


def test_every_list_of_the_grammar_is_shown() -> None:
    assert set(LISTS) == ELSEWHERE | {name for name, *_ in (*STATUSES, *SLOTS)}


@pytest.mark.parametrize("name", LISTS)
def test_every_list_of_the_grammar_is_read(name: str) -> None:
    table, _, inner = name.partition(".")
    without = {k: v for k, v in GRAMMAR.items() if k != table}
    if inner:
        without[table] = {k: v for k, v in GRAMMAR[table].items() if k != inner}
    try:
        Grammar.from_mappings(without, TRIGGERS)
    except KeyError:
        return
    raise AssertionError(f"{name} is not missed")


def test_every_list_that_is_read_steers_a_rule() -> None:
    files = [CORE.parent / "knowledge.py", *CORE.glob("*.py")]
    rules = "".join(p.read_text(encoding="utf-8") for p in files if p.name != "grammar.py")
    fields = [field.name for field in dataclasses.fields(Grammar)]
    assert [name for name in fields if not re.search(rf"\b(?:g|grammar)\.{name}\b", rules)] == []
