"""Who is named in a document: institutions from the register, institutions by grammar (generic noun + place), countries and actors."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from monitor.detect.document import Document
from monitor.detect.lexicon import Acronym, Alias, Generic, Institution, Language, Lexicon, PlaceName, slug
from monitor.detect.match import Hit, acronym_hits, between, longest
from monitor.model import UNNAMED, Victim
from monitor.text.fold import fold_text

T = TypeVar("T")

# Words between a generic noun and its town: "Spitalul Județean de Urgență din Botoșani", "zagrebačka gradska bolnica".
_AFTER, _BEFORE = 5, 2
_COUNTRY_AFTER = 2  # a country stands closer: "Government of North Macedonia", "Vlada Republike Srbije"
_NEAR_ATTACK = 6
_ELSEWHERE = 3  # one foreign country in the title, or twice in the lead
# Bodies that a country has, not a town: "the government in Podgorica" is Montenegro's.
_OF_STATE = (
    "government parliament president ministry prosecution election statistics tax customs police army intelligence civil_protection "
    "central_bank post health_fund registry it_agency"
)
_NATIONAL = frozenset(_OF_STATE.split())


@dataclass(frozen=True, slots=True)
class Mention:
    """An institution named from token `first` to `last`. `sure` is false where only the outlet's country says whose it is."""

    victim: Victim
    responder: bool
    term: str
    first: int
    last: int
    sure: bool = True


@dataclass(frozen=True, slots=True)
class CountryMention:
    country: str
    term: str
    first: int
    last: int


def countries(document: Document, language: Language, lexicon: Lexicon) -> list[CountryMention]:
    """Countries named or meant by an adjective, and foreign cities that stand for their country."""
    named = longest(language.countries.hits(document))
    mentions = [CountryMention(hit.value, hit.term, hit.first, hit.last) for hit in named]
    taken = {at for hit in named for at in range(hit.first, hit.last + 1)}
    cities = longest(_capitalised(document, lexicon.places.hits(document)))
    abroad = [hit for hit in cities if hit.value.country not in lexicon.watched and hit.first not in taken and _written_so(document, hit)]
    return mentions + [CountryMention(hit.value.country, hit.term, hit.first, hit.last) for hit in abroad]


def _written_so(document: Document, hit: Hit[PlaceName]) -> bool:
    """Foreign cities stand alone, so they are taken less freely than towns beside a noun: "Homeland" is no Homel."""
    written = document.tokens.folded[hit.last]
    return len(written) >= 5 and len(written) - len(fold_text(hit.term).split()[-1]) <= 1


def _capitalised(document: Document, hits: Iterable[Hit[PlaceName]]) -> list[Hit[PlaceName]]:
    return [hit for hit in hits if document.tokens.capital(hit.first)]


def home(document: Document, named: Sequence[CountryMention], lexicon: Lexicon, outlet: str | None) -> str | None:
    """Whose `Parliament` a bare `Parliament` is: the watched country that title and lead name most, else the outlet's.

    None where the text is about a foreign country. Those whose groups attack ours (`suspects`) are named in our own incidents too.
    """
    counts: Counter[str] = Counter()
    for mention in named:
        weight = {"title": 3, "lead": 2, "body": 0, "background": 0}[document.zones[mention.first]]
        counts[mention.country] += weight
    watched = {country: count for country, count in counts.items() if count and country in lexicon.watched}
    if watched:
        return max(watched, key=lambda country: (watched[country], country == outlet, country))
    elsewhere = max((count for country, count in counts.items() if country not in lexicon.suspects), default=0)
    return outlet if outlet in lexicon.watched and elsewhere < _ELSEWHERE else None


def institutions(
    document: Document, language: Language, lexicon: Lexicon, named: Sequence[CountryMention], country: str | None
) -> list[Mention]:
    """Institutions by alias, acronym, local short form and grammar; a longer name hides a shorter one within it."""
    aliases = [hit for hit in lexicon.aliases.hits(document) if _counts(document, hit, country)]
    sure = [_mention(hit, hit.value.institution) for hit in _settled(longest(aliases), country)]
    sure += [_mention(hit, found) for hit in acronym_hits(lexicon.acronyms, document) if (found := _bearer(hit.value, country))]
    taken = {at for mention in sure for at in range(mention.first, mention.last + 1)}
    grammar = [mention for mention in _by_grammar(document, language, lexicon, named, country) if mention.first not in taken]
    placed = {at for mention in grammar if mention.sure for at in range(mention.first, mention.last + 1)}
    local = [
        _mention(hit, hit.value, sure=False)
        for hit in longest(_local(document, language, lexicon, country))
        if not taken.intersection(range(hit.first, hit.last + 1)) and hit.first not in placed
    ]
    local_at = {mention.first for mention in local}
    grammar = [mention for mention in grammar if mention.sure or mention.first not in local_at]
    return sorted(_unique(sure + local + grammar), key=lambda mention: (mention.first, mention.last))


def _counts(document: Document, hit: Hit[Alias], country: str | None) -> bool:
    """A name is written with a capital; a description without one is only this country's where the text is about it."""
    if hit.value.kind == "name":
        return any(word[0].isupper() or word[0].isdigit() for word in document.tokens.written[hit.first : hit.last + 1])
    return hit.value.kind == "domain" or hit.value.institution.victim.country == country


def _settled(hits: Sequence[Hit[Alias]], country: str | None) -> list[Hit[Alias]]:
    """Where one name is borne in several countries, only the bearer of the country that the text is about."""
    bearers: dict[tuple[int, int], set[str | None]] = {}
    for hit in hits:
        bearers.setdefault((hit.first, hit.last), set()).add(hit.value.institution.victim.country)
    return [hit for hit in hits if len(bearers[hit.first, hit.last]) == 1 or hit.value.institution.victim.country == country]


def _local(document: Document, language: Language, lexicon: Lexicon, country: str | None) -> list[Hit[Institution]]:
    """Short forms of the country that the text is about, in that country's own languages."""
    if country is None or language.name not in lexicon.spoken.get(country, ()):
        return []
    return lexicon.local[country].hits(document) if country in lexicon.local else []


def _mention(hit: Hit[T], found: Institution, sure: bool = True) -> Mention:
    return Mention(found.victim, found.responder, hit.term, hit.first, hit.last, sure)


def _unique(mentions: Iterable[Mention]) -> list[Mention]:
    return list({(mention.victim.id, mention.first): mention for mention in mentions}.values())


def _bearer(candidates: Sequence[Acronym], country: str | None) -> Institution | None:
    """Whose an acronym is: the only one's if it is sure, or that of the country that the text is about."""
    if len(candidates) == 1 and candidates[0].sure:
        return candidates[0].institution
    return next((each.institution for each in candidates if each.institution.victim.country == country), None)


def _by_grammar(
    document: Document, language: Language, lexicon: Lexicon, named: Sequence[CountryMention], country: str | None
) -> Iterable[Mention]:
    nouns = longest(language.generics.hits(document))
    if not nouns:
        return
    # Thousands of villages are called like ordinary words of another language, and "Romania" is no inflected Roman.
    taken = {at for each in named for at in range(each.first, each.last + 1)}
    towns = [
        hit
        for index in (language.places, lexicon.places)
        for hit in index.hits(document)
        if (not hit.value.small or (hit.value.country == country and hit.first not in taken))
        if hit.first not in taken or _written_so(document, hit)
    ]
    countries = [
        Hit(PlaceName(lexicon.country_names.get(each.country, each.country), each.country), "", each.first, each.last) for each in named
    ]
    towns.sort(key=lambda hit: hit.first)
    countries.sort(key=lambda hit: hit.first)
    for hit in nouns:
        place = _belonging(document, hit, towns, countries, lexicon.watched)
        if place is not None:
            national = hit.value.sector in _NATIONAL
            name = lexicon.country_names.get(place.country, place.country) if national else place.name
            yield _named(hit, hit.value, PlaceName(name, place.country), lexicon, sure=True)
        elif hit.value.bare and country is not None:
            yield _named(hit, hit.value, PlaceName(lexicon.country_names.get(country, country), country), lexicon, sure=False)


def _belonging(
    document: Document, noun: Hit[Generic], towns: Sequence[Hit[PlaceName]], countries: Sequence[Hit[PlaceName]], watched: frozenset[str]
) -> PlaceName | None:
    """The town or country that belongs to a generic noun: the nearest one after it, else just before it, within the sentence."""
    sentences, low = document.sentences, noun.first - _BEFORE
    near = [  # towns first: a capital is named as a country too
        each
        for each in between(towns, low, noun.last + _AFTER)
        if each.last <= noun.last + _AFTER and not noun.first <= each.first <= noun.last
        if each.first < noun.first or document.tokens.capital(each.first)
    ]
    near += [
        each
        for each in between(countries, low, noun.last + _COUNTRY_AFTER)
        if _unbroken(document, min(noun.first, each.first), max(noun.last, each.last))
    ]
    near = [each for each in near if sentences[each.first] == sentences[noun.first]]
    outside = [each for each in near if not noun.first <= each.first <= noun.last]
    if not outside:
        return near[0].value if near else None
    return min(outside, key=lambda each: (each.first < noun.first, abs(each.first - noun.first), each.value.country not in watched)).value


def _unbroken(document: Document, first: int, last: int) -> bool:
    """No mark stands between the words: "Kuvendit: Ekspertët izraelitë" names no Israeli parliament."""
    return all(len(before) == 1 for before in document.tokens.before[first + 1 : last + 1])


def _named(hit: Hit[Generic], generic: Generic, place: PlaceName, lexicon: Lexicon, sure: bool) -> Mention:
    name = generic.name.format(place=place.name)
    # "The Supreme Court in Sofia" is that of Bulgaria.
    of_country = generic.name.format(place=lexicon.country_names.get(place.country, place.country))
    known = lexicon.by_name.get(name.casefold()) or lexicon.by_name.get(of_country.casefold())
    kind = UNNAMED if place.name == lexicon.country_names.get(place.country) else "-"
    victim = known.victim if known else Victim(f"{place.country.lower()}{kind}{slug(name)}", name, place.country, generic.sector)
    return Mention(victim, bool(known and known.responder), hit.term, hit.first, hit.last, sure)


def actors(document: Document, lexicon: Lexicon, attack_at: Iterable[int]) -> list[Hit[str]]:
    """Groups named outside the background. A name that is an ordinary word counts only near an attack word, written with a capital."""
    near = sorted(attack_at)
    found = []
    for hit in longest(lexicon.actors.hits(document)):
        next_to = bisect_left(near, hit.first - _NEAR_ATTACK)
        close = next_to < len(near) and near[next_to] <= hit.first + _NEAR_ATTACK
        capital = document.tokens.capital(hit.first)
        if document.zones[hit.first] != "background" and (hit.value.alone or (close and capital)):
            found.append(Hit(hit.value.name, hit.term, hit.first, hit.last))
    return found
