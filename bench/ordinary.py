"""An ordinary stream of news: what the papers are full of, and a report of an incident now and then."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import chain, cycle, islice
from pathlib import Path

from markupsafe import escape

from bench import material
from monitor.demo.newsroom import NewsArticle
from monitor.demo.newsroom.stock import furniture
from monitor.jobs.judge import Task, prefilter
from monitor.model import Page
from monitor.settings import default_folder

ONE_IN = 50  # articles reports an incident
_CORPUS = Path(__file__).resolve().parents[1] / "tests" / "corpus"
_SUMMARY = 200


def stream(count: int) -> Iterator[tuple[NewsArticle, Task]]:
    """So many articles with their pages, every fiftieth of them on an incident, the others without a word of attack."""
    reports = cycle(article for article in material.articles(count) if article.relevant)
    news = cycle(article for article in labelled() if not tells(article))
    for number in range(count):
        article = next(reports if number % ONE_IN == 0 else news)
        article = replace(article, id=f"{article.id}-{number}")
        yield article, Task(material.waiting(article, number), page(article, number), scan=True)


def page(article: NewsArticle, number: int) -> Page:
    """The article's page, as heavy as real ones, among headlines of ordinary news: those of the newsroom all tell of attacks."""
    outlet = material.sites()[article.outlet]
    around, titles = furniture()[outlet.lang], _titles()[outlet.lang]
    bare = material.bare(article)
    headlines = islice(cycle(titles), number % len(titles), None)
    for said, headline in zip(chain(around["related"], around["tags"], around["comments"]), headlines, strict=False):
        old, new = (f">{escape(text)}<".encode(outlet.encoding, "xmlcharrefreplace") for text in (said, headline))
        bare = bare.replace(old, new)
    return material.fetched(material.weighed(bare, article, titles), f"http://{outlet.host}{article.path(outlet.section)}")


def tells(article: NewsArticle) -> bool:
    """Whether an article has a word of attack that must be read in full."""
    return _scan([article.title, *article.text.splitlines()])


def _scan(lines: Sequence[str]) -> bool:
    return prefilter(default_folder({})).could_matter(lines)


@cache
def labelled() -> tuple[NewsArticle, ...]:
    """The labelled articles that nobody may flag, in the languages of the outlets, as those would publish them."""
    outlets: defaultdict[str, list[str]] = defaultdict(list)
    for key, outlet in material.sites().items():
        outlets[outlet.lang].append(key)
    example = material.articles(1)[0]
    return tuple(
        replace(
            example,
            id=row["id"],
            lang=row["lang"],
            outlet=outlets[row["lang"]][number % len(outlets[row["lang"]])],
            title=row["title"],
            summary=row["text"][:_SUMMARY],
            text=row["text"],
            relevant=False,
        )
        for number, row in enumerate(_rows())
        if row["lang"] in outlets
    )


@cache
def _titles() -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for article in labelled():
        if not _scan([article.title]):
            found[article.lang].append(article.title)
    return found


def _rows() -> list[dict[str, str]]:
    lines = chain.from_iterable(path.read_text(encoding="utf-8").splitlines() for path in sorted(_CORPUS.glob("ordinary-*.jsonl")))
    return [json.loads(line) for line in lines]
