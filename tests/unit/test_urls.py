import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.text.urls import absolute, canonical, country_of, is_http, names_article, site, within

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
        "https://www2.albeu.com/lajme/sulm",
        "https://mobile.albeu.com/lajme/sulm",
        "https://wap.albeu.com/lajme/sulm",
        "https://www.m.albeu.com./lajme/sulm",
        "https://albeu.com//lajme///sulm//",
        "https://albeu.com/index.php/lajme/sulm",
        "https://albeu.com/lajme/sulm/index.php",
        "https://albeu.com/lajme/sulm/Index.HTML",
        "https://albeu.com/lajme/sulm/amp/index.html",
        "https://albeu.com/lajme/sulm;jsessionid=0A1B?PHPSESSID=77",
        "https://albeu.com/amp/lajme/sulm",
        "https://albeu.com/amphtml/lajme/sulm",
        "https://albeu.com/lajme/sulm/amp.html",
        "https://albeu.com/lajme/sulm/amphtml",
        "https://albeu.com/lajme/sulm.amp",
        "https://albeu.com/lajme/sulm.amp.amp",
        "https://albeu.com/lajme/sulm/index.amp.html.amp",
        "https://albeu.com/lajme/sulm?amp",
        "https://albeu.com/lajme/sulm?AMP=true",
        "https://albeu.com/lajme/sulm?outputType=amp",
        "https://albeu.com/lajme/sulm?output=amp&amp_js_v=0.1&usqp=mq331AQ",
        "https://albeu.com/lajme/sulm?noamp=mobile",
        "https://albeu-com.cdn.ampproject.org/c/s/albeu.com/lajme/sulm/amp",
        "https://www-albeu-com.cdn.ampproject.org/v/s/www.albeu.com/lajme/sulm?amp_gsa=1",
        "https://cdn.ampproject.org/c/albeu.com/lajme/sulm",
        "https://albeu-com.bing-amp.com/c/s/albeu.com/lajme/sulm",
        "https://www.google.com/amp/s/www.albeu.com/amp/lajme/sulm",
        "https://www.google.al/amp/albeu.com/lajme/sulm",
        "https://albeu-com.translate.goog/lajme/sulm?_x_tr_sl=sq&_x_tr_tl=en&_x_tr_hl=en&_x_tr_pto=wapp",
        "https://www-albeu-com.translate.goog/lajme/sulm",
        "https://www.google.com/amp/s/albeu-com.translate.goog/lajme/sulm",
        "https://albeu.com/lajme/sulm?utm-source=x&amp;utm_medium=feed",
        "https://albeu.com/lajme/sulm?share=facebook&nocache=17&replytocom=9",
        "https://albeu.com/lajme/sulm?ref=rss&maca=sq-rss-sq-all-1540-xml-mrss&traffic_source=rss",
        "https://albeu.com/lajme/sulm#!",
        "https://albeu.com/lajme/sulm#/",
        "https://albeu.com/lajme/sulm\ud800",
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
        ("https://x.al/?id=1", "https://x.al/?id=2"),
        ("https://x.al/a?page=2", "https://x.al/a"),
        ("https://x.al/?id=1&id=2", "https://x.al/?id=2&id=1"),
        ("https://x.al/amplifier", "https://x.al/lifier"),
        ("https://x.al/a/amplifier", "https://x.al/a"),
        ("https://x.al/a/amp/b", "https://x.al/a/b"),
        ("https://x.al/stamp", "https://x.al/st"),
        ("https://x.al/post.ample", "https://x.al/post"),
        ("https://x.al/?amp=123456", "https://x.al/"),
        ("https://x.al/?share=123", "https://x.al/?share=124"),
        ("https://x.al/?ref=12", "https://x.al/?ref=13"),
        ("https://x.al/?format=pdf", "https://x.al/"),
        ("https://x.al/?source=12", "https://x.al/"),
        ("https://amplify.al/a", "https://lify.al/a"),
        ("https://team.x.al/a", "https://x.al/a"),
        ("https://www22.x.al/a", "https://x.al/a"),
        ("https://m.co.uk/a", "https://co.uk/a"),
        ("https://mobile.com.mk/a", "https://com.mk/a"),
        ("https://x.al/index.php-explained", "https://x.al/"),
        ("https://x.al/myindex.html", "https://x.al/"),
        ("https://x.al/index.html/a", "https://x.al/a"),
        ("https://x.al/a%2Fb", "https://x.al/a/b"),
        ("https://x.al/a%3Fb", "https://x.al/a?b"),
        ("https://x.al/a%252Fb", "https://x.al/a%2Fb"),
        ("https://x.al/#!/news/1", "https://x.al/#!/news/2"),
        ("https://x.al/#/news/1", "https://x.al/"),
        ("https://evil.al/c/s/x.al/a", "https://x.al/a"),
        ("https://xgoogle.com/amp/s/x.al/a", "https://x.al/a"),
        ("https://cdn.ampproject.org.evil.al/c/s/x.al/a", "https://x.al/a"),
        ("https://x-al.translate.goog.evil.al/a", "https://x.al/a"),
        ("https://x-al.cdn.ampproject.org/i/s/x.al/a", "https://x.al/a"),
        ("https://google.com/amp/s/nohost/a", "https://nohost/a"),
    ],
)
def test_different_articles_stay_different(one: str, other: str) -> None:
    assert canonical(one) != canonical(other)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://360stepeni.mk?p=355854", "https://360stepeni.mk/?p=355854"),
        ("https://360stepeni.mk/?p=355854&utm_source=rss", "https://360stepeni.mk/?p=355854"),
        ("https://www.360stepeni.mk/index.php?p=355854&amp=1", "https://360stepeni.mk/?p=355854"),
        ("http://360stepeni.mk/amp/?p=355854", "https://360stepeni.mk/?p=355854"),
        ("https://x.mk/sulm.amp.html", "https://x.mk/sulm.html"),
        ("https://x--y-com-mk.translate.goog/a", "https://x-y.com.mk/a"),
        ("https://x.al/#!/lajme/1", "https://x.al/#!/lajme/1"),
        ("https://www.gov.si/novice/1", "https://gov.si/novice/1"),
        (
            "https://radiosarajevo.ba/amp/vijesti/bosna-i-hercegovina/americke-sankcije/519113",
            "https://radiosarajevo.ba/vijesti/bosna-i-hercegovina/americke-sankcije/519113",
        ),
        ("https://blitz.bg/obrazovanie/nova-ataka_news887026.html/amp", "https://blitz.bg/obrazovanie/nova-ataka_news887026.html"),
    ],
)
def test_what_identifies_stays(url: str, expected: str) -> None:
    assert canonical(url) == expected


def test_the_order_of_parameters_makes_no_difference() -> None:
    assert canonical("https://x.al/?b=2&a=1") == canonical("https://x.al/?a=1&b=2")


def test_raw_and_encoded_letters_are_one() -> None:
    assert canonical("https://x.mk/вести/напад") == canonical("https://x.mk/%d0%b2%d0%b5%d1%81%d1%82%d0%b8/%D0%BD%D0%B0%D0%BF%D0%B0%D0%B4")


def test_an_international_host_and_its_ascii_form_are_one() -> None:
    assert canonical("https://вести.мк/1") == canonical("https://xn--b1agj9af.xn--j1ad/1")


_PIECES = (
    "/ // amp .amp .html index.php index.html google.com cdn.ampproject.org x-al.translate.goog c s www. m. . - ? & = # ! % %2F %41 %e1 "
    ";jsessionid= p=1 utm_x x.al вести A @ :80"
)


@given(st.lists(st.sampled_from([*_PIECES.split(), "\ud800"]), max_size=12).map("".join))
def test_canonical_is_stable_however_the_variants_are_nested(text: str) -> None:
    for url in (f"https://x.al/{text}", f"https://{text}", f"https://cdn.ampproject.org/{text}", f"https://google.com/{text}"):
        assert canonical(canonical(url)) == canonical(url)
        site(url)
        names_article(url)


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


@pytest.mark.parametrize(
    ("host", "whole", "expected"),
    [
        ("x.al", "x.al", True),
        ("sport.x.al", "x.al", True),
        ("notx.al", "x.al", False),
        ("x.al", "sport.x.al", False),
        ("x.al", "", False),
        ("", "", False),
    ],
)
def test_a_host_is_within_another_at_a_dot_only(host: str, whole: str, expected: bool) -> None:
    assert within(host, whole) is expected


@pytest.mark.parametrize(
    "url",
    [
        "https://x.al/sulm-kibernetik-ndaj-kuvendit",
        "https://x.al/?p=12345",
        "https://x.al/a/1234",
        "https://x.mk/напад-врз-серверите-на-влада",
    ],
)
def test_addresses_of_articles_carry_words_or_numbers(url: str) -> None:
    assert names_article(url)


@pytest.mark.parametrize("url", ["https://x.al", "https://x.al/lajme/aktualitet/", "https://x.al/bota-sot", "http://[::1", ""])
def test_sections_and_home_pages_carry_neither(url: str) -> None:
    assert not names_article(url)
