"""As much of a feed as feedparser can be given: its time grows with the tags, and with the square of some things that we never read."""

from __future__ import annotations

import re
from itertools import count

from monitor.collect.entries import MAX_ENTRIES

_MAX_LENGTH = 1_500_000
_MAX_COST = 120_000
_TAG_COST = 4  # of a tag; a reference costs 1
_MAX_PROLOG = 4096
_MAX_TAIL = 1000
_MAX_ENTITY = 200
_MAX_NAMESPACES = 100
_MAX_BASE = 200
_MAX_RELATIVE_BASES = 10

_ENTITY = re.compile(r"<!ENTITY\s[^<>]*")
_NESTED = re.compile(r"&(?!#|(?:amp|lt|gt|quot|apos);)")
_NAMESPACE = re.compile(r"\bxmlns:([^\s=<>]+)\s*=")
# A CDATA section is one piece, however much stands in it.
_PIECE = re.compile(r"<(?:!\[CDATA\[.*?(?:\]\]>|\Z)|(?:[\w.-]+:)?(item|entry)(?=[\s>]))?|&", re.DOTALL | re.IGNORECASE)
_IDLE = re.compile(
    r"<(/?)(?:[\w.-]+:)?(?:author|contributor|creator|managingeditor|webmaster|publisher|owner|category|subject|keywords|tags)(?=[\s/>])",
    re.IGNORECASE,
)
_BASE = re.compile(r"""\bbase\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+))""", re.IGNORECASE)
_ABSOLUTE = re.compile(r"https?://", re.IGNORECASE)


def objection(text: str, root: int) -> str | None:
    """Why a feed whose root element begins at `root` is not read at all, in words."""
    entities = _ENTITY.findall(text, 0, root)
    if any(_NESTED.search(entity) or len(entity) > _MAX_ENTITY for entity in entities):
        return "the feed declares entities that grow when they are put in"
    if (namespaces := len(set(_NAMESPACE.findall(text)))) > _MAX_NAMESPACES:
        return f"the feed declares {namespaces} namespaces"
    return None


def affordable(text: str, root: int) -> tuple[str, tuple[str, ...]]:
    """The feed, if need be without its last items, with a note about that."""
    text = text[root:] if root > _MAX_PROLOG else text
    end = _end(text)
    notes = () if end is None else (f"{len(text):,} characters are too many; the rest was left out",)
    kept = text if end is None else text[:end] + _tail(text)
    return _without_bases(_IDLE.sub(r"<\1idle", kept)), notes


def _end(text: str) -> int | None:
    """Where to cut: where the first item begins that does not fit, in the first item if even that does not; None if all fits."""
    cost, items, last = 0, 0, 0
    for piece in _PIECE.finditer(text, 0, _MAX_LENGTH):
        cost += 1 if piece[0] == "&" else _TAG_COST
        if piece[1]:
            items, last = items + 1, piece.start()
        if cost > _MAX_COST or items > MAX_ENTRIES + 1:
            return last if items > 1 else piece.start()
    if len(text) <= _MAX_LENGTH:
        return None
    return last if items > 1 else _MAX_LENGTH


def _tail(text: str) -> str:
    """What closes the feed after its last item."""
    last = max(text.rfind("</item>"), text.rfind("</entry>"))
    tail = text[text.find(">", last) + 1 :]
    return tail if last >= 0 and len(tail) <= _MAX_TAIL else ""


def _without_bases(text: str) -> str:
    """Base addresses are joined anew at every tag: neither long ones stay nor many that build on each other."""
    relative = count()

    def kept(found: re.Match[str]) -> str:
        value = found[1] or found[2] or found[3] or ""
        few = _ABSOLUTE.match(value) or next(relative) < _MAX_RELATIVE_BASES
        return found[0] if few and len(value) <= _MAX_BASE else "idle=''"

    return _BASE.sub(kept, text)
