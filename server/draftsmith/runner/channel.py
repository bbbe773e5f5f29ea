"""The runner's side of the hub's channel (gRPC). Translates; retries nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

import grpc

from draftsmith.domain.codec import envelope_from_bytes, envelope_to_bytes
from draftsmith.domain.envelope import Envelope
from draftsmith.domain.errors import AdapterError
from draftsmith.domain.ids import DocumentId, SessionId
from draftsmith.domain.session.events import SessionEvent
from draftsmith.pipeline.session_log import NotAppended
from draftsmith.ports.editor_diagnostics import (
    DiagnosedFile,
    DiagnosticSeverity,
    EditorDiagnostic,
    ShownDiagnostics,
)
from draftsmith.ports.models import Credential
from draftsmith.protocol.generated import runner_pb2 as wire
from draftsmith.protocol.generated import runner_pb2_grpc as services

CALL_SECONDS = 60.0
TRANSFER_SECONDS = 600.0
MAX_MESSAGE = 96 * 1024 * 1024
CHUNK = 512 * 1024


class Conflict(Exception):
    """Somebody else appended first."""


class Refused(NotAppended):
    """The hub does not take what it is sent: `code` says why."""


class HubChannel:
    """One connection to the hub. Every call carries the runners' token."""

    def __init__(self, address: str, token: str) -> None:
        self._metadata = (("authorization", f"Bearer {token}"),)
        options = [
            ("grpc.max_receive_message_length", MAX_MESSAGE),
            ("grpc.max_send_message_length", MAX_MESSAGE),
        ]
        self._channel = grpc.aio.insecure_channel(address, options=options)
        # grpc's own types leave the stub's generics open; what crosses is typed by the generated messages.
        self._hub: Any = services.HubStub(self._channel)
        self._appending: dict[SessionId, Any] = {}
        """One open call for each session that appends; while an append is under way it is not here."""

    async def close(self) -> None:
        await self._channel.close()

    def work(self, messages: AsyncIterator[wire.RunnerMessage]) -> AsyncIterator[wire.HubMessage]:
        """The runner's stream; ends when the hub ends it. Raises grpc.RpcError when the hub is gone."""
        return cast("AsyncIterator[wire.HubMessage]", self._hub.Work(messages, metadata=self._metadata))

    async def append(
        self,
        session_id: SessionId,
        fence: int,
        envelopes: list[Envelope[SessionEvent]],
        documents: tuple[bytes, ...],
        *,
        tree: str,
        objects: bytes,
    ) -> int:
        """The stream's version afterwards. Raises Conflict, Refused, or AdapterError when the hub is gone."""
        request = wire.AppendRequest(
            session_id=session_id,
            fence=fence,
            envelope=[envelope_to_bytes(one) for one in envelopes],
            document=list(documents),
            tree=tree,
            objects=objects,
        )
        reply = await self._append(session_id, request)
        match reply.WhichOneof("reply"):
            case "conflict_at":
                raise Conflict
            case "refused":
                raise Refused(reply.refused.reason, code=reply.refused.code)
            case _:
                return int(reply.version)

    async def _append(self, session_id: SessionId, request: wire.AppendRequest) -> wire.AppendReply:
        call = self._appending.pop(session_id, None) or self._hub.Append(metadata=self._metadata)
        reply: object = None
        try:
            async with asyncio.timeout(CALL_SECONDS):
                await call.write(request)
                reply = await call.read()
        except grpc.RpcError as error:
            raise hub_gone(error) from error
        except (TimeoutError, asyncio.InvalidStateError) as error:
            # The call was ended from the other side since the last append, or nothing comes back.
            raise _hub_gone(str(error) or "no answer") from error
        finally:
            if not isinstance(reply, wire.AppendReply):
                # Whatever is still on its way in this call must not be taken for the reply to a later append.
                call.cancel()
        if not isinstance(reply, wire.AppendReply):
            raise _hub_gone("the call ended")
        if self._appending.setdefault(session_id, call) is not call:
            call.cancel()
        return reply

    def end_appends(self, session_id: SessionId) -> None:
        """No more appends are to come for this session for now."""
        if (call := self._appending.pop(session_id, None)) is not None:
            call.cancel()

    async def read(self, session_id: SessionId, after: int) -> list[Envelope[SessionEvent]]:
        """The session's events after a version."""
        found: list[Envelope[SessionEvent]] = []
        request = wire.ReadRequest(session_id=session_id, after=after)
        try:
            async for batch in self._hub.Read(request, metadata=self._metadata, timeout=TRANSFER_SECONDS):
                found += (cast("Envelope[SessionEvent]", envelope_from_bytes(one)) for one in batch.envelope)
        except grpc.RpcError as error:
            raise hub_gone(error) from error
        return found

    async def has_tree(self, workspace_id: str, tree: str) -> bool:
        request = wire.HasTreeRequest(workspace_id=workspace_id, tree=tree)
        return bool(cast("wire.HasTreeReply", await self._call(self._hub.HasTree, request)).has)

    async def fetch_tree(self, workspace_id: str, tree: str, base: str | None) -> AsyncIterator[bytes]:
        """Frames of a snapshot. Raises AdapterError (`unknown_tree`, `hub_gone`)."""
        request = wire.FetchTreeRequest(workspace_id=workspace_id, tree=tree, base=base or "")
        try:
            async for chunk in self._hub.FetchTree(request, metadata=self._metadata, timeout=TRANSFER_SECONDS):
                yield chunk.data
        except grpc.RpcError as error:
            if _status(error) is grpc.StatusCode.NOT_FOUND:
                raise AdapterError(
                    f"The hub no longer has snapshot {tree}.",
                    code="unknown_tree",
                    remedy="Start the session anew; its request and plan are in `draftsmith show`.",
                ) from error
            raise hub_gone(error) from error

    async def publish_tree(self, workspace_id: str, tree: str, frames: AsyncIterator[bytes]) -> None:
        """Sends a snapshot; it is durable at the hub when this returns."""

        async def chunks() -> AsyncIterator[wire.PublishChunk]:
            yield wire.PublishChunk(workspace_id=workspace_id, tree=tree)
            async for data in frames:
                for start in range(0, len(data), CHUNK):
                    yield wire.PublishChunk(data=data[start : start + CHUNK])

        try:
            reply = await self._hub.PublishTree(chunks(), metadata=self._metadata, timeout=TRANSFER_SECONDS)
        except grpc.RpcError as error:
            raise hub_gone(error) from error
        if reply.HasField("refused"):
            raise Refused(reply.refused.reason, code=reply.refused.code)

    async def document(self, document_id: DocumentId) -> bytes:
        """A document's bytes. Raises AdapterError (`unknown_document`)."""
        parts: list[bytes] = []
        request = wire.DocumentRequest(document_id=document_id)
        try:
            async for chunk in self._hub.GetDocument(request, metadata=self._metadata, timeout=CALL_SECONDS):
                parts.append(chunk.data)  # noqa: PERF401 (an async generator in a try)
        except grpc.RpcError as error:
            if _status(error) is grpc.StatusCode.NOT_FOUND:
                raise AdapterError(f"There is no document {document_id}.", code="unknown_document") from error
            raise hub_gone(error) from error
        return b"".join(parts)

    async def credentials(self, session_id: SessionId, fence: int) -> tuple[Credential, ...]:
        """The keys that clients offered, for the holder of the session's lease."""
        request = wire.CredentialsRequest(session_id=session_id, fence=fence)
        reply = cast("wire.CredentialsReply", await self._call(self._hub.GetCredentials, request))
        return tuple(as_credential(one) for one in reply.credential)

    async def diagnostics(self, session_id: SessionId, fence: int, root: int | None, path: str) -> ShownDiagnostics:
        """What the editors at the hub show as wrong, for the holder of the session's lease."""
        request = wire.DiagnosticsRequest(session_id=session_id, fence=fence, path=path)
        if root is not None:
            request.root = root
        reply = cast("wire.DiagnosticsReply", await self._call(self._hub.GetDiagnostics, request))
        return ShownDiagnostics(
            asked=tuple(reply.asked),
            files=tuple(_diagnosed(one) for one in reply.file),
            left_out=tuple(reply.left_out),
        )

    async def _call(self, method: Any, request: object) -> object:
        try:
            return await method(request, metadata=self._metadata, timeout=CALL_SECONDS)
        except grpc.RpcError as error:
            raise hub_gone(error) from error


def as_credential(one: wire.Credential) -> Credential:
    """A key as the hub sent it."""
    return Credential(
        provider=one.provider,
        label=one.label,
        value=one.value,
        base_url=one.base_url or None,
        origin=one.origin,
    )


def _diagnosed(file: wire.DiagnosedFile) -> DiagnosedFile:
    return DiagnosedFile(
        root=file.root,
        path=file.path,
        client=file.client,
        unsaved=file.unsaved,
        sha256=file.sha256,
        diagnostics=tuple(
            EditorDiagnostic(
                line=one.line,
                end_line=one.end_line,
                severity=cast("DiagnosticSeverity", one.severity),
                code=one.code,
                source=one.source,
                message=one.message,
            )
            for one in file.diagnostic
        ),
        more=file.more,
    )


def hub_gone(error: grpc.RpcError) -> AdapterError:
    """The error for a call that did not reach the hub or came back broken."""
    status = _status(error)
    return _hub_gone(status.name if status else str(error))


def _hub_gone(why: str) -> AdapterError:
    return AdapterError(f"The hub does not answer ({why}).", code="hub_gone", retryable=True)


def _status(error: grpc.RpcError) -> grpc.StatusCode | None:
    return error.code() if isinstance(error, grpc.aio.AioRpcError) else None
