"""The hub's side of the runners' channel (gRPC): leases, appends, snapshots, documents, keys.

Translates; what the calls mean is in `hub.service`.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, cast

import grpc
import structlog

from draftsmith.domain.codec import CodecError, envelope_from_bytes, envelope_to_bytes
from draftsmith.domain.envelope import Envelope
from draftsmith.domain.errors import DraftsmithError
from draftsmith.domain.ids import DocumentId, RunnerId, SessionId, TreeId, WorkspaceId, session_stream
from draftsmith.domain.session.events import SessionEvent
from draftsmith.hub.asking import as_wire
from draftsmith.hub.diagnostics_reply import diagnostics_reply
from draftsmith.hub.leases import ConnectedRunner
from draftsmith.hub.shown import shown_diagnostics
from draftsmith.ports.events import VersionConflict
from draftsmith.protocol.generated import runner_pb2 as wire
from draftsmith.protocol.generated import runner_pb2_grpc as services

if TYPE_CHECKING:
    from draftsmith.hub.service import Hub

log = structlog.get_logger()

CHUNK = 512 * 1024
"""Bytes of one frame of a long transfer."""

HEARTBEAT_MS = 2_000
LOST_AFTER_SECONDS = 10.0
"""A runner that says nothing for so long has lost its sessions."""

Context = grpc.aio.ServicerContext[Any, Any]


class TokenCheck(grpc.aio.ServerInterceptor):
    """Refuses every call that does not carry the runners' token."""

    def __init__(self, token: str) -> None:
        self._wanted = f"Bearer {token}".encode()

    # grpc's own types leave the handlers' generics open; nothing here looks inside of them.
    async def intercept_service(self, continuation: Any, handler_call_details: Any) -> Any:
        metadata = cast("tuple[tuple[str, str | bytes], ...]", handler_call_details.invocation_metadata or ())
        given = next((value for key, value in metadata if key == "authorization"), b"")
        if not hmac.compare_digest(given.encode() if isinstance(given, str) else given, self._wanted):
            return cast("Any", grpc.unary_unary_rpc_method_handler(_unauthenticated))  # pyright: ignore[reportUnknownMemberType] (grpc's types leave the generics open)
        return await continuation(handler_call_details)


async def _unauthenticated(_request: object, context: Context) -> None:
    await context.abort(grpc.StatusCode.UNAUTHENTICATED, "The runner's token is missing or wrong.")


class RunnerService(services.HubServicer):
    """One instance for all runners."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def Work(  # noqa: N802 (the name of the call in runner.proto)
        self, request_iterator: AsyncIterator[wire.RunnerMessage], context: Context
    ) -> AsyncIterator[wire.HubMessage]:
        """A runner's stream: as long as it lasts, the runner holds its leases."""
        try:
            async with asyncio.timeout(LOST_AFTER_SECONDS):
                first = await anext(aiter(request_iterator), None)
        except TimeoutError:
            first = None
        if first is None or first.WhichOneof("message") != "hello":
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "The first message must be a hello.")
            return
        hello = first.hello
        runner = ConnectedRunner(runner_id=RunnerId(hello.runner_id), pid=hello.pid, capacity=max(1, hello.capacity))
        yield wire.HubMessage(welcome=wire.Welcome(epoch=self._hub.epoch, heartbeat_ms=HEARTBEAT_MS))
        decided = [envelope_to_bytes(one) for one in self._hub.models.history]
        yield wire.HubMessage(settings=wire.Settings(envelope=decided))
        reading = asyncio.create_task(self._listen(runner, request_iterator))
        self._hub.runner_joined(runner)
        try:
            async for message in _outgoing(runner):
                yield message
        finally:
            reading.cancel()
            await self._hub.runner_left(runner)

    async def _listen(self, runner: ConnectedRunner, messages: AsyncIterator[wire.RunnerMessage]) -> None:
        try:
            while True:
                async with asyncio.timeout(LOST_AFTER_SECONDS):
                    message = await anext(aiter(messages), None)
                if message is None:
                    return
                match message.WhichOneof("message"):
                    case "heartbeat":
                        self._hub.monitor.told(runner.runner_id, message.heartbeat, asyncio.get_running_loop().time())
                    case "deltas":
                        self._hub.stream_text(runner, message.deltas)
                    case "streamed":
                        for deltas in message.streamed.deltas:
                            self._hub.stream_text(runner, deltas)
                    case "answer":
                        self._hub.asking.answered(message.answer)
                    case "release":
                        released = message.release
                        await self._hub.released(SessionId(released.session_id), released.fence)
                    case _:
                        pass
        except TimeoutError:
            log.warning("runner_silent", runner_id=runner.runner_id, seconds=LOST_AFTER_SECONDS)
        except grpc.RpcError as error:
            log.info("runner_stream_ended", runner_id=runner.runner_id, error=str(error))
        finally:
            runner.lost.set()

    async def Append(  # noqa: N802 (proto)
        self, request_iterator: AsyncIterator[wire.AppendRequest], context: Context
    ) -> AsyncIterator[wire.AppendReply]:
        async for request in request_iterator:
            yield await self._append(request)

    async def _append(self, request: wire.AppendRequest) -> wire.AppendReply:
        try:
            envelopes = [_envelope(body) for body in request.envelope]
            version = await self._hub.append_from_runner(
                SessionId(request.session_id),
                request.fence,
                envelopes,
                tuple(request.document),
                objects=request.objects,
                tree=TreeId(request.tree) if request.tree else None,
            )
        except VersionConflict as conflict:
            return wire.AppendReply(conflict_at=conflict.actual)
        except DraftsmithError as error:
            return wire.AppendReply(refused=wire.Refusal(code=error.code, reason=str(error)))
        return wire.AppendReply(version=version)

    async def Read(self, request: wire.ReadRequest, context: Context) -> AsyncIterator[wire.EventBatch]:  # noqa: N802 (proto)
        stream = session_stream(SessionId(request.session_id))
        async for batch in self._hub.store.read(stream, after=request.after):
            yield wire.EventBatch(envelope=[envelope_to_bytes(envelope) for envelope in batch])

    async def HasTree(self, request: wire.HasTreeRequest, context: Context) -> wire.HasTreeReply:  # noqa: N802 (proto)
        has = await self._hub.workspaces.has_tree(WorkspaceId(request.workspace_id), TreeId(request.tree))
        return wire.HasTreeReply(has=has)

    async def FetchTree(  # noqa: N802 (proto)
        self, request: wire.FetchTreeRequest, context: Context
    ) -> AsyncIterator[wire.Chunk]:
        base = TreeId(request.base) if request.base else None
        try:
            frames = self._hub.workspaces.export_tree(WorkspaceId(request.workspace_id), TreeId(request.tree), base)
            async for data in frames:
                yield wire.Chunk(data=data)
        except DraftsmithError as error:
            await context.abort(grpc.StatusCode.NOT_FOUND, str(error))

    async def PublishTree(  # noqa: N802 (proto)
        self, request_iterator: AsyncIterator[wire.PublishChunk], context: Context
    ) -> wire.PublishReply:
        chunks = aiter(request_iterator)
        first = await anext(chunks, None)
        if first is None:
            return wire.PublishReply(refused=wire.Refusal(code="empty", reason="Nothing was published."))

        async def data() -> AsyncIterator[bytes]:
            yield first.data
            async for chunk in chunks:
                yield chunk.data

        try:
            await self._hub.workspaces.ingest_tree(WorkspaceId(first.workspace_id), TreeId(first.tree), data())
        except DraftsmithError as error:
            return wire.PublishReply(refused=wire.Refusal(code=error.code, reason=str(error)))
        return wire.PublishReply()

    async def GetDocument(self, request: wire.DocumentRequest, context: Context) -> AsyncIterator[wire.Chunk]:  # noqa: N802 (proto)
        content = await self._hub.store.document(DocumentId(request.document_id))
        if content is None:
            await context.abort(grpc.StatusCode.NOT_FOUND, f"There is no document {request.document_id}.")
            return
        for start in range(0, len(content) or 1, CHUNK):
            yield wire.Chunk(data=content[start : start + CHUNK])

    async def GetCredentials(  # noqa: N802 (proto)
        self, request: wire.CredentialsRequest, context: Context
    ) -> wire.CredentialsReply:
        session_id = SessionId(request.session_id)
        if not self._hub.leases.holds(session_id, request.fence):
            await context.abort(grpc.StatusCode.PERMISSION_DENIED, "The session is held by another runner.")
        await self._hub.keys.ready()
        offered = self._hub.credentials.hand_out(session_id)
        return wire.CredentialsReply(credential=[as_wire(one) for one in offered])

    async def GetDiagnostics(  # noqa: N802 (proto)
        self, request: wire.DiagnosticsRequest, context: Context
    ) -> wire.DiagnosticsReply:
        session_id = SessionId(request.session_id)
        if not self._hub.leases.holds(session_id, request.fence):
            await context.abort(grpc.StatusCode.PERMISSION_DENIED, "The session is held by another runner.")
        state = (await self._hub.host(session_id)).state
        root = request.root if request.HasField("root") else None
        return diagnostics_reply(await shown_diagnostics(self._hub.buffers, state, root, request.path))


async def _outgoing(runner: ConnectedRunner) -> AsyncIterator[wire.HubMessage]:
    """What waits for the runner, until it is lost."""
    lost = asyncio.create_task(runner.lost.wait())
    getting: asyncio.Task[wire.HubMessage] | None = None
    try:
        while not lost.done():
            getting = asyncio.create_task(runner.outbox.get())
            await asyncio.wait((getting, lost), return_when=asyncio.FIRST_COMPLETED)
            if getting.done():
                yield getting.result()
    finally:
        lost.cancel()
        if getting is not None:
            getting.cancel()


def _envelope(body: bytes) -> Envelope[SessionEvent]:
    envelope = envelope_from_bytes(body)
    if not isinstance(envelope.event, SessionEvent) or envelope.actor.client != "runner":
        raise CodecError(f"A runner may append session events of its own only, not {envelope.event.kind}.")
    return cast("Envelope[SessionEvent]", envelope)
