"""Places: what is found in a sentence, and where it is put, on the real gazetteer."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from services.extractor.core.place_names import TheatreWeights, fold, spelling
from services.extractor.core.place_words import place_words_from
from services.extractor.core.places import (
    PlaceMention,
    ResolvedPlace,
    Theatre,
    find_places,
    infer_theatre,
    resolve,
)
from services.extractor.gazetteer import DATA, SqliteGazetteer, load_place_words
from services.extractor.gazetteer_build import RegionEntry, region_entries

WORDS = load_place_words()

# One place a line: the country that a report of its theatre should put it in.
PLACES = """
GE: Kareli, Gori, Poti, Tskhinvali, Zugdidi, Senaki, Kutaisi, Batumi, Sukhumi, Akhalgori, Java
GE: Khashuri, Marneuli, Ochamchire, Kaspi
UA: Slovyanoserbsk, Bakhmut, Mariupol, Avdiivka, Bucha, Irpin, Ilovaisk, Debaltseve, Kherson
UA: Kharkiv, Lysychansk, Kramatorsk, Sievierodonetsk, Popasna, Vuhledar, Chasiv Yar, Pokrovsk
UA: Kupiansk, Izium, Lyman, Volnovakha, Melitopol, Sloviansk, Marinka, Enerhodar, Zaporizhzhia
RU: Grozny, Beslan, Vladikavkaz, Belgorod, Kursk, Sudzha, Shebekino, Budyonnovsk, Nazran
RU: Makhachkala, Khasavyurt, Gudermes, Argun
AZ: Stepanakert, Shusha, Ganja, Fuzuli, Agdam
AM: Goris, Kapan, Vardenis
KR: Yeoncheon, Paju, Yeonpyeong
KP: Kaesong, Wonsan, Yongbyon
SD: Kurmuk, Damazin, Damazine, El Fasher, Nyala, Geneina, El Geneina, Kadugli, Omdurman
SD: Port Sudan, Wad Madani, Dilling, Kutum, Zalingei, Merowe, Heglig
SS: Bunj, Yida, Malakal, Bentiu, Bor, Wau, Nasir, Pibor, Yei, Torit
BY: Minsk
DE: Berlin
IQ: Mosul, Tal Afar, Basra, Fallujah, Ramadi, Tikrit, Sinjar, Kirkuk, Erbil, Baqubah, Samarra
IQ: Haditha, Karbala, Najaf, Hawija
SY: Kobani, Aleppo, Raqqa, Douma, Homs, Idlib, Palmyra, Deir ez-Zor, Manbij, Afrin, Khan Shaykhun
SY: Maarat al-Numan, Daraa, al-Bab, Madaya, Saraqib, Azaz, Jarabulus
XK: Pristina, Mitrovica, Prizren, Peja, Gjakova
HR: Vukovar, Knin, Osijek, Dubrovnik
BA: Srebrenica, Sarajevo, Tuzla, Mostar, Bihac, Gorazde, Banja Luka, Zepa
CD: Goma, Beni, Bukavu, Bunia, Rutshuru, Uvira, Masisi, Butembo, Kisangani
ET: Mekelle, Axum, Adigrat, Shire, Humera, Lalibela, Gondar, Alamata
SO: Mogadishu, Kismayo, Baidoa, Beledweyne, Galkayo, Bosaso
YE: Hodeidah, Sanaa, Marib, Taiz, Aden, Saada, Mocha, Zinjibar
LY: Sirte, Misrata, Benghazi, Derna, Tripoli, Sabha, Brega, Ras Lanuf, Tobruk, Zawiya, Zintan
LY: Tarhuna
LK: Jaffna, Kilinochchi, Trincomalee, Mullaitivu, Batticaloa
IN: Kargil, Srinagar, Uri, Pulwama, Imphal
PK: Mingora, Miranshah, Quetta, Peshawar, Parachinar, Wana
FK: Port Stanley, Goose Green
IR: Khorramshahr, Abadan, Ahvaz, Sanandaj, Natanz
AF: Kabul, Kunduz, Kandahar, Lashkar Gah, Sangin, Jalalabad, Ghazni, Mazar-i-Sharif, Herat
AF: Musa Qala
PH: Marawi, Zamboanga, Jolo, Cotabato
PS: Gaza, Rafah, Jenin, Nablus, Khan Younis, Jabalia, Hebron, Beit Hanoun, Deir al-Balah
IL: Sderot, Ashkelon, Haifa, Metula, Kiryat Shmona
LB: Beirut, Tyre, Sidon, Baalbek, Bint Jbeil, Nabatieh, Tripoli
ML: Timbuktu, Gao, Kidal, Mopti, Konna, Menaka
NG: Maiduguri, Chibok, Gwoza, Bama, Damboa
NE: Diffa, Bosso
CF: Bangui, Bambari, Bossangoa, Bria
MM: Sittwe, Maungdaw, Lashio, Myitkyina, Laukkai
CO: Toribio, Saravena, Tumaco
MZ: Palma, Pemba
TR: Cizre, Diyarbakir, Suruc
"""
TABLE = [
    (name.strip(), country)
    for country, names in (line.split(":") for line in PLACES.strip().splitlines())
    for name in names.split(",")
]


@pytest.fixture(scope="module")
def gazetteer(gazetteer_path: Path) -> SqliteGazetteer:
    return SqliteGazetteer(gazetteer_path)


def found(text: str, gazetteer: SqliteGazetteer) -> tuple[PlaceMention, ...]:
    return find_places(text, 0, len(text), gazetteer, WORDS)


def names(text: str, gazetteer: SqliteGazetteer) -> list[str]:
    return [m.text for m in found(text, gazetteer)]


def placed(text: str, gazetteer: SqliteGazetteer, **theatre: float) -> dict[str, ResolvedPlace | None]:
    mentions = found(text, gazetteer)
    inferred = infer_theatre(mentions, theatre, gazetteer.weights)
    return {m.text: resolve(m, inferred) for m in mentions}


def test_the_table_is_large_enough() -> None:
    assert len(TABLE) >= 100


@pytest.mark.parametrize(("name", "country"), TABLE)
def test_a_conflict_place_is_found_and_put_in_its_country(name: str, country: str, gazetteer: SqliteGazetteer) -> None:
    place = placed(f"Heavy fighting was reported near {name} on Tuesday.", gazetteer, **{country: 2.0}).get(name)
    assert place is not None
    assert place.text == name
    assert place.country == country
    assert place.lat is not None
    assert place.lon is not None


@pytest.mark.parametrize("entry", region_entries(), ids=lambda e: e.name)
def test_every_region_is_found_in_its_example(entry: RegionEntry, gazetteer: SqliteGazetteer) -> None:
    homes = [entry.country] if entry.country else list(entry.countries)
    mentions = found(entry.example, gazetteer)
    theatre = infer_theatre((), dict.fromkeys(homes, 1.0), gazetteer.weights)
    resolved = [r for r in (resolve(m, theatre) for m in mentions) if r is not None]
    assert entry.name in [r.name for r in resolved]
    assert next(r for r in resolved if r.name == entry.name).country == entry.country


def test_at_least_220_regions_with_plausible_coordinates(gazetteer: SqliteGazetteer) -> None:
    entries = region_entries()
    assert len(entries) >= 220
    assert len({e.name for e in entries}) == len(entries)
    for entry in entries:
        assert -90 <= entry.lat <= 90
        assert -180 <= entry.lon <= 180
        assert entry.radius_km is not None
        assert entry.radius_km > 0
        assert entry.country is None or not entry.countries
        assert entry.example


_RAW_WORDS = yaml.safe_load((DATA / "place_words.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("section", sorted(_RAW_WORDS))
def test_every_word_list_has_a_true_example(section: str, gazetteer: SqliteGazetteer) -> None:
    assert names(_RAW_WORDS[section]["example"], gazetteer) == _RAW_WORDS[section]["found"]


def test_a_word_list_that_is_missing_or_unknown_is_refused() -> None:
    with pytest.raises(ValueError, match="never"):
        place_words_from({k: v for k, v in _RAW_WORDS.items() if k != "never"})
    with pytest.raises(ValueError, match="surplus"):
        place_words_from({**_RAW_WORDS, "surplus": {"words": []}})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("President Jackson met General Lincoln.", []),
        ("UNHCR spokesman Adrian Edwards said it was quiet.", []),
        ("Kofi Annan flew to Damascus.", ["Damascus"]),
        ("Washington denied the report.", ["Washington"]),
        ("The Bank of Moscow and Kuwait Airways declined to comment.", []),
        ("The Washington Post quoted the Geneva Convention.", []),
        ("The Minsk agreement and the Oslo accords were named.", []),
        ("The Berlin Wall fell.", []),
        ("The Friends of Syria will meet.", []),
        ("Georgian and Turkish officers spoke to Ukrainian colleagues.", []),
        ("Most police units had nice things to say about reading.", []),
        ("Most villages were empty.", []),
        ("Reading the statement, he wept.", []),
        ("Police said two men were hit.", []),
        ("Shelling went on through March and May.", []),
        ("A Moscow-backed militia and pro-Russia gunmen were blamed.", []),
        ("Al-Qaeda in the Arabian Peninsula claimed the raid.", []),
        ("Boko Haram and Islamic State claimed it.", []),
        ("NATO and UNHCR officials met.", []),
        ("Amnesty International and Human Rights Watch protested.", []),
        ("He told Hezbollah to stop.", []),
        ("They spoke in English in Parliament.", []),
    ],
)
def test_what_is_not_a_place_is_not_found(text: str, expected: list[str], gazetteer: SqliteGazetteer) -> None:
    assert names(text, gazetteer) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Two people died in Hit.", ["Hit"]),
        ("Clashes broke out in the town of Hit.", ["Hit"]),
        ("Boats were seen near Split.", ["Split"]),
        ("The village of Zarbadan was shelled.", ["Zarbadan"]),
        ("Rockets fell near Khirbat Qaysun.", ["Khirbat Qaysun"]),
        ("Bombs fell on New Guffa village.", ["New Guffa"]),
        ("SEOUL — North Korea fired a missile.", ["SEOUL", "North Korea"]),
        ("Troops crossed from Russia's North Ossetia to South Ossetia.", ["Russia", "North Ossetia", "South Ossetia"]),
        ("U.S. jets flew over Iraq.", ["U.S.", "Iraq"]),
    ],
)
def test_places_known_by_their_context_are_found(text: str, expected: list[str], gazetteer: SqliteGazetteer) -> None:
    assert names(text, gazetteer) == expected


def test_a_surname_is_remembered_through_the_report(gazetteer: SqliteGazetteer) -> None:
    text = "Spokesman Adrian Edwards flew home. Edwards left Gori."
    assert [m.text for m in find_places(text, 36, len(text), gazetteer, WORDS)] == ["Gori"]


def test_a_government_named_by_its_capital_is_flagged(gazetteer: SqliteGazetteer) -> None:
    assert found("Moscow denied it.", gazetteer)[0].metonym_possible
    assert not found("A bomb went off in Moscow.", gazetteer)[0].metonym_possible


@pytest.mark.parametrize(
    ("text", "name", "relation", "direction"),
    [
        ("Fighting went on in eastern Ukraine.", "Ukraine", "in", "eastern"),
        ("Tanks entered northern Gaza.", "Gaza", None, "northern"),
        ("Villages lie empty south of Kurmuk.", "Kurmuk", "south_of", None),
        ("A bomb fell near Gori.", "Gori", "near", None),
        ("Soldiers stand outside Goma.", "Goma", "outside", None),
        ("A column drove towards Tskhinvali.", "Tskhinvali", "towards", None),
        ("Tanks are on the outskirts of Grozny.", "Grozny", "near", None),
        ("The convoy came from Poti.", "Poti", "from", None),
        ("People fled to Gori.", "Gori", "towards", None),
        ("They patrol along the Line of Control.", "Line of Control", "along", None),
        ("Shots rang across Mosul.", "Mosul", "across", None),
    ],
)
def test_relation_and_direction(
    text: str, name: str, relation: str | None, direction: str | None, gazetteer: SqliteGazetteer
) -> None:
    mention = next(m for m in found(text, gazetteer) if m.text == name)
    assert (mention.relation, mention.direction) == (relation, direction)


def test_between_pairs_its_ends_and_lists_share_a_preposition(gazetteer: SqliteGazetteer) -> None:
    sudan, south = found("It happened in the border areas between Sudan and South Sudan.", gazetteer)
    assert (sudan.relation, south.relation) == ("between", "between")
    assert sudan.pair == (south.start, south.end)
    assert south.pair == (sudan.start, sudan.end)
    assert [m.relation for m in found("Blasts were heard in Goma, Bukavu and Beni.", gazetteer)] == ["in"] * 3


@pytest.mark.parametrize(
    ("text", "narrow", "wide"),
    [
        ("A bomb fell in Gori, Georgia.", "Gori", "Georgia"),
        ("They walked to Bunj, the capital of Maban county.", "Bunj", "Maban county"),
        ("Bombs fell on Yida, Unity State.", "Yida", "Unity State"),
        ("Two soldiers died in Helmand's Sangin district.", "Sangin", "Helmand"),
        ("Troops attacked units in eastern Ukraine's Luhansk region.", "Luhansk region", "Ukraine"),
        ("The town of Kareli in central Georgia was bombed.", "Kareli", "Georgia"),
        ("They hit New Guffa village of South Sudan's Upper Nile state.", "New Guffa", "Upper Nile state"),
    ],
)
def test_a_narrower_place_knows_its_container(text: str, narrow: str, wide: str, gazetteer: SqliteGazetteer) -> None:
    mention = next(m for m in found(text, gazetteer) if m.text == narrow)
    assert mention.part_of is not None
    assert mention.part_of.text == wide


def test_a_list_is_no_hierarchy(gazetteer: SqliteGazetteer) -> None:
    assert all(m.part_of is None for m in found("Bombs fell on Gori, Poti and Senaki.", gazetteer))
    assert all(m.part_of is None for m in found("Envoys of Russia, Georgia and Ukraine met.", gazetteer))


@pytest.mark.parametrize(
    ("text", "name", "theatre", "country", "kind"),
    [
        ("Fighting spread in Georgia.", "Georgia", {"RU": 1.0}, "GE", "country"),
        ("A tornado hit Atlanta, Georgia.", "Georgia", {"US": 3.0}, "US", "admin1"),
        ("A bomb fell near Kareli.", "Kareli", {"GE": 1.0, "RU": 1.0}, "GE", "city"),
        ("Ships lie off Poti.", "Poti", {"GE": 1.0}, "GE", "city"),
        ("Militias fought in Tripoli.", "Tripoli", {"LY": 1.0}, "LY", "capital"),
        ("Militias fought in Tripoli.", "Tripoli", {"LB": 1.0}, "LB", "city"),
        ("Talks are held in Berlin.", "Berlin", {"UA": 3.0, "RU": 1.0}, "DE", "capital"),
        ("Rebels left Idlib province.", "Idlib province", {"SY": 1.0}, "SY", "admin1"),
        ("Rebels left Idlib.", "Idlib", {"SY": 1.0}, "SY", "city"),
        ("A shell hit Donetsk airport.", "Donetsk airport", {"UA": 1.0}, "UA", "airport"),
        ("A shell hit Donetsk.", "Donetsk", {"UA": 1.0, "RU": 0.5}, "UA", "city"),
        ("Food ran out in Yarmouk camp.", "Yarmouk camp", {"SY": 1.0}, "SY", "camp"),
        ("Boats patrol the Black Sea.", "Black Sea", {"UA": 1.0}, None, "sea"),
    ],
)
def test_an_ambiguous_name_follows_the_theatre(
    text: str, name: str, theatre: dict[str, float], country: str | None, kind: str, gazetteer: SqliteGazetteer
) -> None:
    place = placed(text, gazetteer, **theatre)[name]
    assert place is not None
    assert (place.country, place.kind) == (country, kind)


def test_a_container_disambiguates(gazetteer: SqliteGazetteer) -> None:
    libya = placed("A plane landed in Tripoli, Lebanon.", gazetteer)["Tripoli"]
    assert libya is not None
    assert libya.country == "LB"


def test_no_wrong_pin_outside_the_theatre(gazetteer: SqliteGazetteer) -> None:
    kareli = placed("A bomb fell near Kareli.", gazetteer, CO=3.0)["Kareli"]
    assert kareli is not None
    assert (kareli.name, kareli.lat, kareli.lon) == ("Kareli", None, None)


@pytest.mark.parametrize(("name", "country"), [("Muttur", "LK"), ("Kozarac", "BA")])
def test_a_small_namesake_next_door_does_not_vouch_for_itself(
    name: str, country: str, gazetteer: SqliteGazetteer
) -> None:
    place = placed(f"Fighting was reported near {name}.", gazetteer, **{country: 2.0})[name]
    assert place is None or (place.lat, place.lon) == (None, None)


def test_an_unknown_place_takes_its_container_s_country_and_no_pin(gazetteer: SqliteGazetteer) -> None:
    place = placed("A school in the village of Zarbadan in Syria was hit.", gazetteer)["Zarbadan"]
    assert place is not None
    assert (place.name, place.country, place.lat) == ("Zarbadan", "SY", None)


def test_the_theatre_has_the_zone_of_its_dominant_place(gazetteer: SqliteGazetteer) -> None:
    text = "Russian aircraft bombed Kareli and Gori. Russia denied it."
    theatre = infer_theatre(found(text, gazetteer), {"RU": 1.0, "GE": 1.0}, gazetteer.weights)
    assert theatre.country == "GE"
    assert theatre.timezone() == "Asia/Tbilisi"
    assert infer_theatre((), {"UA": 1.0}, gazetteer.weights).timezone() == "Europe/Kyiv"
    assert Theatre().timezone() is None


def test_theatre_without_any_sign_is_empty() -> None:
    assert infer_theatre((), {}, TheatreWeights()) == Theatre(neighbours={}, zones={})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Slov’yanoserbs’k", "Slovyanoserbsk"),
        ("Deir ez-Zor", "Deir ez Zor"),
        ("St. Petersburg", "Saint Petersburg"),
        ("Jabālyā", "JABALYA"),
        ("Gražiškė", "graziske"),
    ],
)
def test_spellings_fold_together(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_romanisations_level_together() -> None:
    assert spelling(fold("Hodeidah")) == spelling(fold("Al Hudaydah"))
    assert spelling("gori") is None
