"""No term of attack matches an ordinary word of its language."""

from __future__ import annotations

import pytest

from tests.quality import dictionary


@pytest.mark.parametrize("lang", dictionary.languages())
def test_a_word_of_attack_matches_only_words_that_were_looked_at(lang: str) -> None:
    words = dictionary.ordinary_words(lang)
    assert len(words) > 50_000
    found = dictionary.hits(lang, words)
    assert {word: term for word, term in found.items() if word not in dictionary.listed(lang)} == {}
