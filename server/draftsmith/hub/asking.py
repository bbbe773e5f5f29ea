"""Questions that only a runner can answer: which models can be used, whether an endpoint is one.

The hub imports nothing of models; it hands question and answer through, with the keys that a runner needs for it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Collection, Iterable

from draftsmith.domain.errors import AdapterError
from draftsmith.hub.leases import ConnectedRunner, Leases
from draftsmith.platform.clock import new_id
from draftsmith.protocol.generated import runner_pb2 as wire
from draftsmith.protocol.methods.hub import OfferedCredential

RUNNER_SECONDS = 20.0
"""How long a runner that is just starting is waited for."""
ANSWER_SECONDS = 60.0
_LOOK_SECONDS = 0.05
_TRIES = 3


class Asking:
    """`keys` are the credentials at hand, which go with every question over the runners' own channel; `before` makes
    a message that goes ahead of it."""

    def __init__(
        self, leases: Leases, keys: Callable[[], Iterable[OfferedCredential]], before: Callable[[], wire.HubMessage]
    ) -> None:
        self._leases = leases
        self._before = before
        self._keys = keys
        self._open: dict[str, tuple[ConnectedRunner, asyncio.Future[wire.Answer]]] = {}

    async def ask(self, method: str, body: str, *, extra: Collection[OfferedCredential] = ()) -> str:
        """The answer's body. When the runner ends before it has answered, its successor is asked.

        Raises AdapterError (`no_runner`, `runner_silent`).
        """
        for _ in range(_TRIES - 1):
            with contextlib.suppress(_RunnerLeft):
                return await self._ask(method, body, extra)
        return await self._ask(method, body, extra)

    async def _ask(self, method: str, body: str, extra: Collection[OfferedCredential]) -> str:
        runner = await self._runner()
        question_id = new_id("q")
        answered = asyncio.get_running_loop().create_future()
        self._open[question_id] = (runner, answered)
        keys = [as_wire(one) for one in (*self._keys(), *extra)]
        question = wire.Question(question_id=question_id, method=method, body=body.encode(), credential=keys)
        runner.send(self._before())
        runner.send(wire.HubMessage(question=question))
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                answer = await answered
        except TimeoutError:
            raise _silent("The runner did not answer in time.") from None
        finally:
            self._open.pop(question_id, None)
        if answer.HasField("refused"):
            raise AdapterError(answer.refused.reason, code=answer.refused.code, remedy=answer.remedy)
        return answer.body.decode()

    def answered(self, answer: wire.Answer) -> None:
        """A runner answered; one that nobody waits for any more is dropped."""
        _, waiting = self._open.get(answer.question_id, (None, None))
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)

    def left(self, runner: ConnectedRunner) -> None:
        """The runner is gone, and with it its answers."""
        for asked, waiting in self._open.values():
            if asked is runner and not waiting.done():
                waiting.set_exception(_RunnerLeft())

    async def _runner(self) -> ConnectedRunner:
        """Any that is connected: all know the same."""
        deadline = asyncio.get_running_loop().time() + RUNNER_SECONDS
        while not self._leases.runners:
            if asyncio.get_running_loop().time() > deadline:
                raise AdapterError(
                    "No runner is connected.", code="no_runner", remedy="`draftsmith hub status` says what is wrong."
                )
            await asyncio.sleep(_LOOK_SECONDS)
        return next(iter(self._leases.runners.values()))


def as_wire(offered: OfferedCredential) -> wire.Credential:
    """A credential for the runners' channel, and for nothing else."""
    return wire.Credential(
        provider=offered.provider,
        label=offered.label,
        value=offered.value.get_secret_value(),
        base_url=offered.base_url or "",
        origin=offered.origin,
    )


class _RunnerLeft(AdapterError):
    """It is gone; questions change nothing, so another may be asked."""

    def __init__(self) -> None:
        message = "The runner ended before it had answered."
        super().__init__(message, code="runner_silent", remedy="Try again.", retryable=True)


def _silent(message: str) -> AdapterError:
    return AdapterError(message, code="runner_silent", remedy="Try again.", retryable=True)
