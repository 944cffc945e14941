import pytest

from monitor.collect.guard import allowed, is_localhost, objection, refusal


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "185.60.216.35", "192.0.1.1", "2001:200::1", "2606:4700:4700::1111", "[2a00:1450:4001:80b::200e]"]
)
def test_public_addresses_may_be_connected_to(address: str) -> None:
    assert objection(address) is None


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.255.255.254",
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "100.127.255.255",
        "192.0.0.1",
        "192.0.0.192",
        "192.88.99.1",
        "168.63.129.16",
        "192.0.2.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "[::1]",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::ffff:7f00:1",
        "64:ff9b::7f00:1",
        "64:ff9b::808:808",
        "64:ff9b:1::7f00:1",
        "2002:7f00:1::",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:2::1",
        "2001:10::1",
        "2001:1ff::1",
        "2001:db8::1",
        "3fff::1",
        "4000::1",
        "5f00::1",
        "::ffff:0:7f00:1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fe80::1%eth0",
        "2606:4700::1111%lo",
        "fec0::1",
        "ff02::1",
        "100::1",
        "not an address",
        "",
        "127.1",
        "0x7f.0.0.1",
        "2130706433",
    ],
)
def test_all_others_are_objected_to(address: str) -> None:
    assert objection(address)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST.", "albeu.localhost", "a.b.localhost"])
def test_localhost_and_below_is_this_machine(host: str) -> None:
    assert is_localhost(host)


@pytest.mark.parametrize("host", ["localhost.com", "notlocalhost", "albeu.com", ""])
def test_other_names_are_not(host: str) -> None:
    assert not is_localhost(host)


def test_hosts_are_allowed_by_pattern() -> None:
    patterns = ("*.localhost", "127.0.0.1", "::1", "Hook.internal")
    assert all(allowed(host, patterns) for host in ("albeu.localhost", "A.LOCALHOST.", "127.0.0.1", "[::1]", "hook.internal"))
    assert not any(allowed(host, patterns) for host in ("localhost", "127.0.0.2", "xhook.internal", "localhost.com", ""))
    assert not allowed("albeu.localhost", ())


def test_a_pattern_of_addresses_fits_no_names() -> None:
    assert allowed("10.0.0.7", ("10.0.0.*",))
    assert not allowed("10.0.0.example.com", ("10.0.0.*",))
    assert allowed("10.0.0.example.com", ("10.0.0.*.com",))
    assert allowed("10.0.0.7", ("*",))


@pytest.mark.parametrize(
    ("scheme", "host", "port", "sentence"),
    [
        ("ftp", "x.al", 21, "ftp is neither http nor https"),
        ("http", "10.0.0.5", 80, "10.0.0.5 is private; see collect.allow_hosts"),
        ("http", "100.64.0.1", 80, "100.64.0.1 is shared by the customers of a provider (CGNAT); see collect.allow_hosts"),
        ("http", "::ffff:808:808", 80, "::ffff:808:808 is an IPv4 address mapped into IPv6; see collect.allow_hosts"),
        ("http", "127.1", 80, "127.1 is a number and no address in its usual spelling; see collect.allow_hosts"),
        ("http", "a.localhost", 80, "127.0.0.1 is this machine itself; see collect.allow_hosts"),
        ("http", "db", 80, "db is a name of the local network; see collect.allow_hosts"),
        ("http", "x.internal", 80, "x.internal is a name of the local network; see collect.allow_hosts"),
        ("http", "x.al", 22, "port 22 is not one of the web; see collect.allow_hosts"),
        ("http", "x.al", 5432, "port 5432 is that of PostgreSQL; see collect.allow_hosts"),
        ("http", "x%2e.al", 80, "'x%2e.al' is not the name of a host"),
        ("http", "x\n.al", 80, "'x\\n.al' is not the name of a host"),
        ("http", "", 80, "'' is not the name of a host"),
    ],
)
def test_a_refusal_names_the_thing_the_place_and_the_way_out(scheme: str, host: str, port: int, sentence: str) -> None:
    assert refusal(scheme, host, port, ("allowed.example",)) == sentence


def test_what_is_allowed_by_name_is_refused_for_its_scheme_only() -> None:
    assert refusal("http", "db", 5432, ("db",)) is None
    assert refusal("https", "10.0.0.5", 22, ("10.0.0.*",)) is None
    assert refusal("ftp", "db", 80, ("db",))
    assert refusal("http", "x%2e.al", 80, ("*",))
