"""CloudEvents 1.0 attributes to and from Kafka headers, in the Kafka binding's binary mode.

Every context attribute is a header `ce_<name>` in UTF-8, the data's media type is `content-type`, and the
message value is the data alone (CloudEvents Kafka protocol binding 1.0.2, section 3.2).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.bus.port import Headers

SPEC_VERSION: Final = "1.0"
CONTENT_TYPE: Final = "application/json"


@dataclass(frozen=True, slots=True)
class Envelope:
    """`source` is a URI reference of who made it, `subject` the report id, `schema` the JSON Schema's URI."""

    id: str
    type: str
    source: str
    time: datetime | None = None
    subject: str | None = None
    schema: str | None = None
    trace_parent: str | None = None

    def headers(self) -> Headers:
        values = {
            "ce_specversion": SPEC_VERSION,
            "ce_id": self.id,
            "ce_type": self.type,
            "ce_source": self.source,
            "ce_time": self.time.isoformat() if self.time else None,
            "ce_subject": self.subject,
            "ce_dataschema": self.schema,
            "ce_traceparent": self.trace_parent,
            "content-type": CONTENT_TYPE,
        }
        return tuple((name, value.encode()) for name, value in values.items() if value is not None)


def read_headers(headers: Headers) -> Envelope:
    """The envelope of a message. Raises ValueError that names the header that is missing or wrong."""
    found: dict[str, str] = {}
    for name, value in headers:
        if name.startswith("ce_") or name == "content-type":
            try:
                found[name] = value.decode()
            except UnicodeDecodeError as error:
                raise ValueError(f"header {name} is not UTF-8") from error
    for name in ("ce_specversion", "ce_id", "ce_type", "ce_source"):
        if not found.get(name):
            raise ValueError(f"header {name} is missing; CloudEvents 1.0 binary mode needs it")
    if found["ce_specversion"] != SPEC_VERSION:
        raise ValueError(f"header ce_specversion is {found['ce_specversion']!r}; only {SPEC_VERSION!r} is read")
    media_type = found.get("content-type", CONTENT_TYPE).partition(";")[0].strip().lower()
    if media_type != CONTENT_TYPE:
        raise ValueError(f"header content-type is {media_type!r}; only {CONTENT_TYPE!r} is read")
    time = None
    if "ce_time" in found:
        try:
            time = datetime.fromisoformat(found["ce_time"])
        except ValueError as error:
            raise ValueError(f"header ce_time is {found['ce_time']!r}, not an RFC 3339 time") from error
    return Envelope(
        id=found["ce_id"],
        type=found["ce_type"],
        source=found["ce_source"],
        time=time,
        subject=found.get("ce_subject"),
        schema=found.get("ce_dataschema"),
        trace_parent=found.get("ce_traceparent"),
    )
