"""What the context tells of a ground: "the town" told before, a capital by its state, another event beside."""

from collections.abc import Sequence
from typing import Final

from services.extractor.core.analysis import Analysis
from services.extractor.core.drafts import Draft, Pinned
from services.extractor.core.kinds import MOVES, SCOPED, SPEECH
from services.extractor.core.places import ResolvedPlace, resolve
from services.extractor.core.setting import Setting
from services.extractor.core.syntax import Token

ANAPHORA: Final = {
    "city": frozenset({"city", "capital"}),
    "town": frozenset({"city", "town"}),
    "island": frozenset({"island"}),
    "province": frozenset({"admin1", "province"}),
    "region": frozenset({"admin1", "region"}),
    "country": frozenset({"country"}),
    "camp": frozenset({"camp"}),
    "airport": frozenset({"airport"}),
    "base": frozenset({"base"}),
}
"""What a definite noun may stand for: the kinds of place, and the nouns that call a place so."""
AFAR: Final = frozenset({"airstrike", "killing", "ground_combat"})
"""Kinds told beside others that happened elsewhere as often as there: the ground of the one is not the other's."""


def capital_of(setting: Setting, country: str) -> ResolvedPlace | None:
    """The capital of a state, from the report's own words where it names it."""
    own = setting.capital()
    if own is not None and own.country == country:
        return own
    for analysis in setting.analyses:
        for mention in analysis.places:
            if (
                mention.candidates
                and mention.candidates[0].kind == "capital"
                and mention.candidates[0].country == country
            ):
                return resolve(mention, setting.theatre)
    return setting.country_place(country)


def from_context(setting: Setting, draft: Draft, drafts: Sequence[Draft]) -> None:
    """A place told by "the town", or by another event of the same sentence; marked as inferred."""
    analysis = draft.frame.analysis
    for token in analysis.clause(draft.frame.token):
        if token.lower not in setting.grammar.anaphoric_places:
            continue
        if token.lower == "capital" and token.dep != "compound":
            capital = setting.capital()
            if capital is not None:
                draft.places = [Pinned(capital, "scope" if draft.kind in SCOPED else "location", inferred=True)]
                return
        definite = (
            any(t.lower in ("the", "this", "that") for t in analysis.tree.children(token.i, "det"))
            or token.dep == "compound"
        )
        if definite or token.lower in ("there", "here"):
            known = setting.last_place()
            if known is None or known.kind not in ANAPHORA.get(token.lower, {known.kind}):
                known = _told_before(setting, analysis, token) or known
            if known is not None and analysis.place_at(token.i) is None:
                draft.places = [Pinned(known, "location", inferred=True)]
                return
    if draft.kind in SCOPED or draft.kind in AFAR:
        return
    for other in drafts:
        found = [p for p in other.places if p.role == "location" and not p.inferred]
        if other is not draft and found and draft.kind not in MOVES and other.kind not in SPEECH:
            draft.places = [Pinned(p.place, "location", inferred=True) for p in found[:1]]
            return


def _told_before(setting: Setting, analysis: Analysis, token: Token) -> ResolvedPlace | None:
    """What "the city" or "the island" stands for: the place told last that is one."""
    noun = token.lower.removesuffix("s")
    if noun not in ANAPHORA:
        return None
    earlier = [m for a in setting.analyses if a.number < analysis.number for m in a.places]
    for mention in reversed([*earlier, *(m for m in analysis.places if m.end <= token.start)]):
        called = mention.descriptor
        if called == noun:
            return resolve(mention, setting.theatre)
        if (called is not None and called not in ANAPHORA[noun]) or not mention.candidates:
            continue
        kind = mention.candidates[0].kind
        if kind in ANAPHORA[noun] and (mention.relation is not None or mention.firm or mention.dateline):
            return resolve(mention, setting.theatre)
    return None
