"""An old version of a message becomes the current one, at the door.

`STEPS` maps the CloudEvents type of an old version to a pure function that rewrites its parsed JSON and to the
type that it then has. A message is walked along the steps until no step is left. There is one version so far.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

Step = tuple[str, Callable[[dict[str, Any]], dict[str, Any]]]

STEPS: Final[Mapping[str, Step]] = {}


def upcast(ce_type: str, payload: dict[str, Any], steps: Mapping[str, Step] = STEPS) -> tuple[str, dict[str, Any]]:
    """The current type and payload of a message of any version. Raises ValueError if the steps run in a circle."""
    seen = {ce_type}
    while ce_type in steps:
        ce_type, change = steps[ce_type]
        if ce_type in seen:
            raise ValueError(f"upcast steps run in a circle at {ce_type}")
        seen.add(ce_type)
        payload = change(payload)
    return ce_type, payload
