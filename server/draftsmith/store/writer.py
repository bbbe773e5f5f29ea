"""Group commit: what waits is written in one transaction, and its callers go on when it is durable.

A bounded queue, one task, one thread hop and one commit for as many appends as have come meanwhile.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from draftsmith.domain.errors import AdapterError
from draftsmith.domain.ids import StreamId
from draftsmith.store.batches import BatchRefused, Job, Outcome, write_apart, write_together
from draftsmith.store.database import Database

QUEUE_LENGTH = 1024
_BATCH_JOBS = 512
_BATCH_BYTES = 16 << 20
_VERSIONS_KEPT = 4096


@dataclass(slots=True)  # not frozen: made for every append
class _Waiting:
    job: Job
    done: asyncio.Future[None]


class Writer:
    """`run` works until `stop` and everything handed in before is written."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._queue: asyncio.Queue[_Waiting | None] = asyncio.Queue(QUEUE_LENGTH)
        self._stopped = self._ended = False
        self._versions: OrderedDict[StreamId, int] = OrderedDict()
        self.commits = 0
        """Transactions that were committed; fewer than appends when many come at once."""

    async def submit(self, job: Job) -> None:
        """Returns when the job is durable. A caller cancelled while it waits does not learn whether it was written."""
        if self._stopped:
            raise _closed()
        waiting = _Waiting(job, asyncio.get_running_loop().create_future())
        await self._queue.put(waiting)
        if self._ended:  # while this waited for a place
            raise _closed()
        # No time-out of its own, which would cost as much as the rest of this: the database ends every transaction
        # within a bounded time, the queue is bounded, and `run` answers all that it took, whatever happens.
        await waiting.done

    async def run(self) -> None:
        """The writing task. Only `stop` and cancellation end it."""
        last = False
        try:
            while not last:
                batch, last = await self._take()
                if batch:
                    await self._write(batch)
        finally:
            self._stopped = self._ended = True
            while not self._queue.empty():
                if (waiting := self._queue.get_nowait()) is not None:
                    _fail([waiting], _closed())

    async def stop(self) -> None:
        """No job is taken any more; `run` ends after those that were."""
        if not self._stopped:
            self._stopped = True
            await self._queue.put(None)

    async def _take(self) -> tuple[list[_Waiting], bool]:
        """All that waits, up to the bounds of a batch, save what nobody waits for; and whether it is the last."""
        batch: list[_Waiting] = []
        size = 0
        waiting = await self._queue.get()
        while waiting is not None:
            if not waiting.done.done():
                batch.append(waiting)
                size += waiting.job.size
            if self._queue.empty() or len(batch) >= _BATCH_JOBS or size >= _BATCH_BYTES:
                return batch, False
            waiting = self._queue.get_nowait()
        return batch, True

    async def _write(self, batch: Sequence[_Waiting]) -> None:
        jobs = [waiting.job for waiting in batch]
        statements = self._database.statements
        try:
            try:
                outcome = await self._database.write(
                    lambda connection: write_together(connection, statements, jobs, self._versions)
                )
            except BatchRefused:
                outcome = await self._database.write(partial(write_apart, statements=statements, batch=jobs))
        except AdapterError as failure:
            _fail(batch, failure)
        except asyncio.CancelledError:
            _fail(batch, _closed())
            raise
        except Exception as failure:  # a defect: those who wait must learn of it, and the others be served
            _fail(batch, AdapterError(f"The store failed: {failure!r}.", code="store_failed"))
        else:
            self.commits += 1
            self._remember(outcome)
            for waiting, answer in zip(batch, outcome.answers, strict=True):
                if not waiting.done.done():
                    if answer is None:
                        waiting.done.set_result(None)
                    else:
                        waiting.done.set_exception(answer)

    def _remember(self, outcome: Outcome) -> None:
        """Only what is committed: a version remembered too early would let a later append leave a gap."""
        versions = self._versions
        for stream_id, version in outcome.versions.items():
            versions[stream_id] = version
            versions.move_to_end(stream_id)
        while len(versions) > _VERSIONS_KEPT:
            versions.popitem(last=False)


def _closed() -> AdapterError:
    return AdapterError("The store is closed.", code="store_closed", remedy="Draftsmith is stopping; start it again.")


def _fail(batch: Sequence[_Waiting], failure: AdapterError) -> None:
    for waiting in batch:
        if not waiting.done.done():
            # One error for each: a shared one would collect the tracebacks of all.
            waiting.done.set_exception(
                AdapterError(failure.message, code=failure.code, remedy=failure.remedy, retryable=failure.retryable)
            )
