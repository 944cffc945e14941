"""What is kept no longer goes; the database gives back its room."""

from __future__ import annotations

import asyncio
from functools import partial

from monitor.jobs.parts import Parts
from monitor.log import logger
from monitor.store import prune as store_prune

log = logger()


async def prune(parts: Parts, stop: asyncio.Event) -> int:
    """Forgets what is older than the settings keep; returns how many rows went."""
    gone = 0
    while not stop.is_set():
        some = await parts.store.write(partial(store_prune.prune, now=parts.now(), keep=parts.settings.keep))
        gone += some
        if not some:
            break
    await parts.store.tidy()
    log.info("store.pruned", rows=gone)
    return gone
