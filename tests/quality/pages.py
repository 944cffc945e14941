"""The ways in which pages write the same article, from plain to hostile: what a scan of pages must see through."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Callable
from functools import partial
from html.entities import codepoint2name
from itertools import cycle

Write = Callable[[str], str]  # from a text to its HTML
Render = Callable[[str, str, str], bytes]  # from title, text and language to a page

_WINDOWS = {
    **dict.fromkeys(("sq", "hr", "bs", "sl", "ro", "sr-Latn", "cnr"), "cp1250"),
    **dict.fromkeys(("bg", "mk", "sr-Cyrl"), "cp1251"),
    **dict.fromkeys(("de", "it", "en"), "cp1252"),
    "el": "cp1253",
    "tr": "cp1254",
}
_ISO = {
    **dict.fromkeys(("sq", "hr", "bs", "sl", "sr-Latn", "cnr"), "iso8859-2"),
    **dict.fromkeys(("bg", "mk", "sr-Cyrl"), "iso8859-5"),
    **dict.fromkeys(("de", "it", "en"), "iso8859-15"),
    "ro": "iso8859-16",
    "el": "iso8859-7",
    "tr": "iso8859-9",
}
_JUNK = (
    "<figure><img src=a><figcaption>A picture of something else</figcaption></figure>",
    "<div class=ad></div>",
    "<div class='share-bar'>Advertisement</div>",
    "<aside><p>Read also: nothing</p></aside>",
    "<!-- ad --><script>var a = '<b>';</script>",
    "<time>12:30</time>",
    "<br>",
    "<noscript>No script here</noscript>",
    "<button>Share</button>",
)


def _page(
    title: str, text: str, lang: str, write: Write = html.escape, encodings: dict[str, str] | None = None, declared: bool = True
) -> bytes:
    encoding = (encodings or {}).get(lang, "utf-8")
    meta = f"<meta charset={encoding}>" if declared else ""
    paragraphs = "".join(f"<p>{write(each)}</p>" for each in text.split("\n") if each.strip())
    page = f"<!doctype html><html><head>{meta}<title>{write(title)}</title></head><body><nav><ul><li><a href=/>A</a></li></ul></nav>"
    page += f"<article><h1>{write(title)}</h1>{paragraphs}</article><footer>x</footer></body></html>"
    return page.encode(encoding, "xmlcharrefreplace")


def _numeric(text: str) -> str:
    return "".join(c if c.isascii() else f"&#{ord(c)};" for c in html.escape(text))


def _hexadecimal(text: str) -> str:
    return "".join(c if c.isascii() else f"&#x{ord(c):X};" for c in html.escape(text))


def _named(text: str) -> str:
    return "".join(f"&{codepoint2name[ord(c)]};" if not c.isascii() and ord(c) in codepoint2name else c for c in html.escape(text))


def _twice(text: str) -> str:
    return _numeric(text).replace("&", "&amp;")


def _within(mark: str, text: str) -> str:
    return re.sub(r"\w{4,}", lambda word: word[0][:2] + mark + word[0][2:], html.escape(text))


def _between(mark: str, text: str) -> str:
    return re.sub(r"\w{3,}", lambda word: mark.join(word[0]), html.escape(text))


def _tagged(opening: str, closing: str, text: str) -> str:
    return re.sub(r"\w{4,}", lambda word: word[0][:1] + opening + word[0][1:3] + closing + word[0][3:], html.escape(text))


def _each_word(text: str) -> str:
    return re.sub(r"\w+", lambda word: f'<span class="w" onclick="a=>b">{word[0]}</span>', html.escape(text))


def _upper(text: str) -> str:
    return html.escape(text.upper())


def _bare_upper(text: str) -> str:
    """As Greek is printed: capitals without accents."""
    return html.escape("".join(c for c in unicodedata.normalize("NFD", text.upper()) if not unicodedata.combining(c)))


def _turkish_upper(title: str, text: str, lang: str) -> bytes:
    return _page(title, text, lang, lambda each: _upper(each.replace("i", "İ") if lang == "tr" else each))


def _decomposed(text: str) -> str:
    return html.escape(unicodedata.normalize("NFD", text))


def _blanks(blank: str, text: str) -> str:
    return html.escape(text).replace(" ", blank)


def _linked_data(write: Write, title: str, text: str, lang: str) -> bytes:
    """Nothing but what the page states for machines."""
    data = {"@type": "NewsArticle", "headline": title, "articleBody": write(text)}
    script = f'<script type="application/ld+json">{json.dumps(data)}</script>'
    return f"<!doctype html><html lang={lang}><head><title>x</title>{script}</head><body><div>a</div></body></html>".encode()


def _paragraphs(text: str) -> str:
    return "<p>" + html.escape(text).replace("\n", "</p><p>") + "</p>"


def _one_line(title: str, text: str, lang: str) -> bytes:
    breaks = "<br>".join(html.escape(each) for each in text.split("\n"))
    return f"<html lang={lang}><body><div><h1>{html.escape(title)}</h1><div>{breaks}</div></div></body></html>".encode()


def _interrupted(title: str, text: str, lang: str) -> bytes:
    """Sentences around advertisements, pictures and buttons."""
    junk = cycle(_JUNK)
    words = [f"{word} {next(junk)}" if at % 3 == 1 else word for at, word in enumerate(html.escape(text).split(" "))]
    return f"<html lang={lang}><body><article><h1>{html.escape(title)}</h1><div>{' '.join(words)}</div></article></body></html>".encode()


def _written(write: Write) -> Render:
    return partial(_page, write=write)


RENDERINGS: dict[str, Render] = {
    "plain": _page,
    "numeric entities": _written(_numeric),
    "hexadecimal entities": _written(_hexadecimal),
    "named entities": _written(_named),
    "entities escaped twice": _written(_twice),
    "soft hyphens between all letters": _written(partial(_between, "\xad")),
    "soft hyphens as entities": _written(partial(_within, "&shy;")),
    "zero-width joiners": _written(partial(_within, "\u200d")),
    "zero-width non-joiners as entities": _written(partial(_within, "&zwnj;")),
    "zero-width spaces as entities": _written(partial(_within, "&#8203;")),
    "direction marks": _written(partial(_within, "\u200e")),
    "letters of icon fonts": _written(partial(_within, "\ue001")),
    "NUL": _written(partial(_within, "\x00")),
    "word break opportunities": _written(partial(_within, "<wbr>")),
    "comments": _written(partial(_within, "<!-- x > y -->")),
    "empty tags with an end of a tag in a value": _written(partial(_within, "<span title='a>b'></span>")),
    "bold letters": _written(partial(_tagged, "<b>", "</b>")),
    "tags in capitals": _written(partial(_tagged, "<SPAN CLASS=X>", "</SPAN>")),
    "each word in a tag": _written(_each_word),
    "decomposed": _written(_decomposed),
    "capitals": _written(_upper),
    "capitals without accents": _written(_bare_upper),
    "Turkish capitals": _turkish_upper,
    "no-break spaces": _written(partial(_blanks, "&nbsp;")),
    "line breaks in the source": _written(partial(_blanks, "\r\n\t")),
    "Windows, declared": partial(_page, encodings=_WINDOWS),
    "Windows, undeclared": partial(_page, encodings=_WINDOWS, declared=False),
    "ISO 8859, declared": partial(_page, encodings=_ISO),
    "ISO 8859, undeclared": partial(_page, encodings=_ISO, declared=False),
    "UTF-16": lambda title, text, lang: _page(title, text, lang, declared=False).decode().encode("utf-16"),
    "linked data": partial(_linked_data, str),
    "linked data with tags": partial(_linked_data, _paragraphs),
    "linked data with escaped tags and entities": partial(_linked_data, lambda text: html.escape(f"<p>{_numeric(text)}</p>")),
    "one line": _one_line,
    "interrupted sentences": _interrupted,
}
