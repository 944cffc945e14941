"""`monitor explain` of a stored article and of a page, as real processes: what it is given is a file, an address or a number."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection

from monitor.store.engine import Store
from tests.contract.samples import PARLIAMENT, a_finding, a_source_id
from tests.jobs.rig import ATTACK, TEXT, Answer, Site, page
from tests.system.house import ROOT
from tests.system.judged import an_article, judged
from tests.system.test_cli import Result, monitor, refused, spoil

ONLY_SUMMARY = "Only title and summary are left of this article: texts of those not flagged are kept as keep.clear_texts says."


# The number of an article


@pytest.fixture
def database(sqlite_url: str) -> str:
    """Article 1 was flagged; article 2 was not, though its page told of an attack, and its text is gone."""

    def fill(c: Connection) -> None:
        a_source_id(c)
        judged(c, an_article(1, ATTACK, TEXT), a_finding(PARLIAMENT))
        judged(c, an_article(2, "Koncert në Tiranë", TEXT), replace(a_finding(), relevant=False), summary="Hyrja është e lirë.")

    with Store(sqlite_url) as store:
        store.write_now(fill)
    return sqlite_url


def explained(database: str, folder: Path, *arguments: str) -> Result:
    return monitor("explain", *arguments, cwd=folder, MONITOR_DATABASE_URL=database)


def test_a_stored_article_is_explained_by_its_number(database: str, tmp_path: Path) -> None:
    result = explained(database, tmp_path, "1")
    assert (result.returncode, result.stderr) == (0, "")
    assert "⟦Sulm kibernetik⟧" in result.stdout
    assert "Homeland Justice" in result.stdout
    found = json.loads(explained(database, tmp_path, "1", "--json").stdout)
    assert found["finding"]["relevant"] is True
    assert PARLIAMENT.name in [victim["name"] for victim in found["finding"]["victims"]]


def test_without_its_text_it_is_explained_by_title_and_summary_and_says_so(database: str, tmp_path: Path) -> None:
    result = explained(database, tmp_path, "2", "--json")
    assert (result.returncode, result.stderr) == (0, f"{ONLY_SUMMARY}\n")
    assert json.loads(result.stdout)["attack_told"] is False  # its page did tell of one
    assert "Hyrja është e lirë." in explained(database, tmp_path, "2").stdout


@pytest.mark.parametrize("number", ["3", "0", "9" * 40])
def test_a_number_that_no_judged_article_has_is_a_sentence(database: str, tmp_path: Path, number: str) -> None:
    assert refused(explained(database, tmp_path, number)) == [
        f"no judged article has the number {number}; `monitor stories show` and `monitor backtest` show the numbers"
    ]


def test_a_file_whose_name_is_a_number_is_a_file(database: str, tmp_path: Path) -> None:
    (tmp_path / "1").write_text("Koncert\nHyrja është e lirë.\n", encoding="utf-8")
    assert "Homeland Justice" not in explained(database, tmp_path, "1").stdout


def test_a_number_without_a_database_makes_none(tmp_path: Path) -> None:
    assert refused(monitor("explain", "1", cwd=tmp_path)) == ["data/monitor.db: no such database yet; run `monitor migrate` to make it"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("what", ["nowhere", "ftp://site.example/news", "http://", "12a", "a" * 300])
def test_what_is_neither_file_nor_address_nor_number_is_a_sentence(tmp_path: Path, what: str) -> None:
    assert refused(monitor("explain", what, cwd=tmp_path)) == [
        f"{what}: no such file, and neither a page's address (https://...) nor the number of a stored article"
    ]


# The address of a page


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as made:
        made.put("/news", page())
        yield made


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A configuration that may ask this machine, under one name."""
    copy = Path(shutil.copytree(ROOT / "config", tmp_path_factory.mktemp("explain") / "config"))
    spoil(copy / "monitor.toml", lambda text: text.replace("allow_hosts = []", 'allow_hosts = ["site.localhost"]'))
    spoil(copy / "monitor.toml", lambda text: text.replace('pause_per_host = "1s"', 'pause_per_host = "0s"'))
    return copy


def fetched(config: Path, *arguments: str) -> Result:
    return monitor("explain", *arguments, cwd=config.parent, MONITOR_CONFIG=str(config))


def test_a_page_is_fetched_and_explained(config: Path, site: Site) -> None:
    result = fetched(config, site.url("/news"), "--country", "Albania", "--lang", "sq")
    assert (result.returncode, result.stderr) == (0, "")
    assert "⟦Sulm kibernetik⟧" in result.stdout
    assert f"victims {PARLIAMENT.name} (AL)" in result.stdout
    assert site.asked() == {"/robots.txt": 1, "/news": 1}
    assert [path.name for path in config.parent.iterdir()] == ["config"]  # no database is made for it


def test_an_address_may_be_longer_than_any_path(config: Path) -> None:
    url = "http://other.localhost/" + "%D0%B0" * 1000
    assert refused(fetched(config, url))[0].startswith(f"{url}: ")


def test_a_page_that_robots_txt_forbids_is_not_asked_for(config: Path, site: Site) -> None:
    site.put("/robots.txt", Answer("User-agent: *\nDisallow: /news\n"))
    url = site.url("/news")
    assert refused(fetched(config, url)) == [f"{url}: site.localhost forbids this page in its robots.txt"]
    assert site.asked() == {"/robots.txt": 1}


def test_an_address_that_is_not_public_is_not_asked(config: Path, site: Site) -> None:
    url = site.url("/news", label="other")
    (sentence,) = refused(fetched(config, url))
    assert sentence.startswith(f"{url}: ")
    assert sentence.endswith("other.localhost is not connected to: 127.0.0.1 is this machine itself; see collect.allow_hosts")
    assert site.asked() == {}


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (Answer("gone", 404), "site.localhost answered 404"),
        (Answer("<html><title>News</title></html>"), "the page has no article text (a list, a video, a paywall, or built by script)"),
        (Answer(""), "the page is empty"),
    ],
)
def test_a_page_that_is_no_article_is_a_sentence(config: Path, site: Site, answer: Answer, sentence: str) -> None:
    site.put("/news", answer)
    url = site.url("/news")
    (said,) = refused(fetched(config, url))
    assert said.startswith(f"{url}: {sentence}")
