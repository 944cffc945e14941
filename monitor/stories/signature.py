"""What placement compares of a text: MinHash for copies, rare words and numbers for tellings of one incident across languages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import blake2b

from rensa import RMinHash

from monitor.model import Article, Signature
from monitor.text.fold import fold_text, tokens

PERMUTATIONS = 128
ROWS = 4  # 32 bands of 4 rows: pairs with half their shingles in common meet in a band with probability 0.87, with three quarters always
_SEED = 42
_SHINGLE = 3
_MOST_WORDS = 80
_SENTENCE_START = re.compile(r"(?:^|[.!?…:»\"”“]\s+|\n\s*)[\"„“«»'(–-]*$")


def sign(article: Article) -> Signature:
    """The signature of title and text. A text of fewer than three words has no bands and is nobody's copy."""
    digest = _digest(fold_text(article.text).split())
    return Signature(_bands(digest), digest, rare_words(article))


def _digest(words: Sequence[str]) -> tuple[int, ...]:
    shingles = {" ".join(words[at : at + _SHINGLE]) for at in range(len(words) - _SHINGLE + 1)}
    if not shingles:
        return ()
    minhash = RMinHash(num_perm=PERMUTATIONS, seed=_SEED)
    minhash.update(sorted(shingles))
    return tuple(minhash.digest())


def _bands(digest: Sequence[int]) -> tuple[int, ...]:
    """One signed 64-bit number a band, as both databases can index it."""
    return tuple(
        int.from_bytes(blake2b(repr((at, tuple(digest[at : at + ROWS]))).encode(), digest_size=8).digest(), "big", signed=True)
        for at in range(0, len(digest), ROWS)
    )


def likeness(one: Signature, other: Signature) -> float:
    """Estimated share of common shingles (Jaccard), from equal MinHash values: Broder 1997."""
    if not one.digest or not other.digest:
        return 0.0
    return sum(a == b for a, b in zip(one.digest, other.digest, strict=True)) / len(one.digest)


def rare_words(article: Article) -> frozenset[str]:
    """Names and numbers: words with a capital inside a sentence, or with digits, folded so that they meet across scripts."""
    found: list[str] = []
    words = tokens(article.text)
    for written, folded, start in zip(words.written, words.folded, words.starts, strict=True):
        inside = written[0].isupper() and not _SENTENCE_START.search(article.text[max(start - 4, 0) : start])
        if (inside and len(folded) > 2) or (any(c.isdigit() for c in written) and len(written) > 1):
            found.append(folded[:6])
    return frozenset(list(dict.fromkeys(found))[:_MOST_WORDS])
