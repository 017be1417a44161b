"""What the coder knows, read from the data files, the gazetteer and the model; and the version that names it all."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import thread_time
from typing import Any, Final

import yaml

from services.extractor.core.actors import ActorGrammar
from services.extractor.core.coder import Coding, Explained, ReportCoder
from services.extractor.core.gate import Gate
from services.extractor.core.grammar import Grammar
from services.extractor.core.language import EnglishTest
from services.extractor.core.lexicon import Lexicon
from services.extractor.core.place_words import place_words_from
from services.extractor.core.quantities import NumberGrammar
from services.extractor.core.times import TimeGrammar
from services.extractor.gazetteer import SqliteGazetteer
from services.extractor.parser import SpacyParser
from shared.reports import RawReport

HERE: Final = Path(__file__).parent
DATA: Final = HERE / "data"
CORE: Final = HERE / "core"
NO_RULES: Final = frozenset({"gaps.py"})
"""Modules of the core that read offsets and no report."""
RULES_OUTSIDE_CORE: Final = ("gazetteer.py", "knowledge.py", "parser.py")
"""What looks places up, compiles the data and makes trees of the model's words changes events as rules do."""

REPORT_CPU_S_MAX: Final = 60.0
"""Of this thread's own time, which a busy machine does not lengthen. The rules' bounds keep the worst text known far
below it; it stands for the text that nobody thought of."""


def read_yaml(name: str) -> dict[str, Any]:
    """A data file by name. Raises ValueError that names the file where it is no mapping."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    parsed = yaml.load((DATA / name).read_text(encoding="utf-8"), Loader=loader)
    if not isinstance(parsed, dict):
        raise ValueError(f"{name} is not a mapping")
    return parsed


def code_version(*parts: str) -> str:
    """A digest over rules, data files and the versions of models: it changes when and only when one of them does."""
    rules = [p for p in CORE.glob("*.py") if p.name not in NO_RULES] + [HERE / name for name in RULES_OUTSIDE_CORE]
    digest = hashlib.sha256()
    for path in (*sorted(rules), *sorted(DATA.glob("*.yaml"))):
        digest.update(path.name.encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).digest())
    for part in parts:
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()[:12]


@dataclass(frozen=True)
class LoadedCoder:
    """A coder with its version. One a process; not for two threads at once."""

    rules: ReportCoder
    version: str

    def code(self, report: RawReport) -> Coding:
        """The events of a report, or why there are none; the reason `timeout` after `REPORT_CPU_S_MAX`."""
        return self.rules.code(report, _time_limit())

    def explain(self, report: RawReport) -> Explained:
        """The same, with the reason of every slot."""
        return self.rules.explain(report, _time_limit())


def _time_limit() -> Callable[[], bool]:
    started = thread_time()
    return lambda: thread_time() - started > REPORT_CPU_S_MAX


def load_coder(gazetteer_path: Path | None = None) -> LoadedCoder:
    """Read everything and compile it. Raises GazetteerMissing where `make setup` has not built the gazetteer."""
    triggers = read_yaml("triggers.yaml")
    gazetteer = SqliteGazetteer(gazetteer_path) if gazetteer_path is not None else SqliteGazetteer()
    parser = SpacyParser()
    version = code_version(gazetteer.version, parser.version)
    lexicon = Lexicon.from_mappings(triggers, read_yaml("classes.yaml"))
    grammar = Grammar.from_mappings(read_yaml("grammar.yaml"), triggers)
    rules = ReportCoder(
        version=version,
        parser=parser,
        lexicon=lexicon,
        grammar=grammar,
        actors=ActorGrammar.from_mappings(read_yaml("states.yaml"), read_yaml("actors.yaml"), read_yaml("roles.yaml")),
        times=TimeGrammar.from_mapping(read_yaml("time_words.yaml")),
        numbers=NumberGrammar.from_mapping(read_yaml("number_words.yaml"), read_yaml("units.yaml")),
        gazetteer=gazetteer,
        place_words=place_words_from(read_yaml("place_words.yaml")),
        capitals=_capitals(read_yaml("states.yaml")),
        english=_english(grammar, lexicon, read_yaml("other_languages.yaml")),
        gate=Gate(lexicon),
    )
    return LoadedCoder(rules, version)


def _capitals(states: dict[str, Any]) -> dict[str, str]:
    """The first capital of each of today's states, by country code."""
    return {row["code"]: row["capitals"][0] for row in states["states"] if row.get("code") and row.get("capitals")}


def _english(grammar: Grammar, lexicon: Lexicon, others: dict[str, Any]) -> EnglishTest:
    vocabulary = frozenset().union(lexicon.verbs, lexicon.nouns, lexicon.phrases, *lexicon.classes.values())
    words = {str(code): tuple(map(str, row["words"])) for code, row in others["languages"].items()}
    return EnglishTest.of(grammar.function_words, vocabulary, words)
