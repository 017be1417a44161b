"""Signing and pauses."""

import pytest

from services.projection.core.signing import ATTEMPTS_MAX, PAUSE_S_MAX, pause_s, secret_bytes, write_secret
from services.projection.targets import TargetRefused, resolve


def test_pauses_grow_to_a_bound_and_end() -> None:
    pauses = [pause_s(n, 5.0, 0.0) for n in range(1, ATTEMPTS_MAX + 1)]
    assert pauses[:3] == [5.0, 20.0, 80.0]
    assert pauses[-2:] == [PAUSE_S_MAX, None]
    assert pause_s(1, 5.0, 1.0) == 6.25


def test_secrets_are_read_as_they_are_written() -> None:
    assert secret_bytes(write_secret(b"x" * 32)) == b"x" * 32
    for wrong in (
        "",
        "whsec_",
        "whsec_%%%",
        write_secret(b"x" * 23),
        write_secret(b"x" * 65),
        "eHh4eHh4eHh4eHh4eHh4eHh4",
    ):
        with pytest.raises(ValueError, match="is n"):
            secret_bytes(wrong)


@pytest.mark.parametrize(
    "host", ["10.1.2.3", "169.254.169.254", "0.0.0.0", "[::1]", "[fd00::1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
             "224.0.0.1", "100.64.0.1", "2130706433"],
)  # fmt: skip
async def test_no_name_of_an_address_within_is_public(host: str) -> None:
    with pytest.raises(TargetRefused, match="no public address"):
        await resolve(f"http://{host}/", private_allowed=False)


async def test_a_public_address_is_taken() -> None:
    assert (await resolve("https://8.8.8.8/", private_allowed=False)).address == "8.8.8.8"
