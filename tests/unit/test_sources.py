from pathlib import Path

import pytest

from monitor.collect.sources import load
from monitor.errors import ConfigError
from monitor.model import EACH_SITE, Source

SHIPPED = Path(__file__).resolve().parents[2] / "config" / "sources"
GOOD = """
[[source]]
key = "al.albeu"
name = "Albeu"
url = "https://www.albeu.com/feed/"
country = "AL"
lang = "sq"
why = "grade A"

[[source]]
key = "al.balkanweb"
name = "BalkanWeb"
url = "https://balkanweb.com/sitemap-news.xml"
kind = "sitemap"
outlet = "balkanweb.com"
enabled = false
"""


def problems(tmp_path: Path, text: str, other: str = "") -> str:
    (tmp_path / "AL.toml").write_text(text, encoding="utf-8")
    if other:
        (tmp_path / "XK.toml").write_text(other, encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        load(tmp_path)
    return str(raised.value)


def row(**changes: str) -> str:
    values = {"key": '"al.albeu"', "name": '"Albeu"', "url": '"https://albeu.com/feed/"'} | changes
    return "[[source]]\n" + "\n".join(f"{key} = {value}" for key, value in values.items() if value) + "\n"


def test_sources_are_read_with_their_defaults(tmp_path: Path) -> None:
    (tmp_path / "AL.toml").write_text(GOOD, encoding="utf-8")
    assert load(tmp_path) == (
        Source("al.albeu", "Albeu", "https://www.albeu.com/feed/", "feed", "albeu.com", "AL", "sq", True, "grade A"),
        Source("al.balkanweb", "BalkanWeb", "https://balkanweb.com/sitemap-news.xml", "sitemap", "balkanweb.com", enabled=False),
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (row(nmae='"x"'), "source al.albeu: nmae: no such setting; did you mean 'name'?"),
        (row(xyz='"x"'), "xyz: no such setting; known here: key, name"),
        (row(kind='"feeds"'), "kind: no such kind as 'feeds'; did you mean 'feed'?"),
        (row(kind='"archive"'), "kind: an archive is no source to be polled; read it with `monitor backfill`"),
        (row(kind='"xyz"'), "kind: no such kind as 'xyz'; known here: feed, sitemap, links"),
        (row(kind='"links"', select='"a["'), "source al.albeu: select: 'a[' is no CSS selector: "),
        (row(kind='"links"', select='"x|a"'), "source al.albeu: select: 'x|a' is no CSS selector: "),
        (row(select='"a.title"'), 'select: selectors are for pages of links; write kind = "links" or leave them out'),
        (row(kind='"sitemap"', select='"a.title"'), "select: selectors are for pages of links"),
        (row(kind='"links"', select="7"), "select: expected text in quotes, got 7"),
        (row(outlet='"**"'), "outlet: '**' is not a site such as albeu.com, nor '*' for a source that lists articles of many sites"),
        (row(lang='"sr"'), "lang: no such lang as 'sr'"),
        (row(country='"Albania"'), "country: 'Albania' is not a country code"),
        (row(outlet='"https://albeu.com"'), "outlet: 'https://albeu.com' is not a site"),
        (row(url='"albeu.com/feed"'), "url: 'albeu.com/feed' is not an http(s) address"),
        (row(url='"file:///etc/passwd"'), "url: 'file:///etc/passwd' is not an http(s) address"),
        (row(url=""), "url: is missing"),
        (row(name='""'), "name: is missing"),
        (row(key='"Albeu"'), "source Albeu: key: 'Albeu' is not of the form al.albeu"),
        (row(key=""), "source number 1: key: is missing"),
        (row(enabled='"no"'), "enabled: expected true or false, got 'no'"),
        (row(name="7"), "name: expected text in quotes, got 7"),
        ("[source]\nkey = 'al.albeu'", "source: expected tables written as [[source]]"),
        ("source = 3", "source: expected tables written as [[source]]"),
        ("[[sources]]\n", "sources: no such setting; did you mean 'source'?"),
        ("[[source]\n", "AL.toml: "),
    ],
)
def test_a_slip_is_named_with_file_source_and_key(tmp_path: Path, text: str, words: str) -> None:
    found = problems(tmp_path, text)
    assert words in found
    assert str(tmp_path / "AL.toml") in found


def test_a_page_of_links_may_have_a_selector_and_a_source_many_sites(tmp_path: Path) -> None:
    (tmp_path / "AL.toml").write_text(row(kind='"links"', select='"h2 > a, .card"', outlet='"*"'), encoding="utf-8")
    (source,) = load(tmp_path)
    assert (source.kind, source.select, source.outlet) == ("links", "h2 > a, .card", EACH_SITE)


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    found = problems(tmp_path, row(nmae='"x"', lang='"xx"', url='"x"'))
    assert len(found.splitlines()) == 3


def test_a_key_is_used_once_over_all_files(tmp_path: Path) -> None:
    found = problems(tmp_path, row(), row(url='"https://other.al/feed"'))
    assert found == f"{tmp_path / 'XK.toml'}: source al.albeu: key: already used by al.albeu in {tmp_path / 'AL.toml'}"


def test_a_feed_is_listed_once_however_its_address_is_spelt(tmp_path: Path) -> None:
    found = problems(tmp_path, row(), row(key='"xk.albeu"', url='"http://www.albeu.com/feed"'))
    assert found == f"{tmp_path / 'XK.toml'}: source xk.albeu: url: already used by al.albeu in {tmp_path / 'AL.toml'}"


def test_a_folder_without_sources_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no source files"):
        load(tmp_path / "nowhere")


def test_the_shipped_sources_cover_the_region() -> None:
    sources = load(SHIPPED)
    for country in ("AL", "XK", "MK", "ME", "RS", "BA", "HR", "SI", "BG", "RO", "GR", None):
        assert sum(source.enabled for source in sources if source.country == country) >= 20, country
    assert all(source.why for source in sources)
