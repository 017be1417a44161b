"""Who acts, suffers and speaks: names of actors in a text, by dictionaries and a small noun-phrase grammar.

Pure: the tables of words (states, actors, roles) are handed in. Longest match from the left; case-sensitive
for names, case-blind for roles; a text all in capitals is matched in capitals. Offsets are Unicode code points.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from services.extractor.core.actor_scan import ActorScan
from services.extractor.core.actor_tables import ActorMention, ActorTables, Kind, Table

__all__ = ["ActorGrammar", "ActorMention", "ReportActors", "Table", "countries"]

THEATRE_WEIGHTS: Final[Mapping[Kind, float]] = {"media": 0.1, "person": 0.7, "organisation": 0.5, "unknown": 0.2}
"""What a mention counts for where a report is about; a state, force or people counts in full."""
_ACRONYM: Final = re.compile(r"\s*[(\[]\s*([A-Z][\w.-]{1,11})\s*[)\]]")
_PARAGRAPH: Final = re.compile(r"\n\s*\n")


class ActorGrammar(ActorTables):
    """The tables with the search over them."""

    def find(self, text: str, start: int = 0, end: int | None = None) -> tuple[ActorMention, ...]:
        """The actors named in text[start:end], in order, without overlaps; offsets are into `text`."""
        scan = ActorScan(self, text, start, len(text) if end is None else end)
        found: list[ActorMention] = []
        i = 0
        while i < len(scan.keys):
            phrase = scan.at(i)
            if phrase is None:
                i += 1
            else:
                if phrase.mention.name:
                    found.append(phrase.mention)
                i = max(phrase.end, i + 1)
        return tuple(found)


def countries(mentions: Iterable[ActorMention]) -> Mapping[str, float]:
    """Weight of each country (ISO 3166-1 alpha-2) as the theatre of a report; sums to 1, empty where none is named."""
    weights: dict[str, float] = defaultdict(float)
    for mention in mentions:
        if code := mention.home or mention.country:
            weights[code] += THEATRE_WEIGHTS.get(mention.kind, 0.5 if mention.metonym else 1.0)
    total = sum(weights.values())
    return {code: weight / total for code, weight in sorted(weights.items())}


def _surname(name: str) -> str:
    """The last word, but the first of "Kim Jong-un"."""
    first, *_, last = name.split()
    return first if last.partition("-")[2].islower() else last.removeprefix("al-")


class ReportActors:
    """All mentions of one report, with surnames and acronyms it introduced, and the reading of "the ministry"."""

    def __init__(self, grammar: ActorGrammar, text: str, spans: Sequence[tuple[int, int]] | None = None):
        """spans: the sentences, as offsets; without them the paragraphs."""
        self.grammar = grammar
        if spans is None:
            cuts = [0, *(m.end() for m in _PARAGRAPH.finditer(text)), len(text)]
            spans = list(pairwise(cuts))
        found = [m for start, end in spans for m in grammar.find(text, start, end)]
        self.names: dict[str, ActorMention] = {}
        for mention in found:
            if mention.person and mention.name.count(" "):
                known = self.names.get(surname := _surname(mention.name))
                if known is None or (known.office is None and mention.office):
                    self.names[surname] = mention
            elif not mention.generic and (acronym := _ACRONYM.match(text, mention.end)):
                self.names.setdefault(acronym.group(1), mention)
        self.mentions = tuple(sorted(found + self._short(text, found), key=lambda m: m.start))
        self._starts = [m.start for m in self.mentions]

    def _short(self, text: str, found: Sequence[ActorMention]) -> list[ActorMention]:
        if not self.names:
            return []
        taken = sorted((m.start, m.end) for m in found)
        short = re.compile(r"\b(?:" + "|".join(sorted(map(re.escape, self.names), key=len, reverse=True)) + r")\b")
        more = []
        for match in short.finditer(text):
            at = bisect_left(taken, (match.end(), 0))
            if at == 0 or taken[at - 1][1] <= match.start():
                origin = self.names[match.group()]
                more.append(replace(origin, start=match.start(), end=match.end(), text=match.group()))
        return more

    def within(self, start: int, end: int) -> tuple[ActorMention, ...]:
        """The mentions that lie in [start, end)."""
        low, high = bisect_left(self._starts, start), bisect_left(self._starts, end)
        return tuple(m for m in self.mentions[low:high] if m.end <= end)

    def resolve(self, what: ActorMention | str, offset: int | None = None) -> ActorMention | None:
        """The actor a mention or words stand for, looking back from `offset` (for a mention: from its start)."""
        if isinstance(what, str):
            bare = re.sub(r"^(?:the|this|that)\s+", "", what.strip(), flags=re.I)
            if bare in self.names:
                return self.names[bare]
            parsed = self.grammar.find(f"the {bare}")
            if not parsed:
                return None
            what, offset = parsed[0], len(self._starts) and self._starts[-1] + 1 if offset is None else offset
        if not what.generic:
            return what
        before = [m for m in self.mentions if not m.generic and m.start < (what.start if offset is None else offset)]
        before.reverse()
        if what.name in ("North", "South"):
            return self._compass(what.name, before or self.mentions)
        if what.text.split("'")[0].split("’")[0].lower() in self.grammar.anaphors and what.role:
            return self._state(before)
        return self._antecedent(what, before)

    def _compass(self, side: str, before: Sequence[ActorMention]) -> ActorMention | None:
        """The state that "the North" or "the South" is in this report."""
        compasses, states = self.grammar.compasses, self.grammar.states
        for mention in before:
            if compasses.get(mention.name) == side:
                return mention
            if compasses.get(states.get(mention.country or "", "")) == side:
                return self._state([mention])
        return None

    def _state(self, before: Sequence[ActorMention]) -> ActorMention | None:
        """The state spoken of last, by itself or by somebody who acts for it."""
        for mention in before:
            if mention.country in self.grammar.states:
                return replace(
                    mention, name=self.grammar.states[mention.country], kind="state", person=None, office=None
                )
        return None

    def _antecedent(self, what: ActorMention, before: Sequence[ActorMention]) -> ActorMention | None:
        head = what.head or what.name
        if what.role is None:
            kinds = self.grammar.anaphors.get(head, ())
            if kinds == ("state",):
                return self._state(before)
            return next((m for m in before if m.kind in kinds and m.name != m.text.lower()), None)
        if what.office:
            return next((m for m in before if m.office and what.office.split()[-1] in m.office.split(" of ")[0]), None)
        same = next((m for m in before if m.head == head or m.name.endswith(f" {head}")), None)
        sides = what.role == "body" and what.plural  # "the two sides" are no single actor
        if same or sides or what.role == "civilians":
            return same
        if head == "Ministry":
            return next((m for m in before if "Ministry" in m.name), None)
        kinds = self.grammar.resolves.get(what.role, ())
        if what.role == "force" and what.plural:
            return None  # bare "troops" are whoever they are
        return next((m for kind in kinds for m in before if m.kind == kind), None)
