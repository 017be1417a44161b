"""Assembly: a sentence's frames become drafts with their slots."""

from collections.abc import Sequence

from services.extractor.core.amounts import fill_quantities
from services.extractor.core.analysis import Analysis
from services.extractor.core.drafts import Draft
from services.extractor.core.frame import Frame
from services.extractor.core.grounds import fill_places
from services.extractor.core.moments import fill_times
from services.extractor.core.setting import Setting
from services.extractor.core.sides import fill_addressee, fill_participants, fill_sources
from services.extractor.core.time_mentions import Resolved


def assemble(setting: Setting, analysis: Analysis, frames: Sequence[Frame], anchor: Resolved | None) -> list[Draft]:
    """The drafts of a sentence in the order of its frames. `anchor` is the time told last before, if any."""
    drafts = [Draft(frame) for frame in frames]
    by_frame = {id(draft.frame): draft for draft in drafts}
    for draft in drafts:
        fill_participants(setting, draft)
        if draft.kind == "statement" and not draft.targets:
            fill_addressee(setting, draft)
            setting.watch("addressee", [draft])
        fill_sources(setting, draft)
        setting.watch("source", [draft])
    fill_quantities(setting, analysis, drafts, by_frame)
    setting.watch("amount", drafts)
    drafts = [d for d in drafts if not (d.frame.measure == "kill" and not d.quantities and not d.notes)]
    fill_places(setting, analysis, drafts, by_frame)
    setting.watch("ground", drafts)
    fill_times(setting, analysis, drafts, by_frame, anchor)
    setting.watch("moment", drafts)
    for draft in drafts:
        _spans(draft)
    return drafts


def _spans(draft: Draft) -> None:
    """The stretch of the sentence from the first to the last of what was found, the trigger included."""
    sentence = draft.frame.analysis.sentence
    edges = [e for span in draft.frame.triggers for e in span]
    for who in (*draft.agents, *draft.targets):
        if not who.inferred and sentence.start <= who.start and who.end <= sentence.end:
            edges += [who.start, who.end]
    for pinned in draft.places:
        if not pinned.inferred and sentence.start <= pinned.place.start and pinned.place.end <= sentence.end:
            edges += [pinned.place.start, pinned.place.end]
    for quantity in draft.quantities:
        if quantity.span is not None and sentence.start <= quantity.span.start < sentence.end:
            edges += [quantity.span.start, quantity.span.end]
    if draft.time is not None and sentence.start <= draft.time[0].start < sentence.end:
        edges += [draft.time[0].start, draft.time[0].end]
    draft.spans = [(min(edges), max(edges))]
