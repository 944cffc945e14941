"""Bytes to text by one rule, for feeds, sitemaps and pages alike."""

from __future__ import annotations

import codecs
import re
import tomllib
from collections import Counter
from functools import cache
from math import inf, log
from pathlib import Path
from unicodedata import category

_HEADER = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_XML = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]+)", re.IGNORECASE)
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<\x00", "utf-16-be"),
)
# What servers call by the old name is, in practice, the Windows superset with more characters.
_MEANT = {"iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254"}
# What servers and editors write when nobody told them: the least that can be said, and often wrong.
_DEFAULT = "cp1252"
# Python also knows codecs that are no alphabets (hex, idna, punycode), and some are slow or raise on foreign input. An encoding of
# several bytes a character was recognised before anybody was asked, or is none: a declaration that can be read as ASCII is not in it.
_TEXT = re.compile(r"ascii|cp\d+|iso8859-\d+|koi8-\w|mac-\w+")
_HEAD = 4096
_BROKEN_UTF8 = 0.01
_LETTERS = Path(__file__).with_name("letters.toml")
_TOUCHING = re.compile(rb"[a-zA-Z][\x80-\xff]|[\x80-\xff][a-zA-Z]")
_CONTROL = re.compile(rb"[\x80-\x9f]")
_ASCII = bytes(range(128))
_SAMPLE, _FEW = 8192, 200  # bytes beyond ASCII: more than enough, and so few that their neighbours are asked too
# As logarithms: how much likelier another encoding must be than the default where that is declared, and how much less likely each letter
# of another script makes a text in which it touches a Latin one.
_BELIEF, _MIXED = 1.0, 6.0
_RARE, _ODD, _IMPOSSIBLE = 0.5, 0.05, 0.001  # among 10,000: a letter that the table does not list, a sign, and what is neither


def decode(body: bytes, content_type: str = "") -> str:
    """The text of `body`. Never fails: what no rule can read becomes U+FFFD.

    In this order: byte order mark; UTF-8 if the bytes are valid UTF-8, whatever anybody declares (a real text of our languages in
    another encoding does not pass for it); UTF-8 with a few broken characters; the HTTP header; the document's own
    declaration; the encoding in which the bytes are likeliest news of one of our languages. Latin-1, the default of servers, is
    no declaration: it only tips the scales.
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
    """The encoding that the header or else the document names, or the likeliest where they say no more than the default or nothing.

    Nor is an ISO encoding believed of letters where it has control characters: many who name one write Windows' own.
    """
    head = body[:_HEAD]
    declared = [found[1].decode("ascii", "replace") for found in (_XML.search(head), _META.search(head)) if found]
    header = _HEADER.search(content_type)
    names = ([header[1]] if header else []) + declared
    known = [name for name in map(_known, names) if name]
    name = next((name for name in known if name != _DEFAULT), _DEFAULT if known else None)
    if name is None or name == _DEFAULT or (name.startswith("iso") and _CONTROL.search(body)):
        return _likeliest(body, name)
    return name


def _known(name: str) -> str | None:
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    return _MEANT.get(found, found) if _TEXT.fullmatch(found) else None


def _likeliest(body: bytes, declared: str | None) -> str:
    """The encoding in which the bytes are likeliest news of one of our languages."""
    beyond = body.translate(None, _ASCII)[:_SAMPLE]
    counts = Counter(beyond)
    touching = sum(1 for _ in _TOUCHING.finditer(body)) if len(beyond) < _FEW else 0
    best: dict[str, float] = {}
    for encoding, latin, weights in _models():
        score = sum(weights[byte] * count for byte, count in counts.items())
        score += _BELIEF if encoding == declared else 0.0
        score -= 0.0 if latin else _MIXED * touching
        best[encoding] = max(score, best.get(encoding, -inf))
    return max(best, key=lambda encoding: best[encoding])


@cache
def _models() -> tuple[tuple[str, bool, tuple[float, ...]], ...]:
    """Of each encoding and language: whether it is written in Latin, and the logarithm of the share of each byte beyond ASCII."""
    table = tomllib.loads(_LETTERS.read_text("utf-8"))
    signs = table.pop("signs")
    return tuple(
        (encoding, language["latin"], _weights(encoding, signs | language["letters"]))
        for language in table.values()
        for encoding in language["encodings"]
    )


def _weights(encoding: str, listed: dict[str, float]) -> tuple[float, ...]:
    characters = [bytes([byte]).decode(encoding, "replace") for byte in range(256)]
    return tuple(log((listed.get(each) or _unlisted(each)) / 10_000) for each in characters)


def _unlisted(character: str) -> float:
    kind = category(character)
    return _IMPOSSIBLE if character == "\ufffd" or kind == "Cc" else _RARE if kind[0] == "L" else _ODD
