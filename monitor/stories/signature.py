"""What placement compares of a text: MinHash for copies, rare words and numbers for tellings of one incident across languages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from operator import eq
from struct import pack, unpack

from rensa import RMinHash

from monitor.model import Article, Signature
from monitor.text.fold import Tokens, tokens

PERMUTATIONS = 128
COPY = 0.6  # likeness from which a text is a copy: texts that share a statement of 50 words or an outlet's footer stay below
_SEED = 42
_SHORT = 30  # words: formulas recur in texts of a sentence or two, so these are copies only word for word
_WORDLESS = 3  # words that are too few to be anybody's
_MOST_WORDS = 80
_PREFIX, _NAME, _ACRONYM, _NUMBER = 7, 5, 3, 3  # letters and digits
_KEPT_NAMES = 1 / 3  # of a text's rare words that each copy keeps, at least

_LINE = 20  # words: a longer line is prose, whatever it ends with
_LABELLED = re.compile(r"\W*\w+(?: \w+){0,2}:\s")
_SENTENCE_END = re.compile(r"[.!?…;][\"”“»’')\]]*\s*$")
_HEAD = re.compile(r"\s*([^\n–—-]{2,60}?)\s*[-–—]+\s+(?=\S)")
_AGENCY = re.compile(r"[(/][^()/]{2,30}[)/]|,.*\d")
_BRACKETED = re.compile(r"\s*[(/\[][^()/\[\]]{2,30}[)/\]]\s*")
_SENTENCE_START = re.compile(r"(?:^|[.!?…:»\"”“]\s+|\n\s*)[\"„“«»'(–-]*$")


def sign(article: Article) -> Signature:
    """The signature of the text. The title is no part of it: outlets give copies titles of their own."""
    words = _words(article.text)
    digest = _digest(words.folded)
    return Signature(bands_of(digest), digest, _rare(words))


def likeness(one: Signature, other: Signature) -> float:
    """The share of the shorter text that the longer has, too, from 0 to 1: an estimate, from equal MinHash values (Broder 1997).

    0 where names and numbers differ: what such texts share is boilerplate or a formula.
    """
    if not len(one.digest) == len(other.digest) == PERMUTATIONS + 1 or not _same_names(one.words, other.words):
        return 0.0
    *ours, size = one.digest
    *theirs, other_size = other.digest
    equal = sum(map(eq, ours, theirs)) / PERMUTATIONS
    shared: float = equal * (size + other_size) / (1 + equal) / min(size, other_size)
    return min(1.0, shared)


def _same_names(ours: frozenset[str], theirs: frozenset[str]) -> bool:
    return len(ours & theirs) >= _KEPT_NAMES * min(len(ours), len(theirs))


def _words(text: str) -> Tokens:
    """The words of the prose in `text`; of all of it where little else would remain."""
    words = tokens(prose(text))
    return words if len(words) >= _SHORT else tokens(text)


def prose(text: str) -> str:
    """`text` without dateline and without lines that are no prose: authors, credits, links to other articles, tags, addresses."""
    return _without_dateline("\n".join(filter(_is_prose, text.splitlines())))


def _is_prose(line: str) -> bool:
    if line.count(" ") >= _LINE:
        return True
    return bool(_SENTENCE_END.search(line)) and not _LABELLED.match(line)


def _without_dateline(text: str) -> str:
    """Without `TIRANA, 26 dec (MIA) -`, `ZAGREB -`, `(Hina)` at the start."""
    if head := _HEAD.match(text):
        if head[1].isupper() or _AGENCY.search(head[1]):
            return text[head.end() :]
    elif bracketed := _BRACKETED.match(text):
        return text[bracketed.end() :]
    return text


def _digest(words: Sequence[str]) -> tuple[int, ...]:
    """The MinHash values of the pairs of words, and as its last number how many they are. Nothing for a text without words."""
    if len(words) < _WORDLESS:
        return ()
    shingles = [" ".join(words)] if len(words) < _SHORT else list(map(" ".join, pairwise(words)))
    minhash = RMinHash(num_perm=PERMUTATIONS, seed=_SEED)
    minhash.update(shingles)
    return (*minhash.digest(), len(shingles))


def bands_of(digest: Sequence[int]) -> tuple[int, ...]:
    """Two values a band: one signed 64-bit number, as both databases can index it.

    Texts with a third of their pairs in common meet in one of the 64 bands nearly always, with a fifth in nine of ten cases.
    """
    return unpack(f"<{PERMUTATIONS // 2}q", pack(f"<{PERMUTATIONS}I", *digest[:PERMUTATIONS])) if digest else ()


def _rare(words: Tokens) -> frozenset[str]:
    """Names and numbers, folded and cut so that they meet across scripts, languages and inflections.

    Names have a capital inside a sentence; short ones are too common unless all in capitals. Numbers of one or two digits are mostly
    days and hours, and years are everywhere.
    """
    found: dict[str, None] = {}
    for at in [at for at, lower in enumerate(map(str.islower, words.written)) if not lower]:
        written = words.written[at]
        if _is_number(written) or (_is_name(written) and not _starts_sentence(words.before[at][-4:], at == 0)):
            found[words.folded[at][:_PREFIX]] = None
    return frozenset(list(found)[:_MOST_WORDS])


def _is_name(word: str) -> bool:
    return word[0].isupper() and len(word) >= (_ACRONYM if word.isupper() else _NAME)


def _is_number(word: str) -> bool:
    return len(word) >= _NUMBER and word[0].isdigit() and not (len(word) == 4 and word.startswith(("19", "20")))


@lru_cache(maxsize=1 << 12)
def _starts_sentence(before: str, first: bool) -> bool:
    """Whether a word stands at the start of a sentence, by what parts it from the word before."""
    return bool(_SENTENCE_START.search(before if first else f"x{before}"))
