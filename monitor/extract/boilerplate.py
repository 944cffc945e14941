"""Furniture: lines that an outlet repeats on page after page (teasers, notes, calls to follow), which tell of no article in particular."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from hashlib import blake2b

from monitor.text.fold import tokens

_PAGES = 12  # of an outlet that are remembered
_SHARE, _LEAST = 0.3, 4  # of the pages, and pages, that a line must stand on
_OUTLETS = 20_000  # that are remembered; the one not seen for longest is forgotten
_ENDS = 60  # blocks at either end of a page that are remembered: furniture stands around a text
_TITLE_WORDS, _SHORTEST_WORD, _STEM = 16, 4, 5
_ALIKE, _LEAST_COMMON = 0.4, 2  # of the fewer title words, and words, that two pages of one event have in common
_DIGITS = re.compile(r"\d+")
_POSITIVE = (1 << 63) - 1


def blocks(text: str) -> tuple[int, ...]:
    """A number for each line that has words, the same in every process; lines that differ in blanks, case or figures are the same."""
    return tuple(_number(normal) for normal in map(_normal, text.splitlines()) if normal)


def cut(text: str, repeated: AbstractSet[int]) -> str:
    """The text without the lines whose numbers are `repeated`, or the text itself if they are all it has."""
    if not repeated:
        return text
    lines = text.splitlines(keepends=True)
    kept = "".join(line for line in lines if not ((normal := _normal(line)) and _number(normal) in repeated)).strip()
    return kept if _normal(kept) else text


def _normal(line: str) -> str:
    words = " ".join(_DIGITS.sub("0", line.casefold()).split())
    return words if any(map(str.isalpha, words)) else ""


def _number(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "big") & _POSITIVE


class Furniture:
    """What the last pages of each outlet repeat. It is kept in memory only: after a start the first pages of an outlet teach it anew."""

    def __init__(self) -> None:
        self._pages: dict[str, list[tuple[array[int], array[int]]]] = {}

    def of(self, outlet: str) -> frozenset[int]:
        """The lines that stand on enough of the outlet's last pages. Pages with titles alike, which tell of one event, count once."""
        pages = self._pages.get(outlet, ())
        enough = max(_LEAST, _SHARE * len(pages))
        counts = Counter(block for _, seen in pages for block in seen)
        return frozenset(
            block
            for block, count in counts.items()
            if count >= enough and _events([title for title, seen in pages if block in seen]) >= enough
        )

    def saw(self, outlet: str, title: str, blocks: Sequence[int]) -> None:
        """Remembers a page by the blocks of its whole text: of one that was cut already, the furniture would be forgotten."""
        pages = self._pages.pop(outlet, [])
        ends = dict.fromkeys((*blocks[:_ENDS], *blocks[-_ENDS:]))
        self._pages[outlet] = [*pages[1 - _PAGES :], (_stems(title), array("q", ends))]
        if len(self._pages) > _OUTLETS:
            del self._pages[next(iter(self._pages))]


def _stems(title: str) -> array[int]:
    words = [word[:_STEM] for word in tokens(title).folded if len(word) >= _SHORTEST_WORD]
    return array("q", dict.fromkeys(map(_number, words[:_TITLE_WORDS])))


def _events(titles: Sequence[array[int]]) -> int:
    counted: list[frozenset[int]] = []
    for title in map(frozenset, titles):
        if not any(_alike(title, other) for other in counted):
            counted.append(title)
    return len(counted)


def _alike(one: frozenset[int], other: frozenset[int]) -> bool:
    common = len(one & other)
    return one == other or (common >= _LEAST_COMMON and common >= _ALIKE * min(len(one), len(other)))
