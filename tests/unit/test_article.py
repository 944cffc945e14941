"""Pages to articles: what is taken, what is left out, what is refused and in which words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import escape

import pytest

from monitor.demo.newsroom import load, outlets
from monitor.demo.newsroom.documents import page as newsroom_page
from monitor.extract.article import MOST_TEXT, article, clean, from_entry
from monitor.model import Article, Entry, Rejected, Source
from tests.unit.pages import NOW, page

URL = "https://one.al/lajme/1"
AT = datetime(2023, 12, 26, 9, tzinfo=UTC)
SOURCE = Source("al.one", "One", "https://one.al/feed", outlet="one.al", country="AL", lang="sq")
ENTRY = Entry("1", URL, "Sulm kibernetik ndaj Kuvendit", "Përmbledhja e lajmit.", AT)
TEXT = (
    "Kuvendi i Shqipërisë njoftoi se sistemi i tij i të dhënave u godit nga një sulm kibernetik të hënën në mbrëmje.\n\n"
    "Ekspertët po punojnë për rikthimin e sistemeve, ndërsa prokuroria ka nisur hetimet për ngjarjen."
)

NO_PAGES = (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", b"\x89PNG\r\n\x1a\n" + bytes(200), b'{"title": "no page"}', b"\x00" * 500)


def html(text: str = TEXT, head: str = "<title>Titulli i faqes | One</title>", around: str = "") -> str:
    paragraphs = "".join(f"<p>{escape(part)}</p>" for part in text.split("\n\n"))
    return f"<!doctype html><html><head>{head}</head><body>{around}<article>{paragraphs}</article>{around}</body></html>"


def read(body: str | bytes, entry: Entry = ENTRY) -> Article:
    found = article(page(body, url=URL), entry, SOURCE)
    assert isinstance(found, Article), found
    return found


def refused(body: str | bytes, entry: Entry = ENTRY) -> str:
    found = article(page(body, url=URL), entry, SOURCE)
    assert isinstance(found, Rejected), found
    return found.reason


def untitled() -> Entry:
    return Entry("1", URL, "", "Përmbledhja.", AT)


def test_text_comes_from_the_page_title_and_date_from_the_entry() -> None:
    assert read(html()) == Article(URL, ENTRY.title, TEXT.replace("\n\n", "\n"), AT, "sq", "one.al", "AL", "page")


def test_the_address_is_the_one_at_which_the_page_was_found() -> None:
    moved = page(html(), url="https://one.al/lajme/1-i-ri")
    found = article(moved, ENTRY, SOURCE)
    assert isinstance(found, Article)
    assert found.url == "https://one.al/lajme/1-i-ri"


def address(head: str, found_at: str = URL, source: Source = SOURCE) -> str:
    found = article(page(html(head=f"<title>x</title>{head}"), url=found_at), ENTRY, source)
    assert isinstance(found, Article), found
    return found.url


def canonical(url: str) -> str:
    return f'<link rel="canonical" href="{url}">'


SHORT = "https://one.al/?p=12345"
LONG = "https://one.al/lajme/sulm-kibernetik-ndaj-kuvendit"


@pytest.mark.parametrize(
    ("head", "found_at"),
    [
        (canonical(LONG), SHORT),
        (canonical(LONG), f"{LONG}?utm_source=rss"),
        (canonical(LONG), f"{LONG}/amp"),
        (canonical(LONG), "https://m.one.al/lajme/sulm-kibernetik-ndaj-kuvendit"),
        (canonical(LONG), "https://mobil.one.al/artikull/12345"),
        (canonical(LONG), "https://one-al.cdn.ampproject.org/c/s/one.al/lajme/12345/amp"),
        (canonical("/lajme/sulm-kibernetik-ndaj-kuvendit"), SHORT),
        (f'<base href="https://one.al/lajme/">{canonical("sulm-kibernetik-ndaj-kuvendit")}', SHORT),
        (f'<LINK href="{LONG}" REL="Canonical nofollow">', SHORT),
        (f'<meta property="og:url" content="{LONG}">', SHORT),
        (canonical("https://one.al/") + f'<meta property="og:url" content="{LONG}">', SHORT),
        (canonical("javascript:alert(1)") + canonical(LONG), SHORT),
    ],
)
def test_a_page_is_known_by_the_address_it_gives_itself(head: str, found_at: str) -> None:
    assert address(head, found_at) == LONG


def test_a_page_below_the_host_at_which_it_was_found_is_of_the_same_site() -> None:
    assert address(canonical("https://sport.one.al/lajme/12345")) == "https://sport.one.al/lajme/12345"


@pytest.mark.parametrize(
    "head",
    [
        "",
        canonical(""),
        canonical("https://two.al/lajme/sulm-kibernetik-ndaj-kuvendit"),
        canonical("https://notone.al/lajme/sulm-kibernetik-ndaj-kuvendit"),
        canonical("https://one.al.two.al/lajme/sulm-kibernetik-ndaj-kuvendit"),
        canonical("https://al/lajme/sulm-kibernetik-ndaj-kuvendit"),
        f'<base href="https://two.al/">{canonical("lajme/sulm-kibernetik-ndaj-kuvendit")}',
        canonical("https://one.al"),
        canonical("https://one.al/index.php"),
        canonical("/lajme"),
        canonical("/lajme/2024"),
        canonical("https://one.al@two.al/lajme/12345"),
        canonical("javascript:alert(12345)"),
        canonical("https://[one.al/lajme/12345"),
        canonical("https://one.al/" + "1" * 3000),
        f"<link rel='canonicalized' href='{LONG}'>",
        f"<link rel='alternate' href='{LONG}'>",
    ],
)
def test_what_no_article_of_this_site_can_be_called_is_not_believed(head: str) -> None:
    assert address(head, "https://one.al/lajme/2024/sulmi") == "https://one.al/lajme/2024/sulmi"


@pytest.mark.parametrize(("outlet", "believed"), [("shared.al", True), ("mine.shared.al", False), ("", False), ("al", False)])
def test_a_page_may_name_the_host_above_its_own_only_if_that_is_its_outlets(outlet: str, believed: bool) -> None:
    above, found_at = "https://shared.al/lajme/12345", "https://mine.shared.al/a/12345"
    assert address(canonical(above), found_at, replace(SOURCE, outlet=outlet)) == (above if believed else found_at)


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ('<meta property="og:title" content="Nga  og"><title>Nga title</title>', "Nga og"),
        ("<title>Nga\n title</title>", "Nga title"),
    ],
)
def test_without_a_title_of_the_entry_the_page_gives_one(head: str, title: str) -> None:
    assert read(html(head=head), untitled()).title == title


def test_the_headline_of_the_page_goes_before_its_window_title() -> None:
    assert read(html(around="<h1>Nga h1</h1>"), untitled()).title == "Nga h1"


def test_menus_comments_and_teasers_stay_out() -> None:
    menu = "<nav><ul><li><a href='/a'>Kronikë</a></li></ul></nav><div class='related'><a href='/b'>Hakerat godasin bankën</a></div>"
    comments = "<div id='comments'><div class='comment'><p>Edhe mua më kanë hakuar javën e kaluar.</p></div></div>"
    text = read(html(around=menu + comments)).text
    assert "hakuar" not in text
    assert "bankën" not in text
    assert "Kronikë" not in text


@pytest.mark.parametrize("encoding", ["windows-1250", "utf-8", "utf-16"])
def test_letters_survive_the_encodings_that_pages_declare(encoding: str) -> None:
    text = "Šesnaest žrtava čeka đake: ćirilica i latinica stoje jedna pored druge na stranicama ministarstva prosvete."
    body = html(text, head=f'<meta http-equiv="Content-Type" content="text/html; charset={encoding}"><title>x</title>').encode(encoding)
    assert text in read(body).text


CYRILLIC = "Управата за јавни приходи соопшти дека нејзините системи се недостапни поради хакерски напад, а ѓубрето нема врска со тоа."


@pytest.mark.parametrize("head", ["", '<meta charset="utf-8">', '<meta charset="iso-8859-1">'])
def test_a_page_is_decoded_by_the_header_before_its_own_declaration(head: str) -> None:
    body = html(CYRILLIC, head=f"<title>x</title>{head}").encode("windows-1251")
    found = article(page(body, "text/html; charset=windows-1251", URL), ENTRY, SOURCE)
    assert isinstance(found, Article), found
    assert found.text == CYRILLIC


def test_an_old_page_with_an_xml_declaration_is_read() -> None:
    body = '<?xml version="1.0" encoding="windows-1251"?>\n' + html(CYRILLIC)
    assert read(body.encode("windows-1251")).text == CYRILLIC


def undated(body: str, lang: str = "sq") -> datetime | None:
    found = article(page(body, url=URL), replace(ENTRY, published=None), replace(SOURCE, lang=lang))
    assert isinstance(found, Article), found
    return found.published


@pytest.mark.parametrize(
    ("marked", "lang", "expected"),
    [
        ("<time datetime='2023-12-26'>e martë, 1 maj 2020</time>", "sq", datetime(2023, 12, 26, tzinfo=UTC)),
        ("<time>e martë, 26 dhjetor 2023</time>", "sq", datetime(2023, 12, 26, tzinfo=UTC)),
        ("<time>30. <b>lis.</b> 2023.</time>", "hr", datetime(2023, 10, 30, tzinfo=UTC)),
        ("<time>prije 3 sata</time>", "hr", NOW - timedelta(hours=3)),
        ("<time>Kuvendi u godit më 26 dhjetor 2023</time>", "sq", None),
        ("<p>26 dhjetor 2023</p>", "sq", None),
    ],
)
def test_a_date_that_is_marked_as_one_is_read_in_the_language_of_the_source(marked: str, lang: str, expected: datetime | None) -> None:
    assert undated(html().replace("<article>", f"<article>{marked}"), lang) == expected


def test_the_day_at_the_top_of_every_page_is_not_the_date_of_the_article() -> None:
    assert undated(html(around="<time>e martë, 26 dhjetor 2023</time>")) is None


def test_every_page_of_the_newsroom_gives_its_whole_text() -> None:
    by_key = {outlet.key: outlet for outlet in outlets()}
    for each in load():
        if each.body == "page":
            body = newsroom_page(by_key[each.outlet], each, "http://x.localhost").body
            assert read(body).text.split() == each.text.split(), each.id


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "the page is empty"),
        (" \n\t", "the page is empty"),
        (html("Vetëm video."), "the page has no article text (a list, a video, a paywall, or built by script)"),
        ("<html><head><title>App</title></head><body><div id='root'></div><script>run()</script></body></html>", "built by script"),
    ],
)
def test_what_is_no_article_is_refused_in_words(body: str, reason: str) -> None:
    assert reason in refused(body)


@pytest.mark.parametrize("body", NO_PAGES)
def test_what_is_no_page_at_all_is_refused(body: bytes) -> None:
    assert refused(body)


def test_a_page_without_any_title_is_refused() -> None:
    assert refused(html(head=""), untitled()) == "the page has no title"


def test_a_flood_of_text_is_cut() -> None:
    assert len(read(html("\n\n".join([TEXT] * 600))).text) == MOST_TEXT


def test_a_hostile_title_is_cut_and_cleaned() -> None:
    title = read(html(), Entry("1", URL, "Titull\x00 \ud800" + "x" * 900, "", AT)).title
    assert len(title) == 500
    assert title.startswith("Titull x")


def test_the_entry_alone_gives_an_article_that_says_so() -> None:
    assert from_entry(ENTRY, SOURCE) == Article(URL, ENTRY.title, "Përmbledhja e lajmit.", AT, "sq", "one.al", "AL", "entry")


def test_of_an_entry_with_a_title_only_the_title_is_read() -> None:
    read = from_entry(replace(ENTRY, summary=" "), SOURCE)
    assert isinstance(read, Article)
    assert read.text == ENTRY.title


def test_an_entry_without_a_title_gives_none() -> None:
    assert from_entry(untitled(), SOURCE) == Rejected("the page cannot be had and the source gave no title")


def test_what_postgres_refuses_is_gone() -> None:
    assert clean(" a\x00b\xa0c\ud800 ") == "ab c"
