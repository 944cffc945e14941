import pytest

from monitor.collect.listing import parse
from monitor.model import Listing, SourceKind
from tests.unit.pages import NOW, page

BODIES: dict[SourceKind, str] = {
    "feed": "<rss><channel><item><title>x</title><link>https://albeu.com/1</link></item></channel></rss>",
    "sitemap": "<urlset><url><loc>https://albeu.com/1</loc></url></urlset>",
    "links": '<a href="/lajme/sulm-kibernetik-ndaj-kuvendit">Sulm kibernetik ndaj Kuvendit</a>',
}


@pytest.mark.parametrize("kind", BODIES)
def test_each_kind_is_read_in_its_own_way(kind: SourceKind) -> None:
    outcome = parse(kind, page(BODIES[kind]), NOW)
    assert isinstance(outcome, Listing)
    assert len(outcome.entries) == 1
    others = [parse(other, page(BODIES[kind]), NOW) for other in BODIES if other != kind]
    assert not any(isinstance(other, Listing) for other in others)


def test_a_selector_reaches_the_page_of_links() -> None:
    outcome = parse("links", page('<p><a href="/a">A</a></p><a href="/b">B</a>'), NOW, "p a")
    assert isinstance(outcome, Listing)
    assert [entry.url for entry in outcome.entries] == ["https://albeu.com/a"]
