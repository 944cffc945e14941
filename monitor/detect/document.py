"""An article as detection sees it: folded words, each with its sentence and its zone (title, lead, body, background)."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.detect.match import Words, positions
from monitor.model import Article, Zone
from monitor.text.fold import tokens

# A stop, then white space, then something that can open a sentence. Abbreviations before a lower-case word do not end one.
_SENTENCE_END = re.compile(r"(?<=[.!?…;])[\"”“»')\]]*\s+(?=[\"„“«»'(\[–—-]*[^\W\d_a-zčćžšđëçáéíóúâăîșțа-яёђѓќљњџα-ω]|\d)|\n+")
_YEAR = re.compile(r"(?:19|20)\d\d")
_LEAD_SENTENCES = 2
_SHORT_LEAD = 25  # words; sentences shorter than this together are a dateline or a teaser, and the next one belongs to the lead
_MARK_WITHIN = 6  # a background phrase opens background only at the start of its sentence


@dataclass(frozen=True, slots=True)
class Document(Words):
    """The words of an article with their zones and paragraphs. The title is sentence 0; offsets are within the title or the text."""

    zones: list[Zone]
    paragraphs: list[int]

    def with_background(self, marks: Collection[int], published: datetime | None) -> Document:
        """The document with its retold history marked: from a sentence that a background phrase opens (`marks`: token positions),
        or that tells of an earlier year, to the end of the paragraph. The first sentence is never background."""
        opened = self._opened(marks) | self._past_years(published)
        if not opened:
            return self
        zones = list(self.zones)
        inside: int | None = None
        for at, sentence in enumerate(self.sentences):
            if sentence > 1 and sentence in opened:
                inside = self.paragraphs[at]
            if inside is not None and self.paragraphs[at] == inside:
                zones[at] = "background"
        return replace(self, zones=zones)

    def _opened(self, marks: Collection[int]) -> set[int]:
        """Sentences with a mark among their first words."""
        return {self.sentences[at] for at in marks if at < _MARK_WITHIN or self.sentences[at - _MARK_WITHIN] != self.sentences[at]}

    def _past_years(self, published: datetime | None) -> set[int]:
        if published is None:
            return set()
        return {
            self.sentences[at]
            for word, those in self.positions.items()
            if _YEAR.fullmatch(word) and int(word) < published.year - (published.month < 3)
            for at in those
            if self.zones[at] == "body"
        }


def read(article: Article) -> Document:
    """The document of an article, background not yet marked."""
    words, body = tokens(article.title), tokens(article.text)
    titled = len(words)
    sentences, paragraphs = [0] * titled, [0] * titled
    zones: list[Zone] = ["title"] * titled
    at, paragraph, before = 0, 1, 0
    for number, (start, end) in enumerate(_sentences(article.text), start=1):
        beyond = bisect_left(body.starts, end, at)
        zone: Zone = "lead" if number <= _LEAD_SENTENCES or at < _SHORT_LEAD else "body"
        paragraph += "\n" in article.text[before:start]
        before = end
        sentences += [number] * (beyond - at)
        zones += [zone] * (beyond - at)
        paragraphs += [paragraph] * (beyond - at)
        at = beyond
    words.extend(body)
    return Document(words, sentences, positions(words.folded), zones, paragraphs)


def _sentences(text: str) -> list[tuple[int, int]]:
    spans, start = [], 0
    for found in _SENTENCE_END.finditer(text):
        if text[start : found.start()].strip():
            spans.append((start, found.start()))
        start = found.end()
    if text[start:].strip():
        spans.append((start, len(text)))
    return spans
