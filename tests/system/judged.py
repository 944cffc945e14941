"""Articles that were read and judged, put into a store the way the daemon does: for tests of commands that read them again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from monitor.model import Analysed, Article, Entry, Finding, Placement, Report
from monitor.store import articles, stories
from monitor.stories.facts import summarise, timeline
from monitor.stories.place import opened as standing
from tests.contract.samples import LEASE, NO_SIGNATURE, NOW


def an_article(number: int, title: str, text: str) -> Article:
    return Article(f"https://one.al/news/{number}", title, text, NOW, "sq", "one.al", "AL")


def judged(c: Connection, article: Article, finding: Finding, summary: str = "", now: datetime = NOW) -> int:
    """Lists one entry and judges what its page said; returns the article's number. Needs one source, and none waiting, in the store."""
    articles.add(c, 1, [Entry(article.url, article.url, article.title, summary, NOW)], now)
    (held,) = articles.claim_waiting(c, "me", now, LEASE, 1)
    assert articles.judge(c, held.id, "me", Analysed(article, finding, NO_SIGNATURE), now)
    return held.id


def opened(c: Connection, number: int, finding: Finding, key: str) -> None:
    """Makes a story of one flagged article."""
    report = Report(
        str(number), f"https://one.al/news/{number}", "Read title", "one.al", NOW, finding, NO_SIGNATURE, why="the first report"
    )
    story = summarise(standing([report], key))
    stories.save(c, Placement(story, True, report, tuple(timeline(story))), NOW)
