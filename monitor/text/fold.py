"""One alphabet for all scripts: casefolded, without diacritics, Cyrillic as Latin, look-alike letters repaired. Greek stays Greek.

Folding is for matching, never for showing. It works token by token, so that a token's place in the original is never lost.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate

# Letter by letter and the same for all languages: terms and texts go through the same table, so only equality matters, not pronunciation.
_PAIRS = (
    "а=a б=b в=v г=g д=d ђ=dj ѓ=g е=e ж=z з=z ѕ=dz и=i й=j ј=j к=k л=l љ=lj м=m н=n њ=nj о=o п=p р=r с=s т=t ћ=c ќ=k "
    "у=u ф=f х=h ц=c ч=c џ=dz ш=s щ=st ъ=a ы=i ь= э=e ю=ju я=ja ё=e є=e і=i ї=i"
)
_CYRILLIC = {pair[0]: pair[2:] for pair in _PAIRS.split()}
_LATIN = {"đ": "dj", "ð": "d", "ł": "l", "ı": "i", "ø": "o", "æ": "ae", "œ": "oe", "þ": "th"}
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_TABLE = str.maketrans({**_CYRILLIC, **_LATIN, "ς": "σ"}) | _INVISIBLE

# Letters that look alike, for words in which two scripts are mixed ("Xάκαραν", "пародийнa").
_LOOKALIKE_LATIN_CYRILLIC = ("aceopxyijskmtbhAEOPCXYTMKHBI", "асеорхуијѕкмтвнАЕОРСХУТМКНВІ")
_LOOKALIKE_LATIN_GREEK = ("aeioxvkAEIOXTPKMNBHYZ", "αειοχνκΑΕΙΟΧΤΡΚΜΝΒΗΥΖ")
_TO_CYRILLIC = str.maketrans(*_LOOKALIKE_LATIN_CYRILLIC)
_FROM_CYRILLIC = str.maketrans(*reversed(_LOOKALIKE_LATIN_CYRILLIC))
_TO_GREEK = str.maketrans(*_LOOKALIKE_LATIN_GREEK)
_FROM_GREEK = str.maketrans(*reversed(_LOOKALIKE_LATIN_GREEK))

_GREEK, _CYRILLIC_LETTER = re.compile("[\u0370-\u03ff]"), re.compile("[\u0400-\u052f]")
LONGEST = 64  # letters of a word that are looked at
_WORD = re.compile(r"([^\W_]+(?:[\u00ad\u200b-\u200d\u2060\ufeff\u0300-\u036f]+[^\W_]*)*)")


@dataclass(frozen=True, slots=True)
class Tokens:
    """The words of a text in parallel lists: as written, folded, where each starts, and what parts it from the word before."""

    written: list[str] = field(default_factory=list)
    folded: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    before: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.written)

    def extend(self, more: Tokens) -> None:
        self.written.extend(more.written)
        self.folded.extend(more.folded)
        self.starts.extend(more.starts)
        self.before.extend(more.before)

    def end(self, at: int) -> int:
        return self.starts[at] + len(self.written[at])

    def joined(self, at: int) -> bool:
        """Whether one mark and no blank stands between a word and the one before, as in `e-Albania` and `parlament.al`."""
        return len(self.before[at]) == 1 and not self.before[at].isspace()

    def capital(self, at: int) -> bool:
        return self.written[at][0].isupper()


@lru_cache(maxsize=1 << 16)
def fold(word: str) -> str:
    """`word` in the one alphabet: `Šërbimët` → `serbimet`, `Хакерски` → `hakerski`, `ΛΎΤΡΑ` → `λυτρα`, `Đoković` → `djokovic`."""
    if word.isascii():
        return word.lower()
    word = _repair(unicodedata.normalize("NFC", word)).casefold().translate(_TABLE)
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))


def tokens(text: str) -> Tokens:
    """The words of `text`, in order. Hyphens and apostrophes part words: `AKSHI-t` gives two."""
    pieces = _WORD.split(text)
    places = list(accumulate(map(len, pieces), initial=0))
    written = pieces[1::2]
    # Folds are remembered: nobody shall fill the memory with words of megabytes.
    folded = [fold(word) if len(word) <= LONGEST else fold(word[:LONGEST]) for word in written]
    return Tokens(written, folded, places[1:-1:2], pieces[:-1:2])


def written(text: str) -> list[str]:
    """The words of `text` as they are written."""
    return _WORD.findall(text)


def fold_text(text: str) -> str:
    """All words of `text`, folded and joined by blanks: what the search index and the signatures see."""
    return " ".join(tokens(text).folded)


def script(word: str) -> str:
    """`Latn`, `Cyrl` or `Grek`, by the majority of the letters."""
    if word.isascii():
        return "Latn"
    greek, cyrillic = len(_GREEK.findall(word)), len(_CYRILLIC_LETTER.findall(word))
    latin = sum(map(str.isalpha, word)) - greek - cyrillic
    return max(("Latn", latin), ("Cyrl", cyrillic), ("Grek", greek), key=lambda counted: counted[1])[0]


def _repair(word: str) -> str:
    """A word in two scripts gets the letters of the script that its unmistakable letters belong to."""
    has_latin = any("a" <= c <= "z" or "A" <= c <= "Z" or "\u00c0" <= c <= "\u024f" for c in word)
    if not has_latin:
        return word
    if any("\u0370" <= c < "\u0400" for c in word):
        return _choose(word, _TO_GREEK, _FROM_GREEK, "\u0370", "\u0400")
    if any("\u0400" <= c < "\u0530" for c in word):
        return _choose(word, _TO_CYRILLIC, _FROM_CYRILLIC, "\u0400", "\u0530")
    return word


def _choose(word: str, into: dict[int, int], back: dict[int, int], low: str, high: str) -> str:
    there = word.translate(into)
    if all(low <= c < high or not c.isalpha() for c in there):
        return there
    here = word.translate(back)
    return here if not any(low <= c < high for c in here) else there
