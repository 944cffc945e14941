"""Log lines are events: an action out of a fixed vocabulary, then keys and values. To standard error, for people or as JSON.

An expected failure (a source that is down, a receiver that refuses) is a warning at most; `error` is for what somebody must look at: a
fault in the program, or edited files that cannot be used.
"""

from __future__ import annotations

import logging
import re
import sys
from typing import Literal, Protocol, cast, get_args

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from monitor import settings

Action = Literal[
    "config.loaded",  # from which folder, and which variables change it
    "schema.migrated",
    "daemon.started",
    "daemon.stopping",  # which signal asked for it
    "daemon.stopped",
    "job.done",  # one run of a clock's job, with its seconds and what it did
    "job.failed",  # a fault in the program, with the traceback
    "job.cut",  # still running when the grace time of a stop was over
    "source.polled",  # read, with the number of entries and of new ones
    "source.unchanged",
    "source.failed",
    "source.recovered",
    "source.silent",  # polls succeed but bring nothing new for longer than its rhythm allows; operators are told
    "source.broken",  # polls have failed for too long; operators are told
    "source.gone",  # its server says that it is gone for good; operators are told
    "source.healed",  # none of these any more; operators are told once more
    "article.judged",
    "article.completed",
    "article.rejected",
    "article.without_page",  # its page cannot be had; what the source said of it is judged
    "article.postponed",  # its page could not be had; tried again later
    "worker.replaced",
    "sources.reloaded",  # changed files of sources are in use from now on; how many sources are new, gone, switched on or off, or other
    "sources.refused",  # they are broken, what was listed last stays in use; the first problem and how many
    "lexicon.reloaded",  # changed files of detection are in use from now on; which
    "lexicon.refused",  # they are broken, the last good ones stay in use; the first problem and how many
    "story.opened",
    "story.changed",
    "story.merged",  # it took in another, whose key leads to it from now on
    "story.unrepaired",  # a fault in the program, with the traceback; the other stories are repaired
    "story.split",  # reports of another story are one of their own
    "delivery.sent",
    "delivery.retry",
    "delivery.gave_up",
    "store.pruned",
    "library.note",  # a line of a library we use; `library` says of which, `detail` what
]
ACTIONS: frozenset[str] = frozenset(get_args(Action))

_LONGEST = 2_000
_HIDDEN = "(hidden)"
_SECRET_KEY = re.compile(r"secret|password|passwd|token|authorization|signature|cookie|api_?key", re.IGNORECASE)
_SECRET_TEXT = (
    (re.compile(r"(?<=://)[^/@\s]+@"), f"{_HIDDEN}@"),
    (re.compile(r"\bwhsec_[\w+/=-]+"), _HIDDEN),
)
_LIBRARY_LEVELS = {
    "alembic": logging.WARNING,
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "apscheduler": logging.ERROR,
    "trafilatura": logging.CRITICAL,
}


class Logger(Protocol):
    """What the program logs with: the vocabulary is checked by the type checker."""

    def debug(self, action: Action, **context: object) -> None: ...
    def info(self, action: Action, **context: object) -> None: ...
    def warning(self, action: Action, **context: object) -> None: ...
    def error(self, action: Action, **context: object) -> None: ...
    def exception(self, action: Action, **context: object) -> None: ...
    def bind(self, **context: object) -> Logger: ...


def logger(**context: object) -> Logger:
    """A logger that carries `context` on every line: bind what one unit of work is about once, then log."""
    lazy = structlog.get_logger()  # takes up the configuration when it is used, so that a module may hold one
    return cast(Logger, lazy.bind(**context) if context else lazy)


def configure(log: settings.Log) -> None:
    """Send our events and the libraries' lines, in one form, to standard error. The last call counts."""
    level = logging.getLevelNamesMapping()[log.level.upper()]
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        structlog.processors.format_exc_info,
        _safe,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_library, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_rendering(log.format)],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name, quiet in _LIBRARY_LEVELS.items():
        logging.getLogger(name).setLevel(max(level, quiet))


def _rendering(form: Literal["console", "json"]) -> list[Processor]:
    if form == "console":
        # Plain tracebacks: the prettier ones print local variables, and with them secrets.
        return [
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(),
                sort_keys=False,
                timestamp_key="at",
                pad_event_to=20,
                exception_formatter=structlog.dev.plain_traceback,
            )
        ]
    return [structlog.processors.EventRenamer("action"), _in_order, structlog.processors.JSONRenderer(ensure_ascii=False)]


def _library(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    record = event.get("_record")
    event["detail"] = event["event"]
    event["event"] = "library.note"
    event["library"] = record.name if record else "unknown"
    return event


def _safe(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Hide secrets, and show control characters as escapes: titles and error texts come from strangers."""
    for key, value in event.items():
        if key.startswith("_"):
            continue
        if _SECRET_KEY.search(key):
            event[key] = _HIDDEN
        elif key == "exception":
            event[key] = "\n".join(_printable(line) for line in str(value).splitlines())
        elif not isinstance(value, bool | int | float | None):
            event[key] = _printable(str(value))
    return event


def _printable(text: str) -> str:
    for pattern, replacement in _SECRET_TEXT:
        text = pattern.sub(replacement, text)
    text = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
    return text if text.isprintable() else "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def _in_order(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    first = {key: event.pop(key) for key in ("at", "level", "action") if key in event}
    return {**first, **event}
