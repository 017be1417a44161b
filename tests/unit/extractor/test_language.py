"""Which texts are read as English: by their words, their letters and what the reporter says of them."""

import pytest

from services.extractor.core.language import is_english_tag
from services.extractor.knowledge import read_yaml
from tests.unit.extractor.coding import Coder, rows

OTHERS = read_yaml("other_languages.yaml")["languages"]

ENGLISH: tuple[tuple[str, str | None], ...] = (
    ("Two killed in Gaza strike. Hamas vows response, medics say.", None),
    ("Two killed in Gaza strike", None),
    ("Jets bomb Gori", None),
    ("Gori, Poti, Senaki", None),
    ("Rebels captured nine men, shot down two jets. Army helicopters returned fire.", None),
    ("Deir ez-Zor, Abu Kamal, al-Mayadin: jets bombed bridges. Eleven dead, say medics.", None),
    ("BREAKING: MISSILE HITS KHARKIV HOSPITAL, TOLL RISES TO NINE, MAYOR SAYS", None),
    ("FLASH – Israel strikes Damascus airport. State TV: two wounded.", None),
    ("The army said: “قصفت الطائرات الحربية حي الشيخ مقصود”, and troops shelled the town.", None),
    ("Marchers in Paris shouted “les soldats de la paix” on Sunday as the talks began.", None),
    ("Mayor opens library. Crowds cheer new reading room downtown, pupils sing.", "en"),
)
OTHER: tuple[tuple[str, str | None], ...] = (
    ("Zwei Tote bei Angriff auf den Hafen von Odessa.", None),
    ("Les rebelles ont pris la ville.", None),
    ("Mueren dos soldados en la frontera.", None),
    ("Двое убиты при ударе по Харькову.", None),
    ("В Харькове погибли двое.", "en"),
    ("مقتل شخصين في غزة", None),
    ("两人在加沙空袭中丧生", None),
    ("Jets bombed the port of Poti.", "fr"),
    ("Jets bombed the port of Poti.", "FR_fr"),
    ("Les avions ont bombardé le port de la ville dans la nuit et des drones ont attaqué les soldats.", "en"),
)


@pytest.mark.parametrize(("body", "hint"), rows(ENGLISH))
def test_english(coder: Coder, body: str, hint: str | None) -> None:
    assert coder.coding(body, language=hint).not_coded is None


@pytest.mark.parametrize(("body", "hint"), OTHER)
def test_not_english(coder: Coder, body: str, hint: str | None) -> None:
    assert coder.coding(body, language=hint).not_coded == "language"


@pytest.mark.parametrize("code", OTHERS)
@pytest.mark.parametrize("times", [1, 12], ids=["a sentence", "a report"])
def test_other_languages_are_known(coder: Coder, code: str, times: int) -> None:
    body = " ".join([OTHERS[code]["example"]] * times)
    assert coder.coding(body).not_coded == "language"


@pytest.mark.parametrize("hint", ["en", "EN", "eng", "en-us", "en-GB", "en_GB", "EN_us", "en-Latn-GB"])
def test_a_hint_of_english_in_any_writing(coder: Coder, hint: str) -> None:
    assert is_english_tag(hint)
    assert coder.coding("Jets bombed the port of Poti.", language=hint).events


@pytest.mark.parametrize("hint", ["fr", "enm", "de-EN", "ka", "e"])
def test_a_hint_of_another_language(hint: str) -> None:
    assert not is_english_tag(hint)
