"""What the edge asks of the editor, each in one call, and left out or replaced where the editor cannot do it."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from draftsmith.edge import lsp
from draftsmith.edge.features import Features
from draftsmith.edge.rpc.errors import RpcError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from draftsmith.edge.lsp import MessageKind
    from draftsmith.edge.rpc.peer import Peer
    from draftsmith.edge.text import Range
    from draftsmith.edge.values import JsonObject, JsonValue

log = logging.getLogger(__name__)

ANSWER_SECONDS = 30.0
"""For what an editor answers by itself."""


class Editor:
    """`features` are set by `initialize`. `congested`: the editor does not take what waits for it already."""

    def __init__(self, peer: Peer, congested: Callable[[], bool]) -> None:
        self.peer = peer
        self.congested = congested
        self.features = Features()
        self.trace: str = "off"
        self._tasks: set[asyncio.Task[None]] = set()

    # --- messages ---

    def say(self, kind: MessageKind, text: str) -> None:
        """A message that the user sees."""
        self.peer.notify("window/showMessage", {"type": lsp.message_type(kind), "message": text})

    def record(self, kind: MessageKind, text: str) -> None:
        """A line in the editor's log of this server."""
        self.peer.notify("window/logMessage", {"type": lsp.message_type(kind), "message": text})

    def tell(self, method: str, params: JsonObject) -> None:
        """A notification of ours; editors that know nothing of Draftsmith would complain of it."""
        if self.features.knows_us:
            self.peer.notify(method, params)

    def trace_line(self, text: str, verbose: str = "") -> None:
        """What the protocol calls a trace; sent only if the client switched it on."""
        if self.trace == "off":
            return
        params: JsonObject = {"message": text}
        if verbose and self.trace == "verbose":
            params["verbose"] = verbose
        self.peer.notify("$/logTrace", params)

    async def ask(self, kind: MessageKind, text: str, choices: Sequence[str]) -> str | None:
        """The choice that a person made, however long it takes; None when the question was closed."""
        params: JsonObject = {
            "type": lsp.message_type(kind),
            "message": text,
            "actions": [{"title": choice} for choice in choices],
        }
        answer = await self.peer.request("window/showMessageRequest", params, within=None)
        title = answer.get("title") if isinstance(answer, dict) else None
        return title if isinstance(title, str) else None

    # --- documents ---

    async def show_document(self, uri: str, *, at: Range | None = None, external: bool = False) -> bool:
        """Whether the editor shows it."""
        if not self.features.show_document:
            return False
        params: JsonObject = {"uri": uri, "external": external, "takeFocus": True}
        if at is not None:
            params["selection"] = lsp.span(at)
        try:
            answer = await self.peer.request("window/showDocument", params, within=ANSWER_SECONDS)
        except (RpcError, TimeoutError) as failure:
            log.info("show_document failed: %s", failure)
            return False
        return isinstance(answer, dict) and answer.get("success") is True

    async def apply_edit(self, label: str, edit: JsonObject) -> tuple[bool, str]:
        """Whether the editor made the edit, and if not, why."""
        if not self.features.apply_edit:
            return False, "The editor takes no edits."
        params: JsonObject = {"label": label, "edit": edit}
        try:
            answer = await self.peer.request("workspace/applyEdit", params, within=ANSWER_SECONDS)
        except RpcError as refused:
            return False, refused.message
        except TimeoutError:
            return False, f"The editor did not answer within {ANSWER_SECONDS:.0f} s."
        if isinstance(answer, dict):
            reason = answer.get("failureReason")
            return answer.get("applied") is True, reason if isinstance(reason, str) else ""
        return False, "The editor's answer makes no sense."

    def publish(self, uri: str, diagnostics: list[JsonObject], version: int | None) -> None:
        params: JsonObject = {"uri": uri, "diagnostics": list(diagnostics)}
        if version is not None and self.features.diagnostic_versions:
            params["version"] = version
        self.peer.notify("textDocument/publishDiagnostics", params)

    def refresh_lenses(self) -> None:
        """Have the editor ask for its code lenses anew, if it can be told so."""
        if self.features.lens_refresh:
            self.later(self._quiet("workspace/codeLens/refresh", {}))

    # --- settings, registrations ---

    async def configuration(self, section: str) -> JsonValue:
        """The section of the user's settings; None when the client gives none."""
        if not self.features.configuration:
            return None
        try:
            answer = await self.peer.request(
                "workspace/configuration", {"items": [{"section": section}]}, within=ANSWER_SECONDS
            )
        except (RpcError, TimeoutError):
            return None
        return answer[0] if isinstance(answer, list) and answer else None

    def register(self, registrations: list[JsonObject]) -> None:
        self.later(self._quiet("client/registerCapability", {"registrations": list(registrations)}))

    # --- work beside ---

    def later(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Run a coroutine beside everything else; it ends with the edge, and its failure is in the log."""
        task = asyncio.ensure_future(_logged(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _quiet(self, method: str, params: JsonObject) -> None:
        try:
            await self.peer.request(method, params, within=ANSWER_SECONDS)
        except (RpcError, TimeoutError) as failure:
            log.info("%s failed: %s", method, failure)


async def _logged(work: Coroutine[None, None, None]) -> None:
    try:
        await work
    except Exception:  # an outermost edge: nobody awaits this task
        log.exception("work beside failed")
