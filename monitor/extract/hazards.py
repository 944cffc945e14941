"""Pages that no parser can read in reasonable time, made harmless before one sees them. In time linear in the page."""

from __future__ import annotations

import re

from monitor.model import Rejected

MOST_CHARACTERS = 3_000_000  # 99 % of real pages have less than 1.1 million
MOST_TAGS = 30_000  # start and end tags together; trafilatura is quadratic in paragraphs, and takes up to 1 s for these
MOST_ATTRIBUTES = 2_000  # in one tag; parsers compare each with all before it: 100,000 take 15 s and more
LIMITS = f"{MOST_CHARACTERS:,} characters, {MOST_TAGS:,} tags"

_PAYLOAD = re.compile(r"(?<=[\"'(=])data:[\w.+-]{1,40}/[\w.+-]{1,80}[\w=;.-]{0,100},[\w%+/=-]{1000,}+")
# As HTML's own tokenizer reads it: a quote opens a value only behind "=", and what has no end runs to the end of the page. The possessive
# quantifiers never go back, so that no character is read twice.
_ATTRIBUTES = (
    rf"(?:[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:\"[^\"]*+\"?+|'[^']*+'?+|[^\s>\"'][^\s>]*+)?+)?+){{0,{MOST_ATTRIBUTES}}}+[\s/]*+(?:>|\Z)"
)
_RAW = "|".join(
    rf"(?i:{name})(?=[\s/>]){_ATTRIBUTES}(?:[^<]++|<(?!/(?i:{name})[\s/>]))*+"
    for name in ("script", "style", "title", "textarea", "iframe", "xmp", "noembed", "noframes")
)
_TAG = rf"/?[a-zA-Z][^\s/>]*+{_ATTRIBUTES}"
_COMMENT = r"!--(?:-?>|(?:[^-]++|-(?!-!?>))*+(?:--!?>)?+)"
_CALM = re.compile(rf"(?:[^<]++|<(?:{_RAW}|{_COMMENT}|{_TAG}|(?![a-zA-Z]|/[a-zA-Z]|!--)))*+")


def tame(html: str) -> str | Rejected:
    """The page up to where it becomes a flood, with embedded images emptied if it is a large one; or why it is not to be parsed."""
    if len(html) > MOST_CHARACTERS:
        html = _PAYLOAD.sub("data:,", html)[:MOST_CHARACTERS]
    if html.count("<") > MOST_TAGS:
        html = "<".join(html.split("<", MOST_TAGS)[:MOST_TAGS])
    if _CALM.fullmatch(html) is None:
        return Rejected(f"the page has a tag with more than {MOST_ATTRIBUTES:,} attributes, over which every parser hangs")
    return html
