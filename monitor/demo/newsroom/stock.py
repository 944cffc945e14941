"""What the newsroom holds, read from the files beside this module: outlets, labelled articles, and the stories expected of them."""

from __future__ import annotations

import json
import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from monitor.model import Source, SourceKind

FOLDER = Path(__file__).resolve().parent
EDITIONS = 4

Format = Literal["rss", "atom", "rdf", "json", "sitemap", "front"]
_SOURCE_KINDS: Mapping[Format, SourceKind] = {"sitemap": "sitemap", "front": "links"}
_SOURCE_PATHS: Mapping[Format, str] = {
    "rss": "/feed",
    "atom": "/atom.xml",
    "rdf": "/index.rdf",
    "json": "/feed.json",
    "sitemap": "/news-sitemap.xml",
    "front": "/",
}


@dataclass(frozen=True, slots=True)
class Outlet:
    """One site of the newsroom. `format` is how it lists its articles, `layout` the template of its pages.

    The quirks: `dates` false leaves dates out of the feed, `delay` is the seconds its feed takes, `dead` answers it with garbage and 500.
    """

    key: str
    name: str
    label: str
    lang: str
    format: Format
    layout: Literal["modern", "portal", "blog"]
    section: str
    country: str | None = None
    encoding: str = "utf-8"
    dates: bool = True
    delay: float = 0.0
    dead: bool = False

    @property
    def host(self) -> str:
        return f"{self.label}.localhost"

    @property
    def source_path(self) -> str:
        return _SOURCE_PATHS[self.format]


@dataclass(frozen=True, slots=True)
class NewsArticle:
    """A labelled article. `edition` is the issue of the newsroom it first appears in; `copy_of` the article whose text it repeats.

    `body` is what its page answers: the article, or 403, so that only the feed's summary can be judged.
    """

    id: str
    lang: str
    outlet: str
    published: datetime
    title: str
    summary: str
    text: str
    relevant: bool
    kind: str
    countries: tuple[str, ...]
    victims: tuple[str, ...]
    attack: str
    actors: tuple[str, ...]
    incident: str
    edition: int
    copy_of: str | None
    body: Literal["page", "403"]
    url: str = ""

    def path(self, section: str) -> str:
        """Where the article's page is on its outlet: words of the title and the id, percent-encoded where they are not ASCII."""
        return quote(f"/{section}/{_slug(self.title)}-{self.id.lower()}")


@dataclass(frozen=True, slots=True)
class ExpectedStory:
    """What the articles of one incident must become. `reports` counts articles with words of their own, `copies` the others.

    `attacks` has the one most told first.
    """

    incident: str
    victims: tuple[str, ...]
    countries: tuple[str, ...]
    attacks: tuple[str, ...]
    actors: tuple[str, ...]
    reports: int
    copies: int
    languages: tuple[str, ...]
    headline: str = ""


def outlets() -> tuple[Outlet, ...]:
    return tuple(Outlet(**table) for table in _toml("outlets.toml")["outlet"])


def expected() -> tuple[ExpectedStory, ...]:
    return tuple(ExpectedStory(**_frozen(table)) for table in _toml("stories.toml")["story"])


def load() -> list[NewsArticle]:
    """All articles, by edition and then by the time of their publication."""
    lines = [line for path in sorted((FOLDER / "articles").glob("*.jsonl")) for line in path.read_text(encoding="utf-8").splitlines()]
    return sorted((_article(json.loads(line)) for line in lines), key=lambda article: (article.edition, article.published, article.id))


def sources(port: int) -> tuple[Source, ...]:
    """The outlets as the daemon polls them when the newsroom stands at `port`."""
    return tuple(_source(outlet, port) for outlet in outlets())


def furniture() -> Mapping[str, Mapping[str, Any]]:
    """What stands around an article, by language: navigation, notices, tags, related headlines, comments."""
    return _toml("furniture.toml")


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))


def _article(line: dict[str, Any]) -> NewsArticle:
    known = {field.name for field in fields(NewsArticle)}
    values = _frozen({key: value for key, value in line.items() if key in known})
    return NewsArticle(**(values | {"published": datetime.fromisoformat(line["published"])}))


def _frozen(table: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}


def _source(outlet: Outlet, port: int) -> Source:
    return Source(
        key=f"demo.{outlet.key}",
        name=outlet.name,
        url=f"http://{outlet.host}:{port}{outlet.source_path}",
        kind=_SOURCE_KINDS.get(outlet.format, "feed"),
        outlet=outlet.host,
        country=outlet.country,
        lang=outlet.lang,
        why="sample newsroom",
    )


def _slug(title: str) -> str:
    bare = "".join(character for character in unicodedata.normalize("NFKD", title.casefold()) if not unicodedata.combining(character))
    return "-".join(re.findall(r"\w+", bare)[:8])
