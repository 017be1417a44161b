"""What all sentences of a report share, handed to every rule that fills a slot."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from services.extractor.core.analysis import Analysis
from services.extractor.core.grammar import Grammar
from services.extractor.core.lexicon import Lexicon
from services.extractor.core.places import ResolvedPlace, Theatre
from services.extractor.core.text import Quotation
from services.extractor.core.times import TimeGrammar
from services.extractor.core.trace import Watch, unwatched
from services.extractor.core.who import WhoReader


@dataclass(frozen=True, slots=True)
class Setting:
    """`country_place` gives a state's own ground by ISO 3166-1 code, `last_place` the narrow place told last, `capital`
    that of the country the report is about; each None where there is none. `watch` is told who filled which slot."""

    text: str
    grammar: Grammar
    lexicon: Lexicon
    times: TimeGrammar
    theatre: Theatre
    zone: tzinfo
    published: datetime
    who: WhoReader
    quotations: Sequence[Quotation]
    analyses: Sequence[Analysis]
    country_place: Callable[[str], ResolvedPlace | None]
    last_place: Callable[[], ResolvedPlace | None]
    capital: Callable[[], ResolvedPlace | None]
    watch: Watch = unwatched
