"""Which addresses may be connected to: those of the public internet, and hosts that the configuration allows by name."""

from __future__ import annotations

from fnmatch import fnmatchcase
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

# Addresses that carry another address inside: what they reach is decided by someone else's gateway.
_CARRIERS = tuple(
    (IPv6Network(network), name)
    for network, name in (
        ("::ffff:0:0/96", "an IPv4 address mapped into IPv6"),
        ("::/96", "an IPv4 address inside IPv6"),
        ("64:ff9b::/96", "a NAT64 address"),
        ("64:ff9b:1::/48", "a local NAT64 address"),
        ("2002::/16", "a 6to4 address"),
        ("2001::/32", "a Teredo address"),
    )
)


def is_literal(host: str) -> bool:
    """Whether a host is an address already, so that no resolver will be asked about it."""
    return ":" in host or host.replace(".", "").isdigit()


def is_localhost(host: str) -> bool:
    """`localhost` and every name below it mean this machine, without asking DNS (RFC 6761)."""
    name = host.rstrip(".").lower()
    return name == "localhost" or name.endswith(".localhost")


def allowed(host: str, patterns: tuple[str, ...]) -> bool:
    """Whether the configuration allows this host whatever its address, by patterns such as `*.internal.example`."""
    name = host.strip("[]").rstrip(".").lower()
    return any(fnmatchcase(name, pattern.lower()) for pattern in patterns)


def objection(address: str) -> str | None:
    """What is wrong with connecting to this address, in words; None for an ordinary public one."""
    try:
        ip = ip_address(address.strip("[]"))
    except ValueError:
        return f"{address} is not an address"
    kind = _kind(ip)
    return f"{address} is {kind}" if kind else None


def _kind(ip: IPv4Address | IPv6Address) -> str | None:
    if isinstance(ip, IPv6Address):
        if ip.is_unspecified or ip.is_loopback:
            return "this machine itself"
        if ip.scope_id or ip.is_site_local:
            return "bound to a local network"
        if found := next((name for network, name in _CARRIERS if ip in network), None):
            return found
    return _special(ip)


def _special(ip: IPv4Address | IPv6Address) -> str | None:
    kinds = (
        (ip.is_loopback or ip.is_unspecified, "this machine itself"),
        (ip.is_link_local, "link-local"),
        (ip.is_multicast, "multicast"),
        (ip.is_private, "private"),
        (ip.is_reserved, "reserved"),
        (not ip.is_global, "not on the public internet"),
    )
    return next((name for applies, name in kinds if applies), None)
