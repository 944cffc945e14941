"""HTML of a title or a summary as plain text."""

from __future__ import annotations

import re
from html import unescape

from lxml import etree, html

_BLOCK = re.compile(
    r"(?=</?(?:p|div|br|li|h[1-6]|td|th|tr|ul|ol|dl|dd|dt|blockquote|section|article|figure|figcaption|hr|table)\b)", re.IGNORECASE
)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<!--|<!\[CDATA\[")
_HUGE_TAG = re.compile(r"<[a-zA-Z][^<>]{2000,}>?")  # the parser's time grows with the square of a tag's attributes
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u00ad\u200b\u2060\ufeff\ufffe\uffff\ud800-\udfff]")
_SILENT = ("script", "style", "iframe", "noscript", "template", "svg", "form")
_FACTOR = 6


def plain(markup: str, limit: int) -> str:
    """The words a reader would see, on one line, at most `limit` characters. Twice escaped text is unescaped twice, never more."""
    text = markup[: limit * _FACTOR + 1000]
    for _ in range(2):
        if _TAG.search(text):
            text = _visible(text)
        elif "&" in text:
            text = unescape(text)
        else:
            break
    return shorten(" ".join(_CONTROL.sub("", text).split()), limit)


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, cut between words where that costs little."""
    if len(text) <= limit:
        return text
    cut = text[:limit]
    words = cut.rsplit(" ", 1)[0]
    return words if len(words) > limit - 40 else cut


def _visible(text: str) -> str:
    text = _HUGE_TAG.sub(" ", text)
    try:
        tree = html.fromstring(f"<div>{_CONTROL.sub('', _BLOCK.sub(' ', text))}</div>")
    except (etree.LxmlError, ValueError, AssertionError):
        return _TAG.sub(" ", text)
    etree.strip_elements(tree, *_SILENT, with_tail=False)
    return str(tree.text_content())
