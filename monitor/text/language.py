"""Which of our languages a text is in: by its function words, which every lexicon lists, so that a language is added by a file.

Serbian, Bosnian, Croatian and Montenegrin are one for matching; which of them it is, the script, marker words and the outlet's country say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from monitor.text.fold import Token, script

_VARIANT_OF_COUNTRY = {"HR": "hr", "BA": "bs", "ME": "cnr", "RS": "sr"}
_HOME = 4


def identify(tokens: Sequence[Token], function_words: Mapping[str, frozenset[str]], scripts: Mapping[str, str], hint: str | None) -> str:
    """The lexicon whose function words make up most of the text; `hint` (the source's language) breaks ties and settles short texts.

    `function_words` and `scripts` are by lexicon; a word that many languages share counts little.
    """
    written = script("".join(token.text for token in tokens[:80]))
    possible = [name for name in function_words if _writes(scripts[name], written)]
    seen = [token.folded for token in tokens[:300]]
    shared = {word: sum(word in function_words[name] for name in possible) for word in set(seen)}
    scores = {name: sum(1.0 / shared[word] for word in seen if word in function_words[name]) for name in possible}
    for name in possible:
        scores[name] += 1.5 if name == hint else 0.0
    return max(scores, key=lambda name: (scores[name], name)) if scores else (hint or "en")


def _writes(lexicon_script: str, written: str) -> bool:
    """Serbian (`both`) is written in either script; other lexicons in their own."""
    return lexicon_script in (written, "both")


def variant(tokens: Sequence[Token], markers: Mapping[str, tuple[str, ...]], country: str | None) -> str:
    """The written norm of a Serbian, Bosnian, Croatian or Montenegrin text: `sr-Latn`, `sr-Cyrl`, `bs`, `hr` or `cnr`.

    The outlet's country counts as several marker words: the norms share most of them, and news of a neighbour is full of his names.
    """
    if script("".join(token.text for token in tokens[:80])) == "Cyrl" and country not in ("ME", "BA"):
        return "sr-Cyrl"
    counts = {name: sum(token.folded.startswith(stems) for token in tokens) for name, stems in markers.items()}
    home = _VARIANT_OF_COUNTRY.get(country or "")
    if home in counts:
        counts[home] += _HOME
    best = max(counts, key=lambda name: (counts[name], name == home), default="sr")
    if best == "sr":
        return "sr-Cyrl" if script("".join(token.text for token in tokens[:80])) == "Cyrl" else "sr-Latn"
    return best
