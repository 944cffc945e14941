"""Bytes to text by one rule, for feeds, sitemaps and pages alike."""

from __future__ import annotations

import codecs
import re

_HEADER = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_XML = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]+)", re.IGNORECASE)
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What servers call by the old name is, in practice, the Windows superset with more characters.
_MEANT = {"iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254"}
# Python also knows codecs that are no alphabets (hex, idna, punycode), and some are slow or raise on foreign input.
_TEXT = re.compile(r"ascii|cp\d+|iso8859-\d+|koi8-\w|mac-\w+|utf-(?:8|16|32)(?:-[lb]e)?")
_HEAD = 4096
_BROKEN_UTF8 = 0.01


def decode(body: bytes, content_type: str = "") -> str:
    """The text of `body`. Never fails: what no rule can read becomes U+FFFD.

    In this order: byte order mark; UTF-8 if the bytes are valid UTF-8, whatever anybody declares (a real text of our languages in
    another encoding does not pass for it); UTF-8 with a few broken characters; the HTTP header; the document's own
    declaration; windows-1252.
    """
    for mark, name in _MARKS:
        if body.startswith(mark):
            return body.decode(name, "replace").lstrip("\ufeff")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return _mostly_utf8(body) or body.decode(_declared(body, content_type), "replace")


def _mostly_utf8(body: bytes) -> str | None:
    """A few bytes cut or pasted wrongly must not turn a whole UTF-8 document into another alphabet."""
    text = body.decode("utf-8", "replace")
    others = len(body) - len(text)
    return text if text.count("\ufffd") <= _BROKEN_UTF8 * others else None


def _declared(body: bytes, content_type: str) -> str:
    head = body[:_HEAD]
    declared = [found[1].decode("ascii", "replace") for found in (_XML.search(head), _META.search(head)) if found]
    header = _HEADER.search(content_type)
    names = ([header[1]] if header else []) + declared
    known = [name for name in map(_known, names) if name and name != "utf-8"]
    return known[0] if known else "cp1252"


def _known(name: str) -> str | None:
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    return _MEANT.get(found, found) if _TEXT.fullmatch(found) else None
