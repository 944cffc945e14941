"""What a notice says: the monitor about itself, to those who run it. Names and reasons come from outside and are cleaned here, once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from monitor.alerts.form import LONGEST_SUBJECT, clean, iso, link, moment, shortened
from monitor.model import Concerned, Notice, NoticeKind

_SHOWN = 100  # sources that a person is shown; a program gets them all
_IN_SUBJECT = 3

_KINDS: dict[NoticeKind, tuple[str, str, str]] = {
    "source_silent": (
        "silent",
        "Polls succeed, but bring nothing new for longer than the usual pauses. Perhaps the news moved to another address.",
        "Since",
    ),
    "source_broken": (
        "broken",
        "Polls fail. They go on, and what is still listed when one succeeds again is read then.",
        "Since",
    ),
    "source_gone": (
        "gone",
        "Polls are answered with: gone for good. They go on, though rarely; perhaps there is a new address.",
        "Since",
    ),
    "source_healed": ("well again", "Nothing needs to be done.", "In trouble since"),
}


def heading(notice: Notice) -> str:
    """What happened, and to how many or to whom."""
    word, count = _KINDS[notice.kind][0], len(notice.sources)
    return f"{count} sources {word}" if count > 1 else clean(f"Source {word}: {_names(notice.sources)}")


def headline(notice: Notice) -> str:
    """The same in one line, with the names of the first."""
    return clean(f"{heading(notice)}: {_names(notice.sources)}") if len(notice.sources) > 1 else heading(notice)


def subject(notice: Notice) -> str:
    return shortened(f"[monitor] {headline(notice)}", LONGEST_SUBJECT)


def message(notice: Notice) -> tuple[str, dict[str, Any]]:
    """What a webhook is told, and the type of it, as `templates/notice.v1.schema.json` describes it."""
    return notice.kind.replace("_", ".", 1), {
        "notice": {"kind": notice.kind, "text": heading(notice)},
        "sources": [
            {
                "key": clean(each.source),
                "name": clean(each.name),
                "url": link(each.url),
                "reason": clean(each.reason),
                "since": iso(each.since),
            }
            for each in notice.sources
        ],
    }


def view(notice: Notice) -> dict[str, Any]:
    """What the templates `notice.*` show."""
    _, meaning, since = _KINDS[notice.kind]
    return {
        "kind": notice.kind,
        "heading": heading(notice),
        "meaning": meaning,
        "sources": [_shown(each, since) for each in notice.sources[:_SHOWN]],
        "more": max(len(notice.sources) - _SHOWN, 0),
        "at": moment(notice.at),
    }


def _shown(each: Concerned, since: str) -> dict[str, Any]:
    return {
        "key": clean(each.source),
        "name": clean(each.name) or clean(each.source),
        "url": link(each.url),
        "reason": clean(each.reason),
        "since": f"{since} {moment(each.since)}",
    }


def _names(sources: Sequence[Concerned]) -> str:
    names = [clean(each.name, 40) or clean(each.source, 40) for each in sources[:_IN_SUBJECT]]
    more = f" and {len(sources) - _IN_SUBJECT} more" if len(sources) > _IN_SUBJECT else ""
    return f"{', '.join(names)}{more}"
