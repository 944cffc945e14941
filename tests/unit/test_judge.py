"""The CPU work of a batch: one outcome a task, in order, whatever the pages hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from monitor.jobs.judge import Task, judge, lost, moment, prepare
from monitor.model import Analysed, Article, Entry, Finding, Rejected, Source, Undecided, Waiting
from monitor.settings import WorkersSection, default_folder
from monitor.workers import Workers
from tests.unit.pages import page

FOLDER = default_folder({})
AT = datetime(2023, 12, 26, 9, tzinfo=UTC)
SEEN = AT + timedelta(hours=1)
SOURCE = Source("al.one", "One", "https://one.al/feed", outlet="one.al", country="AL", lang="sq")
TITLE = "Sulm kibernetik ndaj Kuvendit të Shqipërisë, hakerat fshijnë të dhënat"
TEXT = "Kuvendi i Shqipërisë njoftoi se sistemi i tij u godit nga një sulm kibernetik. Hakerat fshinë të dhënat e serverëve."
WEATHER = "Moti i nesërm do të jetë me diell në të gjithë vendin, me temperatura deri në njëzet gradë në bregdet."


def task(body: str | bytes | None, title: str = TITLE, summary: str = "", number: int = 1) -> Task:
    url = f"https://one.al/{number}"
    waiting = Waiting(number, Entry(url, url, title, summary, AT), SOURCE, SEEN)
    return Task(waiting, None if body is None else page(body, url=url))


def html(text: str) -> str:
    return f"<!doctype html><html><head><title>t</title></head><body><article><p>{text}</p></article></body></html>"


CALM = html(WEATHER * 2)
EDITOR = "<meta property='og:title' content='Hakerat sulmojnë Kuvendin'>"


def scanned(body: str | bytes | None, title: str = "Moti i nesërm", summary: str = "") -> Any:
    return outcome(replace(task(body, title, summary), scan=True))


def outcome(one: Task) -> Any:
    return judge(FOLDER, [one])[0]


def test_an_incident_is_flagged_and_signed() -> None:
    found = outcome(task(html(TEXT)))
    assert found.finding.relevant
    assert found.article.origin == "page"
    assert found.signature.bands
    assert found.signature.words


def test_what_is_not_flagged_needs_no_signature() -> None:
    found = outcome(task(html(WEATHER), title="Moti i nesërm"))
    assert not found.finding.relevant
    assert found.signature.digest == ()


def test_without_a_page_the_entry_is_judged() -> None:
    found = outcome(task(None, summary=TEXT))
    assert found.finding.relevant
    assert found.article == Article("https://one.al/1", TITLE, TEXT, AT, "sq", "one.al", "AL", "entry")


def test_a_page_without_an_article_leaves_the_summary_to_judge() -> None:
    assert outcome(task("", summary=TEXT)).article.origin == "entry"


def test_with_neither_article_nor_summary_the_title_is_judged() -> None:
    found = outcome(task(""))
    assert isinstance(found, Analysed)
    assert (found.article.text, found.article.origin, found.finding.relevant) == (TITLE, "entry", True)


def test_without_article_and_title_the_page_is_rejected() -> None:
    assert outcome(task("", title="")) == Rejected("the page is empty")
    assert outcome(task(None, title="")) == Rejected("the page cannot be had and the source gave no title")


def test_outcomes_come_in_the_order_of_the_tasks_whatever_the_pages_hold() -> None:
    bodies: list[str | bytes] = [html(WEATHER), "", b"\xff\xfe\x00\x01" * 50, html(TEXT), "<p>" * 20_000, html(WEATHER)]
    titles = {0: TITLE, 3: TITLE, 5: TITLE}
    found = judge(FOLDER, [task(body, title=titles.get(number, ""), number=number) for number, body in enumerate(bodies)])
    assert [type(each) for each in found] == [Analysed, Rejected, Rejected, Analysed, Rejected, Analysed]
    assert [each.article.url for each in found if isinstance(each, Analysed)] == [f"https://one.al/{number}" for number in (0, 3, 5)]


def test_the_same_article_gives_the_same_outcome() -> None:
    assert outcome(task(html(TEXT))) == outcome(task(html(TEXT)))


def test_what_a_parser_dies_of_becomes_the_reason() -> None:
    assert lost(task(""), "RecursionError: too deep") == Rejected("the page broke the reader: RecursionError: too deep")
    assert len(lost(task(""), "x" * 10_000).reason) == 300


@pytest.mark.parametrize(
    ("published", "expected"),
    [(AT, AT), (None, SEEN), (SEEN + timedelta(days=3), SEEN)],
    ids=["as published", "no date", "dated after it was seen"],
)
def test_a_report_is_made_when_it_was_published_but_never_after_it_was_seen(published: datetime | None, expected: datetime) -> None:
    assert moment(Article("u", "t", "x", published), SEEN) == expected


async def test_a_process_of_the_pool_gives_what_the_same_process_gives() -> None:
    tasks = [task(html(text), number=number) for number, text in enumerate((TEXT, WEATHER))]
    async with Workers(WorkersSection(count=1), prepare=partial(prepare, FOLDER)) as workers:
        there = await workers.run(_judge_here, tasks, lost)
    assert there == judge(FOLDER, tasks)


def _judge_here(tasks: Any) -> Any:
    return judge(FOLDER, tasks)


def test_while_the_lexicon_cannot_be_read_nothing_is_decided(tmp_path: Path) -> None:
    (found,) = judge(tmp_path, [task(html(TEXT))])
    assert isinstance(found, Undecided)
    assert "detection.toml" in found.reason


def test_an_article_of_a_source_of_many_sites_counts_for_its_own_site() -> None:
    of_many = replace(SOURCE, outlet="*", country=None)
    given = task(html(TEXT))
    page_task = replace(given, waiting=replace(given.waiting, source=of_many))
    entry_task = replace(page_task, page=None)
    for each in (page_task, entry_task):
        found = outcome(each)
        assert isinstance(found, Analysed)
        assert (found.article.outlet, found.article.country) == ("one.al", "AL")


def test_a_page_that_cannot_matter_is_dropped_without_its_text() -> None:
    found = scanned(CALM)
    assert found == Analysed(Article("https://one.al/1", "Moti i nesërm", "", AT, "sq", "one.al", "AL"), Finding(False, 0.0, "sq"))


def test_the_verdict_on_a_dropped_page_is_the_one_that_reading_it_would_give() -> None:
    read = outcome(task(CALM, title="Moti i nesërm"))
    assert read.article.text
    assert read.finding == scanned(CALM).finding


def test_without_the_scan_every_page_is_read() -> None:
    assert outcome(task(CALM, title="Moti i nesërm")).article.text == " ".join([WEATHER * 2])


@pytest.mark.parametrize(
    ("title", "summary"), [(TITLE, ""), ("Moti i nesërm", TEXT)], ids=["a title that could matter", "a summary that could matter"]
)
def test_what_its_entry_says_keeps_a_page_from_being_dropped(title: str, summary: str) -> None:
    assert scanned(CALM, title, summary).article.text


def test_a_page_that_could_matter_is_read() -> None:
    found = scanned(html(TEXT), title="")
    assert found == outcome(task(html(TEXT), title=""))
    assert found.article.text


def test_an_entry_without_a_title_gets_that_of_its_page() -> None:
    assert scanned(CALM.replace("<title>t<", "<title>Moti &amp; deti<"), title="").article.title == "Moti & deti"
    assert scanned(CALM.replace("<title>t</title>", ""), title="") == Rejected("the page has no title")


def test_the_title_that_a_page_gives_to_others_could_matter_where_its_entry_has_none() -> None:
    assert scanned(CALM.replace("<head>", f"<head>{EDITOR}"), title="").article.text


@pytest.mark.parametrize("body", ["", "<html><body>x</body></html>", b"\xff\xfe\x00\x01" * 50], ids=["empty", "short", "binary"])
@pytest.mark.parametrize("title", ["Moti i nesërm", ""])
def test_what_has_no_text_to_scan_ends_as_it_would_without_the_scan(body: str | bytes, title: str) -> None:
    assert scanned(body, title) == outcome(task(body, title))


def test_without_a_page_there_is_nothing_to_scan() -> None:
    assert scanned(None).article.origin == "entry"


def test_undeclared_bytes_are_scanned_as_they_would_be_read() -> None:
    told = "Хакери го блокираа системот на Фондот за здравство, а шалтерите не работат со денови, соопшти Владата денес. "
    found = scanned(html(told * 3).encode("cp1251"), title="Вести")
    assert found.article.text.startswith("Хакери")
