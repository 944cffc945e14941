"""Values the contract tests store, made short."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from monitor.model import (
    Alert,
    Analysed,
    Article,
    Change,
    ChangeKind,
    Decided,
    Delivery,
    DueSource,
    Entry,
    Finding,
    Placement,
    Reason,
    Report,
    Signature,
    Source,
    Standing,
    Story,
    Victim,
)
from monitor.store import articles, sources, stories
from monitor.stories.facts import summarise

NOW = datetime(2024, 3, 1, 12, tzinfo=UTC)
LEASE = timedelta(minutes=5)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NO_SIGNATURE = Signature()
UNDECIDED = Decided()

PARLIAMENT = Victim("al-parliament", "Parliament of Albania", "AL", "parliament")
AIRLINE = Victim("al-air-albania", "Air Albania", "AL", "airline")
HOSPITAL = Victim("ro-hospital", "Hospital of Botoșani", "RO", "hospital")


def a_source(key: str = "al.one", url: str = "https://one.al/feed", **more: object) -> Source:
    values: dict[str, object] = {"name": key.title(), "outlet": "one.al", "country": "AL", "lang": "sq"} | more
    return Source(key=key, url=url, **values)  # type: ignore[arg-type]  # the fields are named by each test


def an_entry(number: int, published: datetime | None = NOW, host: str = "one.al") -> Entry:
    return Entry(f"guid-{number}", f"https://{host}/news/{number}", f"Title {number}", f"Summary {number}", published)


def a_source_id(c: Connection, source: Source | None = None) -> int:
    """Configures one source, claims it for good and returns its id."""
    sources.sync(c, [source or a_source()], NOW)
    return sources.claim_due(c, "configuring", NOW, LEASE, 1, 1)[0].id


def a_finding(*victims: Victim, relevant: bool = True, countries: tuple[str, ...] = (), reasons: int = 1) -> Finding:
    why = tuple(Reason("attack", "hakuan", "hakuan", "title", 3, 9, 2.5) for _ in range(reasons))
    return Finding(relevant, 4.5 if relevant else -1.5, "sq", "claimed", countries, victims, ("wiper",), ("Homeland Justice",), why)


def a_signature(*bands: int) -> Signature:
    return Signature(bands, (1, 2, 3), frozenset({"kuvend", "25"}))


def an_analysis(finding: Finding, signature: Signature = NO_SIGNATURE, published: datetime | None = NOW) -> Analysed:
    article = Article("https://one.al/news/1", "Read title", "Read text", published, "sq", "one.al", "AL")
    return Analysed(article, finding, signature)


def a_flagged_article(c: Connection, number: int, finding: Finding, signature: Signature = NO_SIGNATURE, published: datetime = NOW) -> int:
    """Lists one entry, claims and judges it; returns the article's id. Needs one source in the store."""
    articles.add(c, 1, [an_entry(number, published)], NOW)
    claimed = articles.claim_waiting(c, "analysing", NOW, LEASE, 1)[0]
    assert articles.judge(c, claimed.id, "analysing", an_analysis(finding, signature, published), NOW)
    return claimed.id


def a_report(
    article_id: int, finding: Finding, signature: Signature = NO_SIGNATURE, at: datetime = NOW, copy_of: str | None = None
) -> Report:
    why = "same victim, same day"
    return Report(str(article_id), f"https://one.al/news/{article_id}", "Read title", "one.al", at, finding, signature, copy_of, why)


def a_stored_report(
    c: Connection, number: int, finding: Finding, signature: Signature = NO_SIGNATURE, at: datetime = NOW, copy_of: str | None = None
) -> Report:
    """Stores one flagged article; returns it as placement sees it. Needs one source in the store."""
    article_id = a_flagged_article(c, number, finding, signature, at)
    return replace(a_report(article_id, finding, signature, at, copy_of), url=an_entry(number).url)


def a_standing(key: str, first: Report, *others: Report, decided: Decided = UNDECIDED) -> Standing:
    """A story as it stands, that was opened by `first`."""
    reports = sorted((first, *others), key=lambda report: report.order)
    return Standing(key, first.at, first.id, reports[-1].at, tuple(reports), decided)


def a_story(key: str, first: Report, *others: Report, **facts: object) -> Story:
    """A story with the facts that its reports tell, but for those that are given."""
    return replace(summarise(a_standing(key, first, *others)), **facts)  # type: ignore[arg-type]  # the facts are named by each test


def a_placement(story: Story, report: Report, *changes: Change, opened: bool = True, doubtful: bool = False) -> Placement:
    return Placement(story, opened, report, changes, doubtful)


def an_opened_story(c: Connection, number: int, finding: Finding, signature: Signature = NO_SIGNATURE, at: datetime = NOW) -> Story:
    """Stores one flagged article and the story it opens."""
    report = a_stored_report(c, number, finding, signature, at)
    story = a_story(f"story-{number}", report)
    stories.save(c, a_placement(story, report, Change("opened")), NOW)
    return story


def a_joined_report(c: Connection, story: Story, report: Report, *changes: Change, doubtful: bool = False) -> Story:
    """Stores that a report joined a story; the story as it is then."""
    joined = a_story(story.key, *story.reports, report)
    stories.save(c, a_placement(joined, report, *changes, opened=False, doubtful=doubtful), NOW)
    return joined


def a_delivery(number: int = 1, story_key: str = "story-1", kind: ChangeKind = "opened", detail: str = "") -> Delivery:
    alert = Alert(
        story_key,
        "Parliament of Albania: data wiped",
        Change(kind, detail),
        NOW,
        "claimed",
        ("AL",),
        ("Parliament of Albania",),
        ("wiper",),
        ("Homeland Justice",),
        "Sulm ndaj Kuvendit",
        "https://one.al/news/1",
        "one.al",
        "sq",
        4.5,
        1,
        "Kuvendi u sulmua.",
    )
    return Delivery(f"delivery-{number}", "desk", "email", alert)


def finish(c: Connection, due: DueSource, owner: str, polled: sources.Polled, now: datetime) -> bool:
    """Ends one poll; whether its lease was still held."""
    return sources.finish(c, [(due, polled)], owner, now) == []
