"""Links between the events of a report: what is one occurrence told twice, and what is part of something larger.

Both are said only where the text bears them out; two strikes on one town are two until something says otherwise.
"""

from collections.abc import Sequence
from typing import Final

from services.extractor.core import arguments
from services.extractor.core.drafts import Draft
from services.extractor.core.grammar import Grammar
from services.extractor.core.kinds import ATTACKS, SPEECH

WITHIN: Final = frozenset({"in", "during", "amid"})
"""Before a larger event they put what is told beside it into it: "in the offensive"."""
HARMS: Final = frozenset({"damage", "casualty_report", "displacement"})
"""What an attack does: part of any attack that it is told to be of."""
WIDE_COUNTRY_KINDS: Final = frozenset({"country", "continent", "sea"})
"""Too wide to show that two events are one."""


def same_occurrence(g: Grammar, draft: Draft, before: Sequence[Draft]) -> list[Draft]:
    """The earlier event that a later one tells again, as a list of one or none.

    One kind and status, nothing that contradicts, a narrow place or a target in common, and besides it a day or a side;
    never where a word says that it is another ("again", "a second").
    """
    if draft.kind in SPEECH or draft.kind == "casualty_report" or not draft.status_told():
        return []
    clause = {t.lower for t in draft.frame.analysis.clause(draft.frame.token)}
    if clause & g.resumption or "again" in clause:
        return []
    for earlier in reversed(before):
        if earlier.kind == draft.kind and earlier.sentence != draft.sentence and earlier.status_told():
            grounds, days, sides = _grounds(earlier, draft), _days(earlier, draft), _sides(earlier, draft)
            if None in (grounds, days, sides) or _counts_differ(earlier, draft):
                continue
            if grounds and (days or sides):
                return [earlier]
    return []


def _grounds(a: Draft, b: Draft) -> bool | None:
    """Whether a narrow place or a target is told of both; None where they differ."""
    mine, theirs = (
        {p.place.name for p in d.places if not p.inferred and p.place.kind not in WIDE_COUNTRY_KINDS} for d in (a, b)
    )
    if mine and theirs and not mine & theirs:
        return None
    hit, struck = ({w.key for w in d.targets} for d in (a, b))
    if hit and struck and not hit & struck:
        return None
    return bool(mine & theirs or hit & struck)


def _days(a: Draft, b: Draft) -> bool | None:
    if a.time is None or b.time is None:
        return False
    return True if a.time[1].start.date() == b.time[1].start.date() else None


def _sides(a: Draft, b: Draft) -> bool | None:
    mine, theirs = {w.key for w in a.agents}, {w.key for w in b.agents}
    if not mine or not theirs:
        return False
    return True if mine & theirs else None


def _counts_differ(a: Draft, b: Draft) -> bool:
    """Two tolls of one voice that differ are of two events."""
    voices = [{t.who.source_name for t in d.sources} for d in (a, b)]
    numbers = {q.measure: (q.min, q.max) for q in a.quantities}
    differ = any(numbers.get(q.measure, (q.min, q.max)) != (q.min, q.max) for q in b.quantities)
    return differ and voices[0] == voices[1]


def parts_of(g: Grammar, draft: Draft, whole: Draft) -> bool:
    """Whether `draft` is told as part of `whole`, whose noun stands in its clause: "in the offensive jets bombed"."""
    if draft is whole or whole.kind in SPEECH or not _told_within(g, draft, whole):
        return False
    if draft.kind in HARMS:
        return whole.kind in ATTACKS
    return draft.kind not in SPEECH and whole.frame.head.lower in g.wide_events


def _told_within(g: Grammar, draft: Draft, whole: Draft) -> bool:
    tree = draft.frame.analysis.tree
    if whole.frame.analysis is not draft.frame.analysis or not whole.frame.head.is_noun:
        return False
    first = arguments.outermost(g, tree, whole.frame.token)
    preposition = tree.head(first)
    as_part = tree.tokens[first].lower == "part" and preposition.lower == "as"  # "as part of the offensive"
    if preposition.dep != "prep" or not (as_part or preposition.lower in WITHIN):
        return False
    above = next((t for t in tree.ancestors(preposition.i) if t.is_verb or t.i in draft.frame.nodes), None)
    return above is not None and above.i in draft.frame.nodes
