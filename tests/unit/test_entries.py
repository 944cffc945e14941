"""What listed items become, whatever kind of source lists them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.collect import entries
from monitor.collect.entries import WHOLE, Item
from monitor.model import Entry
from monitor.text import urls
from tests.unit.pages import NOW

BASE = "https://albeu.com/feed/"


def listed(*items: Item) -> tuple[Entry, ...]:
    return entries.listing(items, BASE, NOW).entries


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("https://x.al/1", "https://x.al/1"),
        ("/1", "https://albeu.com/1"),
        (" https://x.al/a b ", "https://x.al/a%20b"),
        ("HTTPS://X.al/1", "https://X.al/1"),
        ("https://x.al/" + "a" * 2036, None),
        ("https://x.al:99999/1", None),
        ("https://a@x.al/1", None),
        ("mailto:a@x.al", None),
    ],
)
def test_links_become_addresses_fit_to_fetch(link: str, url: str | None) -> None:
    assert [entry.url for entry in listed(Item(link=link))] == ([url] if url else [])


@settings(max_examples=200, deadline=None)
@given(st.from_regex(WHOLE, fullmatch=True) | st.text("htps:/.ab1?#;%@[]š \n", max_size=30).map(lambda text: f"https://x.al{text}"))
def test_the_short_way_of_addresses_leads_where_the_long_one_does(link: str) -> None:
    for base in (BASE, "http://x.al"):
        expected = urls.absolute(base, link)
        assert [entry.url for entry in entries.listing([Item(link=link)], base, NOW).entries] == ([expected] if expected else [])


def test_the_address_within_that_of_a_redirector_is_taken() -> None:
    link = "https://www.google.com/url?rct=j&sa=t&url=https://x.al/sulm&ct=ga"
    assert [entry.url for entry in listed(Item(link=link))] == ["https://x.al/sulm"]


def test_an_address_in_a_parameter_of_an_article_stays_there() -> None:
    link = "https://x.al/1?ref=https://y.al/"
    assert [entry.url for entry in listed(Item(link=link))] == [link]


def test_the_guid_is_the_address_where_there_is_none() -> None:
    assert listed(Item(link="", guid="https://x.al/1"))[0].url == "https://x.al/1"
    assert listed(Item(link="", guid="77")) == ()


def test_a_guid_too_long_or_of_nothing_gives_way_to_the_canonical_address() -> None:
    for guid in ("", " ", "\x00\ud800", "g" * 3000):
        assert listed(Item(link="http://www.x.al/1/", guid=guid))[0].guid == "https://x.al/1"


def test_a_guid_keeps_nothing_that_no_database_keeps() -> None:
    assert listed(Item(link="https://x.al/1", guid=" a\x00b\ud800c\n"))[0].guid == "abc"


def test_a_guid_used_for_several_articles_gives_way_to_their_addresses() -> None:
    items = [Item(link=f"https://x.al/{n}", guid="0") for n in (1, 2)] + [Item(link="https://x.al/3", guid="3")]
    assert [entry.guid for entry in listed(*items)] == ["https://x.al/1", "https://x.al/2", "3"]


def test_an_article_listed_twice_under_one_guid_is_listed_once() -> None:
    items = [Item(link="https://x.al/1?utm_source=a", title="first", guid="0"), Item(link="https://www.x.al/1", title="again", guid="0")]
    assert [(entry.guid, entry.title) for entry in listed(*items)] == [("0", "first")]


def test_what_is_left_out_is_said() -> None:
    listing = entries.listing([Item(link=f"https://x.al/{n}") for n in range(501)] + [Item(link="")], BASE, NOW)
    assert len(listing.entries) == 500
    assert listing.notes == ("more than 500 entries; the rest was left out",)
    assert entries.listing([Item(link="")], BASE, NOW).notes == ("1 entries without a usable link were left out",)
