"""Copies as outlets make them of each other's articles, and pairs of articles that are no copies, all made from the labelled articles."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any

from tests.quality.floors import corpus

SETS = ("dev", "second", "third", "fourth", "sixth", "ordinary")
ORIGINALS = 300
SHORTEST, LONG = 60, 300  # words: of an original, and of those that are made as long as agencies write

DATELINES = (
    "TIRANË, 26 dhjetor 2023 (ATSH) – ",
    "Tirana, 26 dhjetor /ATSH/-",
    "СКОПЈЕ, 26 дек (МИА) - ",
    "Скопие. (БТА) ",
    "BEOGRAD, 26. decembra (Tanjug) - ",
    "ZAGREB, 26. prosinca 2023. (Hina) - ",
    "SARAJEVO (FENA) – ",
    "Αθήνα, 26 Δεκ. (ΑΠΕ-ΜΠΕ) — ",
    "Agerpres, 26 decembrie - ",
    "ATHENS (Reuters) - ",
)
BYLINES = ("Nga: A. Hoxha", "Piše: M. Petrović", "Автор: Иван Петров", "BIRN | Tirana", "26.12.2023 10:45", "Του Γιάννη Παππά")
CREDITS = (
    "Foto: Ilustrim/Pixabay",
    "Foto: Tanjug/Ž. Ž.",
    "Снимка: БГНЕС",
    "Photo: Shutterstock",
    "Φωτογραφία: Eurokinissi",
    "Fotografija: STA",
)
CALLS = ("Lexo edhe:", "Pročitajte još:", "Прочетете още:", "Citește și:", "Διαβάστε επίσης:", "Read also:", "Preberite tudi")
SHARES = (
    "Facebook Twitter WhatsApp Viber Email",
    "Share this:",
    "#hakerat #sulm #siguria",
    "https://t.me/vesti",
    "redakcija@portal.example",
)
FOOTERS = (
    "Ky artikull është pronë e portalit tonë. Lejohet riprodhimi i pjesshëm vetëm me citimin e burimit dhe vendosjen e lidhjes që çon te "
    "artikulli i plotë. Redaksia nuk mban përgjegjësi për komentet e lexuesve, të cilat pasqyrojnë vetëm mendimin e autorëve të tyre. "
    "Komentet me gjuhë fyese ose kërcënuese do të fshihen pa paralajmërim. Nëse dëshironi të merrni lajmet më të rëndësishme në kohë "
    "reale, na ndiqni në rrjetet sociale dhe abonohuni në kanalin tonë. Për reklama dhe bashkëpunime shkruani në adresën e redaksisë.",
    "Zabranjeno je preuzimanje sadržaja bez navođenja izvora. Komentari objavljeni na portalu predstavljaju stavove njihovih autora i ne "
    "odražavaju nužno stavove redakcije. Molimo čitaoce da se suzdrže od vređanja, psovanja i vulgarnog izražavanja. Redakcija zadržava "
    "pravo da obriše komentar bez najave i objašnjenja. Preuzmite našu besplatnu aplikaciju za Android i iOS telefone i budite u toku sa "
    "najnovijim vestima iz zemlje i sveta. Pratite nas i na društvenim mrežama, kao i na našem kanalu na kojem svakog dana objavljujemo "
    "najvažnije događaje, analize i razgovore.",
    "Всички права запазени. Възпроизвеждането на цели или части от текста или изображенията става след изрично писмено разрешение. "
    "Мненията на читателите не изразяват позицията на редакцията, а коментарите с обидно съдържание се изтриват. Следвайте ни в "
    "социалните мрежи, за да научавате първи най-важните новини от деня. Можете да изпратите сигнал, снимка или видео на адреса на "
    "редакцията по всяко време на денонощието.",
)
_LETTERS = "аa бb вv гg дd ђđ еe жž зz иi јj кk лl љlj мm нn њnj оo пp рr сs тt ћć уu фf хh цc чč џdž шš"
_TO_LATIN = {pair[0]: pair[1:] for pair in _LETTERS.split()}
_TO_CYRILLIC = {latin: cyrillic for cyrillic, latin in _TO_LATIN.items()}
_LETTER = re.compile("lj|nj|dž|.", re.IGNORECASE | re.DOTALL)
_SENTENCE = re.compile(r"(?<=[.!?…])\s+")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts. `kind` says how the second was made of the first, or why the two are no copies."""

    kind: str
    one: str
    other: str


@dataclass(frozen=True, slots=True)
class Sample:
    """What copies are made with: words and texts of other articles in the language, and chance."""

    chance: random.Random
    lang: str
    words: Sequence[str]
    texts: Sequence[str]
    titles: Sequence[str]


def rows() -> list[dict[str, Any]]:
    return [row for name in SETS for row in corpus(name)]


def copies() -> Iterator[Pair]:
    """Every kind of copy of every original, where the kind fits."""
    for original, sample in originals():
        for kind, copy in COPIES.items():
            other = copy(original, sample)
            if other != original:
                yield Pair(kind, original, other)


def originals() -> Iterator[tuple[str, Sample]]:
    """Articles and what to make copies of them with. Every second one is made as long as those of agencies."""
    known = rows()
    fit = [row for row in known if len(row["text"].split()) >= SHORTEST]
    for number, row in enumerate(fit[:: len(fit) // ORIGINALS][:ORIGINALS]):
        others = [other for other in known if other["lang"] == row["lang"] and other["incident"] != row["incident"]]
        sample = _sample(row["lang"], others, random.Random(number))
        yield (_lengthened(row["text"], sample) if number % 2 else row["text"]), sample


def _sample(lang: str, others: Sequence[dict[str, Any]], chance: random.Random) -> Sample:
    texts = [row["text"] for row in chance.sample(others, min(12, len(others)))]
    words = [word for text in texts for word in _WORD.findall(text) if len(word) > 3]
    return Sample(chance, lang, words, texts, [row["title"] for row in others])


def _lengthened(text: str, sample: Sample) -> str:
    for other in sample.texts[4:]:
        if len(text.split()) >= LONG:
            break
        text += "\n\n" + other
    return text


def unlike() -> Iterator[Pair]:
    """Pairs that are no copies, however much they share."""
    known = rows()
    for one, other in combinations([row for row in known if row["incident"]], 2):
        if one["incident"] == other["incident"] and one["text"] != other["text"]:
            yield Pair("same incident", one["text"], other["text"])
            if one["lang"] == other["lang"]:
                yield from _sharing(one["text"], other["text"])
    for lang in sorted({row["lang"] for row in known}):
        ours = [row for row in known if row["lang"] == lang and len(row["text"].split()) >= SHORTEST]
        for number, (one, other) in enumerate(pairwise(ours)):
            footer = FOOTERS[number % len(FOOTERS)]
            yield Pair("same footer", f"{one['text']}\n\n{footer}", f"{other['text']}\n\n{footer}")
            if min(len(one["text"].split()), len(other["text"].split())) >= 2 * SHORTEST:
                yield Pair("same long footer", "\n\n".join((one["text"], *FOOTERS[1:])), "\n\n".join((other["text"], *FOOTERS[1:])))
            yield Pair("same list", _with_list(one["text"], ours[:6]), _with_list(other["text"], ours[:6]))


def _sharing(one: str, other: str) -> Iterator[Pair]:
    """Two articles with words of their own that quote the same statement of an official, of about 50 words."""
    statement = " ".join(FOOTERS[len(one) % len(FOOTERS)].split()[:50]) + "."
    yield Pair("same statement", _inserted(one, f"„{statement}“"), _inserted(other, f"„{statement}“"))


def _with_list(text: str, rows: Sequence[dict[str, Any]]) -> str:
    return "\n".join([text, CALLS[0], *(row["title"] for row in rows)])


def _inserted(text: str, part: str) -> str:
    parts = text.split("\n\n")
    return "\n\n".join([*parts[:1], part, *parts[1:]])


def _dateline(text: str, sample: Sample) -> str:
    chance = sample.chance
    return "\n".join([chance.choice(BYLINES), chance.choice(CREDITS), chance.choice(DATELINES) + text])


def _calls(text: str, sample: Sample) -> str:
    block = "\n".join([sample.chance.choice(CALLS), *sample.chance.sample(sample.titles, min(4, len(sample.titles)))])
    return _inserted(text, block) + "\n" + "\n".join(sample.chance.sample(SHARES, 3))


def _cut(text: str, sample: Sample) -> str:
    sentences = _SENTENCE.split(text)
    return " ".join(sentences[: -(-2 * len(sentences) // 3)])


def _lead(text: str, sample: Sample) -> str:
    """The first paragraph in words of one's own: here, another article's."""
    theirs = sample.texts[0].split("\n\n")[0]
    parts = text.split("\n\n")
    if len(parts) > 1:
        return "\n\n".join([theirs, *parts[1:]])
    sentences = _SENTENCE.split(text)
    return " ".join([theirs, *sentences[max(1, len(sentences) // 4) :]])


def _edited(share: float) -> Callable[[str, Sample], str]:
    def edit(text: str, sample: Sample) -> str:
        return _WORD.sub(lambda found: _other_word(found[0], sample) if sample.chance.random() < share else found[0], text)

    return edit


def _other_word(word: str, sample: Sample) -> str:
    """Another word, another ending, or a slip of the pen."""
    chance = sample.chance
    if len(word) < 4 or not sample.words:
        return chance.choice(sample.words) if sample.words else word
    at = chance.randrange(1, len(word) - 1)
    swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return chance.choice((chance.choice(sample.words), word[:-1] + chance.choice("aeiou"), swapped))


def _reordered(text: str, sample: Sample) -> str:
    parts = text.split("\n\n") if "\n\n" in text else _SENTENCE.split(text)
    sample.chance.shuffle(parts)
    return "\n\n".join(parts)


def _other_script(text: str, sample: Sample) -> str:
    if sample.lang not in ("sr-Latn", "sr-Cyrl", "cnr", "bs"):
        return text
    table = _TO_LATIN if sample.lang == "sr-Cyrl" else _TO_CYRILLIC
    return _LETTER.sub(lambda found: _cased(found[0], table.get(found[0].lower(), found[0])), text)


def _cased(letter: str, other: str) -> str:
    return other.capitalize() if letter[0].isupper() else other


def _footer(text: str, sample: Sample) -> str:
    return f"{text}\n\n{sample.chance.choice(FOOTERS)}"


def _background(text: str, sample: Sample) -> str:
    return f"{text}\n\n{sample.texts[1].split(chr(10))[0]}"


def _one_after_the_other(*steps: Callable[[str, Sample], str]) -> Callable[[str, Sample], str]:
    def all_of_them(text: str, sample: Sample) -> str:
        for step in steps:
            text = step(text, sample)
        return text

    return all_of_them


COPIES: dict[str, Callable[[str, Sample], str]] = {
    "dateline": _dateline,
    "calls": _calls,
    "cut": _cut,
    "lead": _lead,
    "edited 5 %": _edited(0.05),
    "edited 10 %": _edited(0.10),
    "edited 15 %": _edited(0.15),
    "edited 20 %": _edited(0.20),
    "reordered": _reordered,
    "script": _other_script,
    "footer": _footer,
    "background": _background,
    "dateline and cut": _one_after_the_other(_cut, _dateline),
    "calls and footer": _one_after_the_other(_calls, _footer),
    "lead and dateline": _one_after_the_other(_lead, _dateline),
    "lead and background": _one_after_the_other(_lead, _background),
    "edited 10 % and footer": _one_after_the_other(_edited(0.10), _footer),
    "edited 5 % and cut": _one_after_the_other(_edited(0.05), _cut),
}
