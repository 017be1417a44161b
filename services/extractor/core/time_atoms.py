"""The atoms of time: one compiled expression for a clock, a date, a weekday, a part of the day, a period or a
shift, and what each of them says. The words come from `data/time_words.yaml`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import time, timedelta, timezone, tzinfo
from typing import cast
from zoneinfo import ZoneInfo

from services.extractor.core.number_amounts import key_of
from services.extractor.core.time_mentions import (
    CalendarDay,
    Clock,
    Moment,
    Months,
    Origin,
    PartOfDay,
    Shift,
    Span,
    Unit,
    Weekday,
    Which,
    Years,
)

# Prepositions after which a bare month or year is a time; "on March" and "at May" are not.
PERIOD_CUES = frozenset(
    ("in", "since", "until", "by", "from", "after", "before", "as of", "starting", "during", "between", "of", "to")
)
# ... a bare 14:05 (a score has none), "the morning" and "the spring".
CLOCK_CUES = PERIOD_CUES | {"at", "on"}

S = r"\s{1,3}"
YEAR_DIGITS = r"(?:(?:19|20)\d\d|2100)"
YEAR = YEAR_DIGITS + r"(?!\w)"
DAY = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?(?!\w|[/:%]|[.,]\d)"

WORD = re.compile(r"\w+")

ARTICLES = frozenset({"the", "a", "an", "its"})
# What a digit can begin, and what nothing else can: each expression tries only its own.
DIGIT_FORMS = ("iso", "num", "dm", "years", "clock", "mil", "oclock", "shift")
DIGITS_ONLY = frozenset({"iso", "num", "clock", "mil"})

Table = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Atom:
    """`edge`: early, late, start ..., waiting for or applied to what follows. `cues`: the relations of which it
    needs one unless it is joined to another atom. `bare_year`: stands where a count may."""

    moment: Moment
    edge: str | None = None
    cues: frozenset[str] | None = None
    bare_year: bool = False


def any_of(words: Iterable[str]) -> str:
    """An alternation, longest first, in which a space is one to three blanks."""
    ordered = sorted(words, key=len, reverse=True)
    return "(?:" + "|".join(re.escape(word).replace(r"\ ", S) for word in ordered) + ")"


def _zone(name: str) -> tzinfo | None:
    if name == "local":
        return None
    return _offset(name) if name[0] in "+-" else ZoneInfo(name)


def _offset(text: str) -> timezone:
    """+3, +0330, -05:00"""
    digits = text[1:].replace(":", "")
    hours, minutes = (int(digits), 0) if len(digits) <= 2 else (int(digits[:-2]), int(digits[-2:]))
    delta = timedelta(hours=hours, minutes=minutes)
    return timezone(-delta if text[0] == "-" else delta)


def _compiled(forms: Mapping[str, str]) -> re.Pattern[str]:
    """One expression; the group of the form that matched is the match's last."""
    body = "|".join(f"(?P<{name}>{form})" for name, form in forms.items())
    # "mid-" alone may stand in front without a blank.
    return re.compile(rf"(?:(?<![\w$€£¥#+/\-–.,:])|(?<=\b[Mm]id-))(?:{body})")


def _cased(names: Iterable[str]) -> list[str]:
    return [form for name in names for form in (name, name.upper())]


class AtomReader:
    """The compiled tables: `match` finds an atom, `read` says what it means. Immutable once built."""

    def __init__(self, words: Table) -> None:
        table = cast("Mapping[str, Table]", words)
        months = cast("list[list[str]]", words["months"])
        weekdays = cast("list[list[str]]", words["weekdays"])
        parts = cast("Mapping[str, Table]", words["parts"])
        counts, tens = cast("list[str]", words["counts"]), cast("list[str]", words["tens"])
        self._months = {name.lower(): at for at, names in enumerate(months, 1) for name in names}
        self._weekdays = {name.lower(): at for at, names in enumerate(weekdays) for name in names}
        self.parts = {
            name: PartOfDay(name, time.fromisoformat(str(e["start"])), time.fromisoformat(str(e["end"])))
            for name, e in parts.items()
        }
        self._part_words = {w: name for name, e in parts.items() for w in cast("list[str]", e.get("words", []))}
        self._alone = {name for name, e in parts.items() if e.get("alone")}
        self._which = {k: self._as_which(cast("Table", v)) for k, v in table["which"].items()}
        self._relative = {
            k: (self._as_which(cast("Table", v)), cast("Mapping[str, str]", v).get("part"))
            for k, v in table["relative_days"].items()
        }
        self._edges = {k: str(v) for k, v in table["edges"].items()}
        self._clock_words = {k: time.fromisoformat(str(v)) for k, v in table["clock_words"].items()}
        self._seasons = {k: cast("int", v) for k, v in table["seasons"].items()}
        self._units = {w: unit for unit, forms in table["units"].items() for w in cast("list[str]", forms)}
        self._zones = {k: _zone(str(v)) for k, v in table["zones"].items()}
        self._counts = {word: at for at, word in enumerate(counts, 1)}
        for at, ten in enumerate(tens, 2):
            self._counts |= {f"{ten}-{one}": at * 10 + n for n, one in enumerate(counts[:9], 1)} | {ten: at * 10}
        self._counts |= dict.fromkeys(cast("list[str]", words["count_one"]), 1)
        self._directions = {k: cast("Table", v) for k, v in table["directions"].items()}
        self._windows = {k: cast("int", v) for k, v in table["windows"].items()}
        forms = self._forms(months, weekdays, words)
        self._of_digits = _compiled({name: forms[name] for name in DIGIT_FORMS})
        self._of_words = _compiled({name: form for name, form in forms.items() if name not in DIGITS_ONLY})
        phrases = [
            *self._months, *self._weekdays, *self._part_words, *self._which, *self._relative, *self._edges,
            *self._clock_words, *self._seasons, *self._counts, *self._windows,
            *cast("list[str]", words["vague_counts"]), *cast("list[str]", words["vague"]),
            "the", "its", "half", "day", "earlier", "later",
        ]  # fmt: skip
        after = [*phrases, *self._units, *cast("list[str]", words["ordinals"]), "weekend"]
        # The words an atom can begin with, in lower case.
        self.starters = frozenset(WORD.findall(phrase)[0].lower() for phrase in phrases)
        self._seconds = frozenset(word.lower() for phrase in after for word in WORD.findall(phrase))
        self._readers: dict[str, Callable[[re.Match[str]], Atom | None]] = {
            "iso": self._iso,
            "num": self._numeric,
            "dm": self._date,
            "md": self._date,
            "mo": self._month,
            "years": self._years,
            "clock": self._clock,
            "mil": self._military,
            "oclock": self._oclock,
            "cw": self._clock_word,
            "wd": self._weekday,
            "rel": self._relative_day,
            "window": self._window,
            "span": self._span,
            "season": self._season,
            "part": self._part,
            "shift": self._shift,
            "edge": lambda m: Atom(Moment(), edge=self._edges[key_of(m["edge"])]),
            "vague": lambda _: Atom(Moment()),
        }

    @staticmethod
    def _as_which(entry: Table) -> Which:
        return Which(cast("int", entry["shift"]), entry["of"] == "context")

    def _forms(self, months: list[list[str]], weekdays: list[list[str]], words: Table) -> dict[str, str]:
        full = any_of(_cased(names[0] for names in months))
        month = f"(?:{full}|{any_of(_cased(n for names in months for n in names[1:]))}\\.?)(?!\\w)"
        weekday = any_of(_cased(names[0] for names in weekdays)) + r"\b"
        short = any_of(_cased(n for names in weekdays for n in names[1:]))
        ampm = r"(?:\s?(?P<ap>[aApP])(?:\.[mM]\.|[mM]\b))"
        only_ampm = ampm.replace("<ap>", "<hap>")
        zones = any_of(self._zones)

        def zone(form: str) -> str:
            return rf"(?:\s?(?P<{form}_z>{zones})(?P<{form}_o>[+-]\d\d?(?::?\d\d)?)?(?!\w))"

        which = f"(?i:{any_of(self._which)})"
        units, windows = any_of(self._units), any_of(self._windows)
        number = rf"(?:\d{{1,4}}|{any_of(self._counts)})"
        vague = any_of(cast("list[str]", words["vague_counts"]))
        ordinals = any_of(cast("list[str]", words["ordinals"]))
        spoken = any_of(cast("list[str]", words["counts"])[:12])
        return {
            "iso": rf"(?P<iso_y>{YEAR_DIGITS})-(?P<iso_m>\d\d)-(?P<iso_d>\d\d)"
            r"(?:[T ](?P<iso_h>[012]\d):(?P<iso_n>[0-5]\d)"
            r"(?::\d\d(?:\.\d{1,9})?)?(?P<iso_z>Z|[+-]\d\d:?\d\d)?)?(?![\w-])",
            "num": rf"(?P<num_a>\d\d?)(?P<num_s>[/.])(?P<num_b>\d\d?)(?P=num_s)(?P<num_y>{YEAR})",
            "dm": rf"(?:{short}\.?,?{S})?(?:the{S})?(?P<dm_d>{DAY})"
            rf"(?:\s?[-–]\s?(?P<dm_e>{DAY})|{S}(?:to|and|or){S}(?P<dm_f>{DAY}))?{S}(?:of{S})?(?P<dm_m>{month})(?:,?{S}(?P<dm_y>{YEAR}))?",
            "md": rf"(?:{short}\.?,?{S})?(?P<md_m>{month}){S}(?:the{S})?(?P<md_d>{DAY})(?:,?{S}(?P<md_y>{YEAR}))?",
            "mo": rf"(?:(?P<mo_w>{which}){S})?(?P<mo_m>{full})(?!\w)(?:(?:,|{S}of)?{S}(?P<mo_y>{YEAR}))?",
            "years": rf"(?P<ys_y>(?:19|20)\d\d)[-–](?P<ys_e>(?:19|20)?\d\d)(?![\w-])"
            rf"|(?:the{S})?(?P<ys_d>(?:19|20)\d0)s\b"
            rf"|(?P<ys_b>{YEAR})(?![-–]\w|[.,:/]\d|%)",
            "clock": rf"(?P<h>[01]?\d|2[0-4])(?:(?P<sep>[:.])(?P<min>[0-5]\d)(?::[0-5]\d)?"
            rf"{ampm}?|{only_ampm})"
            rf"{zone('cl')}?(?!\w|[.:]\d|%)",
            "mil": rf"(?P<mh>[01]\d|2[0-3])(?P<mm>[0-5]\d)(?:{zone('mi')}"
            rf""
            rf"|(?:(?<=\b0\d{{3}})|(?<=at\s\d{{4}})|(?<=by\s\d{{4}})|(?<=from\s\d{{4}})|(?<=until\s\d{{4}})){S}(?:hours|hrs)\b)",
            "oclock": rf"(?i:(?P<oc>\d\d?|{spoken}){S}?o[’']clock\b)",
            "cw": rf"(?P<cw_t>(?i:{any_of(self._clock_words)}))\b{zone('cw')}?",
            "rel": rf"(?i:{any_of(self._relative)})\b",
            "wd": rf"(?:(?P<wd_w>{which}){S})?(?P<wd_d>{weekday})",
            "window": rf"(?i:(?:the{S})?(?:(?P<win_w>{windows}){S}(?P<win_n>{number}|{vague}){S}"
            rf"|the{S}(?P<win_v>past){S})(?P<win_u>{units})\b)",
            "span": rf"(?i:(?:(?:earlier|later){S})?(?:(?P<sp_w>{any_of(self._which)}|the){S})"
            rf"(?P<sp_u>week|weekend|month|year)\b(?!-|{S}(?:ago|earlier|later|before|after|old)\b))",
            "season": rf"(?:(?P<se_w>{which}|the){S})?(?P<se_n>{any_of(self._seasons)})\b"
            rf"(?:{S}(?:of{S})?(?P<se_y>{YEAR}))?",
            "part": rf"(?i:(?:(?P<pt_w>{any_of(self._which)}|the){S})?(?P<pt_n>{any_of(self._part_words)})\b(?!-))",
            "shift": rf"(?i:(?:(?P<sh_h>half){S}(?:an?{S})|(?P<sh_n>{number}|{vague}){S}(?:more{S})?)"
            rf"(?P<sh_u>{units})\b"
            rf"(?!{S}(?:old|of{S}age)\b|-)(?:{S}(?P<sh_d>{any_of(self._directions)})\b)?)",
            "edge": rf"(?i:mid-|{any_of(k for k in self._edges if k != 'mid-')}\b)(?=\s|(?<=-)\w)",
            "vague": rf"(?i:{any_of(cast('list[str]', words['vague']))}|day{S}(?:{number})"
            rf"|(?:a|the|its){S}{ordinals}{S}(?:straight{S}|consecutive{S})?day)\b",
        }

    def match(self, text: str, at: int, end: int) -> re.Match[str] | None:
        """The atom that begins at `at`: tried only where the words there can begin one, which is the speed."""
        word = WORD.match(text, at, end)
        if word is None:
            return None
        if text[at].isdigit():
            return self._of_digits.match(text, at, end)
        first = word[0].lower()
        if first not in self.starters:
            return None
        if first in ARTICLES:
            second = WORD.match(text, word.end() + 1, end)
            if second and not (second[0][0].isdigit() or second[0].lower() in self._seconds):
                return None
        return self._of_words.match(text, at, end)

    def read(self, match: re.Match[str]) -> Atom | None:
        """What a `match` says; None where its words fit and its meaning does not (hour 25)."""
        form = match.lastgroup
        return None if form is None else self._readers[form](match)

    def month_named(self, name: str) -> int:
        """1 to 12, of a full name or an abbreviation."""
        return self._months[name.lower().rstrip(".")]

    @staticmethod
    def _iso(m: re.Match[str]) -> Atom | None:
        day = CalendarDay(int(m["iso_m"]), int(m["iso_d"]), int(m["iso_y"]))
        if m["iso_h"] is None:
            return Atom(Moment(day=day))
        if int(m["iso_h"]) > 23:
            return None
        zone = None if m["iso_z"] is None else _offset("+0" if m["iso_z"] == "Z" else m["iso_z"])
        return Atom(Moment(clock=Clock(int(m["iso_h"]), int(m["iso_n"]), zone, "minute", True), day=day))

    @staticmethod
    def _numeric(m: re.Match[str]) -> Atom | None:
        a, b, year = int(m["num_a"]), int(m["num_b"]), int(m["num_y"])
        if not (1 <= a <= 31 and 1 <= b <= 31 and min(a, b) <= 12):
            return None
        if m["num_s"] == "." or a > 12:
            return Atom(Moment(day=CalendarDay(b, a, year))) if b <= 12 else None
        if b > 12 or a == b:
            return Atom(Moment(day=CalendarDay(a, b, year)))
        return Atom(Moment())  # 7/8/2008 is July in one country and August in another

    def _date(self, m: re.Match[str]) -> Atom | None:
        form = cast("str", m.lastgroup)
        year = int(m[f"{form}_y"]) if m[f"{form}_y"] else None
        return Atom(Moment(day=CalendarDay(self.month_named(m[f"{form}_m"]), _number(m[f"{form}_d"]), year)))

    def date_end(self, match: re.Match[str]) -> Moment | None:
        """The second day of "6-7 May", which one atom holds; None of any other match."""
        if match.lastgroup != "dm" or not (last := match["dm_e"] or match["dm_f"]):
            return None
        year = int(match["dm_y"]) if match["dm_y"] else None
        return Moment(day=CalendarDay(self.month_named(match["dm_m"]), _number(last), year))

    def _month(self, m: re.Match[str]) -> Atom:
        which = self._which[key_of(m["mo_w"])] if m["mo_w"] else None
        year = int(m["mo_y"]) if m["mo_y"] else None
        cues = PERIOD_CUES if which is None and year is None else None
        return Atom(Moment(period=Months(self.month_named(m["mo_m"]), 1, year, which)), cues=cues)

    @staticmethod
    def _years(m: re.Match[str]) -> Atom | None:
        if m["ys_b"]:
            return Atom(Moment(period=Years(int(m["ys_b"]), 1)), cues=PERIOD_CUES, bare_year=True)
        if m["ys_d"]:
            return Atom(Moment(period=Years(int(m["ys_d"]), 10)))
        first, last = int(m["ys_y"]), int(m["ys_y"][: 4 - len(m["ys_e"])] + m["ys_e"])
        return Atom(Moment(period=Years(first, last - first + 1))) if last > first else None

    def _clock(self, m: re.Match[str]) -> Atom | None:
        hour, minute, half = int(m["h"]), int(m["min"] or 0), m["ap"] or m["hap"]
        zone = self._zone_of(m, "cl")
        if half:
            if not 1 <= hour <= 12:
                return None
            hour = hour % 12 + (12 if half in "pP" else 0)
        elif hour == 24 or (m["sep"] == "." and not m["cl_z"]):
            return None  # 10.30 without more is a decimal
        clock = Clock(hour, minute, zone, "minute" if m["min"] else "hour", bool(half) or m["h"][0] == "0")
        return Atom(Moment(clock=clock), cues=None if half or m["cl_z"] else CLOCK_CUES)

    def _zone_of(self, m: re.Match[str], form: str) -> tzinfo | None:
        offset, name = m[f"{form}_o"], m[f"{form}_z"]
        return _offset(offset) if offset else self._zones[" ".join(name.split())] if name else None

    def _military(self, m: re.Match[str]) -> Atom:
        return Atom(Moment(clock=Clock(int(m["mh"]), int(m["mm"]), self._zone_of(m, "mi"), "minute", True)))

    def _oclock(self, m: re.Match[str]) -> Atom | None:
        hour = self._counts.get(m["oc"].lower()) or int(m["oc"])
        return Atom(Moment(clock=Clock(hour, 0, None, "hour", hour > 12))) if hour <= 23 else None

    def _clock_word(self, m: re.Match[str]) -> Atom:
        at = self._clock_words[key_of(m["cw_t"])]
        return Atom(Moment(clock=Clock(at.hour, at.minute, self._zone_of(m, "cw"), "minute", True)))

    def _weekday(self, m: re.Match[str]) -> Atom:
        which = self._which[key_of(m["wd_w"])] if m["wd_w"] else None
        return Atom(Moment(day=Weekday(self._weekdays[m["wd_d"].lower()], which)))

    def _relative_day(self, m: re.Match[str]) -> Atom:
        day, part = self._relative[key_of(m["rel"])]
        return Atom(Moment(part=self.parts[part] if part else None, day=day))

    def _window(self, m: re.Match[str]) -> Atom:
        sign = self._windows[key_of(m["win_w"] or m["win_v"])]
        return Atom(Moment(shift=self._counted(m["win_n"] or "one", m["win_u"], sign, "window")))

    def _counted(self, number: str, unit: str, sign: int, origin: Origin) -> Shift:
        word = key_of(number)
        count = int(word) if word.isascii() and word.isdigit() else self._counts.get(word)
        name = self._units[key_of(unit)]
        if name == "fortnight":
            return Shift(None if count is None else 2 * count, "week", sign, origin)
        return Shift(count, cast("Unit", name), sign, origin)

    def _span(self, m: re.Match[str]) -> Atom:
        which, unit = self._which.get(key_of(m["sp_w"])), cast("Unit", m["sp_u"].lower())
        # "the week" is a time only at its start or end, "the weekend" with a preposition.
        cues = None if which else frozenset({"on", "at", "during", "in", "since", "until", "before", "after", "by"})
        if which is None and m["sp_u"].lower() != "weekend":
            cues = frozenset()
        return Atom(Moment(period=Span(unit, which)), cues=cues)  # type: ignore[arg-type]

    def _season(self, m: re.Match[str]) -> Atom:
        which = self._which.get(key_of(m["se_w"])) if m["se_w"] else None
        year = int(m["se_y"]) if m["se_y"] else None
        cues = None if which or year else PERIOD_CUES - {"of", "to", "from"} if m["se_w"] else frozenset[str]()
        return Atom(Moment(period=Months(self._seasons[key_of(m["se_n"])], 3, year, which)), cues=cues)

    def _part(self, m: re.Match[str]) -> Atom:
        name = self._part_words[key_of(m["pt_n"])]
        which = self._which.get(key_of(m["pt_w"])) if m["pt_w"] else None
        cues = None if which or name in self._alone else CLOCK_CUES
        return Atom(Moment(part=self.parts[name], day=which), cues=cues)

    def _shift(self, m: re.Match[str]) -> Atom | None:
        direction = self._directions.get(key_of(m["sh_d"])) if m["sh_d"] else None
        sign, origin = (1, "none") if direction is None else (direction["sign"], direction["from"])
        if m["sh_h"]:
            half_hour = Shift(30, "minute", cast("int", sign), cast("Origin", origin))
            return Atom(Moment(shift=half_hour)) if key_of(m["sh_u"]) in ("hour", "hours") else None
        if direction is None and key_of(m["sh_n"]) in ("a", "an"):
            return None  # "an hour" alone is no time; "100 kilometres an hour" is a speed
        return Atom(Moment(shift=self._counted(m["sh_n"], m["sh_u"], cast("int", sign), cast("Origin", origin))))


def _number(text: str) -> int:
    return int(re.sub(r"\D", "", text))
