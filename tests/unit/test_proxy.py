"""The guarded client behind real proxies: what goes through them, what is checked before, and whose fault a failure is."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import trustme
from pydantic import ValidationError

from monitor.model import Fetched
from monitor.settings import Collect
from tests.unit.internet import PUBLIC, Internet, small_internet
from tests.unit.proxies import LOGIN, Proxy, proxying
from tests.unit.sites import ALLOWED, SECONDS, Site, ask, certified, failed, serving, trusted_authority


@pytest.fixture
def internet(monkeypatch: pytest.MonkeyPatch) -> Internet:
    return small_internet(monkeypatch)


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    return trusted_authority(tmp_path, monkeypatch)


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    assert not any("authorization" in head.lower() for head in made.heads)


def by(scheme: str, port: int, login: tuple[str, str] = LOGIN) -> str:
    return f"{scheme}://{':'.join(login)}@proxy.localhost:{port}"


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_everything_goes_by_way_of_the_proxy(scheme: str, site: Site, internet: Internet, authority: trustme.CA) -> None:
    tls = certified(authority, "proxy.localhost") if scheme == "https" else None
    async with serving(site) as plain, serving(site, certified(authority, "safe.example")) as safe:
        proxy = Proxy({"plain.example": plain, "safe.example": safe})
        async with proxying(proxy, tls) as port:
            for url in ("http://plain.example/a", "https://safe.example/b"):
                outcome = await ask(url, proxy=by(scheme, port))
                assert isinstance(outcome, Fetched), outcome
                assert outcome.page.body == b"here"
    assert proxy.asked == ["GET http://plain.example/a", "CONNECT safe.example:443"]
    assert internet.asked == []
    assert {port for _, port in internet.connected} == {port, plain, safe}


async def test_a_proxy_may_want_no_login(site: Site) -> None:
    async with serving(site) as there, proxying(Proxy({"plain.example": there}, login=None)) as port:
        assert isinstance(await ask("http://plain.example/", proxy=f"http://127.0.0.1:{port}"), Fetched)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://[::1]/",
        "https://10.0.0.5/",
        "http://169.254.169.254/latest/meta-data",
        "http://0x7f.1/",
        "http://127.1/",
        "http://localhost/",
        "http://proxy.localhost/",
        "http://metadata.google.internal/",
        "http://printer.local/",
        "http://intranet/",
        "http://plain.example:22/",
        "https://plain.example:6379/",
    ],
)
async def test_places_are_checked_before_the_proxy_is_asked(url: str, site: Site) -> None:
    proxy = Proxy({})
    async with proxying(proxy) as port:
        failed(await ask(url, proxy=by("http", port)), "refused", "; see collect.allow_hosts")
    assert proxy.asked == []


@pytest.mark.parametrize("url", ["http://plain.example/", "https://plain.example/"])
async def test_a_proxy_that_cannot_be_used_counts_against_no_source(url: str, internet: Internet) -> None:
    async with proxying(Proxy({})) as port:
        wrong = await ask(url, proxy=by("http", port, ("monitor", "hunter2")))
        assert "hunter2" not in failed(wrong, "offline", "the proxy of collect.proxy is not (it asks for a user name and password")
    failed(await ask(url, proxy=by("http", port)), "offline", "because the proxy of collect.proxy is not (Connect call failed")
    failed(await ask(url, proxy="http://u:hunter2@no-such-proxy.invalid:3128"), "offline", "the proxy of collect.proxy is not")
    failed(await ask(url, proxy=f"http://{PUBLIC}:3128"), "offline", "the proxy of collect.proxy is not")


@contextmanager
def black_hole() -> Iterator[int]:
    """A port at which connections are neither taken nor refused: the queue before it is full."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server, ExitStack() as waiting:
        for _ in range(4):
            caller = waiting.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(server.getsockname())
        yield server.getsockname()[1]


@pytest.mark.parametrize("url", ["http://plain.example/", "https://plain.example/"])
async def test_a_proxy_that_is_silent_is_told_from_a_site_that_is(url: str) -> None:
    with black_hole() as port:
        failed(await ask(url, proxy=by("http", port), timeout=SECONDS), "offline", "(it does not answer)")
        async with proxying(Proxy({"plain.example": port})) as alive:
            failed(await ask(url, proxy=by("http", alive), timeout=SECONDS), "timeout", "plain.example did not finish")


async def test_a_proxy_without_a_proper_certificate_is_not_used(authority: trustme.CA) -> None:
    proxy = Proxy({})
    async with proxying(proxy, certified(trustme.CA(), "proxy.localhost")) as port:
        failed(await ask("http://plain.example/", proxy=by("https", port)), "offline", "certificate verify failed")
    assert proxy.asked == []


async def test_a_site_that_the_proxy_does_not_reach_is_the_sites_own_trouble(authority: trustme.CA) -> None:
    async with proxying(Proxy({})) as port:
        failed(
            await ask("https://gone.example/", proxy=by("http", port)), "connect", "gone.example: the proxy does not reach it (Bad Gateway)"
        )
        failed(await ask("http://gone.example/", proxy=by("http", port)), "http", "502 Bad Gateway")
    async with serving(Site(), certified(authority, "other.example")) as there, proxying(Proxy({"safe.example": there})) as port:
        failed(await ask("https://safe.example/", proxy=by("http", port)), "tls", "no secure connection to safe.example")


async def test_a_site_that_plays_the_proxy_is_not_believed() -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")

    async with serving(handler) as port:
        failed(await ask(f"http://here.localhost:{port}/", allow_hosts=ALLOWED), "http", "407")


@pytest.mark.parametrize(
    "proxy", ["socks5://hunter2@p:1080", "p:3128", "http://", "http://hunter2@p:99999", "http://p:0", "http://p/path", "http://p q"]
)
def test_what_is_no_proxy_is_refused_at_once(proxy: str) -> None:
    with pytest.raises(ValidationError, match="expected an address such as"):
        Collect.model_validate({"proxy": proxy})


def test_a_proxy_is_kept_secret() -> None:
    limits = Collect.model_validate({"proxy": "http://monitor:hunter2@[::1]:3128/"})
    assert "hunter2" not in f"{limits!r}{limits.model_dump_json()}"
    assert limits.proxy.get_secret_value() == "http://monitor:hunter2@[::1]:3128/"
