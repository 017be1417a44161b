"""Who: noun phrases to participants and sources, through the actor grammar, pronouns and definite descriptions."""

import re
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Final

from services.extractor.core.actors import ActorMention, ReportActors
from services.extractor.core.analysis import Analysis
from services.extractor.core.grammar import Grammar
from services.extractor.core.lexicon import Lexicon
from services.extractor.core.syntax import Token
from shared.events.base import Participant, ParticipantRole, Span

_DETERMINER: Final = re.compile(
    r"(?:(?:the|a|an|its|their|his|her|our|my|this|that|these|those|some|any|all|several|both|other|another|about|"
    r"around|nearly|almost|over|more than|at least|up to|as many as|an estimated|dozens of|hundreds of|thousands of|"
    r"tens of thousands of|hundreds of thousands of|scores of|a number of|a group of|groups of|many|most|most of|"
    r"part of|\d[\d,.]*|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|of)\s+)+",
    re.I,
)
DEFINITE: Final = frozenset({"the", "this", "that", "these", "those", "its", "their", "his", "her"})
DETERMINER_CHARS_MAX: Final = 12
"""How far in front of a name its article is looked for: the longest, with its space, and some more."""
NAME_CHARS_MAX: Final = 90
"""A target is named as the text names it; a longer phrase is a description that the parser ran together."""


@dataclass(frozen=True, slots=True)
class Who:
    """One party: canonical name, the words for it, and what kind of party it is."""

    name: str
    start: int
    end: int
    kind: str | None
    country: str | None
    source_name: str
    inferred: bool = False
    generic: bool = False

    @property
    def key(self) -> str:
        """The name as compared: "Rebels" at a sentence's start are "rebels"."""
        return self.name.lower()

    def participant(self, text: str, role: ParticipantRole) -> Participant:
        words = None if self.inferred else text[self.start : self.end]
        return Participant(
            role=role,
            name=self.name,
            kind=self.kind,
            country=self.country,
            text=words,
            span=None if self.inferred else Span(start=self.start, end=self.end),
            inferred=self.inferred,
        )


class WhoReader:
    """Reads noun phrases of one report."""

    def __init__(self, text: str, actors: ReportActors, lexicon: Lexicon, grammar: Grammar) -> None:
        self.text, self.actors, self.lexicon, self.grammar = text, actors, lexicon, grammar

    def agent(self, analysis: Analysis, i: int) -> Who | None:
        """Who acts: an actor, a person, or a noun of people or forces; nothing else acts."""
        found = self._actor(analysis, i)
        if found is not None and found.generic and analysis.has(i, self.lexicon.classes["munition"]):
            return self._fired_by(analysis, i)
        if found is not None:
            return found
        token = analysis.tree.tokens[i]
        if token.tag == "DT" and (counted := self._counted(analysis, i)) != i:  # "some of the attackers"
            return self.agent(analysis, counted)
        if token.lower in self.grammar.pronouns:
            return self._pronoun(analysis, token)
        if analysis.has(i, self.lexicon.classes["forces"], self.lexicon.classes["aircraft"]):
            owner = self._owner(analysis, i) or self._fired_by(analysis, i)
            if owner is not None:
                return owner
            if analysis.has(i, self.lexicon.classes["munition"], self.lexicon.classes["aircraft"]) and not analysis.has(
                i, frozenset({"air force"})
            ):
                return None
            return self._described(analysis, i)
        if token.is_noun and analysis.has(
            i, self.lexicon.classes["people"], self.lexicon.classes["victims"], self.lexicon.classes["captives"]
        ):
            return self._owner(analysis, i) or self._described(analysis, i)
        return self._owner(analysis, i) or self._fired_by(analysis, i) if token.is_noun else None

    def target(self, analysis: Analysis, i: int) -> Who | None:
        """Whom or what it is done to, as specific as the text."""
        i = self._counted(analysis, i)
        token = analysis.tree.tokens[i]
        if token.lower in self.grammar.pronouns:
            return self._pronoun(analysis, token)
        if token.tag == "PRP$" or not (
            token.is_noun or token.tag in ("CD", "DT", "JJ", "NNP", "VBN", "VBG") or token.tag == "PRP"
        ):
            return None
        mention = analysis.actor_at(i)
        described = self._described(analysis, i)
        if analysis.has(i, self.lexicon.classes["forces"], self.lexicon.classes["aircraft"]):
            possessed = self._possessed(analysis, i)
            if possessed is not None:
                return possessed
        if mention is not None and not mention.adjective:
            if (mention.generic and mention.role == "civilians") or (
                mention.role == "media" and mention.name != mention.text
            ):
                return described
            if mention.generic:
                return self._possessed(analysis, i) or self._resolved(mention) or described
            if (
                described is not None
                and described.end - described.start > mention.end - mention.start + 3
                and mention.kind == "state"
            ):
                return described
            return self._of(mention)
        return described

    def speaker(self, analysis: Analysis, i: int) -> Who | None:
        """Who says so."""
        mention = analysis.actor_at(i)
        token = analysis.tree.tokens[i]
        if mention is None and token.lower in self.grammar.pronouns:
            return self._pronoun(analysis, token)
        if mention is not None:
            if mention.generic and mention.role != "civilians" and self._definite(mention):
                known = self._resolved(mention)
                if known is not None:
                    return known
            fuller = self._described(analysis, i) if mention.generic else None
            return fuller if fuller is not None and fuller.start < mention.start else self._of(mention)
        if token.is_noun:
            for prep in analysis.tree.children(i, "prep"):
                if prep.lower in ("of", "by", "from"):
                    for pobj in analysis.tree.children(prep.i, "pobj"):
                        below = analysis.actor_at(pobj.i)
                        if below is not None and not below.generic:
                            return self._of(below)
            owner = self._owner(analysis, i)
            if owner is not None:
                return owner
            return self._described(analysis, i)
        return None

    def _of(self, mention: ActorMention) -> Who:
        name, source = mention.name, mention.as_source or mention.name
        if mention.generic and " for " in mention.text:  # "a spokesman for the air force": not just any spokesman
            name = source = re.sub(r"\s+", " ", mention.text)
        return Who(
            name,
            mention.start,
            mention.end,
            mention.kind,
            mention.country,
            source,
            generic=mention.generic,
        )

    def _resolved(self, mention: ActorMention) -> Who | None:
        if (mention.head or mention.text).lower() in self.grammar.own_words:
            return None
        if " for " in mention.text or " of " in mention.text:
            return None  # "a spokesman for the air force" is told apart by its own words
        known = self.actors.resolve(mention)
        if known is None or known is mention:
            return None
        if known.kind == "person" and (mention.role != "official" or mention.plural or mention.office is None):
            state = self.actors.grammar.states.get(known.country or "")
            if state is None:
                return None
            return Who(state, mention.start, mention.end, "state", known.country, state)
        return Who(known.name, mention.start, mention.end, known.kind, known.country, known.as_source or known.name)

    def _definite(self, mention: ActorMention) -> bool:
        """ "The ministry" was told before; "a police officer" and bare "officials" are whoever they are."""
        before = self.text[max(0, mention.start - DETERMINER_CHARS_MAX) : mention.start].lower().split()
        return mention.text.split()[0].lower() in DEFINITE or bool(before and before[-1] in DEFINITE)

    def _of_whom(self, analysis: Analysis, i: int) -> Who | None:
        """ "Jets of the coalition": whose they are."""
        for prep in analysis.tree.children(i, "prep"):
            for pobj in analysis.tree.children(prep.i, "pobj") if prep.lower == "of" else ():
                whose = analysis.actor_at(pobj.i)
                if whose is not None and whose.kind in ("state", "armed_group", "force", "organisation"):
                    return self._of(whose)
        return None

    def _actor(self, analysis: Analysis, i: int) -> Who | None:
        mention = analysis.actor_at(i)
        if mention is None:
            return None
        nation = self.actors.grammar.states.get(mention.country or "")
        if mention.kind == "people" and mention.role is None and nation is not None and self._definite(mention):
            return replace(self._of(mention), name=nation, kind="state", source_name=nation)  # "the Turks shelled"
        if mention.generic:
            owner = (self._possessed(analysis, i) or self._of_whom(analysis, i)) if mention.role == "force" else None
            return owner or self._resolved(mention) or self._carried(analysis, i, mention) or self._of(mention)
        return self._of(mention)

    def _carried(self, analysis: Analysis, i: int, mention: ActorMention) -> Who | None:
        """ "A convoy of vans carrying Russian volunteers": who is in it."""
        if mention.text.lower() not in self.grammar.own_words:
            return None
        inside = {t.i for t in analysis.tree.subtree(i)}
        for actor in analysis.actors:
            head = analysis.tree.head_of_span(actor.start, actor.end)
            if head is None or head.i not in inside or head.i == i or actor.generic or actor.adjective:
                continue
            between = list(takewhile(lambda t: t.i != i, analysis.tree.ancestors(head.i)))
            if all(t.dep not in ("relcl", "ccomp", "advcl") for t in between):
                return self._of(actor)
        return None

    def _fired_by(self, analysis: Analysis, i: int) -> Who | None:
        """ "Missiles fired by jets of the coalition", "a decree signed by the president": who acts by them."""
        tree = analysis.tree
        for act in tree.children(i, "acl", "relcl"):
            for prep in tree.children(act.i, "agent", "prep"):
                for by in tree.children(prep.i, "pobj") if prep.lower in ("by", "from") else ():
                    return self.agent(analysis, by.i)
        return None

    def _owner(self, analysis: Analysis, i: int) -> Who | None:
        """The actor in a noun's phrase: "three Russian Su-24 aircraft", "the rebels' guns", "jets of the coalition"."""
        tree = analysis.tree
        start, end = tree.noun_phrase(i)
        inside = [
            a for a in analysis.actors if start <= a.start and a.end <= end and not a.generic and a.kind != "person"
        ]
        if inside:
            return self._of(inside[-1] if inside[-1].start > tree.tokens[i].start and len(inside) == 1 else inside[0])
        return None

    def _described(self, analysis: Analysis, i: int) -> Who | None:
        tree = analysis.tree
        token = tree.tokens[i]
        start, end = tree.noun_phrase(i, with_of=True)
        if end - start > NAME_CHARS_MAX:
            start, end = tree.noun_phrase(i, with_of=False)
        words = self.text[start:end]
        lead = _DETERMINER.match(words)
        if lead and lead.end() < len(words):
            start += lead.end()
        words = self.text[start:end].strip(" \"“”'’,.;:()[]")
        if not words or end - start > NAME_CHARS_MAX or "\n\n" in words:
            return None
        start = self.text.index(words, start)
        return Who(
            re.sub(r"\s+", " ", words),
            start,
            start + len(words),
            "people" if analysis.has(token.i, self.lexicon.classes["people"]) else None,
            None,
            words,
        )

    def _possessed(self, analysis: Analysis, i: int) -> Who | None:
        """ "Its units": those of whom the pronoun stands for."""
        owner = analysis.tree.child(i, "poss")
        if owner is None or owner.tag != "PRP$" or owner.lower not in ("its", "their"):
            return None
        pronoun = replace(owner, lower="it" if owner.lower == "its" else "they")
        return self._pronoun(analysis, pronoun)

    def _counted(self, analysis: Analysis, i: int) -> int:
        """ "most of the population", "three of the boats": the noun below "of"."""
        token = analysis.tree.tokens[i]
        if token.tag in ("CD", "DT", "JJS", "JJ", "PDT") or token.lower in (
            "thousands",
            "hundreds",
            "dozens",
            "scores",
            "number",
            "tens",
            "some",
            "many",
            "others",
        ):
            for prep in analysis.tree.children(i, "prep"):
                if prep.lower == "of":
                    for pobj in analysis.tree.children(prep.i, "pobj"):
                        return self._counted(analysis, pobj.i)
        return i

    def _pronoun(self, analysis: Analysis, token: Token) -> Who | None:
        """A pronoun's antecedent: the subject of the clause above, else the subject told last, of a fitting kind."""
        if token.lower in ("we", "i", "us", "our"):
            return None
        tree = analysis.tree
        for above in tree.ancestors(token.i):
            if not above.is_verb:
                continue
            for subject in tree.children(above.i, "nsubj", "nsubjpass"):
                mention = analysis.actor_at(subject.i)
                if subject.i < token.i and mention is not None and _agrees(token, mention):
                    if mention.generic:
                        return self._resolved(mention) or self._of(mention)
                    return Who(
                        mention.name,
                        token.start,
                        token.end,
                        mention.kind,
                        mention.country,
                        mention.as_source or mention.name,
                    )
        before = [m for m in self.actors.mentions if m.end <= token.start and m.start > token.start - 700]
        for mention in reversed(before):
            if _agrees(token, mention) and not mention.adjective and not mention.metonym and not mention.generic:
                return Who(
                    mention.name,
                    token.start,
                    token.end,
                    mention.kind,
                    mention.country,
                    mention.as_source or mention.name,
                )
        return None


def _agrees(token: Token, mention: ActorMention) -> bool:
    if token.lower in ("he", "she", "him", "himself", "her"):
        return mention.kind == "person"
    if token.lower in ("they", "them", "themselves"):
        return mention.plural or mention.kind in ("armed_group", "force", "people")
    if token.lower in ("it", "itself"):
        return (
            mention.kind in ("state", "organisation", "media", "armed_group", "force", "body", "unknown")
            and not mention.plural
        )
    return True
