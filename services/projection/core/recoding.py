"""What another coder version makes of the same reports: events gained, lost, changed, per kind, with examples."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from shared.events.base import BaseEvent

Sort = Literal["same", "gained", "lost", "changed"]
SHOWN_CHARS: Final = 100
"""Of a quote or a value in an example."""
OF_VERSION: Final = frozenset({"id", "coder_version", "denies", "same_as", "part_of"})
"""Fields that differ between versions by their nature: ids are derived from the version."""


@dataclass(frozen=True, slots=True)
class Example:
    """One difference. `fields` are what changed: name, before, after."""

    report_id: str
    quote: str
    fields: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Pair:
    """What one event became; `before` is None where it is gained, `after` where it is lost."""

    before: BaseEvent | None
    after: BaseEvent | None


def _content(event: BaseEvent) -> str:
    return event.model_dump_json(exclude=set(OF_VERSION))


def _overlap(a: BaseEvent, b: BaseEvent) -> int:
    """Code points of evidence that both rest on."""
    return sum(
        max(0, min(x.end, y.end) - max(x.start, y.start)) for x in a.evidence for y in b.evidence
    )  # fmt: skip


def pairs(before: Sequence[BaseEvent], after: Sequence[BaseEvent]) -> list[Pair]:
    """Pair the events of one report: first the equal, then of one kind those that share most evidence."""
    made: list[Pair] = []
    left, right = sorted(before, key=lambda e: e.id), sorted(after, key=lambda e: e.id)
    by_content = defaultdict(list)
    for event in left:
        by_content[_content(event)].append(event)
    unmatched = []
    for event in right:
        equal = by_content[_content(event)]
        if equal:
            made.append(Pair(equal.pop(), event))
        else:
            unmatched.append(event)
    remaining = [event for events in by_content.values() for event in events]
    alike = [(_overlap(a, b), a, b) for a in remaining for b in unmatched if a.kind == b.kind]
    shared = sorted((found for found in alike if found[0]), key=lambda found: (-found[0], found[1].id, found[2].id))
    taken: set[str] = set()
    for _, a, b in shared:
        if not {a.id, b.id} & taken:
            taken |= {a.id, b.id}
            made.append(Pair(a, b))
    made += [Pair(event, None) for event in remaining if event.id not in taken]
    return made + [Pair(None, event) for event in unmatched if event.id not in taken]


def sort_of(pair: Pair) -> Sort:
    if pair.before is None:
        return "gained"
    if pair.after is None:
        return "lost"
    return "same" if _content(pair.before) == _content(pair.after) else "changed"


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= SHOWN_CHARS else text[:SHOWN_CHARS] + "…"


def _example(pair: Pair) -> Example:
    event = pair.after or pair.before
    assert event is not None
    fields: list[tuple[str, str, str]] = []
    if pair.before is not None and pair.after is not None:
        old, new = (e.model_dump(mode="json", exclude=set(OF_VERSION)) for e in (pair.before, pair.after))
        fields = [(n, _short(old.get(n)), _short(new[n])) for n in sorted(new) if old.get(n) != new[n]]
    return Example(event.report_id, _short(event.evidence[0].quote), tuple(fields))


@dataclass(slots=True)
class Tally:
    """Counts per kind, and the first `examples_max` examples of each sort of difference."""

    examples_max: int
    reports: int = 0
    counts: dict[str, Counter[Sort]] = field(default_factory=lambda: defaultdict(Counter))
    failures: list[str] = field(default_factory=list)
    _examples: dict[tuple[str, Sort], list[Example]] = field(default_factory=lambda: defaultdict(list))

    def add(self, before: Sequence[BaseEvent], after: Sequence[BaseEvent]) -> None:
        """Count in one report."""
        self.reports += 1
        for pair in pairs(before, after):
            event, sort = pair.after or pair.before, sort_of(pair)
            assert event is not None
            self.counts[event.kind][sort] += 1
            held = self._examples[event.kind, sort]
            if sort != "same" and len(held) < self.examples_max:
                held.append(_example(pair))

    def fail(self, report_id: str) -> None:
        """The new coder could not code this one."""
        self.failures.append(report_id)

    def examples(self) -> Iterator[tuple[str, Sort, Example]]:
        """Kind, sort and example, by kind and sort."""
        for (kind, sort), held in sorted(self._examples.items()):
            for example in held:
                yield kind, sort, example
