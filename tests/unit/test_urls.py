import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.text.urls import absolute, canonical, country_of, is_http, site

ARTICLE = "https://albeu.com/lajme/sulm"


@pytest.mark.parametrize(
    "url",
    [
        "https://albeu.com/lajme/sulm",
        "http://albeu.com/lajme/sulm",
        "HTTPS://WWW.Albeu.COM/lajme/sulm",
        "https://m.albeu.com/lajme/sulm",
        "https://amp.albeu.com/lajme/sulm",
        "https://albeu.com:443/lajme/sulm",
        "http://albeu.com:80/lajme/sulm/",
        "https://albeu.com/lajme/sulm#comments",
        "https://albeu.com/lajme/sulm?utm_source=rss&utm_medium=feed",
        "https://albeu.com/lajme/sulm?fbclid=abc",
        "https://albeu.com/lajme/sulm/amp/",
        "https://albeu.com/lajme/sulm?amp=1",
        "https://albeu.com./lajme/sulm",
        "  https://albeu.com/lajme/sulm\n",
        "https://albeu.com/lajme/%73ulm",
    ],
)
def test_spellings_of_one_article_are_one(url: str) -> None:
    assert canonical(url) == ARTICLE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://x.al/?p=1", "https://x.al/?p=2"),
        ("https://x.al/a", "https://x.al/b"),
        ("https://x.al/a", "https://x.al/A"),
        ("https://x.al:8080/a", "https://x.al/a"),
        ("https://sport.x.al/a", "https://x.al/a"),
        ("https://m.al/a", "https://al/a"),
        ("https://x.al/?id=", "https://x.al/"),
    ],
)
def test_different_articles_stay_different(one: str, other: str) -> None:
    assert canonical(one) != canonical(other)


def test_the_order_of_parameters_makes_no_difference() -> None:
    assert canonical("https://x.al/?b=2&a=1") == canonical("https://x.al/?a=1&b=2")


def test_raw_and_encoded_letters_are_one() -> None:
    assert canonical("https://x.mk/вести/напад") == canonical("https://x.mk/%d0%b2%d0%b5%d1%81%d1%82%d0%b8/%D0%BD%D0%B0%D0%BF%D0%B0%D0%B4")


def test_an_international_host_and_its_ascii_form_are_one() -> None:
    assert canonical("https://вести.мк/1") == canonical("https://xn--b1agj9af.xn--j1ad/1")


@given(st.text(max_size=80))
def test_canonical_never_fails_and_is_stable(text: str) -> None:
    for url in (text, f"https://x.al/{text}", f"https://{text}/a"):
        assert canonical(canonical(url)) == canonical(url)
        site(url)
        is_http(url)
        absolute("https://x.al/", url)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.vijesti.me/a", "vijesti.me"),
        ("http://M.Vijesti.me:8080/", "vijesti.me"),
        ("https://amp.dw.com/sq", "dw.com"),
        ("https://si.bloombergadria.com/rss", "si.bloombergadria.com"),
        ("https://m.al/", "m.al"),
        ("no address", ""),
        ("http://[::1", ""),
    ],
)
def test_site_is_the_host_by_which_outlets_are_counted(url: str, expected: str) -> None:
    assert site(url) == expected


@pytest.mark.parametrize("url", ["http://x.al", "https://x.al:8443/a?b=c#d", "https://вести.мк/напад", "http://[2001:db8::1]/"])
def test_http_addresses_are_accepted(url: str) -> None:
    assert is_http(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x.al/a",
        "/a",
        "//x.al/a",
        "ftp://x.al/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://",
        "http:///a",
        "http://user:secret@x.al/",
        "http://x.al@10.0.0.1/",
        "http://x.al/a b",
        "http://x.al/a\nb",
        "http://x.al:99999/",
        "http://x.al:port/",
        "http://[::1",
        "https://x.al/" + "a" * 2048,
    ],
)
def test_what_is_no_plain_http_address_is_refused(url: str) -> None:
    assert not is_http(url)


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("/a", "https://x.al/a"),
        ("b?c=1", "https://x.al/news/b?c=1"),
        ("//y.al/a", "https://y.al/a"),
        ("  https://y.al/a\n", "https://y.al/a"),
        ("https://y.al/a b", "https://y.al/a%20b"),
        ("https://y.al/a\n  b", "https://y.al/a%20%20b"),
        ("mailto:a@x.al", None),
        ("javascript:void(0)", None),
        ("http://[", None),
    ],
)
def test_links_are_made_absolute(link: str, expected: str | None) -> None:
    assert absolute("https://x.al/news/", link) == expected


@pytest.mark.parametrize(
    ("host", "country"),
    [("albeu.al", "AL"), ("www.bbc.co.uk", "GB"), ("balkaninsight.com", None), ("europa.eu", None), ("localhost", None), ("a-sq-1", None)],
)
def test_the_country_of_a_host_is_that_of_its_top_level_domain(host: str, country: str | None) -> None:
    assert country_of(host) == country
