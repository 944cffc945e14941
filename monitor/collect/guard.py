"""Which places may be connected to: web servers on the public internet, and hosts that the configuration allows by name."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

_WAY_OUT = "see collect.allow_hosts"

_MACHINE, _PRIVATE, _LINK, _MANY = "this machine itself", "private", "link-local", "multicast"
_PAPER, _BENCH, _PROTOCOL = "for documentation only", "for benchmarks only", "reserved for protocols"
# The special-purpose registries of IANA, and what they leave out. Each Python release knows another part of them, so they stand here.
_KINDS: tuple[tuple[IPv4Network | IPv6Network, str], ...] = tuple(
    (ip_network(network), name)
    for network, name in (
        ("0.0.0.0/32", _MACHINE),
        ("0.0.0.0/8", "reserved"),
        ("127.0.0.0/8", _MACHINE),
        ("10.0.0.0/8", _PRIVATE),
        ("172.16.0.0/12", _PRIVATE),
        ("192.168.0.0/16", _PRIVATE),
        ("100.64.0.0/10", "shared by the customers of a provider (CGNAT)"),
        ("169.254.0.0/16", _LINK),
        ("168.63.129.16/32", "a cloud's own service"),  # Azure's, in public space but answered by the machine's host
        ("192.0.0.0/24", _PROTOCOL),  # Oracle's metadata among them
        ("192.0.2.0/24", _PAPER),
        ("192.88.99.0/24", "a 6to4 relay"),
        ("198.18.0.0/15", _BENCH),
        ("198.51.100.0/24", _PAPER),
        ("203.0.113.0/24", _PAPER),
        ("224.0.0.0/4", _MANY),
        ("240.0.0.0/4", "reserved"),
        ("::/127", _MACHINE),
        # Addresses that carry another address inside: what they reach is decided by someone else's gateway.
        ("::ffff:0:0/96", "an IPv4 address mapped into IPv6"),
        ("::/96", "an IPv4 address inside IPv6"),
        ("64:ff9b::/96", "a NAT64 address"),
        ("64:ff9b:1::/48", "a local NAT64 address"),
        ("2002::/16", "a 6to4 address"),
        ("2001::/32", "a Teredo address"),
        ("2001:2::/48", _BENCH),
        ("2001::/23", _PROTOCOL),
        ("2001:db8::/32", _PAPER),
        ("3fff::/20", _PAPER),
        ("fc00::/7", _PRIVATE),
        ("fe80::/10", _LINK),
        ("fec0::/10", "bound to a local network"),
        ("ff00::/8", _MANY),
    )
)
_UNICAST = IPv6Network("2000::/3")  # all that was ever given out for the public internet

_NAME = re.compile(r"(?=.{1,254}\Z)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.?", re.IGNORECASE | re.ASCII)
_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)\.?", re.IGNORECASE)
_NUMERIC = re.compile(r"[0-9.*?]*[0-9][0-9.*?]*")
# Names that every network answers for itself: RFC 6761, 6762 and 8375, and those which ICANN keeps out of the root because of such use.
_LOCAL = ("local", "localdomain", "internal", "intranet", "private", "corp", "home", "lan", "home.arpa")

_WEB = (80, 443)
# Services that a request could make do something, being lines of text or an interface without a password, and those of which browsers
# keep away (https://fetch.spec.whatwg.org/#port-blocking).
_SERVICES = {
    **dict.fromkeys((1433, 1434), "SQL Server"),
    1521: "Oracle",
    **dict.fromkeys((1719, 1720), "H.323"),
    1723: "PPTP",
    2049: "NFS",
    2181: "ZooKeeper",
    **dict.fromkeys((2375, 2376, 2377), "Docker"),
    **dict.fromkeys((2379, 2380), "etcd"),
    3050: "Firebird",
    **dict.fromkeys((3306, 33060), "MySQL"),
    3389: "remote desktops",
    3659: "a password server",
    4045: "NFS locks",
    4190: "mail filters",
    4369: "Erlang's port mapper",
    **dict.fromkeys((4505, 4506), "Salt"),
    **dict.fromkeys((5060, 5061), "SIP"),
    5432: "PostgreSQL",
    5555: "Android's debugger",
    **dict.fromkeys((5671, 5672, 15672), "RabbitMQ"),
    **dict.fromkeys((5900, 5901), "VNC"),
    5984: "CouchDB",
    **dict.fromkeys((5985, 5986), "Windows' remote management"),
    6000: "X11",
    **dict.fromkeys((6379, 6380, 16379, 26379), "Redis"),
    6443: "Kubernetes",
    6566: "scanners",
    **dict.fromkeys((6665, 6666, 6667, 6668, 6669, 6679, 6697), "IRC"),
    **dict.fromkeys((7000, 7001, 7199, 9042, 9160), "Cassandra"),
    **dict.fromkeys((7474, 7687), "Neo4j"),
    8009: "Tomcat's connector",
    8086: "InfluxDB",
    8200: "Vault",
    **dict.fromkeys((8300, 8301, 8302, 8500, 8600), "Consul"),
    8529: "ArangoDB",
    9092: "Kafka",
    9100: "printers",
    **dict.fromkeys((9200, 9300), "Elasticsearch"),
    9418: "git",
    10080: "a backup server",
    **dict.fromkeys((10250, 10255), "Kubernetes"),
    11211: "memcached",
    26257: "CockroachDB",
    **dict.fromkeys((27017, 27018, 27019, 28017), "MongoDB"),
    50000: "DB2",
    61616: "ActiveMQ",
}


def refusal(scheme: str, host: str, port: int, allow: tuple[str, ...]) -> str | None:
    """What is wrong with a place, in words, as far as can be told before a resolver is asked; None if nothing is.

    `host` is as the last reader of the address has it: in ASCII, an IPv6 address without brackets.
    """
    if scheme not in ("http", "https"):
        return f"{scheme} is neither http nor https"
    if ":" not in host and not _NAME.fullmatch(host):
        return f"{host!r} is not the name of a host"
    if allowed(host, allow):
        return None
    return _of_host(host) or _of_port(port)


def is_localhost(host: str) -> bool:
    """`localhost` and every name below it mean this machine, without asking DNS (RFC 6761)."""
    return _below(host, "localhost")


def allowed(host: str, patterns: tuple[str, ...]) -> bool:
    """Whether the configuration allows this host whatever its address and port, by patterns such as `*.internal.example`."""
    return any(_fits(_plain(host), _plain(pattern)) for pattern in patterns)


def objection(address: str) -> str | None:
    """What is wrong with connecting to this address, in words; None for an ordinary public one."""
    try:
        ip = ip_address(address.strip("[]"))
    except ValueError:
        return f"{address} is not an address; {_WAY_OUT}"
    kind = _kind(ip)
    return f"{address} is {kind}; {_WAY_OUT}" if kind else None


def _kind(ip: IPv4Address | IPv6Address) -> str | None:
    if isinstance(ip, IPv6Address) and ip.scope_id:
        return "bound to a local network"
    if found := next((name for network, name in _KINDS if ip in network), None):
        return found
    beyond = isinstance(ip, IPv6Address) and ip not in _UNICAST
    return "not on the public internet" if beyond or not ip.is_global else None


def _of_host(host: str) -> str | None:
    if ":" in host or _is_address(host):
        return objection(host)
    if _NUMBER.fullmatch(host):  # resolvers read these as addresses: 127.1, 0x7f000001, 017700000001
        return f"{host} is a number and no address in its usual spelling; {_WAY_OUT}"
    if is_localhost(host):
        return objection("127.0.0.1")
    if "." not in host.rstrip(".") or any(_below(host, name) for name in _LOCAL):
        return f"{host} is a name of the local network; {_WAY_OUT}"
    return None


def _of_port(port: int) -> str | None:
    if port in _WEB:
        return None
    if port < 1024:
        return f"port {port} is not one of the web; {_WAY_OUT}"
    return f"port {port} is that of {_SERVICES[port]}; {_WAY_OUT}" if port in _SERVICES else None


def _below(host: str, name: str) -> bool:
    plain = host.rstrip(".").lower()
    return plain == name or plain.endswith(f".{name}")


def _plain(host: str) -> str:
    return (host.strip("[]") if ":" in host else host).rstrip(".").lower()


def _fits(name: str, pattern: str) -> bool:
    """A pattern of addresses (`10.0.0.*`) fits addresses only, not everybody's `10.0.0.example.com`."""
    return fnmatchcase(name, pattern) and (_is_address(name) or not _NUMERIC.fullmatch(pattern))


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
