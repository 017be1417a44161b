"""The actor grammar: names, kinds, sides, offices and persons, in sentences of our own."""

from pathlib import Path
from typing import cast

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from services.extractor import core
from services.extractor.core.actors import ActorGrammar, ActorMention, ReportActors, Table, countries

DATA = Path(str(core.__file__)).parent.parent / "data"


def table(name: str) -> Table:
    return cast(Table, yaml.load((DATA / f"{name}.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))


STATES, ACTORS, ROLES = table("states"), table("actors"), table("roles")
GRAMMAR = ActorGrammar.from_mappings(STATES, ACTORS, ROLES)
ENTRIES = cast(list[dict[str, object]], ACTORS["actors"])

# sentence with [the mention] | canonical name | kind | country | person | office
CASES = """
On Friday [Georgian troops] entered the village.|Georgia|force|GE
[Russian forces] were sent to the pass.|Russia|force|RU
The [Russian Su-24 attack aircraft] dropped two bombs.|Russia|force|RU
Three [Georgian Su-25 aircraft] were lost.|Georgia|force|GE
Four [Russian jets] were seen.|Russia|force|RU
[NATO warplanes] circled overhead.|NATO|force|
The [Israeli army] closed the road.|Israel|force|IL
[Israel's army] closed the road.|Israel|force|IL
[Sudan's air force] bombed the well.|Sudan|force|SD
The [Iraqi police] found the bodies.|Iraq|force|IQ
The [Syrian government forces] fell back.|Syria|force|SY
[Ethiopian ground forces] crossed over.|Ethiopia|force|ET
[Turkish warplanes] hit the ridge.|Turkey|force|TR
The [Pakistani navy] fired once.|Pakistan|force|PK
[Ukrainian paratroopers] held the airport.|Ukraine|force|UA
[Russian peacekeepers] were fired on.|Russia|force|RU
[U.S. soldiers] opened fire.|United States|force|US
[US special forces] landed.|United States|force|US
[British helicopters] took the wounded.|United Kingdom|force|GB
[Soviet tanks] rolled in.|Soviet Union|force|RU
[East German border guards] shot him.|East Germany|force|DE
[Yugoslav troops] left Pristina.|Yugoslavia|force|RS
[Rhodesian commandos] struck the camp.|Rhodesia|force|ZW
[South Vietnamese soldiers] fled.|South Vietnam|force|VN
[Zairean troops] looted the town.|Zaire|force|CD
The [Russian 58th Army] moved south.|Russia|force|RU
The [58th Army] moved south.|58th Army|force|
The [3rd Infantry Division] crossed the river.|3rd Infantry Division|force|
The [South Korean puppet military] fired 36 shells.|South Korea|force|KR
The [North Korean military] was put on alert.|North Korea|force|KP
[South Ossetian forces] returned fire.|South Ossetia|force|
The pilot was killed by [Ossetian military].|South Ossetia|force|
[Abkhaz fighters] took the gorge.|Abkhaz fighters|armed_group|
The [KPA] fired one shell.|Korean People's Army|force|KP
The [IDF] denied it.|Israel Defense Forces|force|IL
The [Israel Defense Forces] denied it.|Israel Defense Forces|force|IL
[Serb forces] shelled the market.|Serb forces|armed_group|
The [Bosnian Serb army] shelled the market.|Bosnian Serb army|armed_group|
[Bosnian Croat soldiers] blew up the bridge.|Bosnian Croat soldiers|armed_group|
[Kurdish fighters] held on.|Kurdish fighters|armed_group|
[Tuareg rebels] took Kidal.|Tuareg rebels|armed_group|
[Hamas militants] fired rockets.|Hamas|armed_group|
[Hezbollah fighters] crossed over.|Hezbollah|armed_group|
[Houthi rebels] took the port.|Houthis|armed_group|
[M23 rebels] took the border post.|March 23 Movement|armed_group|
[Taliban gunmen] stopped the bus.|Taliban|armed_group|
[Boko Haram insurgents] burned the market.|Boko Haram|armed_group|
[LTTE] boats were sunk.|Liberation Tigers of Tamil Eelam|armed_group|
[Syrian rebels] took the base.|Syrian rebels|armed_group|
The [Bosnian Serb leader] refused.|Leader of Bosnian Serbs|person|||Leader of Bosnian Serbs
Some 400 [Russian volunteers] crossed the tunnel.|Russian volunteers|armed_group|RU
[Sudanese militia] burned the huts.|Sudanese militia|armed_group|SD
[Russian-backed separatists] shelled the school.|Russian-backed separatists|armed_group|
The [pro-Russian separatists] took the town hall.|pro-Russian separatists|armed_group|
The [pro-government militia] fired on the crowd.|pro-government militia|armed_group|
The [US-led coalition] struck the bridge.|US-led coalition|force|US
The [Saudi-led coalition] struck the bridge.|Saudi-led coalition|force|SA
[Georgian officials] counted four jets.|Georgia|state|GE
[Georgian sources] counted four jets.|Georgia|state|GE
The [Georgian authorities] closed the road.|Georgia|state|GE
The [Georgian government] denied it.|Georgia|state|GE
The [government of South Ossetia] announced it.|South Ossetia|state|
The [Sri Lankan government] rejected the offer.|Sri Lanka|state|LK
The [government of Sri Lanka] rejected the offer.|Sri Lanka|state|LK
[Authorities in Seoul] denied it.|South Korea|state|KR
[Government officials in Seoul] denied it.|South Korea|state|KR
[Hamas officials] denied it.|Hamas|armed_group|
[UN officials] counted the trucks.|United Nations|organisation|
[NATO officials] confirmed it.|NATO|organisation|
The [Syrian regime] denied it.|Syria|state|SY
The [Burmese junta] denied it.|Myanmar|state|MM
The [Russian Ministry of Foreign Affairs] denied it.|Ministry of Foreign Affairs of Russia|body|RU
The [Russian Foreign Ministry] denied it.|Ministry of Foreign Affairs of Russia|body|RU
The [Foreign Ministry of Russia] denied it.|Ministry of Foreign Affairs of Russia|body|RU
[Russia's foreign ministry] denied it.|Ministry of Foreign Affairs of Russia|body|RU
The [Ministry of Defense of Ukraine] denied it.|Ministry of Defence of Ukraine|body|UA
The [Defence Ministry in Moscow] denied it.|Ministry of Defence of Russia|body|RU
The [Palestinian Health Ministry] gave a toll.|Ministry of Health of Palestine|body|PS
The [Hamas-run health ministry] gave a toll.|Hamas-run health ministry|body|
The [Ukrainian parliament] voted.|parliament of Ukraine|body|UA
The [Turkish General Staff] gave a toll.|General Staff of Turkey|body|TR
[Ukrainian intelligence] tracked them.|intelligence of Ukraine|body|UA
The [FSB] held a man.|FSB|body|RU
The [President of Georgia Mikheil Saakashvili] called up reserves.|Mikheil Saakashvili|person|GE|Mikheil Saakashvili|President of Georgia
[Prime Minister of Russia Vladimir Putin] regretted it.|Vladimir Putin|person|RU|Vladimir Putin|Prime Minister of Russia
[President Putin] regretted it.|Vladimir Putin|person|RU|Vladimir Putin|President
[German Foreign Minister Frank-Walter Steinmeier] spoke.|Frank-Walter Steinmeier|person|DE|Frank-Walter Steinmeier|Foreign Minister of Germany
[Ukrainian military spokesman Andriy Lysenko] spoke.|Andriy Lysenko|person|UA|Andriy Lysenko|Spokesman of Ukraine
Then [UNHCR spokesman Adrian Edwards] spoke.|Adrian Edwards|person||Adrian Edwards|Spokesman of UNHCR
A [speaker of the Russian Ministry of Foreign Affairs] spoke.|Ministry of Foreign Affairs of Russia|body|RU||Speaker of Ministry of Foreign Affairs of Russia
A [Russian Defense Ministry spokesman, Major General Igor Konashenkov], spoke.|Igor Konashenkov|person|RU|Igor Konashenkov|Spokesman of Ministry of Defence of Russia
[Major General Igor Konashenkov] spoke.|Igor Konashenkov|person||Igor Konashenkov|Major General
[Eduard Kokoity, President of South Ossetia], spoke.|Eduard Kokoity|person||Eduard Kokoity|President of South Ossetia
The [South Ossetian leader] spoke.|Leader of South Ossetia|person|||Leader of South Ossetia
The [Iranian foreign minister] left.|Foreign Minister of Iran|person|IR||Foreign Minister of Iran
[Anton Berez, the Ukrainian defence minister], left.|Anton Berez|person|UA|Anton Berez|Defence Minister of Ukraine
[Karl Vogt, a spokesman for the army], left.|Karl Vogt|person||Karl Vogt|Spokesman
[Abu Salim, a spokesman for Hamas], left.|Abu Salim|person||Abu Salim|Spokesman of Hamas
[Congolese army spokesman Col. Felix Mbuyi] spoke.|Felix Mbuyi|person|CD|Felix Mbuyi|Spokesman of Democratic Republic of the Congo
[Lt. Col. Peter Larsen] spoke.|Peter Larsen|person||Peter Larsen|Lieutenant Colonel
[Gen. John Akers, the top US commander], spoke.|John Akers|person|US|John Akers|Commander of United States
[General Omar al-Fadil] spoke.|Omar al-Fadil|person||Omar al-Fadil|General
[Colonel Hans van der Meer] spoke.|Hans van der Meer|person||Hans van der Meer|Colonel
[Sheikh Hassan bin Talib] spoke.|Hassan bin Talib|person||Hassan bin Talib|Sheikh
[Governor Jean-Paul Mbeki] spoke.|Jean-Paul Mbeki|person||Jean-Paul Mbeki|Governor
[Mayor Sean O'Hara] spoke.|Sean O'Hara|person||Sean O'Hara|Mayor
[Former Georgian president Eduard Shevardnadze] spoke.|Eduard Shevardnadze|person|GE|Eduard Shevardnadze|Former President of Georgia
[UN Secretary-General Ban Ki-moon] spoke.|Ban Ki-moon|person||Ban Ki-moon|Secretary-General of United Nations
[EU foreign policy chief Javier Solana] spoke.|Javier Solana|person||Javier Solana|Foreign Policy Chief of European Union
[Israeli Prime Minister Benjamin Netanyahu] spoke.|Benjamin Netanyahu|person|IL|Benjamin Netanyahu|Prime Minister of Israel
The [Secretary-General of the United Nations] spoke.|Secretary-General of United Nations|person|||Secretary-General of United Nations
[Britain's defence secretary John Marsh] spoke.|John Marsh|person|GB|John Marsh|Defence Secretary of United Kingdom
The [Israeli army's chief spokesman, Brig. Gen. Ron Adar], spoke.|Ron Adar|person|IL|Ron Adar|Chief Spokesman of Israel
[Tomas Vega, a resident] of the port, spoke.|Tomas Vega|person||Tomas Vega
[French counterpart Luc Arnaud] spoke.|Luc Arnaud|person|FR|Luc Arnaud|Counterpart of France
[Mr Belov] spoke.|Belov|person||Belov
[Kim Jong-un] issued an order.|Kim Jong-un|person|KP|Kim Jong-un
[Bashar al-Assad] refused.|Bashar al-Assad|person|SY|Bashar al-Assad
[Pavel Orlov] said the road was cut.|Pavel Orlov|person||Pavel Orlov
"It was near," said [Pavel Orlov].|Pavel Orlov|person||Pavel Orlov
On Monday [Moscow] denied it.|Russia|state|RU
On Monday [Kiev] denied it.|Ukraine|state|UA
On Monday [Kyiv] denied it.|Ukraine|state|UA
[Tehran] denied it.|Iran|state|IR
[Washington] denied it.|United States|state|US
[Pyongyang] denied it.|North Korea|state|KP
The [Kremlin] denied it.|Russia|state|RU
The [White House] denied it.|United States|state|US
The [Pentagon] denied it.|United States|state|US
[Downing Street] denied it.|United Kingdom|state|GB
The [Elysee] denied it.|France|state|FR
The [Élysée] denied it.|France|state|FR
[DR Congo] denied it.|Democratic Republic of the Congo|state|CD
The [DPRK] denied it.|North Korea|state|KP
The [U.S.] denied it.|United States|state|US
The [UK] denied it.|United Kingdom|state|GB
The [Soviet Union] sent advisers.|Soviet Union|state|RU
The [USSR] sent advisers.|Soviet Union|state|RU
Jets entered [Georgian] air space.|Georgia|state|GE
The town holds 900 [Palestinians].|Palestinians|people|PS
There, 30,000 [Sudanese] have found refuge.|Sudanese|people|SD
[Israeli settlers] threw stones.|Israeli settlers|people|IL
[Rohingya refugees] crossed the river.|Rohingya refugees|people|
[Syrian refugees] crossed the river.|Syrian refugees|people|SY
The [state news agency of South Ossetia] carried it.|state news agency of South Ossetia|media|
[Yonhap news agency] carried it.|Yonhap|media|
The [Agence France-Presse] carried it.|Agence France-Presse|media|
[RIA Novosti] carried it.|RIA Novosti|media|RU
[ITAR-TASS] carried it.|TASS|media|RU
[KCNA] carried it.|Korean Central News Agency|media|KP
It was shown on [Vesti].|Vesti|media|RU
[The Washington Post] carried it.|Washington Post|media|
The [Voice of America] carried it.|Voice of America|media|US
Georgia took [Russian TV channels] off the air.|TV channel of Russia|media|RU
The [United Nations refugee agency] said so.|UNHCR|organisation|
The [UN refugee agency] said so.|UNHCR|organisation|
[UNHCR] said so.|UNHCR|organisation|
The [International Committee of the Red Cross] said so.|International Committee of the Red Cross|organisation|
The [U.N. Security Council] met.|UN Security Council|organisation|
[Médecins Sans Frontières] left.|Medecins Sans Frontieres|organisation|
The [Popular Front for Renewal] claimed it.|Popular Front for Renewal|armed_group|
The [Green River Brigades] claimed it.|Green River Brigades|armed_group|
The [Justice and Dignity Movement] claimed it.|Justice and Dignity Movement|organisation|
The [Georgian Labour Party] left.|Georgian Labour Party|organisation|
The [Alpine Relief Committee] left.|Alpine Relief Committee|organisation|
Hamas’s ally, the [People’s Protection Units], left.|People's Protection Units|armed_group|
""".strip().splitlines()  # noqa: E501 - one case a line

GENERIC = [
    ("The rebels left.", "rebels", "armed_group", True),
    ("The separatist rebels left.", "separatist rebels", "armed_group", True),
    ("Two unidentified gunmen left.", "unidentified gunmen", "armed_group", True),
    ("Some tribal gunmen left.", "tribal gunmen", "armed_group", True),
    ("The opposition fighters left.", "opposition fighters", "armed_group", True),
    ("The government troops left.", "government troops", "force", True),
    ("The army left.", "army", "force", False),
    ("The peacekeeping forces left.", "peacekeeping forces", "force", True),
    ("Local authorities left.", "Local authorities", "unknown", True),
    ("Officials said so.", "Officials", "unknown", True),
    ("Western diplomats said so.", "Western diplomats", "unknown", True),
    ("Many unarmed civilians left.", "unarmed civilians", "people", True),
    ("Witnesses said so.", "Witnesses", "people", True),
    ("The two sides met.", "two sides", "body", True),
    ("The ministry denied it.", "ministry", "body", False),
    ("The spokesman denied it.", "spokesman", "person", False),
]

NEGATIVES = [
    ("She studied at the Georgia Institute of Technology.", "Georgia"),
    ("The fans cheered as Michael Jordan scored.", "Jordan"),
    ("Polish the boots before noon.", "Poland"),
    ("The ballot had a hanging chad.", "Chad"),
    ("He read the Washington Post.", "United States"),
    ("They met in Moscow.", "Russia"),
    ("The talks were held in Minsk, Belarus.", "United States"),
    ("They used Russian-made devices.", "Russia"),
    ("It broadcasts anti-Pyongyang propaganda.", "North Korea"),
    ("It is part of the anti-terrorist operation.", "terrorist"),
    ("He fled the refugee camp near Goma.", "refugees"),
    ("He called it a large-scale military aggression.", "military"),
    ("The president and the general mobilization order.", "general"),
]


def only(sentence: str, text: str) -> ActorMention:
    found = GRAMMAR.find(sentence)
    same = [m for m in found if m.text == text]
    assert same, [(m.text, m.name) for m in found]
    return same[0]


@pytest.mark.parametrize("case", CASES)
def test_a_mention_has_its_canonical_name_kind_side_person_and_office(case: str) -> None:
    marked, name, kind, country, person, office = [*case.split("|"), "", ""][:6]
    sentence, text = marked.replace("[", "").replace("]", ""), marked[marked.index("[") + 1 : marked.index("]")]
    got = only(sentence, text)
    assert (got.name, got.kind, got.country or "") == (name, kind, country)
    assert (got.person or "", got.office or "") == (person, office)
    assert not got.generic


def test_the_table_is_large_enough() -> None:
    assert len(CASES) + len(GENERIC) >= 150


@pytest.mark.parametrize(("sentence", "text", "kind", "plural"), GENERIC)
def test_without_a_nationality_a_mention_is_generic(sentence: str, text: str, kind: str, plural: bool) -> None:
    got = only(sentence, text)
    assert (got.kind, got.plural, got.generic, got.country) == (kind, plural, True, None)


@pytest.mark.parametrize(("sentence", "name"), NEGATIVES)
def test_what_only_looks_like_an_actor_is_none(sentence: str, name: str) -> None:
    assert name not in {m.name for m in GRAMMAR.find(sentence)}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: str(e["name"]))
def test_every_entry_is_found_in_its_example(entry: dict[str, object]) -> None:
    found = GRAMMAR.find(str(entry["example"]))
    forms = cast(list[str], entry.get("adj", []))
    assert any(m.name == entry["name"] or any(a in m.text for a in forms) for m in found), found


def test_the_tables_are_as_large_as_promised_and_name_no_actor_twice() -> None:
    assert len(ENTRIES) >= 350
    assert len({e["name"] for e in ENTRIES}) == len(ENTRIES)


@pytest.mark.parametrize("state", cast(list[dict[str, object]], STATES["states"]), ids=lambda s: str(s["name"]))
def test_every_state_is_found_by_name_and_by_demonym(state: dict[str, object]) -> None:
    name = str(state["name"])
    assert name in {m.name for m in GRAMMAR.find(f"It was {name} that fired.")}
    for adjective in cast(list[str], state.get("adj", [])):
        assert name in {m.name for m in GRAMMAR.find(f"Then {adjective} troops fired.")}, adjective


@pytest.mark.parametrize(
    ("sentence", "text", "source"),
    [
        ("Georgian officials said so.", "Georgian officials", "Georgian officials"),
        ("Georgian sources said so.", "Georgian sources", "Georgian sources"),
        ("Authorities in Seoul said so.", "Authorities in Seoul", "Authorities of South Korea"),
        ("German Foreign Minister Uwe Lang said so.", "German Foreign Minister Uwe Lang", "Uwe Lang"),
        ("AFP said so.", "AFP", "Agence France-Presse"),
    ],
)
def test_a_source_keeps_its_own_words(sentence: str, text: str, source: str) -> None:
    assert only(sentence, text).as_source == source


def test_a_plural_office_with_a_list_leaves_the_states_apart() -> None:
    found = GRAMMAR.find("The foreign ministers of Ukraine, Russia, France and Germany met.")
    assert [m.name for m in found] == ["foreign ministers", "Ukraine", "Russia", "France", "Germany"]


def test_two_koreas_in_one_phrase() -> None:
    found = GRAMMAR.find("North and South Korea fired, and so did North and South Korean boats.")
    assert [m.name for m in found] == ["North Korea", "South Korea"] * 2


def test_text_in_capitals() -> None:
    found = GRAMMAR.find("GEORGIAN TROOPS ENTERED THE TOWN AND PRESIDENT PUTIN SAID RUSSIA WAS READY, WHO KNOWS")
    assert [(m.name, m.kind) for m in found] == [
        ("Georgia", "force"),
        ("Vladimir Putin", "person"),
        ("Russia", "state"),
    ]


def test_offsets_are_absolute_and_a_window_sees_nothing_outside() -> None:
    text = "Russia left. Georgian troops stayed. Ukraine came."
    (got,) = GRAMMAR.find(text, 13, 36)
    assert (got.start, got.end, got.text) == (13, 28, "Georgian troops")


REPORT = """Ukrainian military spokesman Andriy Moroz said Russian troops had crossed the river.
Moroz said Chechen rebels were with them, and that the rebels had mortars. The Popular Front for Renewal (PFR)
denied it. The Russian Defence Ministry denied it too. The ministry called it a lie. PFR men left. Chinese news
agency Xinhua saw them. The agency showed a bridge. According to Yonhap, quoting North Korea's news agency, the
country's military was on alert. South Korea fired. The North answered. The South waited. The spokesman was silent."""


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("rebels", "Chechen rebels"),
        ("ministry", "Ministry of Defence of Russia"),
        ("agency", "Xinhua"),
        ("country's military", "North Korea"),
        ("North", "North Korea"),
        ("South", "South Korea"),
        ("spokesman", "Andriy Moroz"),
    ],
)
def test_a_definite_description_stands_for_an_earlier_actor(text: str, name: str) -> None:
    report = ReportActors(GRAMMAR, REPORT)
    mention = [m for m in report.mentions if m.text == text and m.generic][-1]
    resolved = report.resolve(mention)
    assert resolved is not None
    assert resolved.name == name


def test_surnames_and_acronyms_of_the_report() -> None:
    report = ReportActors(GRAMMAR, REPORT)
    short = {m.text: m for m in report.mentions if m.text in ("Moroz", "PFR")}
    assert short["Moroz"].name == "Andriy Moroz"
    assert short["Moroz"].country == "UA"
    assert short["PFR"].name == "Popular Front for Renewal"
    assert all(REPORT[m.start : m.end] == m.text for m in report.mentions)
    at = REPORT.rindex("Moroz said")
    assert [m.text for m in report.within(at, at + 10)] == ["Moroz"]
    resolved = report.resolve("Moroz")
    assert resolved is not None
    assert resolved.office == "Spokesman of Ukraine"
    rebels = report.resolve("the rebels", REPORT.index("denied it"))
    assert rebels is not None
    assert rebels.name == "Chechen rebels"


def test_nothing_to_stand_for_is_none() -> None:
    report = ReportActors(GRAMMAR, "The ministry denied it. The two sides met.")
    assert [report.resolve(m) for m in report.mentions] == [None, None]
    assert report.resolve("nobody at all") is None


def test_theatre_weights_sum_to_one_and_favour_the_states_that_act_over_the_outlets() -> None:
    weights = countries(GRAMMAR.find("Georgian troops shelled South Ossetia, AFP said. Russia condemned Georgia."))
    assert sum(weights.values()) == pytest.approx(1)
    assert sorted(weights, key=lambda c: -weights[c]) == ["GE", "RU", "FR"]
    assert countries(()) == {}


PHRASES = """Russian Georgian troops of the President Putin , . - 's ' ( ) North and South Korea Front for Army pro
anti U.S. É ’ spokesman General al bin 58th Ministry said Moscow in country rebels Jordan"""
WORDS = st.sampled_from([*PHRASES.split(), "\n\n"])


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.text(max_size=80), st.lists(WORDS, max_size=14).map(" ".join), st.lists(WORDS, max_size=14).map("".join)
    )
)
def test_any_text_is_survived_and_offsets_cut_it(text: str) -> None:
    last = 0
    for mention in GRAMMAR.find(text):
        assert last <= mention.start < mention.end <= len(text)
        assert text[mention.start : mention.end] == mention.text
        assert mention.name
        last = mention.end
    report = ReportActors(GRAMMAR, text)
    for mention in report.mentions:
        report.resolve(mention)
