"""Where a webhook may lead: names are resolved here and the address is checked, so that none leads into the house."""

import asyncio
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import urlsplit

NAT64: Final = IPv6Network("64:ff9b::/96")
"""Leads to the IPv4 address in its last 32 bits."""


class TargetRefused(Exception):
    """The URL may not, or can't, be called; the message says why."""


@dataclass(frozen=True, slots=True)
class Target:
    """A host as the URL names it, and the address to connect to: the one that was checked."""

    host: str
    address: str


async def resolve(url: str, private_allowed: bool) -> Target:
    """Raises TargetRefused, also where any one address of the host is loopback, private, or otherwise not public."""
    parts = urlsplit(url)
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        raise TargetRefused("has no valid port") from None
    if parts.scheme not in ("http", "https") or not host or parts.username is not None or parts.fragment:
        raise TargetRefused("is no http or https URL with a host and without user name or fragment")
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            host, port or (443 if parts.scheme == "https" else 80), type=socket.SOCK_STREAM
        )
    except (OSError, UnicodeError):
        raise TargetRefused(f"names a host that can't be resolved: {host}") from None
    addresses = [str(entry[4][0]).partition("%")[0] for entry in found]
    inside = [address for address in addresses if not _is_public(address)]
    if inside and not private_allowed:
        raise TargetRefused(f"leads to {inside[0]}, which is no public address")
    return Target(host, addresses[0])


def _is_public(text: str) -> bool:
    address: IPv4Address | IPv6Address = ip_address(text)
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if address in NAT64:
            inner = IPv4Address(int(address) & 0xFFFF_FFFF)
        address = inner or address
    return address.is_global and not address.is_multicast
