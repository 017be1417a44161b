"""The words that steer the grammar, compiled from `data/grammar.yaml`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from services.extractor.core.lexicon import verb_forms

Words = frozenset[str]


@dataclass(frozen=True, slots=True)
class Grammar:
    """Word forms by what they do to the event below or beside them. The data file says what each list means."""

    light: Words
    object_control: Words
    accusing: Words
    accusing_by: Mapping[str, str]
    owning_up: Words
    reporting: Words
    reporting_of: Words
    quoting: Words
    uttering: Words
    confirming: Words
    denying: Words
    announcing: Words
    calling: Words
    threatening: Words
    failing: Words
    failing_phrasal: frozenset[tuple[str, str]]
    continuing: Words
    ending: Words
    announcing_nouns: Words
    calling_nouns: Words
    threatening_nouns: Words
    failing_nouns: Words
    reporting_nouns: Words
    blame: Words
    speech_nouns: Words
    announced_adjectives: Words
    hypothetical_adjectives: Words
    ongoing_adjectives: Words
    predicative_announced: Words
    modals: Mapping[str, str]
    hypothetical_marks: Words
    hedges: Words
    negations: Words
    unreal: Words
    wide_events: Words
    under_way: Words
    denial_words: Words
    time_nouns: Words
    anaphoric_places: Words
    containers: Words
    bearing: Words
    measures: Words
    occurring: Words
    happening: Words
    holding: Words
    attempting: Words
    air_words: Words
    grounds: Words
    resumption: Words
    speaking: Words
    speaking_pronouns: Words
    function_words: Words
    nobody: Words
    nothing: Words
    offices: Words
    locative: Words
    no_such: Words
    striking: Words
    suffered: Words
    own_words: Words
    pronouns: Words
    totals: Words
    spans_of_time: Words
    border_words: Words
    sides: Words
    ways: Words
    ordinals: Mapping[str, int]
    killed_stems: tuple[str, ...]
    injured_stems: tuple[str, ...]
    leaving_stems: tuple[str, ...]
    arriving_stems: tuple[str, ...]

    @classmethod
    def from_mappings(cls, grammar: Mapping[str, object], triggers: Mapping[str, object]) -> "Grammar":
        """Compile the parsed files. Raises KeyError for a list that is missing."""
        irregular = {str(k): [str(x) for x in _list(v)] for k, v in _table(triggers["irregular"]).items()}
        verbs, nouns = _table(grammar["verbs"]), _table(grammar["nouns"])
        adjectives, anaphora = _table(grammar["adjectives"]), _table(grammar["anaphora"])
        begin = _table(grammar["stems"])

        def forms(name: str) -> Words:
            lemmas = (str(lemma) for lemma in _list(verbs[name]))
            return frozenset(f for lemma in lemmas if " " not in lemma for f in verb_forms(lemma, irregular))

        def phrasal(name: str) -> frozenset[tuple[str, str]]:
            split = (str(lemma).split() for lemma in _list(verbs[name]))
            return frozenset(
                (f, words[1]) for words in split if len(words) == 2 for f in verb_forms(words[0], irregular)
            )

        def plurals(values: object) -> Words:
            return frozenset(w for v in _list(values) for w in (str(v), f"{v}s"))

        def stems(name: str) -> tuple[str, ...]:
            return tuple(map(str, _list(begin[name])))

        return cls(
            **{name: forms(name) for name in (
                "light", "object_control", "accusing", "owning_up", "reporting", "reporting_of", "quoting", "uttering",
                "confirming", "denying", "announcing", "calling",
                "threatening", "failing", "continuing", "ending", "occurring",
                "happening", "holding", "attempting",
            )},
            **{name: _words(grammar[name]) for name in (
                "hypothetical_marks", "hedges", "negations", "unreal", "under_way", "denial_words", "air_words",
                "grounds", "bearing", "measures",
                "containers", "resumption", "speaking", "speaking_pronouns", "function_words", "nobody",
                "nothing", "offices", "locative", "no_such", "striking", "suffered", "own_words", "pronouns",
                "totals", "spans_of_time", "border_words", "sides", "ways",
            )},
            accusing_by={
                form: str(preposition)
                for verb, preposition in cast("dict[str, str]", verbs["accusing_by"]).items()
                for form in verb_forms(verb, irregular)
            },
            failing_phrasal=phrasal("failing"),
            announcing_nouns=plurals(nouns["announcing"]),
            calling_nouns=plurals(nouns["calling"]),
            threatening_nouns=plurals(nouns["threatening"]),
            failing_nouns=plurals(nouns["failing"]),
            reporting_nouns=plurals(nouns["reporting"]),
            blame=plurals(nouns["blame"]),
            speech_nouns=plurals(nouns["speech"]),
            announced_adjectives=_words(adjectives["announced"]),
            hypothetical_adjectives=_words(adjectives["hypothetical"]),
            ongoing_adjectives=_words(adjectives["ongoing"]),
            predicative_announced=_words(adjectives["predicative_announced"]),
            modals={str(k): str(v) for k, v in _table(grammar["modals"]).items()},
            wide_events=plurals(grammar["wide_events"]),
            time_nouns=plurals(grammar["time_nouns"]),
            anaphoric_places=plurals(anaphora["place"]),
            ordinals={str(k): int(str(v)) for k, v in _table(grammar["ordinals"]).items()},
            killed_stems=stems("killed"),
            injured_stems=stems("injured"),
            leaving_stems=stems("leaving"),
            arriving_stems=stems("arriving"),
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
    words = _list(value)
    odd = [w for w in words if not isinstance(w, str)]
    if odd:  # YAML reads a bare no, on or false as a truth value
        raise ValueError(f"grammar.yaml: put {odd} in quotation marks")
    return frozenset(map(str, words))
