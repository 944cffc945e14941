import pytest

from monitor.collect.listing import parse
from monitor.model import Listing, Source, SourceKind
from tests.unit.pages import NOW, page

BODIES: dict[SourceKind, str] = {
    "feed": "<rss><channel><item><title>x</title><link>https://albeu.com/1</link></item></channel></rss>",
    "sitemap": "<urlset><url><loc>https://albeu.com/1</loc></url></urlset>",
    "links": '<a href="/lajme/sulm-kibernetik-ndaj-kuvendit">Sulm kibernetik ndaj Kuvendit</a>',
}


def source(kind: SourceKind, **more: str) -> Source:
    return Source("al.albeu", "Albeu", "https://albeu.com/", kind, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", BODIES)
def test_each_kind_is_read_in_its_own_way(kind: SourceKind) -> None:
    outcome = parse(source(kind), page(BODIES[kind]), NOW)
    assert isinstance(outcome, Listing)
    assert len(outcome.entries) == 1
    others = [parse(source(other), page(BODIES[kind]), NOW) for other in BODIES if other != kind]
    assert not any(isinstance(other, Listing) for other in others)


def test_a_selector_reaches_the_page_of_links() -> None:
    outcome = parse(source("links", select="p a"), page('<p><a href="/a">A</a></p><a href="/b">B</a>'), NOW)
    assert isinstance(outcome, Listing)
    assert [entry.url for entry in outcome.entries] == ["https://albeu.com/a"]


def test_dates_in_words_are_read_in_the_language_of_the_source() -> None:
    feed = "<rss><channel><item><title>x</title><link>https://albeu.com/1</link><pubDate>30. lis. 2025.</pubDate></item></channel></rss>"
    found = [parse(Source("hr.x", "X", "https://albeu.com/", lang=lang), page(feed), NOW) for lang in ("hr", None)]
    dates = [each.entries[0].published for each in found if isinstance(each, Listing)]
    assert [date and date.date().isoformat() for date in dates] == ["2025-10-30", None]
