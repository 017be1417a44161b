"""The coder: a pure function of one report.

Sentences are gated by trigger words before the parser sees them; frames of the trigger words are filled from what the
grammars of actors, places, times and numbers found; links join what one report tells twice. Same bytes in, same bytes
out.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo

from services.extractor.core.actors import ActorGrammar, ReportActors, countries
from services.extractor.core.analysis import Analysis, possible_marks, special_keys
from services.extractor.core.assembly import assemble
from services.extractor.core.attribution import QUOTATION_WORDS_MIN, SPEAKER_AFTER_CHARS, SPEAKER_BEFORE_CHARS
from services.extractor.core.building import build, in_order
from services.extractor.core.drafts import Draft
from services.extractor.core.frames import Frame, find_frames
from services.extractor.core.gate import Gate
from services.extractor.core.grammar import Grammar
from services.extractor.core.language import SAMPLE_WORDS, WORD, EnglishTest
from services.extractor.core.lexicon import Lexicon
from services.extractor.core.linking import link
from services.extractor.core.moments import last_time
from services.extractor.core.place_finding import find_places
from services.extractor.core.place_names import Gazetteer
from services.extractor.core.place_structure import PlaceMention
from services.extractor.core.place_words import PlaceWords
from services.extractor.core.places import ResolvedPlace, Theatre, infer_theatre
from services.extractor.core.quantities import NumberGrammar, NumberMention
from services.extractor.core.setting import Setting
from services.extractor.core.syntax import Parser
from services.extractor.core.text import Quotation, Sentence, quotations, sentences
from services.extractor.core.times import TimeGrammar
from services.extractor.core.trace import Explanation, Trace, Watch, unwatched
from services.extractor.core.who import WhoReader
from shared.events.base import BaseEvent
from shared.reports import NotCodedReason, RawReport

BODY_CHARS_MAX: Final = 200_000
"""A longer text is a book or a dump: no reader would take its events for those of one report."""
SENTENCES_PARSED_MAX: Final = 600
CHARS_PARSED_MAX: Final = 60_000
"""Of sentences with a trigger. Both bound a report's time, some 4 ms a sentence, by nothing but its text; what lies
beyond is said by the reason `too_long`."""

_PLAIN: Final = str.maketrans({"İ": "I", "ı": "i", "ſ": "s", "\u212a": "K"})
"""Letters that a pattern without case takes for i, s and k, and that no table of words has. Lengths stay."""


def never() -> bool:
    """No limit of time: the default, under which a coding depends on the report alone."""
    return False


@dataclass(frozen=True, slots=True)
class Coding:
    """The events of a report in the order of their evidence, or why it has no coding."""

    events: tuple[BaseEvent, ...] = ()
    not_coded: NotCodedReason | None = None
    left_out: tuple[str, ...] = ()
    theatre: str | None = None


@dataclass(frozen=True, slots=True)
class Explained:
    """A coding, and one explanation for each of its events in their order."""

    coding: Coding
    explanations: tuple[Explanation, ...]


@dataclass(frozen=True)
class ReportCoder:
    """The rules with their knowledge. `code` never raises for any text and keeps nothing between reports."""

    version: str
    parser: Parser
    lexicon: Lexicon
    grammar: Grammar
    actors: ActorGrammar
    times: TimeGrammar
    numbers: NumberGrammar
    gazetteer: Gazetteer
    place_words: PlaceWords
    capitals: Mapping[str, str]
    english: EnglishTest
    gate: Gate

    def code(self, report: RawReport, late: Callable[[], bool] = never) -> Coding:
        """The events of a report, or the reason why there are none to look for.

        `late` is asked between sentences; where it says True the report is given up with the reason `timeout`.
        """
        return self._run(report, late, unwatched)[0]

    def explain(self, report: RawReport, late: Callable[[], bool] = never) -> Explained:
        """The same coding, and of each event in order why its slots hold what they hold."""
        trace = Trace()
        coding, drafts = self._run(report, late, trace)
        reasons = tuple(trace.explain(d, event) for d, event in zip(drafts, coding.events, strict=True))
        return Explained(coding, reasons)

    def _run(self, report: RawReport, late: Callable[[], bool], watch: Watch) -> tuple[Coding, list[Draft]]:
        """The coding and the drafts of its events, in the same order."""
        body = report.body
        reason = self._uncodable(report)
        if reason is not None:
            return Coding(not_coded=reason), []
        cut = sentences(body)
        likely = [n for n, s in enumerate(cut) if self.gate.opens(body, s.start, s.end)]
        if not likely:
            return Coding(), []
        actors = ReportActors(self.actors, body, [(s.start, s.end) for s in cut])
        places = {n: self._places(body, cut[n]) for n in likely}
        plain = body.translate(_PLAIN)
        numbers = {n: self.numbers.find(plain, cut[n].start, cut[n].end) for n in likely}
        gated = []
        for n in likely:
            start, end = cut[n].start, cut[n].end
            if self.gate.opens(body, start, end, possible_marks(actors.within(start, end), places[n], numbers[n])):
                gated.append(n)
        if len(gated) > SENTENCES_PARSED_MAX or sum(cut[n].end - cut[n].start for n in gated) > CHARS_PARSED_MAX:
            return Coding(not_coded="too_long"), []
        if late():
            return Coding(not_coded="timeout"), []
        analyses = self._analyse(body, cut, gated, actors, places, numbers)
        opened: dict[int, list[Frame]] = {}
        left_out: list[str] = []
        for analysis in analyses:
            if late():
                return Coding(not_coded="timeout"), []
            frames, reasons = find_frames(self.grammar, self.lexicon, analysis)
            left_out += reasons
            if frames:
                opened[analysis.number] = frames
        if not opened:  # most reports that come so far: nothing below is needed
            return Coding(left_out=tuple(left_out)), []
        for n, s in enumerate(cut):
            if n not in places:
                places[n] = self._places(body, s)
        theatre = self._theatre(report, actors, [p for n in range(len(cut)) for p in places[n]])
        quoted = quotations(body)
        voices = sorted(set(self._voices(body, cut, opened, quoted)) - {a.number for a in analyses})
        analyses += self._analyse(body, cut, voices, actors, places, numbers)
        analyses.sort(key=lambda a: a.number)
        drafts: list[Draft] = []
        setting = Setting(
            text=body,
            grammar=self.grammar,
            lexicon=self.lexicon,
            times=self.times,
            theatre=theatre,
            zone=self._zone(report, theatre),
            published=report.published_at,
            who=WhoReader(body, actors, self.lexicon, self.grammar),
            quotations=quoted,
            analyses=analyses,
            country_place=self._country_place,
            last_place=lambda: _last_place(drafts),
            capital=lambda: self._capital(theatre),
            watch=watch,
        )
        for analysis in analyses:
            if late():
                return Coding(not_coded="timeout"), []
            if analysis.number not in opened:
                continue
            near = [d for d in drafts if d.frame.analysis.sentence.paragraph == analysis.sentence.paragraph]
            drafts += assemble(setting, analysis, opened[analysis.number], last_time(near))
        drafts = in_order(link(self.grammar, drafts, watch))
        events = build(report, self.version, setting, drafts)
        return Coding(events=events, left_out=tuple(left_out), theatre=theatre.country), drafts

    def _uncodable(self, report: RawReport) -> NotCodedReason | None:
        if report.retracts:
            return "retraction"
        words = [w.group().lower() for w in islice(WORD.finditer(report.body), SAMPLE_WORDS)]
        if not words:
            return "empty"
        if len(report.body) > BODY_CHARS_MAX:
            return "too_long"
        if not self.english.passes(words, report.language):
            return "language"
        return None

    def _places(self, body: str, sentence: Sentence) -> tuple[PlaceMention, ...]:
        return find_places(body, sentence.start, sentence.end, self.gazetteer, self.place_words)

    def _voices(
        self, body: str, cut: Sequence[Sentence], opened: Collection[int], quoted: Sequence[Quotation]
    ) -> Iterator[int]:
        """Sentences without an event of their own that may name who speaks in a quotation that has one."""
        starts, ends = [s.start for s in cut], [s.end for s in cut]
        for quote in quoted:
            if quote.words < QUOTATION_WORDS_MIN:
                continue
            low = bisect_right(ends, quote.start - SPEAKER_BEFORE_CHARS)
            near = range(low, bisect_left(starts, quote.end + SPEAKER_AFTER_CHARS))
            homes = {
                cut[n].paragraph for n in near if n in opened and cut[n].start < quote.end and quote.start < cut[n].end
            }
            for n in near:
                if n not in opened and cut[n].paragraph in homes and self.gate.names(body, cut[n].start, cut[n].end):
                    yield n

    def _theatre(self, report: RawReport, actors: ReportActors, places: list[PlaceMention]) -> Theatre:
        extra = {code: 3.0 * weight for code, weight in countries(actors.mentions).items()}
        if report.country is not None:
            extra[report.country] = extra.get(report.country, 0.0) + 5.0
        return infer_theatre(places, extra, self.gazetteer.weights)

    def _country_place(self, country: str) -> ResolvedPlace | None:
        """A state's own ground, for a measure that it takes at home."""
        name = self.actors.states.get(country)
        found = [p for p in self.gazetteer.lookup(name) if p.kind == "country" and p.country == country] if name else []
        if not found:
            return None
        p = found[0]
        return ResolvedPlace(
            p.name, p.country, p.lat, p.lon, p.geonames_id, "", 0, 0, "in", 0.5, ("at home",), p.kind, p.radius_km
        )

    def _capital(self, theatre: Theatre) -> ResolvedPlace | None:
        """ "The capital" is that of the country the report is about."""
        country = theatre.country or ""
        found = [p for p in self.gazetteer.lookup(self.capitals.get(country, "")) if p.country == country]
        if not found:
            return None
        p = found[0]
        return ResolvedPlace(
            p.name, p.country, p.lat, p.lon, p.geonames_id, "", 0, 0, "in", 0.6, ("the capital",), p.kind, p.radius_km
        )

    def _zone(self, report: RawReport, theatre: Theatre) -> tzinfo:
        name = report.time_zone or theatre.timezone()
        if name is not None:
            try:
                return ZoneInfo(name)
            except (ValueError, OSError, KeyError):
                pass  # the gazetteer may name a zone that this tzdata lacks
        zone = report.published_at.tzinfo
        assert zone is not None  # RawReport refuses a time without offset
        return zone

    def _analyse(
        self,
        body: str,
        cut: Sequence[Sentence],
        gated: Sequence[int],
        actors: ReportActors,
        places: Mapping[int, tuple[PlaceMention, ...]],
        counted: Mapping[int, Sequence[NumberMention]],
    ) -> list[Analysis]:
        """Parse some sentences; `counted` has the numbers of those that were looked through already."""
        if not gated:
            return []
        lower = body.lower()
        context = frozenset({"air"} if any(word in lower for word in self.grammar.air_words) else ())
        plain = body.translate(_PLAIN)
        trees = self.parser.parse([(body[cut[n].start : cut[n].end], cut[n].start) for n in gated])
        out: list[Analysis] = []
        for n, tree in zip(gated, trees, strict=True):
            if not len(tree):
                continue
            sentence = cut[n]
            times = self.times.find(body, sentence.start, sentence.end)
            found = counted[n] if n in counted else self.numbers.find(plain, sentence.start, sentence.end)
            numbers = tuple(m for m in found if not any(t.start < m.end and m.start < t.end for t in times))
            mentioned = actors.within(sentence.start, sentence.end)
            keys = special_keys(
                tree, self.lexicon.keys(tree.tokens), self.grammar, self.lexicon, mentioned, places[n], numbers
            )
            out.append(Analysis(n, sentence, tree, keys, mentioned, places[n], times, numbers, context))
        return out


def _last_place(drafts: Sequence[Draft]) -> ResolvedPlace | None:
    """The narrow place told last: what "the town" stands for."""
    for draft in reversed(drafts):
        for pinned in draft.places:
            if pinned.place.kind not in ("country", "continent", "sea"):
                return pinned.place
    return None
