"""The grammar of number: finds what a report counts, as the contract's section "Numbers" says.

Method: an amount is read at each word that can begin one; what stands before and after it decides whether it is
a count at all (not a date, an age, a distance, a weapon's name), its qualifier, its noun and its measure. The
words are in `data/number_words.yaml` and `data/units.yaml`. Every look-around is bounded, so the time is linear.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

from services.extractor.core.number_amounts import Amount, AmountReader, any_of, key_of
from services.extractor.core.number_nouns import Counted, NounReader
from services.extractor.core.number_vetoes import SUBJECT, AmountRange, Vetoes, is_year, start_of, words_before

Qualifier = Literal["exact", "at_least", "over", "up_to", "about", "vague"]

# Far enough back for "the death toll in the besieged city had risen by Friday evening to more than".
TOLL_CHARS_MAX = 90

THINGS = frozenset({"aircraft", "vehicles", "munitions", "buildings"})
# Kinds of amount that count only with a noun beside them.
NOUN_NEEDED = frozenset({"one", "both", "both of", "a couple", "a couple of", "a pair of", "a single", "scores"})
FILLERS = frozenset(
    {"another", "a further", "an additional", "a total of", "the", "all", "only", "just", "its", "their"}
)
OBJECT_STARTS = frozenset({"the", "a", "an", "at", "more", "his", "her", "its", "their", "another"})
TOLL_LEADS = frozenset({"to", "at", "of", "reached", "is", "was", "passed", "exceeded", "surpassed", "topped", "hit"})

WORD = re.compile(r"\w+")
RANGE = re.compile(r"\s?[-–]\s?(?=\w)|\s{1,3}(?P<word>to|or|and)\s{1,3}(?!so\b|more\b|fewer\b)")
OF = re.compile(r"\s{1,3}(?:out\s{1,3})?of\s{1,3}")
NAME_CHARS = frozenset("-–/.:,$€£¥#+°_@")


@dataclass(frozen=True, slots=True)
class NumberMention:
    """A count. `start` and `end` cut `text` (qualifier and amount, not the noun) out of the whole string.

    `min` and `max` are inclusive, None where the text leaves that end open. `head_hint` is the span of the noun
    phrase counted and `of` its text; `measure_hint` one of the contract's measures, from the noun or from a verb
    or adjective right beside it. `share`: a part of a group ("12 of 15 drones" counts 12). `indefinite`: "a shell".
    """

    start: int
    end: int
    text: str
    min: int | None
    max: int | None
    qualifier: Qualifier
    head_hint: tuple[int, int] | None
    measure_hint: str | None
    of: str | None
    share: bool = False
    indefinite: bool = False


class NumberGrammar:
    """Finds counts. Immutable once built; safe to share between threads."""

    def __init__(self, words: Mapping[str, object], units: Mapping[str, object]) -> None:
        table = cast("Mapping[str, Mapping[str, str]]", words)
        self._amounts, self._nouns, self._vetoes = AmountReader(words), NounReader(words, units), Vetoes(words)
        self._qualifiers, self._before, self._tolls = table["qualifiers"], table["before"], table["tolls"]
        self._after = table["after"]
        self._passive = frozenset(cast("list[str]", words["after_passive"]))
        self._head_ends = frozenset(cast("list[str]", words["head_ends"]))
        self._after_word = re.compile(rf"\s{{1,3}}({any_of(self._after)})\b(?:\s{{1,3}}(\w+))?", re.I)
        self._toll = re.compile(rf"\b({any_of(self._tolls)})\b([^.;!?]*)$", re.I)
        self._rise = re.compile(rf"\b{any_of(cast('list[str]', words['rises']))}\s[^.;!?]{{0,20}}\bfrom\s$", re.I)
        self._more = cast("Mapping[str, Qualifier]", words["qualifiers_after"])
        self._qualifier_after = re.compile(rf"\s({any_of(self._more)})\b|\+(?!\w)|[-\s]plus\b", re.I)
        det = any_of(cast("list[str]", words["partitive_determiners"]))
        self._determiner = re.compile(rf"({det})\b\s{{0,3}}", re.I)
        zero = cast("Mapping[str, object]", words["zero"])
        self._zero_nouns = cast("Mapping[str, str]", zero["nouns"])
        self._harms = cast("Mapping[str, str]", zero["harms"])
        persons = any_of(cast("list[str]", zero["persons"]))
        aux = r"(?:(?:was|were|is|are|has|have|had|been|reported|believed|known|to|be|got)\s{1,3}){0,4}"
        harm = any_of(self._harms)
        self._zero = re.compile(
            rf"(?P<who>{persons})\b(?:\s{{1,3}}of\s(?:the\s|them\b|those\b)\w*(?:\s\w+)?)?\s{{1,3}}{aux}(?P<harm>{harm})\b"
            rf"|(?:no|without|without\sany|zero)\s{{1,3}}(?:(?:civilian|military|human|immediate)\s)?"
            rf"(?P<noun>{any_of(self._zero_nouns)})\b"
            rf"|no\s{{1,3}}(?P<group>(?:[a-z]+\s)?[a-z]+)\s{{1,3}}(?:was|were|had\sbeen|have\sbeen)\s(?P<done>{harm})\b",
            re.I,
        )
        self._starters = self._amounts.starters | {"no", "nobody", "none", "without", "zero"}

    @classmethod
    def from_mapping(cls, number_words: Mapping[str, object], units: Mapping[str, object]) -> NumberGrammar:
        """From the parsed `number_words.yaml` and `units.yaml`. Raises KeyError where a table is missing."""
        return cls(number_words, units)

    def find(self, text: str, start: int, end: int) -> tuple[NumberMention, ...]:
        """The counts inside text[start:end], in order, not overlapping; offsets count from the text's start."""
        mentions: list[NumberMention] = []
        floor = start
        for word in WORD.finditer(text, start, end):
            at = word.start()
            if at < floor or not (text[at].isdigit() or word[0].lower() in self._starters):
                continue
            if at > 0 and (text[at - 1] in NAME_CHARS or text[at - 1].isalnum()):
                continue
            mention = self._zero_at(text, at, end)
            if mention is None and (amount := self._amounts.read(text, at, end)) is not None:
                span = self._range(text, floor, at, end, amount)
                # What was read and is no count is not read again from its middle.
                floor = amount.stop if span is None else span.stop
                mention = None if span is None else self._count(text, max(start, at - TOLL_CHARS_MAX), end, span)
            if mention is not None:
                mentions.append(mention)
                floor = mention.end
        return tuple(mentions)

    def indefinite(self, text: str, start: int, end: int) -> tuple[NumberMention, ...]:
        """ "a shell", "an airman": one of a noun in units.yaml that heads its phrase, each exactly 1."""
        mentions: list[NumberMention] = []
        for article in re.compile(r"\b[Aa]n?(?=\s)").finditer(text, start, end):
            noun = self._nouns.read(text, article.end(), end, one=True)
            if noun is None or not noun.known:
                continue
            following = WORD.match(text, noun.end + 1, end) if text[noun.end : noun.end + 1].isspace() else None
            if following is None and text[noun.end : noun.end + 1] == "-":
                continue
            if following and not (following[0].lower() in self._head_ends or following[0].endswith(("ed", "ing"))):
                continue
            span = (noun.start, noun.end)
            mentions.append(
                NumberMention(
                    *article.span(), article[0], 1, 1, "exact", span, noun.measure, text[slice(*span)], indefinite=True
                )
            )
        return tuple(mentions)

    def _zero_at(self, text: str, at: int, end: int) -> NumberMention | None:
        if (match := self._zero.match(text, at, end)) is None:
            return None
        if match["who"]:
            return NumberMention(
                at, match.end("who"), match["who"], 0, 0, "exact", None, self._harms[key_of(match["harm"])], None
            )
        group = "noun" if match["noun"] else "group"
        if group == "group" and not self._nouns.is_plural_unit(match["group"].split()[-1]):
            return None
        stop = match.end("noun") if match["noun"] else match.end("group")
        measure = self._zero_nouns[key_of(match["noun"])] if match["noun"] else self._harms[key_of(match["done"])]
        of = None if match["noun"] else match["group"]
        return NumberMention(at, stop, text[at:stop], 0, 0, "exact", match.span(group), measure, of)

    def _range(self, text: str, floor: int, at: int, end: int, low: Amount) -> AmountRange | None:
        """The amount with the one it ranges to; None where the form is a name, a score or a serial number."""
        rest = text[low.stop : low.stop + 2]
        if low.kind == "digits" and (rest[:1].isalpha() or (rest[:1] in "_%°/@" and rest)):
            return None
        if low.kind == "digits" and rest[:1] in ".,:" and rest[1:].isdigit():
            return None
        sep = RANGE.match(text, low.stop, end)
        high = self._amounts.read(text, sep.end(), end) if sep and sep.end() < end else None
        dashed = sep is not None and sep["word"] is None
        if sep is None or high is None:
            return (
                None
                if dashed and not re.match(r"-(?:odd|plus)\b|\s", rest + text[low.stop + 2 : end][:3])
                else (AmountRange(low, None, at, low.stop))
            )
        if high.unit > 1 and low.unit == 1 and low.value < high.value // high.unit:
            low = Amount(low.value * high.unit, low.stop, high.unit, low.vague, low.kind)
        opened = text[max(floor, at - 8) : at].lower()
        if dashed and (low.value >= high.value or (low.kind == "digits" and is_year(text, at, low))):
            return None
        if sep["word"] == "to" and opened.endswith("from ") and self._rise.search(text, max(floor, at - 60), at):
            return AmountRange(high, None, sep.end(), high.stop)  # "rose from 12 to 45" counts 45
        if low.value >= high.value or low.vague or high.vague or high.kind not in (low.kind, "words", "digits"):
            return AmountRange(low, None, at, low.stop)
        if sep["word"] == "and" and not opened.endswith("between "):
            return AmountRange(low, None, at, low.stop)
        begin = at - len("between ") if sep["word"] == "and" else at
        return AmountRange(low, high, begin, high.stop)

    def _count(self, text: str, floor: int, end: int, span: AmountRange) -> NumberMention | None:
        amount, last = span.low, span.high or span.low
        previous = (words_before(text, floor, span.start) or [""])[-1]
        start, qualifier = self._qualifier(text, floor, span.start)
        if self._vetoes.no_count(text, floor, end, span):
            return None
        noun, share, stop = self._noun(text, end, span, last)
        if noun is not None and not noun.known and self._vetoes.measured(text[noun.start : noun.end]):
            return None
        measure = self._measure(text, floor, start, end, last.stop, noun)
        if noun is None and measure is None and self._vetoes.bare_name(text, floor, span, start):
            return None
        if noun is None or not noun.known:
            needs = amount.kind in NOUN_NEEDED or (amount.value == 1 and span.high is None)
            said = share or (amount.kind == "scores" and SUBJECT.match(text, last.stop, end) is not None)
            if needs and measure is None and not (said and (noun is None or text[noun.start : noun.end] == "them")):
                return None
            cued = noun is None or previous in self._vetoes.year_cues
            if measure is None and cued and is_year(text, last.stop - 4, last):
                return None
        elif is_year(text, span.start, amount) and previous in (
            "in",
            "since",
            "during",
        ):
            return None
        if (tail := self._qualifier_after.match(text, stop, end)) is not None:
            qualifier = self._more[key_of(tail[1])] if tail[1] else "at_least"
            stop = tail.end()
        if amount.vague and qualifier == "up_to":
            return None  # "up to several hundred" gives neither end
        return self._mention(text, start, stop, span, qualifier, noun, measure, share)

    @staticmethod
    def _mention(
        text: str,
        start: int,
        stop: int,
        span: AmountRange,
        qualifier: Qualifier | None,
        noun: Counted | None,
        measure: str | None,
        share: bool,
    ) -> NumberMention:
        low: int | None = span.low.value
        high: int | None = span.high.value if span.high else low
        said = qualifier or cast("Qualifier", span.low.qualifier or "exact")
        if span.low.vague:
            high, said = None, "vague"
        elif said in ("at_least", "over") and span.high is None:
            high = None
        elif said == "up_to" and span.high is None:
            low = None
        head = (noun.start, noun.end) if noun else None
        of = text[noun.start : noun.end] if noun else None
        return NumberMention(start, stop, text[start:stop], low, high, said, head, measure, of, share)

    def _qualifier(self, text: str, floor: int, at: int) -> tuple[int, Qualifier | None]:
        """The outermost qualifier in front of `at`, through fillers ("at least another"), and where it begins."""
        start, begin, found = at, at, None
        for _ in range(3):
            words = words_before(text, floor, begin)
            for length in range(len(words), 0, -1):
                phrase = " ".join(words[-length:])
                if phrase in self._qualifiers:
                    start = begin = start_of(text, begin, length)
                    found = cast("Qualifier", self._qualifiers[phrase])
                    break
                if phrase in FILLERS:
                    begin = start_of(text, begin, length)
                    break
            else:
                break
        return start, found

    def _noun(self, text: str, end: int, span: AmountRange, last: Amount) -> tuple[Counted | None, bool, int]:
        """What is counted; whether as a part of a group; where the amount ends."""
        one = span.high is None and last.value == 1
        stop = last.stop
        after = OF.match(text, stop, end)
        if after is None:
            if last.kind.endswith(" of"):
                return self._group(text, stop, end, last, stop)
            return self._nouns.read(text, self._skip_adjective(text, stop, end), end, one=one), False, stop
        return self._group(text, after.end(), end, last, stop)

    def _group(self, text: str, at: int, end: int, last: Amount, stop: int) -> tuple[Counted | None, bool, int]:
        determined = False
        while (match := self._determiner.match(text, at, end)) is not None:
            if match[1].lower() in ("them", "whom"):
                return Counted(*match.span(1), known=False, measure=None), True, stop
            determined, at = True, match.end()
        whole = self._amounts.read(text, at, end) if at < end else None
        if whole is not None:
            at = stop = whole.stop
        noun = self._nouns.read(text, self._skip_adjective(text, at, end), end, one=False)
        if noun is None and (match := self._after_word.match(text, at - 1, end)) is not None:
            noun = Counted(*match.span(1), known=True, measure=self._after[key_of(match[1])])  # "two of the wounded"
        share = determined or whole is not None or not (last.vague or last.qualifier)
        return noun, share, stop

    def _skip_adjective(self, text: str, at: int, end: int) -> int:
        """Past "wounded" in "12 wounded soldiers", which would end a phrase; the noun must follow."""
        match = self._after_word.match(text, at, end)
        follows = match is not None and match[2] and self._nouns.is_plural_unit(match[2])
        return match.end(1) if match is not None and follows else at

    def _measure(self, text: str, floor: int, start: int, end: int, stop: int, noun: Counted | None) -> str | None:
        after = self._after_measure(text, stop, end) or (self._after_measure(text, noun.end, end) if noun else None)
        if after is not None:
            return after
        if noun is not None and noun.known and (noun.measure is None or noun.measure in THINGS):
            return noun.measure
        verb = self._verb_before(text, floor, start)
        if verb is not None:
            named = noun is not None and not noun.known and text[noun.start].islower()
            others = noun is not None and text[noun.start : noun.end] in ("others", "more", "them")
            if verb in ("killed", "injured", "casualties") or not named or others:
                return verb
        lead = text[max(floor, start - TOLL_CHARS_MAX) : start]
        if ("toll" in lead or "number" in lead) and (toll := self._toll.search(lead)) is not None:
            words = toll[2].lower().split()
            if toll[2].strip() in (":", "") or words[-1] in TOLL_LEADS:
                return self._tolls[key_of(toll[1])]
        return noun.measure if noun is not None else None

    def _verb_before(self, text: str, floor: int, start: int) -> str | None:
        """killing, wounded or captured right in front, through a filler ("wounding another 20")."""
        for _ in range(2):
            words = words_before(text, floor, start)
            filler = 0
            for length in range(len(words), 0, -1):
                phrase = " ".join(words[-length:])
                if phrase in self._before:
                    return self._before[phrase]
                if phrase in FILLERS:
                    filler = filler or length
            if not filler:
                return None
            start = start_of(text, start, filler)
        return None

    def _after_measure(self, text: str, at: int, end: int) -> str | None:
        """ "12 dead", "12 people killed in": an adjective, or a participle that is not an active verb."""
        if (match := self._after_word.match(text, at, end)) is None:
            return None
        following, word = (match[2] or "").lower(), key_of(match[1])
        if self._nouns.is_plural_unit(word):  # "60 wounded to the capital", not "the rebels wounded three"
            passive = following not in OBJECT_STARTS and not following.isdigit() and following not in self._starters
        else:
            passive = not following or following in self._passive or self._nouns.is_plural_unit(following)
        return self._after[word] if passive else None
