"""Commands that come twice with the same `Idempotency-Key`: done once, answered twice, over restarts of the hub too.

What failed for no fault of the caller is forgotten, so that it can be tried again. Of what a hub had begun when it was
killed nobody knows whether it was done: that is said, and it is not done again.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from draftsmith.domain.errors import AdapterError
from draftsmith.hub.http.refusals import Refusal
from draftsmith.hub.http.repeat_journal import (
    BEGUN,
    FORGOTTEN,
    KEPT_MS,
    MAX_BODY,
    MAX_KEPT,
    Entry,
    RepeatJournal,
    name_of,
)
from draftsmith.platform.clock import now_ms

log = structlog.get_logger()

FIRST_SECONDS = 60.0
"""So long a repetition waits for the answer to the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    body: bytes
    media_type: str
    correlation_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """`answer` None: another hub began it and was killed."""

    asked: str
    at: int
    answer: asyncio.Future[Answer] | None


class Repeats:
    """One for the hub. Keys of different callers are different keys."""

    def __init__(self, journal: RepeatJournal | None = None) -> None:
        """Without a journal keys end with the process."""
        self._journal = journal
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._ending: set[asyncio.Task[None]] = set()
        for name, entry in journal.read().items() if journal is not None else ():
            self._kept[name] = _Kept(asked=entry.asked, at=entry.at, answer=_known(entry))

    async def once(
        self, caller: str, key: str, asked: bytes, work: Callable[[asyncio.Future[Answer]], Awaitable[None]]
    ) -> tuple[Answer, bool]:
        """The answer, and whether it is that of an earlier call. `work` sets the future and raises nothing."""
        name, fingerprint = name_of(caller, key), hashlib.sha256(asked).hexdigest()
        self._drop_old()
        kept = self._kept.get(name)
        if kept is not None:
            return await self._earlier(kept, fingerprint), True
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        entry = Entry(name=name, asked=fingerprint, at=now_ms())
        self._kept[name] = _Kept(asked=fingerprint, at=entry.at, answer=answer)
        try:
            await self._begin(entry)
        except BaseException:
            self._kept.pop(name, None)
            answer.cancel()
            raise
        answer.add_done_callback(lambda done: self._settled(name, done))
        # Also when the caller goes away: the command is carried through all the same.
        ending = asyncio.create_task(self._end(entry, answer))
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)
        await work(answer)
        await asyncio.shield(ending)
        return await answer, False

    async def _begin(self, entry: Entry) -> None:
        if self._journal is None:
            return
        try:
            await self._journal.note(entry)
        except AdapterError as error:
            raise Refusal(503, error.code, error.message, remedy=error.remedy) from error

    async def _end(self, entry: Entry, coming: asyncio.Future[Answer]) -> None:
        """Noted before it is given, so that whoever got it gets it again."""
        await asyncio.wait({coming})
        if self._journal is None or coming.cancelled():
            return
        answer = coming.result()
        if len(answer.body) > MAX_BODY:
            return
        more = {
            "status": FORGOTTEN if answer.status >= 500 else answer.status,
            "body": answer.body.decode("utf-8", "replace"),
            "media_type": answer.media_type,
            "correlation_id": answer.correlation_id,
        }
        try:
            await self._journal.note(entry.model_copy(update=more))
        except AdapterError as error:
            log.warning("answer_not_noted", code=error.code, correlation_id=answer.correlation_id)

    async def _earlier(self, kept: _Kept, asked: str) -> Answer:
        if kept.asked != asked:
            raise Refusal(
                422, "key_used_otherwise", "Another call was made with this Idempotency-Key.", remedy="Make a new key."
            )
        if kept.answer is None:
            raise Refusal(
                409,
                "outcome_unknown",
                "The hub was ended while the first call with this key was under way.",
                remedy="Look whether it was done; if not, call again with a new key.",
            )
        try:
            async with asyncio.timeout(FIRST_SECONDS):
                return await asyncio.shield(kept.answer)
        except TimeoutError:
            raise Refusal(
                409, "still_under_way", "The first call with this key is still under way.", remedy="Ask again later."
            ) from None

    def _settled(self, name: str, done: asyncio.Future[Answer]) -> None:
        if done.cancelled() or done.exception() is not None or done.result().status >= 500:
            self._kept.pop(name, None)

    def _drop_old(self) -> None:
        oldest = now_ms() - KEPT_MS
        over = [name for name, kept in self._kept.items() if _is_over(kept)]
        spare = max(0, len(self._kept) - MAX_KEPT + 1)
        for place, name in enumerate(over):
            if place < spare or self._kept[name].at < oldest:
                del self._kept[name]


def _is_over(kept: _Kept) -> bool:
    return kept.answer is None or kept.answer.done()


def _known(entry: Entry) -> asyncio.Future[Answer] | None:
    if entry.status == BEGUN:
        return None
    answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
    answer.set_result(
        Answer(
            status=entry.status,
            body=entry.body.encode(),
            media_type=entry.media_type,
            correlation_id=entry.correlation_id,
        )
    )
    return answer
