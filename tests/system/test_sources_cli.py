"""`monitor sources` as real processes against a local site: what is shown, checked, found, written down and exchanged."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.collect.sources import load
from monitor.model import Attempt, NextCheck, Record, Source, Validators
from monitor.store import sources
from monitor.store.engine import Store
from tests.jobs.rig import Answer, Site, feed
from tests.system.house import ROOT
from tests.system.test_cli import Result, monitor, refused

NOW = datetime.now(UTC)
SETTINGS = """
[collect]
pause_per_host = "0s"
timeout = "5s"
allow_hosts = ["*.localhost", "127.0.0.1"]
"""
HOME = """<!doctype html><html><head><link rel="alternate" type="application/rss+xml" href="/comments/feed">
<link rel="alternate" type="application/rss+xml" href="/news.xml"></head><body>{links}</body></html>"""
LINKS = "".join(
    f"<p class=story><a href='/lajme/sulm-ndaj-kuvendit-te-shqiperise-{n}'>Sulm ndaj Kuvendit numër {n}</a></p>" for n in range(7)
)


class Desk:
    """A configuration folder and a database of its own, with a site to ask."""

    def __init__(self, folder: Path, site: Site) -> None:
        self.folder, self.site = folder, site
        self.sources = folder / "config" / "sources"
        self.sources.mkdir(parents=True)
        (folder / "config" / "monitor.toml").write_text(SETTINGS, encoding="utf-8")
        self.database = f"sqlite:///{folder / 'monitor.db'}"

    def run(self, *arguments: str, **env: str) -> Result:
        known = {"MONITOR_CONFIG": str(self.folder / "config"), "MONITOR_DATABASE_URL": self.database}
        return monitor("sources", *arguments, cwd=self.folder, **known | env)

    def shown(self, *arguments: str, code: int = 0) -> Any:
        result = self.run(*arguments, "--json")
        assert result.returncode == code, result.stderr
        return json.loads(result.stdout)

    def lists(self, *rows: Source, file: str = "AL.toml") -> None:
        from monitor.collect.sourcefile import table

        (self.sources / file).write_text("# by hand\n\n" + "\n".join(map(table, rows)), encoding="utf-8")

    def listed(self) -> tuple[Source, ...]:
        return load(self.sources)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


@pytest.fixture
def desk(tmp_path: Path, site: Site) -> Desk:
    return Desk(tmp_path, site)


def dated(site: Site, *paths: str, days: float = 0, label: str = "site") -> Answer:
    return feed(site, *paths, published=NOW - timedelta(days=days))


# What is shown


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, site: Site) -> Desk:
    """Sources in every state, as the polls of a daemon leave them."""
    desk = Desk(tmp_path_factory.mktemp("told"), site)
    shutil.copy(sqlite_template, desk.folder / "monitor.db")
    states = ("fine", "fresh", "failing", "broken", "gone", "silent", "off")
    desk.lists(
        *(
            Source(f"al.{name}", name, f"https://{name}.al/feed", "feed", f"{name}.al", "AL", enabled=name != "off", why="old")
            for name in states
        )
    )
    with Store(desk.database) as store:
        store.write_now(lambda c: sources.sync(c, desk.listed(), NOW - timedelta(days=30)))
        polled(store, "fine", *[Attempt(NOW, "changed", "", 20, 5, 0.4)] * 3)
        polled(store, "failing", Attempt(NOW, "http", "failing.al answered 503"))
        polled(store, "broken", *[Attempt(NOW - timedelta(hours=at), "dns", "the name broken.al cannot be resolved") for at in (20, 10, 0)])
        polled(store, "gone", Attempt(NOW, "http", "gone.al answered 410 (gone)"))
        quiet = Record(NOW, NOW, False, "https://new.al/feed", NOW, 2, NOW - timedelta(days=9), 200, timedelta(days=9), timedelta(hours=5))
        polled(store, "silent", Attempt(NOW, "unchanged"), record=quiet)
    return desk


def polled(store: Store, name: str, *attempts: Attempt, record: Record | None = None) -> None:
    failures = 0.0
    for made in attempts:
        failed = made.outcome not in ("changed", "unchanged")
        failures = failures + 1.5 if failed else 0.0
        check = NextCheck(NOW, failures, timedelta(minutes=15))
        ended = sources.Polled(check, record or Record(made.at), made, Validators(), made.detail if failed else None)
        due = next(
            each
            for each in store.write_now(lambda c: sources.claim_due(c, "test", NOW, timedelta(minutes=1), 100, 100))
            if each.source.key == f"al.{name}"
        )
        assert store.write_now(lambda c, due=due, ended=ended, at=made.at: sources.finish(c, [(due, ended)], "test", at) == [])  # type: ignore[misc]
        store.write_now(lambda c: c.exec_driver_sql("UPDATE source SET lease_owner = NULL, lease_until = NULL"))


STATES = {"fine": "ok", "fresh": "new", "failing": "trouble", "broken": "broken", "gone": "gone", "silent": "silent", "off": "off"}


def test_each_state_is_told_from_the_others_with_its_reason(told: Desk) -> None:
    found = {each["source"].removeprefix("al."): each for each in told.shown("list")}
    assert {name: each["state"] for name, each in found.items()} == STATES
    assert found["failing"]["reason"] == "failing.al answered 503"
    assert found["silent"]["reason"].startswith("It answers, but has listed nothing new for 9 days")
    assert found["off"]["reason"] == "old"
    assert found["fine"]["reason"] is None
    assert (found["fine"]["share_new"], found["fresh"]["share_new"], found["fine"]["interval_seconds"]) == (0.25, None, 900)


def test_troubles_stand_first_and_what_is_off_last(told: Desk) -> None:
    states = [each["state"] for each in told.shown("list")]
    assert set(states[:4]) == {"trouble", "broken", "gone", "silent"}
    assert states[-1] == "off"


def test_the_list_can_be_narrowed(told: Desk) -> None:
    assert {each["state"] for each in told.shown("list", "--trouble")} == {"trouble", "broken", "gone", "silent"}
    assert [each["source"] for each in told.shown("list", "--state", "gone")] == ["al.gone"]
    assert told.shown("list", "--country", "Serbia") == []


def test_the_list_fits_a_terminal_of_a_hundred_columns(told: Desk) -> None:
    lines = told.run("list", COLUMNS="100").stdout.splitlines()
    assert max(map(len, lines)) <= 100
    assert lines[0].split() == ["7", "sources,", "4", "in", "trouble"]
    (fine,) = (line for line in lines if line.strip().startswith("al.fine"))
    assert fine.split()[:5] == ["al.fine", "ok", "–", "15m", "25%"]


def test_a_source_is_shown_with_its_last_polls(told: Desk) -> None:
    found = told.shown("show", "al.broken")
    assert [one["outcome"] for one in found["attempts"]] == ["dns"] * 3
    assert found["attempts"][0]["at"] > found["attempts"][1]["at"]
    text = told.run("show", "al.broken", COLUMNS="100").stdout
    assert max(map(len, text.splitlines())) <= 100
    assert text.count("the name broken.al cannot be resolved") == 4
    assert "broken: the name broken.al cannot be resolved" in text
    silent = told.run("show", "al.silent").stdout
    for words in ("https://new.al/feed (said 2 times in a row since", "9d, 5h", "no: it was found wrong", "silent: It answers, but"):
        assert words in silent


def test_a_source_that_is_not_there_is_answered_with_the_nearest(told: Desk, desk: Desk) -> None:
    assert refused(told.run("show", "al.brokn")) == ["no such source: 'al.brokn'; did you mean 'al.broken'?"]
    assert refused(told.run("show", "xk.abcdef")) == ["no such source: 'xk.abcdef'; `monitor sources list` shows the keys"]
    told.lists(Source("xk.later", "Later", "https://later.al/feed", outlet="later.al"), file="XK.toml")
    assert "has not taken it up yet" in refused(told.run("show", "xk.later"))[0]
    (told.sources / "XK.toml").unlink()
    desk.lists(desk.site.source())
    assert refused(desk.run("enable", "al.sit")) == ["no such source: 'al.sit'; did you mean 'al.site'?"]
    assert refused(desk.run("check", "al.sit")) == ["no such source: 'al.sit'; did you mean 'al.site'?"]


# What is checked


def test_a_check_tells_what_each_source_lists_the_failing_first(desk: Desk, site: Site) -> None:
    site.put("/good", dated(site, "/a", "/b"))
    site.put("/old", dated(site, "/a", days=400))
    site.put("/empty", dated(site))
    site.put("/map", Answer("<urlset><url><loc>https://x.al/1</loc></url></urlset>"))
    site.put("/page", Answer(HOME.format(links=LINKS)))
    site.put("/down", Answer("", 503))
    site.put("/moved", Answer("", 301, {"location": "/good"}))
    site.put("/index", Answer(f"<sitemapindex><sitemap><loc>{site.url('/map', 'index')}</loc></sitemap></sitemapindex>"))
    site.put("/bomb", Answer("<!DOCTYPE a [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><rss>&b;</rss>"))
    kinds = {"index": "sitemap", "page2": "links"}
    names = ("good", "old", "empty", "map", "page", "down", "moved", "index", "bomb")
    desk.lists(
        *(site.source(f"/{name}", name, kind=kinds.get(name, "feed")) for name in names), site.source("/nowhere", "resting", enabled=False)
    )
    before = site.asked()["/nowhere"]
    found = desk.shown("check", code=1)
    results = {each["source"].removeprefix("al."): each for each in found}
    assert {name: each["result"] for name, each in results.items()} == {
        **dict.fromkeys(("bomb", "down", "page"), "failed"),
        **{"map": "other kind", "empty": "empty", "old": "old"},
        **dict.fromkeys(("good", "moved", "index"), "ok"),
    }
    order = ["failed", "other kind", "empty", "old", "ok"]
    assert [each["result"] for each in found] == sorted((each["result"] for each in found), key=order.index)
    assert results["map"]["detail"] == "is a sitemap, configured as feed"
    assert results["old"]["detail"] == "newest entry 400 days ago"
    assert results["down"]["detail"].startswith("down.localhost answered 503")
    assert results["moved"]["detail"] == f"moved for good to {site.url('/good', 'moved')}"
    assert (results["good"]["entries"], results["index"]["entries"]) == (2, 1)
    assert site.asked()["/nowhere"] == before
    assert not (desk.folder / "monitor.db").exists()


def test_only_sources_that_are_switched_on_fail_a_check(desk: Desk, site: Site) -> None:
    site.put("/good", dated(site, "/a"))
    desk.lists(site.source("/good", "good"), site.source("/nowhere", "resting", enabled=False, country="XK"))
    text = desk.run("check", "--all")
    assert text.returncode == 0, text.stderr
    assert "2 sources asked, 1 failed" in text.stdout
    assert "failed (off)" in text.stdout
    assert [each["source"] for each in desk.shown("check", "--all", "--country", "XK")] == ["al.resting"]
    assert [each["source"] for each in desk.shown("check", "al.resting")] == ["al.resting"]
    assert "no source is chosen" in refused(desk.run("check", "--country", "XK"))[0]


# What is added


def test_a_feed_is_added_where_its_country_is(desk: Desk, site: Site) -> None:
    site.put("/feed", dated(site, "/a", "/b"))
    desk.lists(Source("al.x", "X", "https://x.al/feed", outlet="x.al", country="AL"))
    before = (desk.sources / "AL.toml").read_text(encoding="utf-8")
    tried = desk.run("add", site.url("/feed", "albeu"), "--country", "albania", "--lang", "sq", "--name", "Albeu", "--dry-run")
    assert (tried.returncode, (desk.sources / "AL.toml").read_text(encoding="utf-8")) == (0, before)
    result = desk.run("add", site.url("/feed", "albeu"), "--country", "albania", "--lang", "sq", "--name", "Albeu")
    assert result.returncode == 0, result.stderr
    for words in ("a feed", "2, the newest of", "Sulm kibernetik ndaj Kuvendit", "al.albeu", str(desk.sources / "AL.toml")):
        assert words in result.stdout
        assert words in tried.stdout
    assert (desk.sources / "AL.toml").read_text(encoding="utf-8").startswith(before)
    added = next(each for each in desk.listed() if each.key == "al.albeu")
    assert (added.name, added.kind, added.country, added.lang, added.outlet) == ("Albeu", "feed", "AL", "sq", "albeu.localhost")
    again = refused(desk.run("add", site.url("/feed", "albeu")), code=1)
    assert again == [f"{site.url('/feed', 'albeu')} is a source already: al.albeu (on)"]


def test_a_home_page_leads_to_its_feed_and_is_asked_politely(desk: Desk, site: Site) -> None:
    site.put("/", Answer(HOME.format(links=LINKS)))
    site.put("/comments/feed", dated(site, "/c"))
    site.put("/news.xml", dated(site, "/a", "/b"))
    before = len(site.requests)
    found = desk.shown("add", site.url("/", "home"), "--key", "xk.home")
    assert (found["url"], found["kind"], found["key"], found["entries"]) == (site.url("/news.xml", "home"), "feed", "xk.home", 2)
    assert found["found"] == "the page names it as a feed"
    assert len(site.requests) - before == 3  # the page, robots.txt, the feed
    assert found["file"] == str(desk.sources / "INT.toml")


def test_without_a_feed_the_best_of_the_rest_is_taken(desk: Desk, site: Site) -> None:
    before = len(site.requests)
    news = f"<urlset xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'><url><loc>{site.url('/1')}</loc><n:news><n:title>T</n:title>"
    news += f"<n:publication_date>{NOW.isoformat()}</n:publication_date></n:news></url></urlset>"
    site.put("/section", Answer(f"<html><body>{LINKS}</body></html>"))
    site.put("/maps/news", Answer(news))
    site.put("/robots.txt", Answer(f"User-agent: *\nSitemap: {site.url('/maps/news', 'rest')}\n"))
    assert (desk.shown("add", site.url("/section", "rest"))["kind"]) == "sitemap"
    assert len(site.requests) - before <= 12
    site.put("/robots.txt", Answer("", 404))
    links = desk.shown("add", site.url("/section", "rest"))
    assert (links["kind"], links["entries"], links["key"]) == ("links", 7, "int.rest-2")


def test_links_are_picked_by_a_selector(desk: Desk, site: Site) -> None:
    site.put("/picked", Answer(f"<html><body><div id=top><a href='/a/1'>Sulm</a></div>{LINKS}</body></html>"))
    found = desk.shown("add", site.url("/picked"), "--select", "#top a")
    assert (found["entries"], found["select"], desk.listed()[0].select) == (1, "#top a", "#top a")
    assert "select" in refused(desk.run("add", site.url("/picked2"), "--select", "a[["))[0]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("file.warc.gz",), 2, "an archive; read it with `monitor backfill FILE`"),
        (("{site}/nowhere",), 1, "answered 404"),
        (("{site}/bare",), 1, "no news is listed there"),
        (("ftp://x.al/feed",), 2, "is not an http(s) address"),
        (("http://127.0.0.2:1/",), 1, "127.0.0.2"),
        (("{site}/feed", "--key", "Albeu"), 2, "key: 'Albeu' is not of the form"),
        (("{site}/feed", "--lang", "sr"), 2, "lang: no such lang as 'sr'"),
        (("{site}/feed", "--country", "Albanai"), 2, "did you mean 'AL' (Albania)?"),
        (("{site}/feed", "--file", "../AL.toml"), 2, "--file: '../AL.toml' is not the name of a file"),
    ],
)
def test_what_cannot_be_added_is_told_why(desk: Desk, site: Site, arguments: tuple[str, ...], code: int, words: str) -> None:
    site.put("/feed", dated(site, "/a"))
    site.put("/bare", Answer("<html><body><p>Hello</p></body></html>"))
    sentences = refused(desk.run("add", *(each.format(site=site.url("")) for each in arguments)), code)
    assert words in " ".join(sentences)
    assert list(desk.sources.iterdir()) == []


def test_a_taken_key_and_a_folder_that_cannot_be_written_are_sentences(desk: Desk, site: Site) -> None:
    site.put("/feed", dated(site, "/a"))
    desk.lists(Source("al.x", "X", "https://x.al/feed", outlet="x.al"))
    (taken,) = refused(desk.run("add", site.url("/feed"), "--key", "al.x"))
    assert "key: already used by al.x" in taken
    # Root may write anywhere: a file system without room is refused to everybody.
    (desk.folder / "full").symlink_to("/proc/self/attr")
    shutil.rmtree(desk.sources)
    desk.sources.symlink_to("/proc/self/net")
    (full,) = refused(desk.run("add", site.url("/feed")))
    assert "cannot be written" in full


def test_the_files_inside_the_program_are_not_edited(desk: Desk) -> None:
    shutil.copytree(ROOT / "monitor", desk.folder / "installed" / "monitor", ignore=shutil.ignore_patterns("__pycache__"))
    inside = desk.folder / "installed" / "monitor" / "defaults"
    shutil.copytree(ROOT / "config", inside / "config")
    env = {"PYTHONPATH": str(desk.folder / "installed"), "MONITOR_CONFIG": ""}
    (sentence,) = refused(desk.run("disable", "al.albeu", **env))
    assert sentence.endswith("is part of the program; copy it to a folder of your own and set MONITOR_CONFIG to that")


# What is switched and exchanged


def test_a_source_is_switched_off_and_on_where_it_stands(desk: Desk) -> None:
    shutil.copy(ROOT / "config" / "sources" / "AL.toml", desk.sources)
    before = (desk.sources / "AL.toml").read_text(encoding="utf-8").splitlines()
    key = next(each.key for each in desk.listed() if each.enabled)
    result = desk.run("disable", key, "--why", 'closed: "for good"')
    assert result.returncode == 0, result.stderr
    after = (desk.sources / "AL.toml").read_text(encoding="utf-8").splitlines()
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert [new for _, new in changed] == ["enabled = false", 'why = "closed: \\"for good\\""']
    assert "off already" in desk.run("disable", key).stdout
    assert desk.run("enable", key).returncode == 0
    assert next(each for each in desk.listed() if each.key == key).enabled


def test_what_is_exported_and_imported_is_the_same(desk: Desk, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "config" / "sources", desk.sources, dirs_exist_ok=True)
    desk.lists(Source("al.map", "Map & <co>", "https://map.al/s.xml?a=1&b=2", "sitemap", "*", select="", why="“x”\ty"), file="odd.toml")
    assert desk.run("export", "all.opml").returncode == 0
    before = desk.listed()
    shutil.rmtree(desk.sources)
    result = desk.run("import", "all.opml")
    assert (result.returncode, result.stderr) == (0, "")
    assert desk.listed() == before
    assert desk.shown("import", "all.opml") == {"added": [], "known": len(before), "bad": [], "file": None}
    assert desk.run("export").stdout == (desk.folder / "all.opml").read_text(encoding="utf-8")


def test_a_list_of_a_feed_reader_is_imported_but_for_what_cannot_be(desk: Desk) -> None:
    (desk.folder / "reader.opml").write_text(
        """<opml version="1.0"><head><title>Mine</title></head><body><outline text="News"><outline text="Balkan">
<outline text="Albeu &amp; Co" type="rss" xmlUrl="https://albeu.com/rss" htmlUrl="https://albeu.com/"/>
<outline title="File" xmlUrl="file:///etc/passwd"/>
<outline text="Again" xmlUrl="http://www.albeu.com/rss/"/></outline></outline>
<outline text="Bookmark" type="link" url="https://example.org/"/></body></opml>""",
        encoding="utf-8",
    )
    result = desk.run("import", "reader.opml")
    assert result.returncode == 1
    assert result.stderr == "reader.opml: line 3 (File): url: 'file:///etc/passwd' is not an http(s) address\n"
    assert "1 sources added" in result.stdout
    assert "1 known already, 1 not usable" in result.stdout
    assert [(each.key, each.name) for each in desk.listed()] == [("int.albeu", "Albeu & Co")]


@pytest.mark.parametrize(
    ("content", "words"), [("<html/>", "reader.opml: is not OPML"), (None, "reader.opml: cannot be read (No such file")]
)
def test_a_file_that_is_no_list_is_refused(desk: Desk, content: str | None, words: str) -> None:
    if content is not None:
        (desk.folder / "reader.opml").write_text(content, encoding="utf-8")
    assert refused(desk.run("import", "reader.opml"))[0].startswith(words)
    assert list(desk.sources.iterdir()) == []
