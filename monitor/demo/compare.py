"""Whether stories and alerts are exactly those that the newsroom holds. Every difference is a sentence."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from email.message import EmailMessage

from monitor.demo.newsroom import ExpectedStory, NewsArticle, expected, load, outlets
from monitor.demo.receivers import Received
from monitor.model import Alert, Delivery, Report, Story
from monitor.store.deliveries import DeliveryHealth


def story_differences(stories: Sequence[Story]) -> list[str]:
    """Stories against the newsroom's labels: which articles, victims, countries, attack, actors, languages, counts."""
    labels = {(_host(article.outlet), article.title): article for article in load()}
    found: dict[str, list[Story]] = defaultdict(list)
    differences: list[str] = []
    for story in stories:
        incidents = Counter(label.incident if label.relevant else "" for report in story.reports for label in [_label(labels, report)])
        differences += [
            f"{story.key}: {_label(labels, report).id} is no report of an incident: {report.title!r}"
            for report in story.reports
            if not _label(labels, report).relevant
        ]
        incident = incidents.most_common(1)[0][0]
        differences += [f"{story.key} ({incident}): mixed with {other}" for other in incidents if other not in (incident, "")]
        found[incident].append(story)
    for wanted in expected():
        differences += _story(wanted, found.pop(wanted.incident, []), labels)
    return differences + [
        f"{incident or 'no incident'}: a story nobody expects: {each.headline}" for incident in found for each in found[incident]
    ]


def _host(outlet: str) -> str:
    return next(each.host for each in outlets() if each.key == outlet)


def _label(labels: Mapping[tuple[str, str], NewsArticle], report: Report) -> NewsArticle:
    return labels[(report.outlet, report.title)]


def _story(wanted: ExpectedStory, stories: Sequence[Story], labels: Mapping[tuple[str, str], NewsArticle]) -> Iterable[str]:
    if len(stories) != 1:
        yield f"{wanted.incident}: {len(stories)} stories instead of one: {'; '.join(story.headline for story in stories)}"
    for story in stories[:1]:
        facts: dict[str, tuple[set[object], set[object]]] = {
            "victims": (set(wanted.victims), {victim.name for victim in story.victims}),
            "countries": (set(wanted.countries), set(story.countries)),
            "actors": (set(wanted.actors), set(story.actors)),
            "attack": (set(wanted.attacks[:1]), set(story.attacks[:1])),
            "languages": (set(wanted.languages), {report.finding.lang for report in story.reports}),
            "reports": ({wanted.reports}, {sum(report.copy_of is None for report in story.reports)}),
            "copies": ({wanted.copies}, {sum(report.copy_of is not None for report in story.reports)}),
            "headline": ({wanted.headline or story.headline}, {story.headline}),
        }
        for name, (there, here) in facts.items():
            if there != here:
                yield f"{wanted.incident}: {name}: expected {_listed(there)}, got {_listed(here)}"
        got = {_label(labels, report).id for story in stories for report in story.reports}
        for label in labels.values():
            if label.incident == wanted.incident and label.relevant and label.id not in got:
                yield f"{wanted.incident}: {label.id} is missing: {label.title!r}"


def _listed(values: Iterable[object]) -> str:
    return ", ".join(sorted(map(str, values))) or "none"


def alert_differences(stories: Sequence[Story], deliveries: Sequence[Delivery]) -> list[str]:
    """Alerts against stories: each subscriber hears of each story once, and of each of its facts once, whatever the order of reports."""
    told: dict[tuple[str, str], list[Alert]] = defaultdict(list)
    for delivery in deliveries:
        if isinstance(delivery.alert, Alert):
            told[(delivery.subscriber, delivery.alert.story_key)].append(delivery.alert)
    subscribers = {subscriber for subscriber, _ in told}
    if not subscribers:
        return ["no alert at all"]
    return [
        line for subscriber in sorted(subscribers) for story in stories for line in _told(subscriber, story, told[(subscriber, story.key)])
    ]


def _told(subscriber: str, story: Story, alerts: Sequence[Alert]) -> Iterable[str]:
    opened = [each for each in alerts if each.change.kind == "opened"]
    if len(opened) != 1:
        yield f"{subscriber}: {len(opened)} opening alerts for {story.headline!r}"
        return
    for kind, first, now in (
        ("victim_added", opened[0].victims, [victim.name for victim in story.victims]),
        ("actor_named", opened[0].actors, list(story.actors)),
    ):
        heard = Counter([*first, *(each.change.detail for each in alerts if each.change.kind == kind)])
        if heard != Counter(now):
            yield f"{subscriber}: {story.headline!r}: {kind}: heard of {_listed(heard.elements())} instead of {_listed(now)}"
    second = sum(each.change.kind == "second_outlet" for each in alerts)
    several = len({report.outlet for report in story.reports if report.copy_of is None}) > 1
    if second != several:
        yield f"{subscriber}: {story.headline!r}: {second} alerts of a second outlet"


def receiver_differences(owed: Sequence[DeliveryHealth], mails: Sequence[EmailMessage], calls: Sequence[Received]) -> list[str]:
    """What the receivers got against what was owed: each delivery once, under its own id, and nothing else."""
    differences = [f"{each.delivery.id}: {each.state}: {each.reason}" for each in owed if each.state != "sent"]
    for channel, got in (("email", [_mail_id(mail) for mail in mails]), ("webhook", [call.id for call in calls])):
        wanted = Counter(each.delivery.id for each in owed if each.delivery.channel == channel)
        differences += [f"{channel}: {name} came {count} times" for name, count in Counter(got).items() if count != wanted[name]]
        differences += [f"{channel}: {name} never came" for name in wanted if name not in got]
    return differences


def _mail_id(mail: EmailMessage) -> str:
    """The delivery's id, which the Message-ID is made of."""
    return str(mail["Message-ID"]).strip("<> \r\n").split("@")[0]
