"""Numbers: what is counted, how many at least and at most, and what is never a count."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from services.extractor.core import quantities
from services.extractor.core.quantities import NumberGrammar, NumberMention

DATA = Path(quantities.__file__).parents[1] / "data"
WORDS = yaml.safe_load((DATA / "number_words.yaml").read_text(encoding="utf-8"))
UNITS = yaml.safe_load((DATA / "units.yaml").read_text(encoding="utf-8"))
GRAMMAR = NumberGrammar.from_mapping(WORDS, UNITS)
MEASURES = {
    "killed", "injured", "missing", "casualties", "captured", "displaced", "evacuated", "personnel", "aircraft",
    "vehicles", "munitions", "buildings", "people",
}  # fmt: skip


def found(text: str) -> tuple[NumberMention, ...]:
    return GRAMMAR.find(text, 0, len(text))


# sentence, text, min, max, qualifier, measure, of
COUNTS = [
    # qualifiers
    ("Seven tanks came.", "Seven", 7, 7, "exact", "vehicles", "tanks"),
    ("Up to four Russian jets came down.", "Up to four", None, 4, "up_to", "aircraft", "Russian jets"),
    ("As many as 55,000 people left.", "As many as 55,000", None, 55_000, "up_to", "people", "people"),
    ("No more than six vans left.", "No more than six", None, 6, "up_to", "vehicles", "vans"),
    ("Fewer than 90 homes stand.", "Fewer than 90", None, 90, "up_to", "buildings", "homes"),
    ("At least 20 were there.", "At least 20", 20, None, "at_least", None, None),
    ("No fewer than 12 civilians hid.", "No fewer than 12", 12, None, "at_least", "people", "civilians"),
    ("No less than 12 civilians hid.", "No less than 12", 12, None, "at_least", "people", "civilians"),
    ("A minimum of 5 tanks came.", "A minimum of 5", 5, None, "at_least", "vehicles", "tanks"),
    ("More than 100 fighters came.", "More than 100", 100, None, "over", "personnel", "fighters"),
    ("Over 100 fighters came.", "Over 100", 100, None, "over", "personnel", "fighters"),
    ("Well over 300 homes burned.", "Well over 300", 300, None, "over", "buildings", "homes"),
    ("Upwards of 40 shells fell.", "Upwards of 40", 40, None, "over", "munitions", "shells"),
    ("More than a dozen came.", "More than a dozen", 12, None, "over", None, None),
    ("About 300 came.", "About 300", 300, 300, "about", None, None),
    ("Some 300 rebels came.", "Some 300", 300, 300, "about", "personnel", "rebels"),
    ("Around 300 rebels came.", "Around 300", 300, 300, "about", "personnel", "rebels"),
    ("Roughly 300 rebels came.", "Roughly 300", 300, 300, "about", "personnel", "rebels"),
    ("Almost 5,000 residents left.", "Almost 5,000", 5_000, 5_000, "about", "people", "residents"),
    ("Nearly 5,000 residents left.", "Nearly 5,000", 5_000, 5_000, "about", "people", "residents"),
    ("Approximately 50 rounds fell.", "Approximately 50", 50, 50, "about", "munitions", "rounds"),
    ("An estimated 3,000 Russians left.", "An estimated 3,000", 3_000, 3_000, "about", None, "Russians"),
    ("Close to 80 homes burned.", "Close to 80", 80, 80, "about", "buildings", "homes"),
    ("At least another 20 people left.", "At least another 20", 20, None, "at_least", "people", "people"),
    ("Another 20 people left.", "20", 20, 20, "exact", "people", "people"),
    ("A total of 20 people left.", "20", 20, 20, "exact", "people", "people"),
    ("There were 300 or more.", "300 or more", 300, None, "at_least", None, None),
    ("There were 300-plus fighters.", "300-plus", 300, None, "at_least", None, None),
    ("There were 100+ rockets.", "100+", 100, None, "at_least", None, None),
    ("There were 20 or so.", "20 or so", 20, 20, "about", None, None),
    # vague
    ("Dozens of people left.", "Dozens", 24, None, "vague", "people", "people"),
    ("Scores of people left.", "Scores", 40, None, "vague", "people", "people"),
    ("Scores were left behind.", "Scores", 40, None, "vague", None, None),
    ("Hundreds fled.", "Hundreds", 200, None, "vague", None, None),
    ("Thousands of Muscovites marched.", "Thousands", 2_000, None, "vague", None, "Muscovites"),
    ("Tens of thousands of refugees left.", "Tens of thousands", 20_000, None, "vague", "displaced", "refugees"),
    ("Hundreds of thousands left.", "Hundreds of thousands", 200_000, None, "vague", None, None),
    ("Several soldiers left.", "Several", 3, None, "vague", "personnel", "soldiers"),
    ("Several hundred troops left.", "Several hundred", 300, None, "vague", "personnel", "troops"),
    ("Several dozen troops left.", "Several dozen", 36, None, "vague", "personnel", "troops"),
    ("A few hundred people left.", "A few hundred", 200, None, "vague", "people", "people"),
    # words and digits
    ("A couple of shells fell.", "A couple of", 2, 2, "about", "munitions", "shells"),
    ("A pair of drones fell.", "A pair of", 2, 2, "exact", "aircraft", "drones"),
    ("A dozen rockets fell.", "A dozen", 12, 12, "exact", "munitions", "rockets"),
    ("Two dozen tanks left.", "Two dozen", 24, 24, "exact", "vehicles", "tanks"),
    ("Half a dozen vans left.", "Half a dozen", 6, 6, "exact", "vehicles", "vans"),
    ("Half a million people left.", "Half a million", 500_000, 500_000, "exact", "people", "people"),
    ("A hundred people left.", "A hundred", 100, 100, "exact", "people", "people"),
    ("A thousand people left.", "A thousand", 1_000, 1_000, "exact", "people", "people"),
    ("One million people left.", "One million", 1_000_000, 1_000_000, "exact", "people", "people"),
    ("1.5 million people left.", "1.5 million", 1_500_000, 1_500_000, "exact", "people", "people"),
    ("Camps hold 2m refugees.", "2m", 2_000_000, 2_000_000, "exact", "displaced", "refugees"),
    ("Camps hold 12,000 people.", "12,000", 12_000, 12_000, "exact", "people", "people"),
    ("Camps hold 1,234,567 people.", "1,234,567", 1_234_567, 1_234_567, "exact", "people", "people"),
    ("Twenty-one soldiers left.", "Twenty-one", 21, 21, "exact", "personnel", "soldiers"),
    ("Twenty one soldiers left.", "Twenty one", 21, 21, "exact", "personnel", "soldiers"),
    ("One hundred and five houses fell.", "One hundred and five", 105, 105, "exact", "buildings", "houses"),
    ("Three hundred thousand people left.", "Three hundred thousand", 300_000, 300_000, "exact", "people", "people"),
    ("Two thousand five hundred people left.", "Two thousand five hundred", 2_500, 2_500, "exact", "people", "people"),
    ("One bomb fell.", "One", 1, 1, "exact", "munitions", "bomb"),
    ("A single drone fell.", "A single", 1, 1, "exact", "aircraft", "drone"),
    ("Both pilots lived.", "Both", 2, 2, "exact", "personnel", "pilots"),
    # ranges
    ("They saw 20 to 30 people.", "20 to 30", 20, 30, "exact", "people", "people"),
    ("They saw 20-30 people.", "20-30", 20, 30, "exact", "people", "people"),
    ("They saw 20–30 people.", "20–30", 20, 30, "exact", "people", "people"),
    ("They saw between 20 and 30 rebels.", "between 20 and 30", 20, 30, "exact", "personnel", "rebels"),
    ("They saw one or two shells.", "one or two", 1, 2, "exact", "munitions", "shells"),
    ("They saw two or three tanks.", "two or three", 2, 3, "exact", "vehicles", "tanks"),
    ("They saw 2 to 3 million people.", "2 to 3 million", 2_000_000, 3_000_000, "exact", "people", "people"),
    ("They saw about 20 to 30 people.", "about 20 to 30", 20, 30, "about", "people", "people"),
    # nouns
    ("Two Russian Su-24 jets fell.", "Two", 2, 2, "exact", "aircraft", "Russian Su-24 jets"),
    ("Three more soldiers fell.", "Three", 3, 3, "exact", "personnel", "soldiers"),
    ("Two missile strikes came.", "Two", 2, 2, "exact", None, "missile strikes"),
    ("Two bomb attacks came.", "Two", 2, 2, "exact", None, "bomb attacks"),
    ("Five aircraft carriers came.", "Five", 5, 5, "exact", None, "aircraft carriers"),
    ("Five fighter jets came.", "Five", 5, 5, "exact", "aircraft", "fighter jets"),
    ("Five armoured personnel carriers came.", "Five", 5, 5, "exact", "vehicles", "armoured personnel carriers"),
    ("12 heavily armed men came.", "12", 12, 12, "exact", "people", "heavily armed men"),
    ("Two second-hand trucks came.", "Two", 2, 2, "exact", "vehicles", "second-hand trucks"),
    ("12 drones targeted houses.", "12", 12, 12, "exact", "aircraft", "drones"),
    ("A force of 2000 men came.", "2000", 2000, 2000, "exact", "people", "men"),
    ("Nine checkpoints closed.", "Nine", 9, 9, "exact", None, "checkpoints"),
    ("12 people were killed.", "12", 12, 12, "exact", "people", "people"),
    ("In Homs 12 were killed.", "12", 12, 12, "exact", None, None),
    # adjectives and verbs beside the number
    ("The blast left 12 dead.", "12", 12, 12, "exact", "killed", None),
    ("The blast left 12 people dead.", "12", 12, 12, "exact", "killed", "people"),
    ("The clinic counts 300 injured.", "300", 300, 300, "exact", "injured", None),
    ("Trucks brought 60 wounded to town.", "60", 60, 60, "exact", "injured", None),
    ("The raid ended with 12 soldiers missing.", "12", 12, 12, "exact", "missing", "soldiers"),
    ("Trucks brought 12 wounded soldiers.", "12", 12, 12, "exact", "injured", "soldiers"),
    ("The list has 12 people killed in the raid.", "12", 12, 12, "exact", "killed", "people"),
    ("12 rebels killed the mayor.", "12", 12, 12, "exact", "personnel", "rebels"),
    ("A shell fell, killing 12.", "12", 12, 12, "exact", "killed", None),
    ("A shell fell, killing at least 12 civilians.", "at least 12", 12, None, "at_least", "killed", "civilians"),
    ("The shell wounded another 30.", "30", 30, 30, "exact", "injured", None),
    ("The shell killed 2000 people.", "2000", 2000, 2000, "exact", "killed", "people"),
    ("The raid killed or wounded 20.", "20", 20, 20, "exact", "casualties", None),
    ("Rebels captured 20.", "20", 20, 20, "exact", "captured", None),
    ("Rebels captured 20 soldiers.", "20", 20, 20, "exact", "captured", "soldiers"),
    ("Rebels captured 20 tanks.", "20", 20, 20, "exact", "vehicles", "tanks"),
    ("The flood displaced 20,000.", "20,000", 20_000, 20_000, "exact", "displaced", None),
    ("Buses evacuated 300 children.", "300", 300, 300, "exact", "evacuated", "children"),
    ("The death toll rose to 45.", "45", 45, 45, "exact", "killed", None),
    ("The death toll rose from 12 to 45.", "45", 45, 45, "exact", "killed", None),
    ("The death toll has reached more than 2000.", "more than 2000", 2000, None, "over", "killed", None),
    ("The town mourns a toll of 45.", "45", 45, 45, "exact", "killed", None),
    ("The number of wounded rose to 45.", "45", 45, 45, "exact", "injured", None),
    # none
    ("No one was harmed.", "No one", 0, 0, "exact", "casualties", None),
    ("Nobody was hurt.", "Nobody", 0, 0, "exact", "casualties", None),
    ("No one is reported to be injured.", "No one", 0, 0, "exact", "casualties", None),
    ("No one was killed.", "No one", 0, 0, "exact", "killed", None),
    ("None of the crew were injured.", "None", 0, 0, "exact", "casualties", None),
    ("There were no casualties.", "no casualties", 0, 0, "exact", "casualties", None),
    ("There were no civilian casualties.", "no civilian casualties", 0, 0, "exact", "casualties", None),
    ("It passed without casualties.", "without casualties", 0, 0, "exact", "casualties", None),
    ("There were no injuries.", "no injuries", 0, 0, "exact", "casualties", None),
    ("There were no deaths.", "no deaths", 0, 0, "exact", "killed", None),
    ("No soldiers were killed.", "No soldiers", 0, 0, "exact", "killed", "soldiers"),
]


@pytest.mark.parametrize("case", COUNTS, ids=[case[0] for case in COUNTS])
def test_count(case: tuple[str, str, int | None, int | None, str, str | None, str | None]) -> None:
    sentence, *expected = case
    got = [[m.text, m.min, m.max, m.qualifier, m.measure_hint, m.of] for m in found(sentence)]
    assert got == [expected]


SHARES = [
    ("12 of 15 drones fell.", "12 of 15", 12, "drones"),
    ("12 out of 15 drones fell.", "12 out of 15", 12, "drones"),
    ("12 of the 15 Russian drones fell.", "12 of the 15", 12, "Russian drones"),
    ("One of the soldiers fell.", "One", 1, "soldiers"),
    ("Three of them fell.", "Three", 3, "them"),
    ("Two of the wounded died.", "Two", 2, "wounded"),
    ("Four of their tanks burned.", "Four", 4, "tanks"),
]


@pytest.mark.parametrize(("sentence", "text", "count", "of"), SHARES)
def test_share(sentence: str, text: str, count: int, of: str) -> None:
    (mention,) = found(sentence)
    assert (mention.text, mention.min, mention.max, mention.of, mention.share) == (text, count, count, of, True)


@pytest.mark.parametrize("sentence", ["Dozens of people left.", "A pair of drones fell.", "Two tanks left."])
def test_a_bare_group_is_no_share(sentence: str) -> None:
    assert [m.share for m in found(sentence)] == [False]


NEVER = [
    # years, dates, clocks
    "In 1999 troops crossed.", "It ended in 2008.", "Since 2011 it has stood.", "The law of 2003 stands.",
    "It fell between 2011 and 2014.", "The years 2011-2014 were hard.", "The war of 1992-95 is over.",
    "The 1990s were hard.", "On August 7 troops moved.", "It was 7 August.", "It was August 7 and 8.",
    "It was 7-8 August.", "It was 7 and 8 August.", "It was August 7, 2008.", "It was 8/8/2008.", "It was 2015-01-20.",
    "It was 07.08.2008.", "It was 10:00 a.m. then.", "It was 1400 GMT then.", "It was 5 p.m. then.",
    "They met at 10 on Tuesday.", "It fell two days ago.", "It took three long weeks.", "It took 48 hours.",
    # ages
    "A 19-year-old left.", "Ivan Petrov, 45, left.", "Ivan Petrov (45) left.", "A man aged 45 left.",
    "He is 45 years old.", "Children under 18 left.", "Boys aged between 16 and 18 left.",
    # measures of other things
    "It is 20 kilometres off.", "It is 5 km off.", "It covers 10 hectares.", "It covers 300 square miles.",
    "It weighs 5 tonnes.", "It cost $20 million.", "It cost 20 million dollars.", "It cost €20.",
    "It took 50 percent of homes.", "It took 50% of homes.", "Thousands of kilometres lie between.",
    "It cost hundreds of millions of dollars.", "It was 40 degrees.", "It was -5 degrees.", "It fell three times.",
    "Two thirds of the town stand.", "It rose 2.5 points.", "It is 3.14159 long.", "It holds 12.000 places.",
    # calibres and weapons
    "A 155mm gun fired.", "The 122 mm howitzers fired.", "Su-24 jets came.", "T-72 tanks came.", "MiG 29 jets came.",
    "An F-16 came.", "An S-300 battery fired.", "An M-16 lay there.", "AK-47 rifles lay there.",
    "A Type 59 tank came.", "A Boeing 777 came.", "Shahed 136 drones came.", "The loss of flight MH17 is told.",
    # ordinals, units, names
    "The second attack came.", "The 1st Brigade came.", "The 58th Army came.", "The twenty-first day came.",
    "They hold post 542.", "They read Resolution 1973.", "They saw Brigade 9.", "They shut Highway 1.",
    "They shut Route 5.", "They watch Channel 2.", "They watch Channel Four.", "They met the Group of 8.",
    "They met the Group of Seven.", "They met the G8.", "They read article 5.", "They left School No. 12.",
    "It is open 24/7.", "It is about 9/11.", "It was World War 2.", "A four-man crew left.", "A two-day truce held.",
    # telephones, scores
    "Call +995 32 291 0000.", "Call 555-0142.", "They won 3-1.", "It ended Spain 3, Italy 0.",
    # pronouns and the uncounted
    "One can see the sea.", "This one fell.", "One of the reasons is rain.", "Both sides left.",
    "Many people left.", "A number of houses fell.", "Some people left.", "A handful of men left.",
    "Up to several hundred fighters left.", "No one claimed it.", "There were no further casualties.",
    "There were no serious injuries.", "There were no reports of casualties.", "A soldier left.",
    "No one was seriously hurt.", "No doubt was left.",
]  # fmt: skip


@pytest.mark.parametrize("sentence", NEVER)
def test_never_a_count(sentence: str) -> None:
    assert [mention.text for mention in found(sentence)] == []


def test_several_counts_in_order() -> None:
    text = "12 killed, 30 injured: four soldiers and two civilians were among the dead of 7 August."
    assert [(m.min, m.measure_hint) for m in found(text)] == [
        (12, "killed"), (30, "injured"), (4, "personnel"), (2, "people"),
    ]  # fmt: skip


def test_killing_and_wounding() -> None:
    text = "The bomb went off, killing at least 12 people and wounding 30 others."
    assert [(m.text, m.measure_hint, m.of) for m in found(text)] == [
        ("at least 12", "killed", "people"), ("30", "injured", "others"),
    ]  # fmt: skip


def test_only_inside_the_bounds() -> None:
    text = "At least 12 tanks and 30 vans."
    start = text.index("12")
    assert [m.text for m in GRAMMAR.find(text, start, text.index("and"))] == ["12"]
    assert [m.text for m in GRAMMAR.find(text, text.index("and"), len(text))] == ["30"]


@pytest.mark.parametrize(
    ("sentence", "of", "measure"),
    [
        ("A shell hit the yard.", "shell", "munitions"),
        ("An airman died there.", "airman", "personnel"),
        ("They saw a Russian drone over the hill.", "Russian drone", "aircraft"),
        ("A car bomb exploded.", "car bomb", "munitions"),
        ("They shot a soldier.", "soldier", "personnel"),
        ("A drone attack began.", "drone attack", None),
    ],
)
def test_indefinite(sentence: str, of: str, measure: str | None) -> None:
    (mention,) = GRAMMAR.indefinite(sentence, 0, len(sentence))
    assert (mention.min, mention.max, mention.qualifier, mention.of, mention.measure_hint) == (
        1,
        1,
        "exact",
        of,
        measure,
    )
    assert mention.indefinite
    assert found(sentence) == ()


@pytest.mark.parametrize(
    "sentence",
    ["A missile battery moved.", "A tank-led column moved.", "A great silence fell.", "A tank factory moved."],
)
def test_no_indefinite_where_the_noun_is_no_head(sentence: str) -> None:
    assert GRAMMAR.indefinite(sentence, 0, len(sentence)) == ()


@pytest.mark.parametrize("noun", UNITS)
def test_every_unit_has_an_example_that_counts_it(noun: str) -> None:
    entry = UNITS[noun]
    assert entry["measure"] is None or entry["measure"] in MEASURES
    (mention,) = found(entry["example"])
    assert mention.measure_hint == entry["measure"]
    assert mention.min is not None or mention.max is not None
    plural = entry.get("plural", noun)
    assert plural[:3].lower() in entry["example"].lower()


def test_no_unit_is_written_twice() -> None:
    lines = (DATA / "units.yaml").read_text(encoding="utf-8").splitlines()
    nouns = [line.split(":")[0] for line in lines if line and not line.startswith("#")]
    assert len(nouns) == len(set(nouns))


def test_every_measure_has_a_unit_or_a_verb() -> None:
    named = {entry["measure"] for entry in UNITS.values()} | {*WORDS["before"].values(), *WORDS["after"].values()}
    assert named - {None} == MEASURES


VOCABULARY = (
    "at least up to more than between from and to of the out 12 30 2008 1.5 million two hundred thousand dozen dozens"
    " a an half several tanks people killed wounding dead toll rose no one nobody casualties were harmed both - , . %"
    " km August MiG 3-1 20-30 one none 7,000"
)
PIECES = st.sampled_from(VOCABULARY.split(" "))
TEXTS = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=30).map(" ".join))


@given(TEXTS, st.integers(0, 50))
def test_any_text_is_read_without_failure(text: str, start: int) -> None:
    start = min(start, len(text))
    last = start
    for mention in GRAMMAR.find(text, start, len(text)):
        assert last <= mention.start < mention.end <= len(text)
        assert text[mention.start : mention.end] == mention.text
        assert mention.min is not None or mention.max is not None
        assert mention.min is None or mention.max is None or mention.min <= mention.max
        assert (mention.head_hint is None) or text[slice(*mention.head_hint)].strip()
        last = mention.end
    for mention in GRAMMAR.indefinite(text, start, len(text)):
        assert text[mention.start : mention.end] == mention.text


@pytest.mark.timeout(90)
@pytest.mark.parametrize(
    "unit", ["7", "7 ", "7,", "two ", "two hundred and ", "the ", "a", " ", "no ", "at least ", "12 of ", "toll of 7 "]
)
def test_a_long_text_is_read_in_linear_time(unit: str) -> None:
    # Backtracking that is not bounded would take hours here, so the limit tells without a stopwatch.
    text = unit * (50_000 // len(unit))
    for mention in GRAMMAR.find(text, 0, len(text)):
        assert text[mention.start : mention.end] == mention.text
