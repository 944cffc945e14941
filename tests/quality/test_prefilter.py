"""The scan that drops pages unread loses none that the full reading would flag, however they are written."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import pytest

from monitor.demo.newsroom import NewsArticle, load, outlets
from monitor.demo.newsroom.documents import page as newsroom_page
from monitor.detect.verdict import assess, read
from monitor.jobs.assess import read_article
from monitor.jobs.judge import Task, judge, lexicon
from monitor.model import Analysed, AnalysisOutcome, Article, Entry, Page, Source, Waiting
from monitor.settings import default_folder
from tests.quality.floors import KNOTS, ORDINARY, SETS, corpus, newsroom
from tests.quality.pages import RENDERINGS
from tests.quality.test_slips import spoilt

NOW = datetime(2026, 11, 1, tzinfo=UTC)
FOLDER = default_folder({})
URL = "https://one.example/news/1"
LABELLED = (*SETS, *KNOTS, "resolved")
EACH = 9  # every ninth of the flagged articles is rendered in all ways


def outcome(article: Article, body: bytes, scan: bool, titled: bool = False) -> AnalysisOutcome:
    """What comes of a page; without a title of its entry, so that all depends on the page, unless `titled`."""
    entry = Entry(URL, URL, article.title if titled else "", "", article.published)
    source = Source("x.one", "One", "https://one.example/feed", outlet=article.outlet, country=article.country, lang=article.lang)
    return judge(FOLDER, [Task(Waiting(1, entry, source, NOW), Page(URL, URL, 200, body, {}, NOW), scan=scan)])[0]


def flagged(found: AnalysisOutcome) -> bool:
    return isinstance(found, Analysed) and found.finding.relevant


def lost(article: Article, body: bytes) -> bool:
    """Whether only the scan keeps a page from being flagged."""
    return flagged(outcome(article, body, scan=False)) and not flagged(outcome(article, body, scan=True))


def dropped(article: Article, body: bytes) -> bool:
    found = outcome(article, body, scan=True)
    return isinstance(found, Analysed) and not found.article.text


@cache
def reports() -> tuple[tuple[str, Article], ...]:
    """The flagged articles of all sets, each with its language."""
    rows = [row for name in LABELLED for row in corpus(name)] + newsroom()
    articles = [(row["lang"], read_article(row, NOW)) for row in rows]
    return tuple((lang, article) for lang, article in articles if assess(article, lexicon(FOLDER)).relevant)


def test_there_is_enough_to_lose() -> None:
    assert len(reports()) > 600
    assert len({lang for lang, _ in reports()}) >= 15


def test_no_flagged_article_is_lost_on_a_plain_page() -> None:
    assert sum(lost(article, RENDERINGS["plain"](article.title, article.text, lang)) for lang, article in reports()) == 0


@pytest.mark.parametrize("name", RENDERINGS)
def test_no_flagged_article_is_lost_however_it_is_written(name: str) -> None:
    shift = list(RENDERINGS).index(name) % EACH
    pages = [(article, RENDERINGS[name](article.title, article.text, lang)) for lang, article in reports()[shift::EACH]]
    assert sum(flagged(outcome(article, body, scan=False)) for article, body in pages) > 0.75 * len(pages)
    assert sum(lost(article, body) for article, body in pages) == 0


def _newsroom_pages() -> Iterator[tuple[NewsArticle, bytes]]:
    by_key = {outlet.key: outlet for outlet in outlets()}
    for each in load():
        if each.body == "page":
            yield each, newsroom_page(by_key[each.outlet], each, "http://one.localhost").body


def test_no_flagged_article_is_lost_in_the_layouts_and_encodings_of_the_newsroom() -> None:
    for each, body in _newsroom_pages():
        article = Article(URL, each.title, each.text, each.published, each.lang, each.outlet)
        assert not lost(article, body), each.id


def test_no_article_is_lost_for_its_slips_of_the_pen() -> None:
    chance = random.Random(7)
    torn = [(lang, spoilt(article, lexicon(FOLDER), chance)) for lang, article in reports()[::4]]
    assert sum(lost(article, RENDERINGS["plain"](article.title, article.text, lang)) for lang, article in torn) == 0


def test_what_tells_of_an_attack_without_being_flagged_is_read_too() -> None:
    """The scan finds words, it does not weigh them: weights may change any day."""
    short = [(lang, replace(article, title="", text=article.text[:300])) for lang, article in reports()[::6]]
    telling = [(lang, article) for lang, article in short if read(article, lexicon(FOLDER)).attack_told]
    assert len(telling) > 50
    assert sum(dropped(article, RENDERINGS["plain"](article.title, article.text, lang)) for lang, article in telling) == 0


def test_most_ordinary_pages_are_dropped() -> None:
    kept = {name: [row for row in corpus(name) if not _dropped_row(row)] for name in ORDINARY}
    assert len(kept["ordinary"]) < 0.08 * len(corpus("ordinary"))
    assert len(kept["everyday"]) < 0.15 * len(corpus("everyday"))  # every tenth of them does speak of an attack


def _dropped_row(row: dict[str, str]) -> bool:
    article = read_article(row, NOW)
    return dropped(article, RENDERINGS["plain"](article.title, article.text, row["lang"]))
