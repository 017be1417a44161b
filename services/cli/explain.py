"""`tocsin extract --explain`: each event beside the text that shows it, with the coder's own reason for every slot."""

import json
import sys
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Final, TextIO

from services.cli.lines import quantity, safe, when

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from services.extractor.core.coder import Explained
    from services.extractor.core.trace import Explanation, Reason
    from shared.events.base import BaseEvent
    from shared.reports import Report

STYLES: Final = {
    "trigger": "bold reverse",
    "agent": "bold red",
    "target": "bold blue",
    "place": "bold green",
    "quantity": "bold magenta",
    "occurred": "bold cyan",
    "source": "bold yellow",
}
"""A slot's colour, in the text and before its reason. The trigger is marked last, over all others."""
BRACKETS: Final = "⟦⟧"
"""Stand around the trigger where there are no colours."""
SLOT_CHARS: Final = 8
VALUE_CHARS: Final = 34
AROUND_CHARS: Final = 60
"""Of the report's text before and behind what an event is shown by."""
PLAIN_COLUMNS: Final = 160
"""Of what is written to a file or a pipe, which has no width of its own."""


def console(stream: TextIO | None = None) -> "Console":
    """Colours on a terminal, unless NO_COLOR is set; plain text into a pipe."""
    from rich.console import Console

    stream = stream or sys.stdout
    width = None if stream.isatty() else PLAIN_COLUMNS
    return Console(file=stream, highlight=False, markup=False, emoji=False, soft_wrap=True, width=width)


def write(out: "Console", where: str, report: "Report", explained: "Explained") -> None:
    """One report: a headline, then its events with their text and reasons, then the triggers that opened none."""
    coding = explained.coding
    if coding.not_coded is not None:
        out.print(f"{safe(where)}: not coded: {coding.not_coded}", style="bold")
        return
    count = len(coding.events)
    out.print(f"{safe(where)}: {count} {'event' if count == 1 else 'events'}", style="bold underline")
    for number, (event, explanation) in enumerate(zip(coding.events, explained.explanations, strict=True), 1):
        out.print()
        out.print(f"{number}. {event.kind} ({event.status}), confidence {event.confidence:.2f}", style="bold")
        out.print(excerpt(report.body, event, explanation, coloured=out.color_system is not None))
        triggers = " … ".join(report.body[a:b] for a, b in explanation.triggers)
        _row(out, "trigger", f"«{triggers}»", f"opens {explanation.rule}")
        for value, reason in zip(_values(event), explanation.because, strict=True):
            _row(out, reason.slot, value + _words(report.body, reason, value), reason.why)
        for name in ("denies", "same_as", "part_of"):
            if links := getattr(event, name):
                numbers = ", ".join(str(n) for n, e in enumerate(coding.events, 1) if e.id in links)
                _row(out, name, f"event {numbers}", "the claims told before it" if name == "denies" else "")
    for reason_left in coding.left_out:
        out.print(f"   left out: {safe(reason_left)}", style="dim")
    out.print()


def excerpt(body: str, event: "BaseEvent", explanation: "Explanation", *, coloured: bool) -> "Text":
    """The text around an event's evidence on one line, with the spans of its slots and trigger marked in colours; the
    trigger by brackets where there are none."""
    from rich.text import Text

    shown = Text("   ")
    spans = marked_spans(explanation)
    bracketed = () if coloured else explanation.triggers
    opening, closing = {a for a, _ in bracketed}, {b for _, b in bracketed}
    for start, end in _stretches(body, event, spans):
        styles = ["dim"] * (end - start)
        for name, a, b in spans:
            if start <= a and b <= end:
                styles[a - start : b - start] = [STYLES[name]] * (b - a)
        shown.append("… " if start else "", "dim")
        marked = zip(styles, range(start, end), strict=True)
        for style, run in groupby(marked, key=itemgetter(0)):
            words = "".join(
                f"{BRACKETS[0] * (i in opening)}{safe(body[i])}{BRACKETS[1] * (i + 1 in closing)}" for _, i in run
            )
            shown.append(words, style)
        shown.append(" …" if end < len(body) else "", "dim")
    return shown


def marked_spans(explanation: "Explanation") -> list[tuple[str, int, int]]:
    """Slot, start and end of all that is marked in the text, in the order of marking: the trigger comes last."""
    named = [(r.slot, r.start, r.end) for r in explanation.because if r.slot in STYLES]
    marked = [(slot, a, b) for slot, a, b in named if a is not None and b is not None]
    # the longer first: "jets" stays visible inside "three Russian jets"
    marked.sort(key=lambda row: row[1] - row[2])
    return [(str(slot), a, b) for slot, a, b in marked] + [("trigger", a, b) for a, b in explanation.triggers]


def as_line(event: "BaseEvent", explanation: "Explanation") -> bytes:
    """The event as the log has it, with its explanation beside it, on one line."""
    from shared.codec import encode

    told = {
        "triggers": [{"start": a, "end": b} for a, b in explanation.triggers],
        "rule": explanation.rule,
        "because": [
            {"slot": r.slot, "value": r.value, "start": r.start, "end": r.end, "why": r.why}
            for r in explanation.because
        ],
    }
    line = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return b'{"event":' + encode(event) + b',"explanation":' + line.encode() + b"}"


def _values(event: "BaseEvent") -> list[str]:
    """What fills the slots, in the order of an explanation's reasons."""
    values = [f"{p.name}{' (inferred)' if p.inferred else ''}" for p in event.participants]
    for place in event.places:
        relation = "" if place.relation == "in" else place.relation.replace("_", " ") + " "
        values.append(f"{relation}{place.name}{' (inferred)' if place.inferred else ''}, {place.role}")
    values += map(quantity, event.quantities)
    values += [f"{source.name} {source.stance}" for source in event.sources]
    if event.occurred is not None:
        values.append(f"{when(event.occurred)}, {event.occurred.precision}")
    return [*values, event.status]


def _row(out: "Console", slot: str, value: str, why: str) -> None:
    from rich.text import Text

    line = Text("   ")
    line.append(f"{slot:<{SLOT_CHARS}} ", STYLES.get(slot, "bold"))
    line.append(f"{safe(value):<{VALUE_CHARS}} ")
    line.append(safe(why), "dim")
    out.print(line)


def _words(body: str, reason: "Reason", value: str) -> str:
    """The words of the text that a value was read from, where they are others."""
    words = body[reason.start : reason.end] if reason.start is not None else ""
    return f" «{words}»" if words and words != value and reason.slot != "status" else ""


def _stretches(body: str, event: "BaseEvent", spans: list[tuple[str, int, int]]) -> list[tuple[int, int]]:
    """What of the body is shown: around evidence and marked words, in order, without overlaps."""
    wanted = sorted([(e.start, e.end) for e in event.evidence] + [(a, b) for _, a, b in spans])
    shown: list[tuple[int, int]] = []
    for first, last in wanted:
        start, end = max(0, first - AROUND_CHARS), min(len(body), last + AROUND_CHARS)
        if start:  # no word is cut in two, unless it is longer than that
            start = body.find(" ", start, first) + 1 or start
        if end < len(body):
            space = body.rfind(" ", last, end)
            end = space if space >= last else end
        if shown and start <= shown[-1][1]:
            shown[-1] = (shown[-1][0], max(end, shown[-1][1]))
        else:
            shown.append((start, end))
    return shown
