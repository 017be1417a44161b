"""The words that steer the grammar, compiled from `data/grammar.yaml`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.extractor.core.lexicon import verb_forms

Words = frozenset[str]


@dataclass(frozen=True, slots=True)
class Grammar:
    """Word forms by what they do to the event below or beside them. The data file says what each list means."""

    light: Words
    object_control: Words
    accusing: Words
    reporting: Words
    confirming: Words
    denying: Words
    announcing: Words
    calling: Words
    threatening: Words
    failing: Words
    starting: Words
    continuing: Words
    ending: Words
    announcing_nouns: Words
    calling_nouns: Words
    threatening_nouns: Words
    failing_nouns: Words
    reporting_nouns: Words
    announced_adjectives: Words
    hypothetical_adjectives: Words
    ongoing_adjectives: Words
    predicative_announced: Words
    modals: Mapping[str, str]
    hypothetical_marks: Words
    hedges: Words
    negations: Words
    denial_words: Words
    speech_nouns: Words
    time_nouns: Words
    anaphoric_places: Words
    anaphoric_events: Words
    containers: Words
    air_words: Words
    grounds: Words
    resumption: Words

    @classmethod
    def from_mappings(cls, grammar: Mapping[str, object], triggers: Mapping[str, object]) -> "Grammar":
        """Compile the parsed files. Raises KeyError for a list that is missing."""
        irregular = {str(k): [str(x) for x in _list(v)] for k, v in _table(triggers["irregular"]).items()}
        verbs, nouns = _table(grammar["verbs"]), _table(grammar["nouns"])
        adjectives, anaphora = _table(grammar["adjectives"]), _table(grammar["anaphora"])

        def forms(name: str) -> Words:
            return frozenset(f for lemma in _list(verbs[name]) for f in verb_forms(str(lemma).split()[0], irregular))

        def plurals(values: object) -> Words:
            return frozenset(w for v in _list(values) for w in (str(v), f"{v}s"))

        return cls(
            **{name: forms(name) for name in (
                "light", "object_control", "accusing", "reporting", "confirming", "denying", "announcing", "calling",
                "threatening", "failing", "starting", "continuing", "ending",
            )},
            announcing_nouns=plurals(nouns["announcing"]),
            calling_nouns=plurals(nouns["calling"]),
            threatening_nouns=plurals(nouns["threatening"]),
            failing_nouns=plurals(nouns["failing"]),
            reporting_nouns=plurals(nouns["reporting"]),
            announced_adjectives=_words(adjectives["announced"]),
            hypothetical_adjectives=_words(adjectives["hypothetical"]),
            ongoing_adjectives=_words(adjectives["ongoing"]),
            predicative_announced=_words(adjectives["predicative_announced"]),
            modals={str(k): str(v) for k, v in _table(grammar["modals"]).items()},
            hypothetical_marks=_words(grammar["hypothetical_marks"]),
            hedges=_words(grammar["hedges"]),
            negations=_words(grammar["negations"]),
            denial_words=_words(grammar["denial_words"]),
            speech_nouns=plurals(grammar["speech_nouns"]),
            time_nouns=plurals(grammar["time_nouns"]),
            anaphoric_places=plurals(anaphora["place"]),
            anaphoric_events=plurals(anaphora["event"]),
            air_words=_words(grammar["air_words"]),
            grounds=_words(grammar["grounds"]),
            containers=_words(grammar["containers"]),
            resumption=_words(grammar["resumption"]),
        )  # fmt: skip


def _table(value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise ValueError(f"grammar.yaml: expected a mapping, found {value!r}")
    return value


def _list(value: object) -> Sequence[object]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise ValueError(f"grammar.yaml: expected a list, found {value!r}")
    return value


def _words(value: object) -> Words:
    return frozenset(map(str, _list(value)))
