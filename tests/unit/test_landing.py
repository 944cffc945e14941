from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.collect.landing import onward
from tests.unit.pages import page

TARGET = "https://albeu.com/lajme/sulm?id=7&b=2"
ARTICLE = f"<p>{'Kuvendi njoftoi se sistemet e tij u sulmuan. ' * 20}</p>"
HOP = "https://short.al/abc"
GOOGLE = "https://news.google.com/rss/articles/CBMiAbc?oc=5"
HUGE = f"<script>var data = '{'x' * 300_000}'</script>"


def sent(body: str | bytes, url: str = HOP, content_type: str = "text/html; charset=utf-8") -> str | None:
    return onward(page(body, content_type, url))


REFRESHES = [
    "0;url=https://albeu.com/lajme/sulm?id=7&amp;b=2",
    "0; URL='https://albeu.com/lajme/sulm?id=7&amp;b=2'",
    "5;url=&quot;https://albeu.com/lajme/sulm?id=7&amp;b=2&quot;",
    " 10 , https://albeu.com/lajme/sulm?id=7&amp;b=2 ",
    "0.5; url = https://albeu.com/lajme/sulm?id=7&amp;b=2",
    ";url=https://albeu.com/lajme/sulm?id=7&amp;b=2",
]


@pytest.mark.parametrize("content", REFRESHES)
def test_a_refresh_sends_on(content: str) -> None:
    assert sent(f'<html><head><meta http-equiv="refresh" content="{content}"></head><body>One moment…</body></html>') == TARGET
    assert sent(f'<head><noscript><META HTTP-EQUIV=Refresh CONTENT="{content}"></noscript></head>') == TARGET


def test_a_relative_refresh_is_made_absolute_by_the_pages_base() -> None:
    refresh = '<meta http-equiv="refresh" content="0;url=sulm">'
    assert sent(refresh, "https://short.al/a/b") == "https://short.al/a/sulm"
    assert sent(f'<base href="https://albeu.com/lajme/">{refresh}') == "https://albeu.com/lajme/sulm"


@pytest.mark.parametrize(
    "body",
    [
        '<meta http-equiv="refresh" content="0;url={url}">' + ARTICLE,
        '<meta http-equiv="refresh" content="11;url={url}">',
        '<meta http-equiv="refresh" content="300">',
        '<meta http-equiv="refresh" content="">',
        '<meta http-equiv="refresh">',
        '<meta http-equiv="refresh" content="0;url=">',
        '<meta http-equiv="refresh" content="0;url=javascript:alert(1)">',
        '<meta http-equiv="refresh" content="0;url=file:///etc/passwd">',
        '<meta http-equiv="refresh" content="0;url=https://user:word@albeu.com/">',
        '<meta http-equiv="refresh" content="0;url=https://www.short.al/abc/?utm_source=x">',
        '<meta http-equiv="refresh" content="0;url=#top">',
        '<meta name="refresh" content="0;url={url}">',
        '<!-- <meta http-equiv="refresh" content="0;url={url}"> -->',
        '<meta http-equiv="refresh" content="0;url={url}">' + "<b></b>" * 20_000,
    ],
)
def test_no_refresh_of_an_article_a_late_one_or_one_that_leads_nowhere_is_followed(body: str) -> None:
    assert sent(body.replace("{url}", TARGET)) is None


@pytest.mark.parametrize(
    "script",
    [
        f'window.location = "{TARGET}";',
        f"window.location.href='{TARGET}'",
        f'document.location = "{TARGET}"',
        f'location.replace("{TARGET}");',
        f'window.location.assign( "{TARGET}" )',
        f'setTimeout(function() {{ top.location.href = "{TARGET}"; }}, 1000);',
        r'window.opener = null; location.replace("https:\/\/albeu.com\/lajme\/sulm?id=7\u0026b=2")',
        r'location = "https:\x2f\x2falbeu.com/lajme/sulm?id=7&b=2"',
    ],
)
def test_a_script_of_nothing_but_a_move_sends_on(script: str) -> None:
    assert sent(f"<html><head><title>…</title></head><body><script>{script}</script></body></html>") == TARGET


@pytest.mark.parametrize(
    "body",
    [
        f'<script>if (screen.width < 700) location = "{TARGET}"</script>',
        f'<script>top == self || (top.location = "{TARGET}")</script>',
        f'<script>// location = "{TARGET}"</script>',
        f'<script>location = "{TARGET}"; location = "https://other.al/"</script>',
        f'<script>location = "{TARGET}"; {"start(app); " * 30}</script>',
        f'<script>location = "{TARGET}"</script>{ARTICLE}',
        f'<script>location = "{TARGET}"</script>{"<b></b>" * 2000}',
        "<script>location = target</script>",
        "<script>location.reload()</script>",
        "<script>allocation = 'https://albeu.com/'</script>",
    ],
)
def test_scripts_that_do_more_or_only_at_times_are_not_followed(body: str) -> None:
    assert sent(body) is None


def test_the_stub_of_a_link_shortener_is_followed() -> None:
    address = TARGET.replace("&", "&amp;")
    script = TARGET.replace("/", "\\/")
    body = f"""<head><noscript><META http-equiv="refresh" content="0;URL={address}"></noscript><title>{address}</title></head>
        <script>window.opener = null; location.replace("{script}")</script>"""
    assert sent(body, "https://t.co/abc") == TARGET
    assert sent(f'<title>{address}</title><a href="{address}">{address}</a>') == TARGET
    assert sent(f'<title>Object moved</title><h2>Object moved to <a href="{address}">here</a>.</h2>') == TARGET
    assert sent(f'<title>301 Moved Permanently</title><p>The document has moved <a href="{address}">here</a>.</p>') == TARGET


@pytest.mark.parametrize(
    "body",
    [
        '<title>Welcome</title><p>It works. See <a href="https://nginx.org/">nginx</a>.</p>',
        '<title>Albeu</title><a href="https://albeu.com/1">One</a>',
        '<title>Redirecting</title><a href="https://albeu.com/1">One</a><a href="https://albeu.com/2">Two</a>',
        '<title>The family has moved</title><a href="https://albeu.com/1">One</a>' + ARTICLE,
        "<title>Moved</title>",
        "",
        "\x00",
        "words",
    ],
)
def test_other_small_pages_send_nobody_on(body: str) -> None:
    assert sent(body) is None


@pytest.mark.parametrize("host", [GOOGLE, "http://127.0.0.1:8080/rss/articles/CBMiAbc"])
@pytest.mark.parametrize(
    "body",
    [
        '<c-wiz><div data-n-au="https://albeu.com/lajme/sulm?id=7&amp;b=2" jsname="x"></div></c-wiz>',
        '<c-wiz><a href="https://albeu.com/lajme/sulm?id=7&amp;b=2" rel="nofollow">Opening…</a><a href="/about">About</a>'
        '<a href="https://policies.google.com/privacy">Privacy</a></c-wiz>',
        '<link rel="canonical" href="https://albeu.com/lajme/sulm?id=7&amp;b=2"><c-wiz></c-wiz>',
    ],
)
def test_the_interstitial_of_google_news_leads_to_the_article(host: str, body: str) -> None:
    assert sent(body + HUGE, host) == TARGET


@pytest.mark.parametrize(
    "body",
    [
        '<c-wiz><a href="https://a.al/1" rel="nofollow">A</a><a href="https://b.al/1" rel="nofollow">B</a></c-wiz>',
        '<link rel="canonical" href="https://news.google.com/rss/articles/CBMiOther"><c-wiz></c-wiz>',
        '<a href="https://a.al/1" rel="nofollow">A</a>',
        f'<c-wiz data-n-au="{TARGET}"></c-wiz>' + ARTICLE * 2,
        f'<c-wiz data-n-au="{TARGET}"></c-wiz>' + "<script>" + "x" * 1_000_000 + "</script>",
        '<c-wiz data-n-au="javascript:alert(1)"></c-wiz>',
        "<c-wiz></c-wiz>",
    ],
)
def test_an_interstitial_that_names_no_single_target_sends_nobody_on(body: str) -> None:
    assert sent(body, GOOGLE) is None


def test_only_web_pages_send_on() -> None:
    refresh = f'<meta http-equiv="refresh" content="0;url={TARGET}">'
    assert sent(refresh, content_type="") == TARGET
    assert sent(refresh, content_type="application/xml") is None


@pytest.mark.parametrize(
    "body",
    ["<div>" * 10_000, "<c-wiz>" * 100_000, "<c-wiz>" + "<a rel=nofollow href=https://x.al/>" * 20_000, "location = '" * 600, " ;" * 4000],
)
def test_hostile_pages_are_survived_in_time(body: str) -> None:
    start = perf_counter()
    sent(body)
    sent(f'<meta http-equiv="refresh" content="{body[:60_000]}">')
    sent(f"<script>{body[:8000]}</script>")
    assert perf_counter() - start < 5


@given(st.binary(max_size=100), st.text(max_size=60))
def test_anything_is_survived(raw: bytes, text: str) -> None:
    sent(raw)
    sent(f'<meta http-equiv="refresh" content="0;url={text}">')
    sent(b'<c-wiz data-n-au="' + raw)
    sent(f"<script>location='{text}'</script>")
    sent(r"<script>location='https://x.al/\ud800\x00'</script>")
