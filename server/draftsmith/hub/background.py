"""Work that the hub owes nobody an answer for: started, kept from being forgotten, and ended with the hub."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine

import structlog

from draftsmith.domain.errors import DraftsmithError

log = structlog.get_logger()


class Background:
    """`tasks` are those under way."""

    def __init__(self) -> None:
        self.tasks: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[None, None, None]) -> None:
        """A failure is logged and never ends the hub."""

        def ended(task: asyncio.Task[None]) -> None:
            self.tasks.discard(task)
            work.close()  # called off before it began, it would be missed otherwise

        task = asyncio.create_task(_guarded(work))
        self.tasks.add(task)
        task.add_done_callback(ended)

    async def end(self) -> None:
        """Calls off what is under way and waits for it."""
        for task in list(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


async def _guarded(work: Coroutine[None, None, None]) -> None:
    try:
        await work
    except DraftsmithError as error:
        log.error("background_failed", code=error.code, error=str(error))
    except Exception:
        # The outermost edge of a background job: a bug in one must not end the hub for all.
        log.exception("background_crashed")
