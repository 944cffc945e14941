from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.collect.links import parse
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


def read(body: str | bytes, content_type: str = "text/html", url: str = "https://albeu.com/") -> tuple[Entry, ...]:
    outcome = parse(page(body, content_type, url), NOW)
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


@given(st.binary(max_size=200))
def test_any_bytes_are_survived(body: bytes) -> None:
    parse(page(body), NOW)
    parse(page(b"<a href='/a-b-c-d-12345'>" + body), NOW)
