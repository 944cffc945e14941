"""Lists of feeds as feed readers exchange them (OPML 2.0): ours with every fact of a source in attributes of our own, and anybody's."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import groupby
from typing import Any

from lxml import etree

from monitor.collect import sources
from monitor.collect.sourcefile import new_key
from monitor.errors import InputError
from monitor.model import LANGUAGES, Source
from monitor.text import charset, markup, urls

MAX_BYTES = 10_000_000
MAX_FEEDS = 5_000
_SPACE = "urn:balkan-cyber-monitor:source"
_OURS = tuple(field.name for field in fields(Source) if field.name not in ("name", "url"))
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_STRAY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#[xX][\da-fA-F]{1,6});)")  # in half of all hand-made lists
_ENDLESS = re.compile(r"<[^<]{20000}")  # a parser takes minutes for a tag with enough attributes
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Outline:
    """A source as a file lists it, by the names of the settings, unchecked; `line` is where it stands."""

    line: int
    row: dict[str, Any]

    def __str__(self) -> str:
        return f"line {self.line} ({markup.plain(self.row['name'], 60) or markup.shorten(self.row['url'], 60)})"


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """What a file lists. `flaw`: why some of it may not have been understood."""

    outlines: tuple[Outline, ...]
    flaw: str | None = None


@dataclass(frozen=True, slots=True)
class Import:
    """What of it is new, how many addresses were known already, and a sentence for each outline that cannot be used."""

    new: tuple[Source, ...]
    known: int
    bad: tuple[str, ...]


def write(listed: Sequence[Source], countries: Mapping[str, str]) -> bytes:
    """The sources, grouped by the names of their countries; `read` and `fresh` give the same ones back."""
    root = etree.Element("opml", version="2.0", nsmap={"monitor": _SPACE})
    etree.SubElement(etree.SubElement(root, "head"), "title").text = "Sources of the Balkan Cyber Monitor"
    body = etree.SubElement(root, "body")
    ordered = sorted(listed, key=lambda source: (source.country or "~", source.key))
    for country, members in groupby(ordered, key=lambda source: source.country):
        name = countries.get(country, country) if country else "International"
        group = etree.SubElement(body, "outline", text=name)
        for source in members:
            etree.SubElement(group, "outline", _attributes(source))
    return bytes(etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True))


def _attributes(source: Source) -> dict[str, str]:
    place = {"type": "rss", "xmlUrl": source.url} if source.kind == "feed" else {"type": "link", "url": source.url}
    ours = {name: str(value) for name in _OURS if (value := getattr(source, name)) not in (None, "")}
    values = {"text": source.name, **place, **({"language": source.lang} if source.lang else {})}
    values |= {f"{{{_SPACE}}}{name}": value.lower() if name == "enabled" else value for name, value in ours.items()}
    return {name: _UNFIT.sub("", value) for name, value in values.items()}


def read(data: bytes) -> Subscriptions:
    """The outlines with an address of a feed, however deep they stand. Raises `InputError` for what is no OPML."""
    if len(data) > MAX_BYTES:
        raise InputError(f"is larger than {MAX_BYTES // 1_000_000} MB; no list of feeds is")
    text = _DECLARATION.sub("", charset.decode(data)).strip()
    if "<!ENTITY" in text:
        raise InputError("defines XML entities, which no list of feeds needs and which may be a trap")
    if _ENDLESS.search(text):
        raise InputError("has a tag of more than 20,000 characters, which may be a trap")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True, encoding="utf-8")
    try:
        root = etree.fromstring(_STRAY.sub("&amp;", text).encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    if root is None or etree.QName(root).localname.lower() != "opml":
        raise InputError("is not OPML")
    found = tuple(filter(None, map(_outline, root.iter("{*}outline"))))
    if len(found) > MAX_FEEDS:
        raise InputError(f"lists more than {MAX_FEEDS:,} feeds; import it in parts")
    broken = parser.error_log[0] if parser.error_log else None
    return Subscriptions(found, f"is broken XML at line {broken.line}: {broken.message[:200]}" if broken else None)


def _outline(element: etree._Element) -> Outline | None:
    given = {str(name).lower(): str(value) for name, value in element.attrib.items()}  # readers differ in capitals
    ours = {name: value for name in _OURS if (value := given.get(f"{{{_SPACE}}}{name}"))}
    url = (given.get("xmlurl") or (given.get("url", "") if ours else "")).strip()
    if not url:
        return None
    title = markup.plain(given.get("title") or given.get("text") or "", _LONGEST_NAME) if not ours else given.get("text", "")
    row: dict[str, Any] = {"name": title or urls.site(url) or url, "url": url}
    if ours:
        row |= ours | {"enabled": {"true": True, "false": False}.get(ours.get("enabled", "true"), ours.get("enabled"))}
    else:
        row |= _guessed(url, given)
    return Outline(element.sourceline or 0, row)


def _guessed(url: str, given: Mapping[str, str]) -> dict[str, str]:
    """What another program's list tells of an outlet: its site, where feeds come from elsewhere; its country by that; its language."""
    site = urls.site(given.get("htmlurl", "").strip())
    outlet = site if "." in site else ""
    spoken = given.get("language", "").strip().lower()
    lang = next((each for each in LANGUAGES if each.lower() in (spoken, spoken.split("-")[0])), None)
    guessed = {"outlet": outlet, "country": urls.country_of(outlet or urls.site(url)), "lang": lang}
    return {name: value for name, value in guessed.items() if value}


def fresh(outlines: Sequence[Outline], known: Sequence[Source]) -> Import:
    """The sources among the outlines whose addresses are not known yet; each gets a key of its own if its own is taken or missing."""
    keys, addresses = {each.key for each in known}, {urls.canonical(each.url) for each in known}
    countries = {each.country for each in known}
    new: list[Source] = []
    bad: list[str] = []
    repeated = 0
    for outline in outlines:
        row = dict(outline.row)
        if known and "key" not in row and row.get("country") not in countries:
            row.pop("country", None)  # guessed, and far away: `.tv` and `.io` are names like `.com`
        row = _named(row, keys.__contains__)
        if flaws := list(sources.flaws(row)):
            bad.append(f"{outline}: {'; '.join(flaws)}")
        elif (address := urls.canonical(row["url"])) in addresses:
            repeated += 1
        else:
            new.append(Source(**{"outlet": urls.site(row["url"])} | row))
            keys.add(row["key"])
            addresses.add(address)
    return Import(tuple(new), repeated, tuple(bad))


def _named(row: dict[str, Any], taken: Callable[[str], bool]) -> dict[str, Any]:
    if row.get("key") and not taken(row["key"]):
        return row
    return row | {"key": new_key(row.get("country"), row["url"], taken)}
