"""Where a request came from. The client's address comes from `client_address` and from nowhere else.

A forwarded header is believed only for as many proxies as the operator has said there are.
"""

import ipaddress
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """The caller's network address, agent and request id; empty strings where there is none (a command, a worker).

    `impersonator` is who really acts where the caller is a person only as somebody of the staff sees her.
    """

    address: str = ""
    agent: str = ""
    request_id: str = ""
    impersonator: UUID | None = None


NOWHERE = Origin()


def client_address(*, peer: str, forwarded_for: str, trusted_proxies: int) -> str:
    """Return the client's address: the peer itself, or the n-th address from the right of X-Forwarded-For.

    `trusted_proxies` is how many proxies of ours append to that header. Fewer entries than proxies, or
    an entry that is no address, means that the header is not what our proxies write: then the peer counts.
    """
    if trusted_proxies <= 0:
        return peer
    hops = [hop.strip() for hop in forwarded_for.split(",")] if forwarded_for else []
    if len(hops) < trusted_proxies:
        return peer
    # A zone (`fe80::1%eth0`, RFC 4007) means something to the machine that wrote it alone, and may be any text.
    hop = hops[-trusted_proxies].partition("%")[0]
    try:
        return str(ipaddress.ip_address(hop))
    except ValueError:
        return peer


def network_of(address: str) -> str:
    """Return what an address is counted by: itself for IPv4, its /64 for IPv6 (one customer holds a whole /64)."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False).network_address) + "/64"
    return str(parsed)
