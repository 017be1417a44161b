"""What `tocsin query` and `tocsin up` show of each read model: where it is asked for, and its columns."""

from dataclasses import dataclass
from typing import Final

from services.cli.show import Column, Item, count, moment, names, range_of


@dataclass(frozen=True, slots=True)
class View:
    path: str
    help: str
    columns: tuple[Column, ...]


def _when(item: Item) -> str:
    if item["time_from"] == "publication":
        return f"(reported {moment(item['reported_at'])})"
    return moment(item["at"], item.get("precision"), item["reported_at"]) + (
        "?" if item["time_from"] == "context" else ""
    )


def _places(item: Item) -> str:
    return names([place["name"] for place in item.get("places", ())])


def _side(item: Item) -> str:
    return names([*item.get("side", ()), *([item["group"]] if item.get("group") else [])])


def _event_time(item: Item) -> str:
    occurred = item.get("occurred")
    return moment(occurred["start"], occurred["precision"]) if occurred else f"(reported {moment(item['reported_at'])})"


def _incident_time(item: Item) -> str:
    beside = item["claims"][0]["reported_at"]
    if item["dated"]:
        return moment(item["earliest"], beside=beside)
    return f"(reported {moment(item['first_reported_at'], beside=beside)})"


def _says(item: Item) -> str:
    voices = [f"{s['name']} {s['stance']}" for s in item.get("sources", ()) if isinstance(s, dict)]
    return names(voices or list(item.get("sources", ())))


def _by(item: Item) -> str:
    return names(list(item.get("sources", ()))) or item["outlet"]


def _contests(item: Item) -> str:
    return names([f"{', '.join(c['by']) or c['outlet']} ({c['how'].replace('_', ' ')})" for c in item["contests"]])


def _claimed_by(item: Item) -> str:
    sources = [s["name"] for c in item["claims"] for s in c.get("sources", ()) if s["stance"] != "denies"]
    return names(sources or item["outlets"])


def _what(item: Item) -> str:
    agents = names([p["name"] for p in item.get("participants", ()) if p["role"] == "agent"])
    counts = ", ".join(range_of(c) for c in item.get("counts", ()))
    what = item["kind"].replace("_", " ") + (f" by {agents}" if agents else "")
    return f"{what}: {counts}" if counts else what


TIMELINE: Final = View(
    "/v1/timeline",
    "What happened, in the order in which it happened.",
    (
        Column("when", _when),
        Column("what", lambda i: i["headline"], wide=True),
        Column("who says so", lambda i: names([name for name in i["sources"] if name != i["outlet"]])),
        Column("outlet", lambda i: i["outlet"]),
    ),
)
EVENTS: Final = View(
    "/v1/events",
    "Every typed event with its claims.",
    (
        Column("when", _event_time),
        Column("kind", lambda i: f"{i['kind']} ({i['status']})"),
        Column("places", _places),
        Column("counts", lambda i: ", ".join(count(q) for q in i.get("quantities", ()))),
        Column("quote", lambda i: i["evidence"][0]["quote"], wide=True),
        Column("who says so", _says),
        Column("outlet", lambda i: i["outlet"]),
    ),
)
INCIDENTS: Final = View(
    "/v1/incidents",
    "Occurrences, each with the claims of all reports that tell of it.",
    (
        Column(
            "when", lambda i: moment(i["earliest"]) if i["dated"] else f"(reported {moment(i['first_reported_at'])})"
        ),
        Column("what", _what, wide=True),
        Column("places", _places),
        Column("outlets", lambda i: names(i["outlets"])),
        Column("contested by", _contests),
    ),
)
CONTESTED: Final = View(
    "/v1/incidents",
    "Occurrences that somebody contests.",
    (
        Column("when", _incident_time),
        Column("what", _what, wide=True),
        Column("places", _places),
        Column("claimed by", _claimed_by),
        Column("contested by", _contests),
    ),
)
CASUALTIES: Final = View(
    "/v1/casualties",
    "The ledger of tolls: each count by side, source and time; never summed.",
    (
        Column("count", count),
        Column("of", lambda i: i.get("of") or ""),
        Column("side", _side),
        Column("where", lambda i: names(list(i.get("places", ())))),
        Column("who says so", _by),
        Column("denied by", lambda i: names(list(i.get("denied_by", ())))),
        Column("outlet", lambda i: i["outlet"]),
        Column("reported", lambda i: moment(i["reported_at"])),
    ),
)
MEASURES: Final = View(
    "/v1/measures",
    "Bans, closures, sanctions and truces, and their state at an instant.",
    (
        Column("measure", lambda i: i["kind"].replace("_", " ")),
        Column("state", lambda i: i["state"].replace("_", " ")),
        Column("imposed by", lambda i: names(i["imposed_by"])),
        Column("against", lambda i: names(i["against"]), wide=True),
        Column("scope", lambda i: names(i["scope"])),
        Column("since", lambda i: moment(i.get("since"), beside=i["claims"][0]["reported_at"])),
        Column("reported by", lambda i: names([claim["outlet"] for claim in i["claims"]])),
    ),
)
REPORTS: Final = View(
    "/v1/reports",
    "The reports as they were posted, newest first.",
    (
        Column("published", lambda i: moment(i["published_at"])),
        Column("outlet", lambda i: i["outlet"]),
        Column("title", lambda i: i.get("title") or "", wide=True),
        Column("id", lambda i: i["id"] + (" (withdrawn)" if i["withdrawn"] else "")),
    ),
)
VIEWS: Final = {
    "timeline": TIMELINE,
    "events": EVENTS,
    "incidents": INCIDENTS,
    "casualties": CASUALTIES,
    "measures": MEASURES,
    "reports": REPORTS,
}
