"""Pages that are no article but send a reader on to one."""

from __future__ import annotations

from monitor.model import Page


def onward(page: Page) -> str | None:
    """Where a page sends its readers on to; None if it is to be read itself."""
    return None
