"""The sample newsroom and the demo's receivers: what they hold, how they answer, and that every page can be read."""

from __future__ import annotations

import base64
import io
import json
import smtplib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage

import feedparser
import httpx
import pytest
import trafilatura
from lxml import etree
from standardwebhooks.webhooks import Webhook

from monitor.demo.newsroom import NewsArticle, Newsroom, Outlet, expected, load, outlets, sources
from monitor.demo.newsroom.stock import EDITIONS, furniture
from monitor.demo.receivers import MailReceiver, WebhookReceiver
from monitor.model import LANGUAGES

SECRET = "whsec_" + base64.b64encode(b"a secret of the demo's own test").decode()
OUTLETS = {outlet.key: outlet for outlet in outlets()}
ARTICLES = load()


@pytest.fixture(scope="module")
def newsroom() -> Iterator[Newsroom]:
    with Newsroom(edition=EDITIONS) as running:
        yield running


def get(newsroom: Newsroom, host: str, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
    with httpx.Client(trust_env=False) as client:
        return client.get(f"http://127.0.0.1:{newsroom.port}{path}", headers={"Host": f"{host}:{newsroom.port}"} | (headers or {}))


def source_document(newsroom: Newsroom, outlet: Outlet) -> bytes:
    return get(newsroom, outlet.host, outlet.source_path).content


def article_page(newsroom: Newsroom, article: NewsArticle) -> tuple[int, bytes]:
    outlet = OUTLETS[article.outlet]
    answer = get(newsroom, outlet.host, article.path(outlet.section))
    return answer.status_code, answer.content


def published_by(outlet: Outlet) -> list[NewsArticle]:
    return [article for article in ARTICLES if article.outlet == outlet.key]


def squeezed(text: str) -> str:
    return " ".join(text.split())


def posted(url: str, body: bytes, headers: dict[str, str]) -> int:
    return httpx.post(url, content=body, headers=headers, trust_env=False).status_code


def signed(identifier: str, body: bytes) -> dict[str, str]:
    now = datetime.now(UTC)
    signature = Webhook(SECRET).sign(identifier, now, body.decode())
    return {"webhook-id": identifier, "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signature}


# --- what the newsroom holds


def test_the_newsroom_is_large_and_mixed_enough() -> None:
    told = Counter(article.incident for article in ARTICLES if article.incident)
    assert len(ARTICLES) >= 75
    assert {article.lang for article in ARTICLES} == set(LANGUAGES)
    assert len({article.outlet for article in ARTICLES}) >= 13
    assert len(told) >= 8
    assert min(told.values()) >= 3
    assert sum(not article.relevant for article in ARTICLES) >= 35


def test_every_kind_of_source_and_every_quirk_is_there() -> None:
    assert {outlet.format for outlet in OUTLETS.values()} == {"rss", "atom", "rdf", "json", "sitemap", "front"}
    assert {outlet.encoding for outlet in OUTLETS.values()} == {"utf-8", "windows-1250", "windows-1251", "windows-1253"}
    assert sum(outlet.dead for outlet in OUTLETS.values()) == 1
    assert sum(not outlet.dates for outlet in OUTLETS.values()) == 1
    assert [outlet.delay for outlet in OUTLETS.values() if outlet.delay] == [2.0]
    assert sum(article.body == "403" and article.relevant for article in ARTICLES) == 1


def test_labels_are_whole_and_agree_with_the_outlets() -> None:
    assert len({article.id for article in ARTICLES}) == len(ARTICLES)
    for article in ARTICLES:
        assert article.lang == OUTLETS[article.outlet].lang, article.id
        assert article.published.tzinfo is not None, article.id
        assert 1 <= article.edition <= EDITIONS, article.id
        assert bool(article.incident) == article.relevant == bool(article.victims) == bool(article.attack), article.id


def test_a_copy_repeats_an_earlier_report_of_the_same_incident() -> None:
    by_id = {article.id: article for article in ARTICLES}
    copies = [article for article in ARTICLES if article.copy_of]
    assert len(copies) >= 8
    for copy in copies:
        original = by_id[copy.copy_of or ""]
        assert original.copy_of is None, copy.id
        assert (original.incident, original.published <= copy.published) == (copy.incident, True), copy.id


def test_the_expected_stories_count_what_the_articles_say() -> None:
    stories = {story.incident: story for story in expected()}
    assert set(stories) == {article.incident for article in ARTICLES if article.incident}
    for incident, story in stories.items():
        told = [article for article in ARTICLES if article.incident == incident]
        assert (story.reports, story.copies) == (sum(a.copy_of is None for a in told), sum(a.copy_of is not None for a in told)), incident
        assert set(story.languages) == {article.lang for article in told}, incident
        assert set(story.victims) == {victim for article in told for victim in article.victims}, incident
        assert set(story.actors) == {actor for article in told for actor in article.actors}, incident
        assert set(story.attacks) == {article.attack for article in told} - {"unknown"}, incident


def test_the_albanian_christmas_attack_is_one_story_with_three_victims() -> None:
    (story,) = [story for story in expected() if story.incident == "al-parliament-2023-12"]
    assert set(story.victims) == {"Parliament of Albania", "One Albania", "Air Albania"}
    assert story.actors == ("Homeland Justice",)
    retold = [article for article in ARTICLES if article.incident == story.incident and "2022" in article.text]
    assert len(retold) >= 5
    assert not [article for article in ARTICLES if article.incident.endswith("2022-07")]


# --- how it answers


@pytest.mark.parametrize("outlet", [o for o in OUTLETS.values() if o.format in ("rss", "atom", "rdf") and not o.dead], ids=lambda o: o.key)
def test_a_feed_lists_title_summary_and_link_of_every_article(newsroom: Newsroom, outlet: Outlet) -> None:
    feed = feedparser.parse(io.BytesIO(source_document(newsroom, outlet)))
    assert not feed.bozo
    listed = {entry.title: entry for entry in feed.entries}
    assert set(listed) == {article.title for article in published_by(outlet)}
    for article in published_by(outlet):
        assert article.summary in listed[article.title].summary
        assert article.path(outlet.section) in listed[article.title].link
        assert ("published" in listed[article.title] or "updated" in listed[article.title]) == outlet.dates


def test_the_json_feeds_list_every_article(newsroom: Newsroom) -> None:
    for outlet in [outlet for outlet in OUTLETS.values() if outlet.format == "json"]:
        items = json.loads(source_document(newsroom, outlet))["items"]
        assert {(item["title"], item["summary"]) for item in items} == {(a.title, a.summary) for a in published_by(outlet)}


def test_the_news_sitemap_lists_every_article(newsroom: Newsroom) -> None:
    for outlet in [outlet for outlet in OUTLETS.values() if outlet.format == "sitemap"]:
        root = etree.fromstring(source_document(newsroom, outlet))
        titles = {element.text for element in root.iter("{http://www.google.com/schemas/sitemap-news/0.9}title")}
        assert titles == {article.title for article in published_by(outlet)}


def test_the_front_page_links_every_article(newsroom: Newsroom) -> None:
    for outlet in [outlet for outlet in OUTLETS.values() if outlet.format == "front"]:
        text = source_document(newsroom, outlet).decode(outlet.encoding)
        assert all(f'href="{article.path(outlet.section)}"' in text for article in published_by(outlet))


@pytest.mark.parametrize("article", [a for a in ARTICLES if a.body == "page"], ids=lambda a: a.id)
def test_a_page_gives_its_whole_text_and_nothing_around_it(newsroom: Newsroom, article: NewsArticle) -> None:
    status, body = article_page(newsroom, article)
    assert status == 200
    extracted = squeezed(trafilatura.extract(body, fast=True, with_metadata=False, include_comments=False, include_tables=False) or "")
    for paragraph in article.text.split("\n\n"):
        assert squeezed(paragraph) in extracted
    around = furniture()[article.lang]
    for foreign in [*around["related"], *around["comments"], around["cookies"], around["rights"], around["most_read"]]:
        assert foreign not in extracted


def test_where_a_listing_has_no_dates_the_page_tells_the_day(newsroom: Newsroom) -> None:
    silent = {outlet.key for outlet in OUTLETS.values() if not outlet.dates or outlet.format == "front"}
    assert len(silent) == 2
    for article in [article for article in ARTICLES if article.outlet in silent]:
        metadata = trafilatura.extract_metadata(article_page(newsroom, article)[1])
        assert metadata.date == article.published.date().isoformat(), article.id


def test_one_page_is_denied_but_its_feed_tells_the_story(newsroom: Newsroom) -> None:
    (article,) = [article for article in ARTICLES if article.body == "403"]
    status, body = article_page(newsroom, article)
    assert status == 403
    assert article.text.split("\n\n")[0].encode() not in body
    feed = feedparser.parse(io.BytesIO(source_document(newsroom, OUTLETS[article.outlet])))
    assert [entry for entry in feed.entries if article.summary in entry.summary]


def test_an_article_appears_with_its_edition_and_not_before() -> None:
    late = next(article for article in ARTICLES if article.edition == 2)
    outlet = OUTLETS[late.outlet]
    with Newsroom(edition=1) as running:
        assert article_page(running, late)[0] == 404
        before = get(running, outlet.host, outlet.source_path).headers["etag"]
        running.edition = 2
        assert article_page(running, late)[0] == 200
        assert get(running, outlet.host, outlet.source_path).headers["etag"] != before


@pytest.mark.parametrize(("stored", "asked"), [("etag", "If-None-Match"), ("last-modified", "If-Modified-Since")])
def test_an_unchanged_source_is_answered_304_and_counted(newsroom: Newsroom, stored: str, asked: str) -> None:
    outlet = OUTLETS["dritarja"]
    known = get(newsroom, outlet.host, outlet.source_path).headers[stored]
    before = newsroom.traffic()
    answer = get(newsroom, outlet.host, outlet.source_path, {asked: known})
    after = newsroom.traffic()
    assert (answer.status_code, answer.content) == (304, b"")
    assert after.not_modified == before.not_modified + 1
    assert after.requests == before.requests + 1
    assert after.paths["dritarja.localhost/feed"] == before.paths["dritarja.localhost/feed"] + 1


def test_a_changed_etag_outweighs_an_old_date(newsroom: Newsroom) -> None:
    outlet = OUTLETS["dritarja"]
    known = get(newsroom, outlet.host, outlet.source_path).headers["last-modified"]
    answer = get(newsroom, outlet.host, outlet.source_path, {"If-Modified-Since": known, "If-None-Match": '"other"'})
    assert answer.status_code == 200


def test_the_dead_feed_answers_garbage_and_unknown_hosts_are_not_served(newsroom: Newsroom) -> None:
    dead = next(outlet for outlet in OUTLETS.values() if outlet.dead)
    answer = get(newsroom, dead.host, dead.source_path)
    assert answer.status_code == 500
    assert feedparser.parse(io.BytesIO(answer.content)).bozo
    assert get(newsroom, "nobody.localhost", "/feed").status_code == 404


def test_robots_txt_is_served_by_every_outlet(newsroom: Newsroom) -> None:
    assert all(b"Disallow: /admin/" in get(newsroom, outlet.host, "/robots.txt").content for outlet in OUTLETS.values())


def test_sources_are_the_outlets_at_the_port(newsroom: Newsroom) -> None:
    listed = sources(newsroom.port)
    assert listed == newsroom.sources()
    assert {source.kind for source in listed} == {"feed", "sitemap", "links"}
    assert f"http://dritarja.localhost:{newsroom.port}/feed" in {source.url for source in listed}


# --- where alerts arrive


def test_mail_arrives_parsed() -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "monitor@localhost", "desk@example.org", "Kuvendi i Shqipërisë: të dhëna të fshira"
    message.set_content("Sulm kibernetik, Скупштина, Βουλή\n")
    with MailReceiver() as receiver, smtplib.SMTP(receiver.host, receiver.port, timeout=10) as client:
        client.send_message(message)
        (received,) = receiver.messages()
    assert received["Subject"] == message["Subject"]
    assert received.get_content().strip() == "Sulm kibernetik, Скупштина, Βουλή"


def test_a_signed_call_is_kept_with_its_id() -> None:
    body = b'{"headline": "one"}'
    with WebhookReceiver(SECRET) as receiver:
        assert posted(receiver.url, body, signed("evt_1", body)) == 204
        assert [(call.id, call.payload) for call in receiver.received()] == [("evt_1", {"headline": "one"})]
        assert receiver.bad_signatures == 0


@pytest.mark.parametrize("broken", [{"webhook-signature": "v1,AAAA"}, {"webhook-signature": "nonsense"}, {"webhook-timestamp": "1"}])
def test_a_badly_signed_call_is_refused_and_counted(broken: dict[str, str]) -> None:
    body = b'{"headline": "two"}'
    with WebhookReceiver(SECRET) as receiver:
        assert posted(receiver.url, body, signed("evt_2", body) | broken) == 401
        assert posted(receiver.url, b"{}", signed("evt_2", body)) == 401
        assert (receiver.bad_signatures, receiver.received()) == (2, ())


def test_the_receiver_fails_as_often_as_told() -> None:
    body = b"{}"
    with WebhookReceiver(SECRET) as receiver:
        receiver.fail_next(2)
        assert [posted(receiver.url, body, signed("evt_3", body)) for _ in range(3)] == [503, 503, 204]
        assert len(receiver.received()) == 1
