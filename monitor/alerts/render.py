"""What is told, in every form it travels in: of a story, or of the monitor itself."""

from __future__ import annotations

from typing import Any

from monitor.alerts import notice, story
from monitor.alerts.form import iso, templates
from monitor.model import Alert, Delivery, Notice


def subject(told: Alert | Notice) -> str:
    """One line, safe as a mail header."""
    return story.subject(told) if isinstance(told, Alert) else notice.subject(told)


def plain(told: Alert | Notice) -> str:
    """For a terminal: no line but an address is longer than `form.WIDTH`."""
    name, view = _view(told)
    return templates().get_template(f"{name}.txt.j2").render(view)


def html(told: Alert | Notice) -> str:
    name, view = _view(told)
    return templates().get_template(f"{name}.html.j2").render(view, subject=subject(told))


def payload(delivery: Delivery) -> dict[str, Any]:
    """The body of a webhook, as the published schemas in `templates/` say. v1 may get new keys; none goes or changes its meaning."""
    told = delivery.alert
    schema = "story.v1" if isinstance(told, Alert) else "notice.v1"
    kind, data = story.message(told) if isinstance(told, Alert) else notice.message(told)
    return {"schema": schema, "type": kind, "id": delivery.id, "timestamp": iso(told.at), "subscriber": delivery.subscriber, "data": data}


def _view(told: Alert | Notice) -> tuple[str, dict[str, Any]]:
    """The templates that show it, by the name they share, and what they show."""
    return ("alert", story.view(told)) if isinstance(told, Alert) else ("notice", notice.view(told))
