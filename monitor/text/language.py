"""Which of our languages a text is in: by its function words, which every lexicon lists, so that a language is added by a file.

Serbian, Bosnian, Croatian and Montenegrin are one for matching; which of them it is, the script, marker words and the outlet's country say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from monitor.text.fold import Tokens, script

_VARIANT_OF_COUNTRY = {"HR": "hr", "BA": "bs", "ME": "cnr", "RS": "sr"}
_HOME = 4
_SCRIPT_SHOWS, _LOOKED_AT = 80, 150  # words


def identify(tokens: Tokens, speakers: Mapping[str, Sequence[str]], scripts: Mapping[str, str], hint: str | None) -> str:
    """The lexicon whose function words make up most of the text; `hint` (the source's language) breaks ties and settles short texts.

    `speakers` are the lexicons that list a function word; one that many share counts little. `scripts` are by lexicon; where none is
    written in the text's, all are asked.
    """
    written = _written(tokens)
    able = [name for name in scripts if _writes(scripts[name], written)] or list(scripts)
    scores = {name: 1.5 if name == hint else 0.0 for name in able}
    for word in tokens.folded[:_LOOKED_AT]:
        listed = speakers.get(word)
        if listed:
            names = [name for name in listed if name in scores]
            for name in names:
                scores[name] += 1.0 / len(names)
    return max(scores, key=lambda name: (scores[name], name), default=hint or "en")


def _written(tokens: Tokens) -> str:
    return script("".join(tokens.written[:_SCRIPT_SHOWS]))


def _writes(lexicon_script: str, written: str) -> bool:
    """Serbian (`both`) is written in either script; other lexicons in their own."""
    return lexicon_script in (written, "both")


def variant(tokens: Tokens, counts: Mapping[str, int], country: str | None) -> str:
    """The written norm of a Serbian, Bosnian, Croatian or Montenegrin text: `sr-Latn`, `sr-Cyrl`, `bs`, `hr` or `cnr`.

    `counts` says how many words mark each norm. The outlet's country counts as several: the norms share most words, and news of a
    neighbour is full of his names.
    """
    cyrillic = _written(tokens) == "Cyrl"
    if cyrillic and country not in ("ME", "BA"):
        return "sr-Cyrl"
    home = _VARIANT_OF_COUNTRY.get(country or "")
    marked = {name: count + (_HOME if name == home else 0) for name, count in counts.items()}
    best = max(marked, key=lambda name: (marked[name], name == home), default="sr")
    if best == "sr":
        return "sr-Cyrl" if cyrillic else "sr-Latn"
    return best
