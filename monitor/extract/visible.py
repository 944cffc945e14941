"""All that extraction could read of a page, at a twentieth of its cost: too much rather than too little, for the scan that drops pages.

Tags, comments and scripts are told from text as HTML's own tokenizer does it, so that no parser sees text that this does not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape
from itertools import pairwise

from monitor.text import charset

_MOST = 1_000_000  # characters; what is larger is rare, and left to extraction
_SENTENCE = 20  # such a text of a script is shorter than any sentence
_LEAST = 80  # of text; extraction says better what is wrong with less
_ODD = ("data-preloaded", "alttext")  # extraction looks for text in these attributes too

_CONTROLS = bytes({*range(32)} - {9, 10, 13})  # parsers are not given these
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
# What is neither seen nor a blank; extraction leaves it out, inside words too.
_UNSEEN = re.compile(
    "[\x7f-\x84\x86-\x9f\xad\u0600-\u0605\u061c\u180e\u200c-\u200f\u202a-\u202e\u2060-\u206f\u2424\ue000-\uf8ff\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\U000e0000-\U000e0fff]+"
)
_JOINT = "\u200b"  # where a tag stood that may part words or not; folding takes no notice of it
_LOOSE = re.compile(rf"{_JOINT}(?:{_JOINT}*+(?!\w)|(?<!\w{_JOINT}){_JOINT}*+)")  # not between two letters

_UNREAD = re.compile(r"<(?:!--|(script|style)(?=[\s/>]))", re.IGNORECASE)
_ENDS = {None: re.compile("--!?>"), "script": re.compile(r"</script", re.IGNORECASE), "style": re.compile(r"</style", re.IGNORECASE)}
_TEXT_INSIDE = re.compile(r"</(?:p|article|li|h\d|title|textarea)>", re.IGNORECASE)  # in a script: what opened it may have been none
_LINKED_DATA = re.compile(r"<script[^>]*\bld(?:\+|&)", re.IGNORECASE)
_TITLE = re.compile(r"<title[^<>]*>([^<]*)", re.IGNORECASE)
_JSON_QUOTE = re.compile(r'(?<!\\)"')
_JSON_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|([bfnrt])|(.))", re.DOTALL)

_SIMPLE_TAG = re.compile(r"<(?:(/?[a-zA-Z][^\s/>]*+)|[!?/])[^>]*+(?:>|\Z)")
# A quote opens a value only behind "=". Without an end, a tag runs to the end of the page. No character is read twice.
_TAG = re.compile(r"<(?:(/?[a-zA-Z][^\s/>]*+)[^>=]*+(?:=\s*+(?:\"[^\"]*+\"|'[^']*+')?+[^>=]*+)*+|[!?/][^>]*+)(?:>|\Z)")

# Elements beyond whose tags no sentence goes, though it may go on around them.
_BLOCKS: tuple[str | None, ...] = (
    *("address", "article", "aside", "audio", "blockquote", "body", "button", "canvas", "caption", "datalist", "dd"),
    *("dialog", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5"),
    *("h6", "head", "header", "html", "iframe", "label", "legend", "li", "main", "map", "math", "menu", "nav", "noindex"),
    *("noscript", "object", "ol", "option", "output", "p", "picture", "pre", "progress", "rp", "rt", "section", "select", "svg"),
    *("table", "tbody", "td", "textarea", "tfoot", "th", "thead", "time", "title", "tr", "ul", "video"),
)
_OPEN, _CLOSE = _BETWEEN = ("\x01", "\x02")  # no page has these here
_TAIL = re.compile(rf"{_CLOSE}[\s{_JOINT}]*+[^{_OPEN}{_CLOSE}]")
_FAR = 20_000  # tags that are looked back over for the texts before blocks
_LONG = 1000  # characters of such a text that count
_FEW = 4  # tags within a sentence; what has more is no part of it


class _Signs(dict[str | None, str]):
    """What stands for a tag in the text."""

    def __missing__(self, name: str) -> str:
        return _JOINT if name.islower() else self[name.lower()]


_INLINE = ("a", "b", "em", "i", "img", "small", "span", "strong")  # as are all others; these are only found sooner
_SIGNS = _Signs()
_SIGNS |= dict.fromkeys((None, *_INLINE, *(f"/{name}" for name in _INLINE)), _JOINT) | dict.fromkeys(("br", "hr"), " ")
_SIGNS |= dict.fromkeys(_BLOCKS, _OPEN) | {f"/{name}": _CLOSE for name in _BLOCKS}


@dataclass(frozen=True, slots=True)
class Visible:
    """The text of a page as it may be read, in lines beyond which no sentence goes. A line in which tags may stand within words, or other
    elements within a sentence, is there twice. `title` is one that the page gives itself."""

    title: str
    lines: Sequence[str]


def read(body: bytes, content_type: str = "") -> Visible | None:
    """None: it cannot be told what extraction would read."""
    html = charset.decode(body, content_type)
    if len(html) > _MOST or "<" not in html:
        return None
    if len(body.translate(None, _CONTROLS)) != len(body):
        html = _CONTROL.sub("", html)
    parted = _parted(html)
    if parted is None or any(name in parted[0] for name in _ODD):
        return None
    shown, said = parted
    lines = _lines(shown)
    if sum(map(len, lines)) < _LEAST:
        return None
    for text in said:
        lines += [text, *_lines(text)] if "<" in text or "&" in text else [text]
    for before, behind in pairwise(shown.split("og:title")[:_FEW]):
        tag = f"{before[before.rfind('<') :]} {behind[: behind.find('<')]}"
        lines.append(unescape(tag.partition("content")[2] or tag))
    title = _TITLE.search(shown)
    return Visible(" ".join(unescape(title[1]).split()) if title else "", lines)


def _parted(html: str) -> tuple[str, list[str]] | None:
    """The page without comments, scripts and styles; and the texts in those that may be read after all."""
    shown, said, at = [], [], 0
    while found := _UNREAD.search(html, at):
        kind = found[1] and found[1].lower()
        end = _ENDS[kind].search(html, found.end() if kind else found.start() + 2)
        if end is None:
            break
        if html.rfind("<", at, found.start()) > html.rfind(">", at, found.start()):
            return None  # it stands in a tag, and parsers may see none
        shown.append(html[at : found.start()])
        at = end.start() if kind else end.end()
        inside = html[found.start() : at]
        if kind and _TEXT_INSIDE.search(inside):
            said.append(inside)
        if kind == "script" and _LINKED_DATA.match(inside):
            said += [unescape(_JSON_ESCAPE.sub(_meant, text)) for text in _JSON_QUOTE.split(inside) if len(text) > _SENTENCE]
    shown.append(html[at:])
    return _JOINT.join(shown), said


def _meant(escape: re.Match[str]) -> str:
    code, space, letter = escape.groups()
    return chr(int(code, 16)) if code else " " if space else str(letter)


def _lines(html: str) -> list[str]:
    """The text between the tags of blocks; and what stands before and behind a block once more, as one."""
    text, between = _signed(_SIMPLE_TAG.split(html))
    if ">" in text:  # what was taken for the end of a tag stood in a value
        text, between = _signed(_TAG.split(html))
    runs = text.replace(_CLOSE, _OPEN).split(_OPEN)
    if _TAIL.search(text):
        runs += _around(runs, [name for name in between if _SIGNS[name] in _BETWEEN])
    text = _OPEN.join(dict.fromkeys(runs))  # menus and teasers repeat themselves
    for _ in range(2):  # extraction does so too
        text = unescape(text)
    text = _LOOSE.sub("", _UNSEEN.sub(_JOINT, text))
    lines = text.split(_OPEN)
    if _JOINT in text:
        lines += [line.replace(_JOINT, " ") for line in lines if _JOINT in line]
    return lines


def _signed(pieces: list[str]) -> tuple[str, list[str]]:
    """The text with signs for its tags, and the names of the tags."""
    names = pieces[1::2]
    pieces[1::2] = map(_SIGNS.__getitem__, names)
    return "".join(pieces), names


def _around(runs: Sequence[str], tags: Sequence[str]) -> list[str]:
    """Each text that follows blocks, behind the text before them: without what they say, and with it if it is short.

    `tags` are those between the runs.
    """
    behind: dict[int, str] = {}
    full: list[str] = []
    patience = _FAR
    for at, tag in enumerate(tags, start=1):
        if tag[0] == "/" and runs[at] and not runs[at].isspace():
            before = at
            while before and tags[before - 1][0] == "/" and (before == at or not runs[before].strip()):
                start = _opening(tags, before - 1, patience)
                patience -= before - start
                before = start
            if runs[before].strip() and before < at:
                first = behind.get(before, runs[before])[-_LONG:]
                behind[at] = f"{first} {runs[at]}"
                if at - before <= _FEW:
                    full.append(f"{first} {' '.join(runs[before + 1 : at])} {runs[at]}")
    return [*behind.values(), *full]


def _opening(tags: Sequence[str], closing: int, patience: int) -> int:
    """The place of the tag that opens what the tag at `closing` closes; 0 if there is none, or it is too far back."""
    name, depth = tags[closing][1:].lower(), 0
    for at in range(closing, max(closing - patience, 0) - 1, -1):
        tag = tags[at].lower()
        if tag.endswith(name) and tag.lstrip("/") == name:
            depth += 1 if tag[0] == "/" else -1
            if depth == 0:
                return at
    return 0
