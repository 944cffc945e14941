"""Hostile pages: each ends soon, as an article or with a reason; and nothing of an honest page is touched."""

from __future__ import annotations

import time

import pytest

from monitor.demo.newsroom import load, outlets
from monitor.demo.newsroom.documents import page as newsroom_page
from monitor.extract.article import article
from monitor.extract.hazards import MOST_ATTRIBUTES, MOST_CHARACTERS, MOST_TAGS, tame
from monitor.model import Article, Entry, Rejected, Source
from tests.unit.pages import page

SOURCE = Source("al.one", "One", "https://one.al/feed", outlet="one.al", country="AL", lang="sq")
ENTRY = Entry("1", "https://one.al/lajme/1", "", "", None)
SENTENCE = "Kuvendi njoftoi se sistemi i tij u godit nga një sulm kibernetik të hënën në mbrëmje, dhe po punohet për rikthimin e tij."
STORY = f"<article><h1>Sulm kibernetik</h1><p>{SENTENCE}</p></article>"
LARGE = 4_000_000


def document(behind: str = "", head: str = "", before: str = "") -> str:
    return f"<!doctype html><html><head><title>Titulli</title>{head}</head><body>{before}{STORY}{behind}</body></html>"


def flood(unit: str, size: int = LARGE) -> str:
    return unit * (size // len(unit))


def attributes(count: int, tag: str = "a") -> str:
    return f"<{tag} " + " ".join(f"x{n}='1'" for n in range(count)) + ">"


FLOODS = {
    "open paragraphs": flood("<p>"),
    "paragraphs": flood("<p>Fjala e mirë</p>"),
    "paragraphs with links": flood("<p><a href=x>fjala e mirë</a> dhe <b>e re</b>"),
    "list items": "<ul>" + flood("<li>a "),
    "line breaks": "<p>" + flood("a<br>"),
    "table cells": "<table>" + flood("<tr><td>a</td></tr>"),
    "dates": flood("<time datetime='2020-01-01'>1 Jan 2020</time> "),
    "dates in articles in articles": "<article>" * 200 + flood("<time datetime=x></time>"),
    "headlines in headlines": "<h1>" * 200 + flood("<b>x</b>"),
    "100,000 nested blocks": "<div>" * 100_000 + "x" + "</div>" * 100_000,
    "100,000 open marks": "<b>" * 100_000,
    "trees of the greatest depth": flood("<div>" * 250 + "x" + "</div>" * 250),
    "crossed marks": flood("<b><i>x</b></i>"),
    "one text": "<p>" + flood("fjala "),
    "one word": "<p>" + "x" * LARGE,
    "blanks": "<p>" + " " * LARGE,
    "zeros": "<p>" + "\0" * LARGE,
    "one long attribute": '<a b="' + "x" * LARGE + '">',
    "open angles": "<" * LARGE,
    "open tags": flood("<a"),
    "open comments": flood("<!--"),
    "open scripts": flood("<script>"),
    "entities": "<p>" + flood("&amp;"),
    "ampersands": "<p>" + "&" * LARGE,
}


@pytest.mark.parametrize("behind", FLOODS.values(), ids=FLOODS)
def test_a_flood_behind_an_article_costs_neither_time_nor_the_article(behind: str) -> None:
    started = time.process_time()
    found = article(page(document(behind), url=ENTRY.url), ENTRY, SOURCE)
    assert time.process_time() - started < 2
    assert isinstance(found, Article), found
    assert SENTENCE in found.text


@pytest.mark.parametrize(
    "name", ["list items", "dates in articles in articles", "headlines in headlines", "100,000 nested blocks", "ampersands"]
)
def test_a_flood_before_an_article_ends_soon(name: str) -> None:
    started = time.process_time()
    article(page(document(before=FLOODS[name]), url=ENTRY.url), ENTRY, SOURCE)
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    "tag",
    [
        attributes(100_000),
        attributes(100_000, "script"),
        attributes(100_000, "/a"),
        "<a " + "".join(f"x{n}='>'" for n in range(100_000)) + ">",
        "<a " + "".join(f'x{n}="<"' for n in range(100_000)) + ">",
        '<a " ' + attributes(100_000)[3:],
        '<a =" ' + attributes(100_000)[3:],
        "<!--> " + attributes(100_000) + " -->",
        "<title><a b='</title>" + attributes(100_000),
        "<script>'<!--'</script>" + attributes(100_000),
        "<a " + "x " * 100_000,
        flood('<a b="'),
    ],
    ids=range(12),
)
def test_a_tag_over_which_parsers_hang_is_refused_in_words(tag: str) -> None:
    started = time.process_time()
    found = article(page(document(tag), url=ENTRY.url), ENTRY, SOURCE)
    assert time.process_time() - started < 1
    assert isinstance(found, Rejected)
    assert "more than 2,000 attributes" in found.reason


@pytest.mark.parametrize(
    "behind",
    [
        attributes(MOST_ATTRIBUTES),
        attributes(1_500) * 50,
        "<script>" + "for(i=0;i<n;i++){s+='<a '+\"b c\"};" * 5_000 + "</script>",
        "<script>" + "a<b " + "x y z = ' " * 5_000 + "</SCRIPT >",
        "<style>" + "a>b{c:'d'} " * 5_000 + "</style>",
        "<!-- <a " + "x y " * 5_000 + "-->",
        "<p>3 < 5 " + "x y " * 5_000,
        "<div data-state='" + '{"a": 1, "b": "x y"} ' * 5_000 + "'>",
        "<p title='it' s>" + "x y " * 5_000,
    ],
    ids=range(9),
)
def test_what_only_looks_like_many_attributes_passes_whole(behind: str) -> None:
    assert tame(document(behind)) == document(behind)


def test_honest_pages_pass_whole() -> None:
    by_key = {outlet.key: outlet for outlet in outlets()}
    for each in load():
        if each.body == "page":
            html = newsroom_page(by_key[each.outlet], each, "http://x.localhost").body.decode("latin-1")
            assert tame(html) == html


def test_pictures_within_a_large_page_do_not_cost_it_its_text() -> None:
    picture = "<img src='data:image/png;base64," + "iVBORw0KGgo" * 400_000 + "'>"
    found = article(page(document(before=picture), url=ENTRY.url), ENTRY, SOURCE)
    assert isinstance(found, Article)
    assert SENTENCE in found.text


def test_a_small_page_keeps_its_pictures() -> None:
    small = document("<img src='data:image/png;base64," + "iVBORw0KGgo" * 4_000 + "'>")
    assert tame(small) == small


def test_a_page_is_cut_before_the_tag_that_is_too_many() -> None:
    cut = tame("<p>a</p>" * MOST_TAGS)
    assert cut == "<p>a</p>" * ((MOST_TAGS - 1) // 2) + "<p>a"
    assert len(str(tame("x" * (MOST_CHARACTERS + 1)))) == MOST_CHARACTERS


def test_of_a_page_whose_article_was_cut_off_the_reason_says_so() -> None:
    found = article(page(document(before="<p></p>" * MOST_TAGS), url=ENTRY.url), ENTRY, SOURCE)
    assert isinstance(found, Rejected)
    assert "too large" in found.reason
