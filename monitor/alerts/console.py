"""Alerts on standard output: what the very first run shows, with nothing set up."""

from __future__ import annotations

import sys

from monitor.alerts.form import WIDTH
from monitor.alerts.render import plain
from monitor.model import Delivery, Retry, SendOutcome, Sent


def send(delivery: Delivery) -> SendOutcome:
    """Write the alert under a rule. A closed pipe or a full disk is a reason to try again, not to lose the alert."""
    text = f"{'─' * WIDTH}\n{plain(delivery.alert)}\n"
    encoding = sys.stdout.encoding or "utf-8"
    try:
        sys.stdout.write(text.encode(encoding, "replace").decode(encoding))
        sys.stdout.flush()
    except (OSError, ValueError) as error:
        return Retry(f"Standard output cannot be written: {error}.")
    return Sent()
