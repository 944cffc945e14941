"""Titles without what outlets hang on them: their own name, marks such as `(FOTO)` and `VIDEO |`, quotes, remains of markup.

What is no part of the title shows by its shape alone, in any language. What might carry meaning stays.
"""

from __future__ import annotations

import re
from html import unescape

from monitor.text.fold import fold, fold_text

_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")
_BETWEEN = re.compile(r"\s(?:\||-|–|—|::|•|·|»)\s")
_DOMAIN = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,6}")
_LAST_BRACKETS = re.compile(r"\s*[(\[]([^()\[\]]{3,24})[)\]]$")
_FIRST_BRACKETS = re.compile(r"[(\[]([^()\[\]]{3,24})[)\]]\s*[-–—:|/]?\s*")
_FIRST_MARK = re.compile(r"([^\s:|][^:|]{1,24}?)\s*([:|/])\s+(?=\S)")
_LAST_MARK = re.compile(r"\s+[|/]\s*([^|]{3,24})$")
_JOINED = re.compile(r"[/+,&]")
_QUOTES = ("„“", "„”", "“”", "«»", "»«", '""', "''", "‘’", "‚‘")
_MOST_STEPS = 6
_NAME_WORDS = 4  # of an outlet
_DISTINCT = 5  # letters from which a host's name is sure to be no other word's part
_LEFT = 2  # words that a title has at least
_ACRONYM = 4  # letters that an acronym seldom exceeds; where it often does, `_KICKER`
_KICKER, _KICKERS = 7, 12  # letters of a mark of one word, and of several words at most
_SPELT = 0.6  # of an acronym's letters that begin a word of what it stands for, at least


def plain_title(title: str, outlet: str) -> str:
    """`title` without decorations. `outlet` is the host that it comes from. Never empty, unless `title` is."""
    cleaned = " ".join(_TAG.sub(" ", unescape(title)).split())
    for _ in range(_MOST_STEPS):
        shorter = _without_outlet(_without_marks(_unquoted(cleaned)), outlet)
        if shorter == cleaned:
            break
        cleaned = shorter
    return cleaned or title.strip() or title


def _without_outlet(title: str, outlet: str) -> str:
    borders = list(_BETWEEN.finditer(title))
    if not borders:
        return title
    first, last = borders[0], borders[-1]
    if _enough(title[: last.start()]) and _names(title[last.end() :], outlet):
        return _without_brand(title[: last.start()].rstrip())
    if _enough(title[first.end() :]) and _is_host(title[: first.start()], outlet):
        return title[first.end() :].lstrip()
    return title


def _without_brand(title: str) -> str:
    """Without the publisher in capitals that stood before the outlet's name: `… - BIRN | Balkan Insight`."""
    for last in list(_BETWEEN.finditer(title))[-1:]:
        brand = title[last.end() :]
        if _enough(title[: last.start()]) and brand.isupper() and brand.isalpha():
            return title[: last.start()].rstrip()
    return title


def _enough(title: str) -> bool:
    return len(title.split()) >= _LEFT


def _names(segment: str, outlet: str) -> bool:
    """Whether a segment at a title's end is the outlet's name, whole or with a word or two about it, or any domain name."""
    words, segment = fold_text(segment).split(), segment.strip()
    if _DOMAIN.fullmatch(fold(segment)):
        return True
    if not 0 < len(words) <= _NAME_WORDS or not (segment[0].isupper() or segment[0].isdigit()):
        return False
    squashed = "".join(words)
    return _is_host(segment, outlet) or any(_alike(label, squashed, words) for label in _labels(outlet))


def _alike(label: str, squashed: str, words: list[str]) -> bool:
    """`avaz` and "Dnevni avaz", `slobodnaevropa` and "Radio Slobodna Evropa", `n1info` and "N1"."""
    begins = label.startswith(squashed) and (len(words) > 1 or squashed[-1].isdigit())
    return begins or label in words or (len(label) >= _DISTINCT and label in squashed)


def _is_host(segment: str, outlet: str) -> bool:
    squashed = "".join(fold_text(segment).split())
    return bool(squashed) and squashed in {*_labels(outlet), *("".join(outlet.split(".")[at:]) for at in range(2))}


def _labels(outlet: str) -> list[str]:
    """The parts of a host that may be a name: all but its end."""
    return ["".join(fold_text(label).split()) for label in outlet.split(".")[:-1] if len(label) > 2 or label[-1:].isdigit()]


def _without_marks(title: str) -> str:
    """Without the first mark found at an edge: short, in capitals, and set off from a title that is not itself in capitals."""
    for kept, mark, fits in _edges(title):
        if _enough(kept) and not kept.isupper() and mark.isupper() and fits:
            return kept
    return title


def _edges(title: str) -> list[tuple[str, str, bool]]:
    """What might be marks: the title without one, the mark, and whether its shape is that of a mark."""
    found = []
    if last := _LAST_BRACKETS.search(title):
        found.append((title[: last.start()], last[1], not _stands_for(last[1], title[: last.start()])))
    if first := _FIRST_BRACKETS.match(title):
        found.append((title[first.end() :], first[1], True))
    if first := _FIRST_MARK.match(title):
        found.append((title[first.end() :], first[1], _is_mark(first[1], first[2])))
    if last := _LAST_MARK.search(title):
        found.append((title[: last.start()], last[1], _is_mark(last[1], "|")))
    return found


def _is_mark(text: str, separator: str) -> bool:
    """Whether words in capitals before `/`, `|` or `:` are a mark. An acronym there is who acts or speaks: `NAP | …`, `AKSHI: …`."""
    words = _JOINED.sub(" ", text).split()
    if not all(word.isalpha() for word in words):
        return False
    if _JOINED.search(text):
        return all(len(word) >= _ACRONYM for word in words)
    if separator == ":":
        return False
    if len(words) > 1:
        return len("".join(words)) <= _KICKERS
    return len(text) > (_ACRONYM if separator == "|" else _KICKER - 1)


def _stands_for(acronym: str, words: str) -> bool:
    """Whether the letters of `acronym` begin the words before it, in order: `Ministry of Internal Affairs (MIA)`."""
    initials = "".join(word[0] for word in fold_text(words).split())
    found, at = 0, 0
    letters = fold(acronym)
    for letter in letters:
        if (next_at := initials.find(letter, at)) >= 0:
            found, at = found + 1, next_at + 1
    return found >= _SPELT * len(letters)


def _unquoted(title: str) -> str:
    if len(title) > 2 and title[0] + title[-1] in _QUOTES and not set(title[1:-1]) & {title[0], title[-1]}:
        return title[1:-1].strip()
    return title
