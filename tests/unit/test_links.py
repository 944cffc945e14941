from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.collect.links import parse, selector
from monitor.model import Entry, Failed, Listing
from tests.unit.pages import NOW, page

FRONT = """<!doctype html><html><head><title>Albeu</title></head><body>
<nav><a href="/lajme/te-gjitha-lajmet-e-dites">Të gjitha lajmet e ditës këtu</a></nav>
<main>
 <article><a href="/lajme/sulm-kibernetik-ndaj-kuvendit-1201"><img src="a.jpg" alt=""></a>
  <h2><a href="/lajme/sulm-kibernetik-ndaj-kuvendit-1201?utm_source=front">Sulm kibernetik ndaj Kuvendit</a></h2>
  <a href="/lajme/sulm-kibernetik-ndaj-kuvendit-1201#comments">12</a></article>
 <article><a href="https://www.albeu.com/2026/11/21/moti/" title="Moti i keq vazhdon edhe nesër">Moti</a></article>
 <article><a href="https://sport.albeu.com/id-99887">Partizani fiton ndeshjen e madhe</a></article>
 <a href="/lajme/">Lajme nga vendi dhe bota sot</a>
 <a href="/tag/siguria-kibernetike-ne-shqiperi">Siguria kibernetike në Shqipëri sot</a>
 <a href="/foto/kuvendi-i-shqiperise-sot.jpg">Fotografia e Kuvendit të Shqipërisë</a>
 <a href="/lajme/nje-artikull-pa-titull-77">Më shumë</a>
 <a href="https://other.com/lajme/nje-lajm-i-huaj-123">Një lajm i huaj nga një faqe tjetër</a>
 <a href="javascript:void(0)">Hap menynë e madhe të faqes</a><a>no address at all here</a>
</main>
<footer><a href="/kushtet-e-perdorimit-te-faqes">Kushtet e përdorimit të faqes</a></footer></body></html>"""


def read(body: str | bytes, content_type: str = "text/html", url: str = "https://albeu.com/", select: str = "") -> tuple[Entry, ...]:
    outcome = parse(page(body, content_type, url), NOW, select)
    assert isinstance(outcome, Listing), outcome
    return outcome.entries


def test_articles_of_the_site_are_found_under_their_headlines() -> None:
    assert [(entry.url, entry.title) for entry in read(FRONT)] == [
        ("https://albeu.com/lajme/sulm-kibernetik-ndaj-kuvendit-1201", "Sulm kibernetik ndaj Kuvendit"),
        ("https://www.albeu.com/2026/11/21/moti/", "Moti i keq vazhdon edhe nesër"),
        ("https://sport.albeu.com/id-99887", "Partizani fiton ndeshjen e madhe"),
    ]


def test_entries_are_known_by_their_canonical_address_and_have_no_date() -> None:
    first = read(FRONT)[0]
    assert (first.guid, first.published) == ("https://albeu.com/lajme/sulm-kibernetik-ndaj-kuvendit-1201", None)


def test_links_are_relative_to_the_pages_base() -> None:
    body = '<base href="https://albeu.com/en/"><a href="attack-on-the-parliament-12">Attack on the parliament of Albania</a>'
    assert read(body)[0].url == "https://albeu.com/en/attack-on-the-parliament-12"


def test_cyrillic_addresses_and_old_encodings() -> None:
    body = '<meta charset="windows-1251"><a href="/вести/хакерски-напад-врз-општина-скопје">Хакерски напад врз Општина Скопје</a>'
    (entry,) = read(body.encode("windows-1251", "xmlcharrefreplace"))
    assert entry.title == "Хакерски напад врз Општина Скопје"


@pytest.mark.parametrize("body", ["", "\x00", "<html><body><p>nothing</p></body></html>", '<a href="/lajme">Lajme nga vendi dhe bota</a>'])
def test_a_page_without_articles_is_named(body: str) -> None:
    outcome = parse(page(body), NOW)
    assert isinstance(outcome, Failed)
    assert outcome.kind == "not_a_feed"
    assert outcome.detail


@pytest.mark.parametrize("body", ["<div>" * 100_000, "<a href='/a-b-c-d'>" * 30_000, "<a " * 30_000])
def test_hostile_pages_are_survived_in_time(body: str) -> None:
    start = perf_counter()
    parse(page(body), NOW)
    assert perf_counter() - start < 5


def picked(body: str, select: str) -> list[tuple[str, str]]:
    return [(entry.url, entry.title) for entry in read(body, select=select)]


CARDS = """<div class="card"><a class="section" href="/sport">Sport</a><h3><a href="/a">Titulli i parë</a></h3><p>Një hyrje.</p></div>
<div class="card"><a href="/b"><img src="b.jpg"></a><h3>Titulli i dytë</h3></div>
<a class="card" href="https://other.com/c"><h3>Titulli i tretë</h3><p>Një hyrje tjetër.</p></a>
<a href="/d"><div class="card">Pa titull</div></a>
<div class="card"><a href="/e" title="I gjati titull në atribut">E</a> dhe fjalë të tjera</div>
<div class="card"><a href="/f"><img src="f.jpg"></a> Vetëm fjalë</div>
<div class="card"><a href="mailto:a@albeu.com">Na shkruani</a></div><div class="card">Pa lidhje</div>
<nav><a class="menu" href="/g">G</a></nav><footer>Pa lidhje</footer>"""


def test_a_selector_picks_links_and_elements_that_hold_one_or_stand_in_one() -> None:
    assert picked(CARDS, ".card") == [
        ("https://albeu.com/a", "Titulli i parë"),
        ("https://albeu.com/b", "Titulli i dytë"),
        ("https://other.com/c", "Titulli i tretë"),
        ("https://albeu.com/d", "Pa titull"),
        ("https://albeu.com/e", "I gjati titull në atribut"),
        ("https://albeu.com/f", "Vetëm fjalë"),
    ]


def test_what_is_selected_need_not_look_like_an_article_nor_stand_outside_menus() -> None:
    assert picked(CARDS, "nav a") == [("https://albeu.com/g", "G")]


def test_words_of_different_blocks_stand_apart_and_those_within_one_together() -> None:
    assert picked('<a href="/a"><div>Titulli i<b>nj</b>ë</div><br><span>dyti</span>të</a>', "a") == [
        ("https://albeu.com/a", "Titulli injë dytitë")
    ]


def test_several_selectors_are_separated_by_commas() -> None:
    assert [url for url, _ in picked(CARDS, "nav a, h3 > a")] == ["https://albeu.com/a", "https://albeu.com/g"]


def test_a_heading_is_selected_for_the_link_around_it() -> None:
    assert ("https://other.com/c", "Titulli i tretë") in picked(CARDS, "h3")


@pytest.mark.parametrize("select", [".cart", "footer", "div.card:nth-of-type(20)"])
def test_a_selector_that_finds_no_links_is_named(select: str) -> None:
    outcome = parse(page(CARDS), NOW, select)
    assert outcome == Failed("not_a_feed", f"the selector {select!r} finds no links on this page")


@pytest.mark.parametrize("select", ["a[", "", "a::text", "a:nosuch", "x|a", "a >", "*:nth-of-type(1)"])
def test_what_is_no_selector_raises_with_a_reason(select: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        selector(select)


def test_a_page_asked_with_what_is_no_selector_is_no_listing() -> None:
    outcome = parse(page(CARDS), NOW, "a[")
    assert isinstance(outcome, Failed)
    assert outcome.detail.startswith("'a[' is no CSS selector: ")


@pytest.mark.parametrize("select", ["div", "div div a", "a", ":has(a)", "body *"])
@pytest.mark.parametrize(
    "body", ["<div>" * 100_000, "<a href='/a-b-c-d'>x" * 30_000, "<div><a href='/a'></a>" * 30_000, "<p></p>" * 200_000]
)
def test_selectors_on_hostile_pages_end_in_time(body: str, select: str) -> None:
    start = perf_counter()
    parse(page(body), NOW, select)
    assert perf_counter() - start < 10


@given(st.binary(max_size=200))
def test_any_bytes_are_survived(body: bytes) -> None:
    parse(page(body), NOW)
    parse(page(b"<a href='/a-b-c-d-12345'>" + body), NOW)
    parse(page(b"<a href='/a-b-c-d-12345'>" + body), NOW, "a, body *")
