"""Many files turned into records by several processes, one thread each to feed them.

A file that ends its worker, or takes too long, costs itself and nothing else. The processes end with `close`.
"""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import BinaryIO

from draftsmith.code.index.reading import PARSER_FAILED, UNREADABLE, language_numbers
from draftsmith.code.index.record import pack_skipped

_LENGTH = struct.Struct("<I")
BATCH_BYTES = 200_000
BATCH_FILES = 64
BATCH_SECONDS = 60.0
MOST_WORKERS = 8

NO_ID = bytes(20)


@dataclass(frozen=True, slots=True)
class Job:
    """`number` is the caller's name for the file."""

    number: int
    path: bytes
    language: str
    size: int


Done = Callable[[int, bytes, bytes], None]
"""Number, id of the content (zeros when it could not be read), record. Called from several threads."""


class _Worker:
    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "draftsmith.code.index.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdin is not None  # noqa: S101  narrows a type: the pipe was asked for above
        assert self._process.stdout is not None  # noqa: S101  the same
        self._in: BinaryIO = self._process.stdin  # type: ignore[assignment]  (a buffered writer)
        self._out: BinaryIO = self._process.stdout  # type: ignore[assignment]  (a buffered reader)

    def run(self, batch: Sequence[Job], done: Done) -> None:
        """Raises OSError when the process ends or takes too long; files done before are reported all the same."""
        request = b"\0".join(job.language.encode() + b"\t" + job.path for job in batch)
        alarm = threading.Timer(BATCH_SECONDS, self._process.kill)
        alarm.start()
        try:
            self._in.write(_LENGTH.pack(len(request)) + request)
            self._in.flush()
            for job in batch:
                head = self._exactly(24)
                oid, size = head[:20], _LENGTH.unpack(head[20:])[0]
                record = self._exactly(size) if size else pack_skipped(language_numbers()[job.language], UNREADABLE)
                done(job.number, oid, record)
        finally:
            alarm.cancel()

    def _exactly(self, size: int) -> bytes:
        data = self._out.read(size)
        if len(data) != size:
            raise OSError("the worker ended")
        return data

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._in, self._out):
            try:
                pipe.close()
            except OSError:  # what was in the buffer of an ended process
                continue


def run_jobs(jobs: Sequence[Job], done: Done, *, workers: int = 0) -> None:
    """Reads all files. Returns when the last is done; blocking, for a thread."""
    waiting: SimpleQueue[list[Job]] = SimpleQueue()
    for batch in _batches(jobs):
        waiting.put(batch)
    count = min(workers or os.cpu_count() or 1, MOST_WORKERS, max(1, waiting.qsize()))
    failures: list[BaseException] = []
    threads = [threading.Thread(target=_feed, args=(waiting, done, failures), daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def _feed(waiting: SimpleQueue[list[Job]], done: Done, failures: list[BaseException]) -> None:
    worker = _Worker()
    try:
        while not failures:
            try:
                batch = waiting.get_nowait()
            except Empty:
                return
            finished: set[int] = set()

            def tell(number: int, oid: bytes, record: bytes, finished: set[int] = finished) -> None:
                finished.add(number)
                done(number, oid, record)

            try:
                worker.run(batch, tell)
            except OSError:
                worker.close()
                worker = _Worker()
                left = [job for job in batch if job.number not in finished]
                # What was read is reported in order: the first that is left is the one that did it.
                culprit = left.pop(0)
                done(culprit.number, NO_ID, pack_skipped(language_numbers()[culprit.language], PARSER_FAILED))
                if left:
                    waiting.put(left)
    except BaseException as failure:
        # Told to the thread that waits, which raises it.
        failures.append(failure)
    finally:
        worker.close()


def _batches(jobs: Sequence[Job]) -> list[list[Job]]:
    """Large ones first, so that the processes end together."""
    found: list[list[Job]] = []
    size = BATCH_BYTES
    for job in sorted(jobs, key=lambda one: -one.size):
        if size + job.size > BATCH_BYTES or len(found[-1]) >= BATCH_FILES:
            found.append([])
            size = 0
        found[-1].append(job)
        size += job.size
    return found
