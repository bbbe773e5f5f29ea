"""Sessions: start, fork, delete, attach, detach."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from draftsmith.domain.errors import UserError
from draftsmith.domain.ids import DocumentId, SessionId
from draftsmith.domain.images import KINDS, MAX_IMAGES, AttachedImage, bad_images, media_type_of
from draftsmith.domain.limits import DEFAULT_LIMITS
from draftsmith.domain.roots import Root
from draftsmith.domain.session.commands import Record, StartSession
from draftsmith.domain.session.decide import decide
from draftsmith.domain.session.events import BaseTaken
from draftsmith.domain.session.state import SessionState
from draftsmith.domain.text import hold
from draftsmith.hub.handlers.decisions import unknown_checkpoint, with_limits
from draftsmith.hub.renewing import brought_over
from draftsmith.hub.workspaces import encode_overlays, find_roots, workspace_id_of
from draftsmith.platform.clock import new_id
from draftsmith.protocol.entities import CheckpointEntity
from draftsmith.protocol.methods import session as messages
from draftsmith.workspace.snapshot import Overlay

if TYPE_CHECKING:
    from draftsmith.hub.dispatch import Call


async def start(call: Call, params: messages.StartParams) -> messages.SessionRef:
    """The session is in the log when this returns; the snapshot and the work come after."""
    own = call.hub.state_dir  # the disk may be slow: it is asked in a thread
    roots = await asyncio.to_thread(find_roots, params.folders, allow_home=params.allow_home, own=own)
    request, documents = hold(params.request)
    recording = _document(params.recording.encode("utf-8")) if params.recording else None
    overlays = _document(encode_overlays(_overlays(roots, params.overlays))) if params.overlays else None
    images, pictures = _images(params.images)
    session_id = SessionId(new_id("s"))
    command = StartSession(
        session_id=session_id,
        workspace_id=workspace_id_of(roots),
        roots=roots,
        request=request,
        autonomy=params.autonomy,
        limits=with_limits(DEFAULT_LIMITS, params.limits),
        model=params.model,
        recording=recording[0] if recording else None,
        overlays=overlays[0] if overlays else None,
        allow_home=params.allow_home,
        images=images,
    )
    host = call.hub.new_host(session_id)
    extra = tuple(held[1] for held in (recording, overlays) if held)
    envelopes = await host.command(
        command, call.caller.actor, correlation_id=call.correlation_id, documents=(*documents, *extra, *pictures)
    )
    call.hub.appended(host, envelopes)
    return messages.SessionRef(session_id=session_id)


def _images(given: Sequence[messages.RequestImage]) -> tuple[tuple[AttachedImage, ...], tuple[bytes, ...]]:
    """The pictures, and their bytes as documents. Raises UserError (`bad_image`)."""
    held: list[AttachedImage] = []
    contents: list[bytes] = []
    for one in given:
        name = "".join(each for each in one.name if each.isprintable()).strip() or "image"
        try:
            content = base64.b64decode(one.data, validate=True)
        except binascii.Error:
            raise _bad_image(f"The image {name} is not Base64.") from None
        kind = media_type_of(content)
        if kind is None:
            raise _bad_image(f"{name} is not an image that models read.")
        document, _ = _document(content)
        held.append(AttachedImage(name=name, media_type=kind, size=len(content), document=document))
        contents.append(content)
    if reason := bad_images(tuple(len(content) for content in contents)):
        raise _bad_image(reason)
    return tuple(held), tuple(contents)


def _bad_image(reason: str) -> UserError:
    return UserError(reason, code="bad_image", remedy=f"Send up to {MAX_IMAGES} of {KINDS}, smaller ones if need be.")


def _document(content: bytes) -> tuple[DocumentId, bytes]:
    return DocumentId(hashlib.sha256(content).hexdigest()), content


def _overlays(roots: Sequence[Root], overlays: Sequence[messages.Overlay]) -> list[Overlay]:
    """Unsaved text by root and relative path. Raises UserError for a document outside of the workspace."""
    found: list[Overlay] = []
    for overlay in overlays:
        path = os.path.realpath(overlay.path)
        for number, root in enumerate(roots):
            if Path(path).is_relative_to(root.path):
                relative = os.path.relpath(path, root.path)
                content = overlay.text.encode("utf-8", "surrogatepass")
                found.append(Overlay(root=number, path=relative, content=content))
                break
        else:
            raise UserError(
                f"{overlay.path} is not in a folder of the session.",
                code="unknown_folder",
                remedy="Send unsaved text only of documents in the session's folders.",
            )
    return found


async def fork(call: Call, params: messages.ForkParams) -> messages.SessionRef:
    """The same base, a draft that begins at the checkpoint, and a log of its own."""
    source = await call.hub.host(SessionId(params.session_id))
    state = source.state
    tree = state.draft
    if params.checkpoint_id is not None:
        point = source.entity("checkpoint", params.checkpoint_id)
        if not isinstance(point, CheckpointEntity):
            raise unknown_checkpoint(params.checkpoint_id)
        tree, _ = await brought_over(call.hub.workspaces, state, point)
    if state.base is None or tree is None:
        raise UserError(
            f"Session {params.session_id} has no snapshot yet.", code="illegal_command", remedy="Try again in a moment."
        )
    request, documents = hold(params.request) if params.request is not None else (state.request, ())
    session_id = SessionId(new_id("s"))
    await call.hub.workspaces.keep(state.workspace_id, session_id, (state.base, tree))
    host = call.hub.new_host(session_id)
    started = StartSession(
        session_id=session_id,
        workspace_id=state.workspace_id,
        roots=state.roots,
        request=request,
        autonomy=state.autonomy,
        limits=state.limits,
        model=state.model,
        recording=state.recording,
        forked_from=state.session_id,
        images=state.images,
    )
    actor, correlation = call.caller.actor, call.correlation_id
    base = BaseTaken(
        tree=state.base,
        files=0,
        draft_tree=tree,
        ignored_folders=state.ignored_folders,
        ignored_kinds=state.ignored_kinds,
    )
    # In one append: a fork without its base would take a new snapshot of the workspace.
    both = Record(events=(*decide(SessionState(), started), base))
    call.hub.appended(host, await host.command(both, actor, correlation_id=correlation, documents=documents))
    return messages.SessionRef(session_id=session_id)


async def attach(call: Call, params: messages.AttachParams) -> messages.AttachResult:
    """What was missed, or everything; later updates follow without a gap."""
    host = await call.hub.host(SessionId(params.session_id))
    call.caller.let_go(params.session_id)
    missed = host.fanout.missed(params.epoch, params.seq)
    if missed is None:
        subscription, snapshot = await host.subscribe()
        call.caller.hold(subscription)
        return messages.AttachResult(snapshot=snapshot, updates=())
    call.caller.hold(host.fanout.subscribe())
    return messages.AttachResult(snapshot=None, updates=missed)


async def detach(call: Call, params: messages.SessionRef) -> messages.Empty:
    call.caller.let_go(params.session_id)
    return messages.Empty()


async def delete(call: Call, params: messages.SessionRef) -> messages.Empty:
    """Gone for good; whoever watches it sees it go."""
    host = await call.hub.host(SessionId(params.session_id))
    await call.hub.delete(host)
    call.caller.let_go(params.session_id)
    return messages.Empty()
