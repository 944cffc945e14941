"""The sources of `sources/*.toml`: one table a feed, checked so that no source is lost by a slip of the pen."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, get_args

from monitor.collect import links
from monitor.errors import ConfigError
from monitor.model import EACH_SITE, LANGUAGES, Source, SourceKind
from monitor.settings import read_toml
from monitor.text import urls

_TEXTS = ("key", "name", "url", "kind", "country", "lang", "outlet", "why", "select")
_REQUIRED = ("key", "name", "url")
_KEYS = (*_TEXTS, "enabled")
_BY_COMMAND = "archive"  # the kind of source that `monitor backfill` makes, none to be polled
_KINDS = tuple(kind for kind in get_args(SourceKind) if kind != _BY_COMMAND)
_KEY = re.compile(r"[a-z]{2,3}\.[a-z0-9]+(?:-[a-z0-9]+)*")
_COUNTRY = re.compile(r"[A-Z]{2}")
_OUTLET = re.compile(r"[a-z0-9.-]+\.[a-z0-9-]+")


def load(folder: Path) -> tuple[Source, ...]:
    """All sources, also those switched off, ordered by key. Raises `ConfigError` with every problem: file, source, key, way out."""
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise ConfigError([f"{folder}: no source files (*.toml) here"])
    problems: list[str] = []
    found = [(file, source) for file in files for source in _sources(file, problems)]
    problems += _repeated(found)
    if problems:
        raise ConfigError(problems)
    return tuple(sorted((source for _, source in found), key=lambda source: source.key))


def _sources(file: Path, problems: list[str]) -> Iterator[Source]:
    tables = read_toml(file)
    problems += [f"{file}: {key}: {_unknown('setting', key, ('source',))}" for key in tables if key != "source"]
    rows = tables.get("source", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        problems.append(f"{file}: source: expected tables written as [[source]]")
        return
    for number, row in enumerate(rows, 1):
        found = list(flaws(row))
        problems += [f"{file}: source {row.get('key') or f'number {number}'}: {flaw}" for flaw in found]
        if not found:
            yield Source(**{"outlet": urls.site(row["url"])} | row)


def flaws(row: dict[str, Any]) -> Iterator[str]:
    """A sentence for each setting of one source that cannot be used."""
    yield from (f"{key}: {_unknown('setting', key, _KEYS)}" for key in row if key not in _KEYS)
    yield from (f"{key}: is missing" for key in _REQUIRED if not row.get(key))
    yield from (f"{key}: expected text in quotes, got {row[key]!r}" for key in _TEXTS if key in row and not isinstance(row[key], str))
    if not isinstance(row.get("enabled", True), bool):
        yield f"enabled: expected true or false, got {row['enabled']!r}"
    yield from (f"{key}: {sentence}" for key, sentence in _wrong(row) if isinstance(row.get(key), str) and row[key])


def _wrong(row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The sentence for each value that is of the right type but cannot be used."""
    values = {key: value for key in _TEXTS if isinstance(value := row.get(key), str)}
    if not _KEY.fullmatch(values.get("key", "")):
        yield "key", f"{values.get('key')!r} is not of the form al.albeu: a country, a dot, lower-case letters, digits and hyphens"
    if not urls.is_http(values.get("url", "")):
        yield "url", f"{values.get('url')!r} is not an http(s) address"
    if values.get("kind") == _BY_COMMAND:
        yield "kind", "an archive is no source to be polled; read it with `monitor backfill`"
    elif values.get("kind", _KINDS[0]) not in _KINDS:
        yield "kind", _unknown("kind", values["kind"], _KINDS)
    if values.get("lang", LANGUAGES[0]) not in LANGUAGES:
        yield "lang", _unknown("lang", values["lang"], LANGUAGES)
    if not _COUNTRY.fullmatch(values.get("country", "AL")):
        yield "country", f"{values['country']!r} is not a country code of two capitals such as AL; leave it out for none"
    outlet = values.get("outlet", EACH_SITE)
    if outlet != EACH_SITE and not _OUTLET.fullmatch(outlet):
        yield "outlet", f"{outlet!r} is not a site such as albeu.com, nor {EACH_SITE!r} for a source that lists articles of many sites"
    if values.get("select") and (flaw := _selector_flaw(values)):
        yield "select", flaw


def _selector_flaw(values: dict[str, str]) -> str | None:
    if values.get("kind") != "links":
        return 'selectors are for pages of links; write kind = "links" or leave them out'
    try:
        links.selector(values["select"])
    except ValueError as error:
        return f"{values['select']!r} is no CSS selector: {error}"
    return None


def _repeated(found: list[tuple[Path, Source]]) -> Iterator[str]:
    """Two sources under one key would overwrite each other; two for one feed would ask the site twice for the same."""
    for name, value_of in (("key", lambda source: source.key), ("url", lambda source: urls.canonical(source.url))):
        first: dict[str, tuple[Path, Source]] = {}
        for file, source in found:
            other_file, other = first.setdefault(value_of(source), (file, source))
            if other is not source:
                yield f"{file}: source {source.key}: {name}: already used by {other.key} in {other_file}"


def _unknown(what: str, value: str, known: Sequence[str]) -> str:
    nearest = difflib.get_close_matches(value, known, n=1)
    hint = f"did you mean {nearest[0]!r}?" if nearest else f"known here: {', '.join(known)}"
    return f"no such {what}{'' if what == 'setting' else f' as {value!r}'}; {hint}"
