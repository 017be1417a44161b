"""News agencies whose text other outlets print, by the names under which they are credited.

A table of names and nothing else: extend it as outlets are added, one agency a line.
"""

from typing import Final

AGENCIES: Final[dict[str, tuple[str, ...]]] = {
    "afp": ("agence france-presse", "agence france presse", "france-presse"),
    "anadolu": ("anadolu agency", "anadolu ajansi", "aa news agency"),
    "ansa": ("ansa news agency",),
    "ap": ("associated press", "the associated press", "a.p."),
    "bloomberg": ("bloomberg news",),
    "dpa": ("deutsche presse-agentur", "german press agency"),
    "efe": ("agencia efe", "efe news agency"),
    "interfax": ("interfax news agency", "interfax agency", "the interfax news agency"),
    "irna": ("islamic republic news agency",),
    "kyodo": ("kyodo news",),
    "pti": ("press trust of india",),
    "reuters": ("reuters news agency", "thomson reuters", "reuter"),
    "ria novosti": ("ria", "ria-novosti", "ria novosti news agency", "novosti"),
    "sana": ("syrian arab news agency",),
    "tass": ("itar-tass", "itar tass", "tass news agency", "the tass news agency"),
    "ukrinform": ("ukrinform news agency",),
    "upi": ("united press international",),
    "xinhua": ("xinhua news agency", "new china news agency"),
}
"""From the name used here to its others, all folded as names are compared."""

ALIAS: Final = {alias: name for name, aliases in AGENCIES.items() for alias in (name, *aliases)}
