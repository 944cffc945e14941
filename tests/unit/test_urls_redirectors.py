"""Redirectors that tell in their own address where they lead."""

import base64
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.text.urls import MAX_URL, canonical, unwrapped

ARTICLE = "https://albeu.com/lajme/sulm?id=7"
CODED = quote(ARTICLE, safe="")


def google_news(address: str | bytes, head: bytes = b"\x08\x13\x22", tail: bytes = b"\xd2\x01\x00") -> str:
    """The code of an old Google News link: a number, then the address under its length, then the address of an AMP page."""
    raw = address.encode() if isinstance(address, str) else address
    length = bytes([len(raw)]) if len(raw) < 128 else bytes([len(raw) & 0x7F | 0x80, len(raw) >> 7])
    return base64.urlsafe_b64encode(head + length + raw + tail).decode().rstrip("=")


REDIRECTORS = [
    f"https://www.google.com/url?rct=j&sa=t&url={CODED}&ct=ga&cd=CAIyGjE",
    f"https://www.google.com/url?q={CODED}&sa=U&ved=2ahUKE",
    f"https://www.google.com/url?rct=j&amp;sa=t&amp;url={CODED}&amp;ct=ga",
    f"http://www.google.al/url?q={CODED}",
    f"https://www.google.com.mk/url/?q={CODED}",
    f"https://news.google.com/news/url?sa=t&fd=R&url={CODED}",
    f"https://news.google.com/rss/articles/{google_news(ARTICLE)}?oc=5",
    f"https://news.google.com/articles/{google_news(ARTICLE)}?hl=sq&gl=AL",
    f"https://news.google.com/read/{google_news(ARTICLE)}",
    f"https://news.google.com/__i/rss/rd/articles/{google_news(ARTICLE)}==?oc=5",
    f"http://www.bing.com/news/apiclick.aspx?ref=FexRss&aid=&tid=1&url={CODED}&c=1&mkt=sq",
    f"https://www.bing.com/News/ApiClick.aspx?url={CODED}",
    f"https://l.facebook.com/l.php?u={CODED}&h=AT0x",
    f"https://www.facebook.com/l.php?u={CODED}",
    f"https://l.instagram.com/?u={CODED}&e=AT0x",
    f"https://t.me/iv?url={CODED}&rhash=1",
    f"https://www.youtube.com/redirect?event=video&q={CODED}",
    f"https://vk.com/away.php?to={CODED}",
    f"https://duckduckgo.com/l/?uddg={CODED}",
    f"https://www.google.com/url?q={quote(f'https://l.facebook.com/l.php?u={CODED}', safe='')}",
    f"https://www.google.com/url?q=https://news.google.com/rss/articles/{google_news(ARTICLE)}",
]


@pytest.mark.parametrize("url", REDIRECTORS)
def test_a_redirector_that_names_its_target_is_seen_through(url: str) -> None:
    assert unwrapped(url) == ARTICLE
    assert canonical(url) == canonical(ARTICLE)


def test_a_long_address_in_a_google_news_code_is_read_in_full() -> None:
    long = f"https://albeu.com/{'sulm-' * 60}1"
    assert unwrapped(f"https://news.google.com/rss/articles/{google_news(long)}") == long


@pytest.mark.parametrize(
    "url",
    [
        ARTICLE,
        "https://albeu.com/share?url=https://other.al/a",
        "https://albeu.com/url?q=https://other.al/a",
        "https://albeu.com/l.php?u=https://other.al/a",
        "https://albeu.com/kerko?q=https://other.al/a",
        "https://xgoogle.com/url?q=https://other.al/a",
        "https://google.com.evil.al/url?q=https://other.al/a",
        "https://blog.google.com/url?q=https://other.al/a",
        "https://www.google.com/search?q=https://other.al/a",
        "https://www.bing.com/search?url=https://other.al/a",
        "https://t.me/channel?url=https://other.al/a",
        "https://web.archive.org/save?url=https://other.al/a",
        "https://feedproxy.google.com/~r/albeu/~3/AbC/sulm",
        "https://feeds.feedburner.com/~r/albeu/~3/AbC/sulm",
        "https://www.msn.com/sq-al/lajme/sulm/ar-AA1?ocid=x",
        f"https://evil.al/rss/articles/{google_news(ARTICLE)}",
    ],
)
def test_other_sites_with_such_parameters_are_left_alone(url: str) -> None:
    assert unwrapped(url) == url
    assert canonical(url) != canonical("https://other.al/a")


@pytest.mark.parametrize(
    "url",
    [
        "https://www.google.com/url?q=/search",
        "https://www.google.com/url?q=javascript:alert(1)",
        "https://www.google.com/url?q=file:///etc/passwd",
        "https://www.google.com/url?q=http://user:secret@10.0.0.1/",
        "https://www.google.com/url?q=https://x.al/a%20b",
        "https://www.google.com/url",
        f"https://www.google.com/url?q=https://x.al/{'a' * MAX_URL}",
        f"https://news.google.com/rss/articles/{google_news('AU_yqLNdsy2pBSJKx0TMhJbv3wBpC6kD')}",
        f"https://news.google.com/rss/articles/{google_news('file:///etc/passwd/and/more')}",
        f"https://news.google.com/rss/articles/{google_news(bytes(range(200, 250)))}",
        f"https://news.google.com/rss/articles/{google_news(ARTICLE, head=b'')}",
        "https://news.google.com/rss/articles/CBMi" + "A" * 5000,
        "https://news.google.com/rss/articles/CBMi_____________________________________",
        "https://news.google.com/rss/articles/CBMiAAAAAAAAAAAAAAAAA",
        "https://news.google.com/topstories?hl=sq",
    ],
)
def test_what_names_no_fit_target_comes_back_unchanged(url: str) -> None:
    assert unwrapped(url) == url


def test_an_address_wrapped_more_than_twice_comes_back_unchanged() -> None:
    url = ARTICLE
    for _ in range(3):
        url = f"https://www.google.com/url?q={quote(url, safe='')}"
    assert unwrapped(url) == url
    assert canonical(url) == canonical(ARTICLE)


def test_a_deep_nest_of_redirectors_ends() -> None:
    url = "https://google.com/url?q=" * 300 + "https://x.al/"
    assert canonical(canonical(url)) == canonical(url)
    assert unwrapped(url) == url


_PIECES = (
    "google.com/url ?q= ?url= &q= https:// http:// %3A %2F %3F / x.al/a news.google.com/rss/articles/ CBMi amp/s/ m. www. "
    "l.facebook.com/l.php?u= cdn.ampproject.org/c/s/ index.php # & = \u044f"
)


@given(st.lists(st.sampled_from([*_PIECES.split(), "\ud800", google_news("https://t.me/iv?url=https://x.al/")]), max_size=12).map("".join))
def test_redirectors_nested_in_any_way_leave_one_stable_spelling(text: str) -> None:
    for url in (f"https://google.com/url?q={text}", f"https://google.com/amp/s/{text}", f"https://{text}"):
        assert canonical(canonical(url)) == canonical(url)
        unwrapped(url)


@given(st.text(max_size=60), st.binary(max_size=60))
def test_any_code_is_survived(text: str, raw: bytes) -> None:
    unwrapped(f"https://news.google.com/rss/articles/{text}")
    unwrapped(f"https://news.google.com/rss/articles/{google_news(raw)}")
    unwrapped(text)
