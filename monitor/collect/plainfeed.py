"""RSS 0.9x, RSS 2.0 and Atom 1.0 as nearly all news sites write them, at a small part of feedparser's cost.

It reads with the XML parser that feedparser reads with, and answers only where every element is one of which it is known what feedparser
makes of it: a feed read here gives exactly the items that feedparser gives. What is not well-formed or unusual in any way is left to it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urljoin
from xml.parsers import expat

from monitor.collect.entries import MAX_ENTRIES, WHOLE, Item


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ATOM = "http://www.w3.org/2005/atom"
NAMESPACES = {
    ATOM: "",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://www.w3.org/2003/01/geo/wgs84_pos#": "geo",
    "http://www.georss.org/georss": "georss",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://search.yahoo.com/mrss": "media",
    "http://search.yahoo.com/mrss/": "media",
    "http://purl.org/rss/1.0/modules/slash/": "slash",
    "http://purl.org/rss/1.0/modules/syndication/": "sy",
    "http://purl.org/rss/1.0/modules/threading/": "thr",
    "http://purl.org/syndication/thread/1.0": "thr",
    "http://wellformedweb.org/commentapi/": "wfw",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://www.w3.org/1999/xhtml": "xhtml",
    "http://creativecommons.org/ns#license": "cc",
    "http://web.resource.org/cc/": "cc",
    "http://cyber.law.harvard.edu/rss/creativecommonsrssmodule.html": "creativecommons",
    "http://backend.userland.com/creativecommonsrssmodule": "creativecommons",
    "http://www.opengis.net/gml": "gml",
    "http://podlove.org/simple-chapters": "psc",
    "http://webns.net/mvcb/": "admin",
}
# What an item is made of: the element's name, its prefix the usual one, and what it means.
READ = {
    "title": "title",
    "media_title": "other title",
    "link": "link",
    "guid": "guid",
    "id": "guid",
    "description": "text",
    "dc_description": "text",
    "media_description": "text",
    "summary": "text",
    "itunes_summary": "text",
    "content": "content",
    "content_encoded": "content",
    "pubdate": "published",
    "published": "published",
    "issued": "published",
    "dcterms_issued": "published",
    "updated": "updated",
    "modified": "updated",
    "lastbuilddate": "updated",
    "dc_date": "updated",
    "dcterms_modified": "updated",
    "created": "created",
    "dcterms_created": "created",
    "feedburner_origlink": "origin",
}
# What says nothing of an article; the first of them may have children.
CONTAINERS = _words("author contributor image itunes_owner itunes_category media_group media_content")
IDLE = CONTAINERS | _words(
    """
    category keywords copyright rights subtitle tagline language managingeditor webmaster enclosure expirationdate generator
    source name email uri url homepage width height dc_author dc_contributor dc_creator dc_language dc_publisher dc_rights
    dc_subject georss_box georss_line georss_point georss_polygon itunes_author itunes_block itunes_email itunes_explicit
    itunes_image itunes_keywords itunes_name itunes_subtitle media_category media_credit media_keywords media_player media_rating
    media_restriction media_thumbnail tags
    """
)
# Of the channel itself only `ttl` is read; what an item may have there too, means nothing for the items.
_CHANNEL_CONTAINERS = CONTAINERS | {"textinput"}
_CHANNEL = IDLE | _CHANNEL_CONTAINERS | (READ.keys() - {"summary", "itunes_summary", "content", "content_encoded"}) | {"cloud", "dc_title"}
# All other elements and prefixes of which feedparser makes something.
REFUSED = _words(
    """
    abstract body cc_license channel cloud creativecommons_license dc_title dcterms_valid entry feed feedburner_browserfriendly
    fullitem geom georss_where georssgeom gml_exterior gml_linearring gml_linestring gml_point gml_polygon gml_pos gml_poslist info
    item itunes_link media_license newlocation psc_chapter psc_chapters rss textinput ttl where xhtml_body date date_parsed
    issued_parsed modified_parsed published_parsed updated_parsed created_parsed items links authors author_detail contributors
    publishers publisher_detail
    """
)
_PREFIXES = frozenset(name.partition("_")[0] for name in (*READ, *IDLE, *REFUSED) if "_" in name) | (frozenset(NAMESPACES.values()) - {""})
# Namespaces of other formats, whose elements feedparser takes for those of RSS or Atom, or which change what it makes of others.
FORMATS = _words(
    """
    http://blogs.law.harvard.edu/tech/rss http://purl.org/rss/1.0/ http://purl.org/rss/1.0/modules/rss091#
    http://my.netscape.com/rdf/simple/0.9/ http://example.com/newformat# http://example.com/necho http://purl.org/echo/
    uri/of/echo/namespace# http://purl.org/pie/ http://purl.org/atom/ns# http://example.com/dtds/podcast-1.0.dtd
    http://www.w3.org/xml/1998/namespace http://www.w3.org/1999/xlink http://www.w3.org/1998/math/mathml
    http://www.w3.org/2000/svg
    """
)
_USERLAND = "backend.userland.com/rss"
_TYPES = frozenset({"text", "html", "text/plain", "text/html"})
_HTML = frozenset({"html", "xhtml", "text/html", "application/xhtml+xml"})
_DECLARATION = re.compile(r"^<\?xml[^>]*?>")
_MARKUP_DECLARATION = re.compile(r"<!(?:DOCTYPE|ENTITY)")
_SLASHES = re.compile(r"^([A-Za-z][A-Za-z0-9+-.]*://)/+")
_REFERENCE = re.compile(r"&([A-Za-z0-9_]+);")
# Characters that stand where another encoding was meant; feedparser repairs them.
_MISREAD = re.compile(r"[\x80-\x9f\xc2-\xf4](?:(?<=[\x80-\x9f])|[\x80-\xbf])")
_SKIPPED = "skipped"


class _UnusualError(Exception):
    """Something of which only feedparser knows what to make."""


@dataclass(slots=True)
class _Draft:
    """An item half read. Which texts become its summary and which its content depends on their order and depth."""

    link: str | None = None
    values: dict[str, str] = field(default_factory=dict)
    summary: str | None = None
    summary_depth: int | None = None
    contents: list[str] = field(default_factory=list)
    has_content: bool = False
    loosened: bool = False  # a later title would count again

    def describe(self, text: str, depth: int) -> None:
        if self.summary is not None and not self.has_content:
            self.add_content(text)
        elif self.summary_depth is None or depth <= self.summary_depth:
            self.summary, self.summary_depth = text, depth

    def add_content(self, text: str) -> None:
        self.has_content = True
        self.contents.append(text)
        self.summary = text if self.summary is None else self.summary

    def item(self) -> Item:
        values = self.values
        title = values.get("title", "")
        if "other title" in values and (not title or self.loosened):
            raise _UnusualError
        return Item(
            link=values.get("origin") or self.link or "",
            title=title,
            summary=max([self.summary or "", *self.contents], key=len),
            guid=values.get("guid", ""),
            date=values.get("published") or values.get("updated") or values.get("created") or "",
        )


def read(text: str, base: str) -> tuple[list[Item], str] | None:
    """The items of a feed that came from the address `base`, a few more than are wanted at most, and its `ttl`; None: ask feedparser."""
    text = _DECLARATION.sub("", text, count=1)
    if _MARKUP_DECLARATION.search(text) or not WHOLE.fullmatch(base):
        return None
    reader = _Reader(base)
    try:
        reader.parser.Parse(text.encode("utf-8", "replace"), True)
    except (_UnusualError, expat.ExpatError):
        return None
    finally:
        del reader.parser  # it and the reader hold each other
    return reader.items, reader.ttl or ""


class _Reader:
    def __init__(self, base: str) -> None:
        self.items: list[Item] = []
        self.ttl: str | None = None
        self.parser = expat.ParserCreate("utf-8", " ")
        self.parser.buffer_text = True
        self.parser.StartNamespaceDeclHandler = self._namespace
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self._base = base
        self._keys: dict[str, str] = {}
        self._unprefixed: set[str] = set()
        self._depth = 0
        self._entry, self._entry_depth = "", 0
        self._channels = 0
        self._draft: _Draft | None = None
        self._open = ""  # what the text that comes belongs to; such an element has no children
        self._pieces: list[str] = []

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._open:
            raise _UnusualError
        self._depth += 1
        if attributes and (bases := [value for each, value in attributes.items() if each.rpartition(" ")[2].lower() == "base"]):
            self._rebase(bases)
        key = self._keys.get(name)
        if key is None:
            key = self._keys[name] = self._key(name)
        if self._draft:
            self._in_item(self._draft, key, attributes)
        elif self._depth < self._entry_depth or not self._entry:
            self._above(name, key, attributes)
        elif key == self._entry and self._depth == self._entry_depth:
            self._draft = _Draft()
            if not _named(attributes).keys().isdisjoint(("href", "lastmod", "about")):
                raise _UnusualError
        else:
            self._in_channel(key, attributes)

    def _end(self, _: str) -> None:
        if self._open:
            meaning, self._open = self._open, ""
            if meaning != _SKIPPED:
                self.parser.CharacterDataHandler = None
                self._store(meaning, "".join(self._pieces).strip())
                self._pieces.clear()
        elif self._draft and self._depth == self._entry_depth:
            if len(self.items) <= MAX_ENTRIES:
                self.items.append(self._draft.item())
            self._draft = None
        self._depth -= 1

    def _namespace(self, prefix: str | None, uri: str | None) -> None:
        if not uri:
            return
        known, name = NAMESPACES.get(uri.lower()), (prefix or "").lower()
        if known is None:
            usual = name not in _PREFIXES and uri.lower() not in FORMATS and _USERLAND not in uri.lower() and len(uri.split()) == 1
            if not name:
                self._unprefixed.add(uri)
        else:
            usual = name == known or (name != "" and name not in _PREFIXES)
        if not usual:
            raise _UnusualError

    def _key(self, name: str) -> str:
        """The element's name with the usual prefix of its namespace; of another namespace, a name that means nothing."""
        uri, _, local = name.rpartition(" ")
        local = local.lower()
        prefix = NAMESPACES.get(uri.lower()) if uri else ""
        if prefix is not None:
            return f"{prefix}_{local}" if prefix else local
        if uri in self._unprefixed and (local in READ or local in IDLE or local in REFUSED):
            raise _UnusualError  # feedparser takes it for the element of RSS
        return f"other_{local}"

    def _rebase(self, addresses: list[str]) -> None:
        if self._depth > 1 or len(addresses) > 1 or not WHOLE.fullmatch(addresses[0]):
            raise _UnusualError
        self._base = addresses[0]

    def _above(self, name: str, key: str, attributes: dict[str, str]) -> None:
        if self._depth == 1 and name == "rss":
            self._entry, self._entry_depth = "item", 3
        elif self._depth == 1 and key == "feed" and name.lower().startswith(ATOM):
            self._entry, self._entry_depth = "entry", 2
        elif self._depth == 2 and name == "channel" and not self._channels and not attributes:
            self._channels += 1
        else:
            raise _UnusualError

    def _in_channel(self, key: str, attributes: dict[str, str]) -> None:
        if key == "ttl" and self._depth == self._entry_depth and self.ttl is None and not attributes:
            self._collect("ttl")
        elif key in _CHANNEL:
            self._open = "" if key in _CHANNEL_CONTAINERS else _SKIPPED
        elif key in REFUSED or key in READ:
            raise _UnusualError

    def _in_item(self, draft: _Draft, key: str, attributes: dict[str, str]) -> None:
        meaning = READ.get(key)
        if meaning:
            if self._depth > self._entry_depth + 1 and not key.startswith("media_"):
                raise _UnusualError
            if attributes:
                self._read(draft, meaning, _named(attributes))
            else:
                self._collect(meaning)
        elif key in IDLE:
            self._open = "" if key in CONTAINERS else _SKIPPED
            draft.loosened |= key in ("image", "source")
        elif key in REFUSED:
            raise _UnusualError

    def _read(self, draft: _Draft, meaning: str, attributes: dict[str, str]) -> None:
        """An element with attributes."""
        if meaning == "link":
            self._refer(draft, attributes)
            return
        if meaning in ("text", "content", "title", "other title"):
            if attributes.get("type", "text").lower() not in _TYPES or "mode" in attributes or "src" in attributes:
                raise _UnusualError
        elif meaning == "guid" and attributes.get("ispermalink", "true") != "true":
            meaning = "name"
        elif meaning == "origin":
            raise _UnusualError
        self._collect(meaning)

    def _refer(self, draft: _Draft, attributes: dict[str, str]) -> None:
        """A link of Atom: its address is an attribute."""
        address = attributes.get("href")
        if not address or "url" in attributes or "uri" in attributes:
            raise _UnusualError
        if attributes.get("rel", "alternate").lower() == "alternate" and attributes.get("type", "text/html").lower() in _HTML:
            draft.link = _resolved(self._base, address)
        self._open = _SKIPPED

    def _collect(self, meaning: str) -> None:
        self._open = meaning
        self.parser.CharacterDataHandler = self._pieces.append

    def _store(self, meaning: str, text: str) -> None:
        if not text.isascii() and _MISREAD.search(text):
            raise _UnusualError
        draft = self._draft
        if draft is None:
            self.ttl = text
        elif meaning == "text":
            draft.describe(text, self._depth)
        elif meaning == "content":
            draft.add_content(text)
        elif meaning == "link":
            draft.link = _REFERENCE.sub(r"&\1", (_resolved(self._base, text) if text else "").replace("&amp;", "&"))
        else:
            self._value(draft, meaning, text)

    def _value(self, draft: _Draft, meaning: str, text: str) -> None:
        if meaning == "guid":
            text = _resolved(self._base, text) if text else ""
            draft.link = text if draft.link is None else draft.link
        elif meaning == "name":  # a guid that is no address
            meaning = "guid"
        if meaning in draft.values:
            raise _UnusualError
        draft.values[meaning] = text


def _named(attributes: dict[str, str]) -> dict[str, str]:
    """Attributes by lower-case name, none of them of a namespace but `xml:`."""
    named = {}
    for name, value in attributes.items():
        uri, _, local = name.rpartition(" ")
        if local.lower() in named or (uri and not uri.endswith("XML/1998/namespace")):
            raise _UnusualError
        named[local.lower()] = value
    return named


def _resolved(base: str, address: str) -> str:
    """An address made absolute as feedparser does it."""
    if WHOLE.fullmatch(address):
        return address
    try:
        return urljoin(base, _SLASHES.sub(r"\1", address))
    except ValueError:
        return ""
