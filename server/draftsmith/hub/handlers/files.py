"""The files of a session's workspace: one folder at a time, one file on each side, saved, and what it defines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from draftsmith.domain.errors import AdapterError, UserError
from draftsmith.domain.ids import SessionId
from draftsmith.domain.session.state import SessionState
from draftsmith.hub.saving import save_draft, save_workspace
from draftsmith.protocol.methods.code import SymbolLine
from draftsmith.protocol.methods.files import (
    FileSymbolsParams,
    FileSymbolsResult,
    FolderEntryLine,
    FolderParams,
    FolderResult,
    SaveParams,
    SaveResult,
    Side,
)
from draftsmith.protocol.methods.proposal import FileParams, FileResult
from draftsmith.workspace.browse import FolderPage, cursor_of, safe_path, snapshot_folder, workspace_folder
from draftsmith.workspace.saving import version_of, why_not_editable
from draftsmith.workspace.sides import read_tree_file, read_workspace_file

if TYPE_CHECKING:
    from draftsmith.hub.dispatch import Call

_EMPTY = FolderPage(entries=(), total=0, more=False)


async def folder(call: Call, params: FolderParams) -> FolderResult:
    host = await call.hub.host(SessionId(params.session_id))
    root = root_of(host.state, params.root)
    if params.side == "workspace":
        page = await workspace_folder(root, params.path, params.cursor, params.limit)
    else:
        tree = tree_of(host.state, params.side)
        store = await call.hub.workspaces.store(host.state.workspace_id)
        page = (
            _EMPTY
            if tree is None
            else await snapshot_folder(store, tree, params.root, params.path, params.cursor, params.limit)
        )
    return FolderResult(
        entries=tuple(FolderEntryLine(name=one.name, kind=one.kind, size=one.size) for one in page.entries),
        total=page.total,
        cursor=cursor_of(page.entries[-1]) if page.more and page.entries else None,
    )


async def read(call: Call, params: FileParams) -> FileResult:
    """A side of one file; nothing outside of the workspace is ever read."""
    host = await call.hub.host(SessionId(params.session_id))
    content = await side_of(call, host.state, params.root, params.path, params.side)
    return as_result(content, _fixed(host.state, params.side))


async def save(call: Call, params: SaveParams) -> SaveResult:
    """The user's own edit: by the one way in which files change, and only over the version that was edited."""
    host = await call.hub.host(SessionId(params.session_id))
    root_of(host.state, params.root)
    path = safe_path(params.path)
    if params.side == "workspace":
        return await save_workspace(call.hub, host, params.root, path, params.text, params.version)
    actor, correlation_id = call.caller.actor, call.correlation_id
    return await save_draft(call.hub, host, params.root, path, params.text, params.version, actor, correlation_id)


async def symbols(call: Call, params: FileSymbolsParams) -> FileSymbolsResult:
    host = await call.hub.host(SessionId(params.session_id))
    content = await side_of(call, host.state, params.root, params.path, params.side)
    if content is None:
        raise UserError(f"There is no file {params.path} on that side.", code="unknown_file")
    if b"\0" in content[:_PROBED]:
        return FileSymbolsResult(symbols=(), skipped="binary")
    if len(content) > _OUTLINED:
        return FileSymbolsResult(symbols=(), skipped="too_large")
    index = call.hub.index
    if index is None:
        raise AdapterError("This hub has no index of code.", code="index_unavailable")
    found = await index.outline(params.path, content.decode("utf-8", "replace"))
    return FileSymbolsResult(
        symbols=tuple(
            SymbolLine(
                path=params.path,
                line=one.line,
                end_line=one.end_line,
                name=one.name,
                kind=one.kind,
                signature=one.signature,
                container=one.container,
                doc=one.doc,
                test=one.test,
            )
            for one in found.symbols
        ),
        skipped=found.skipped,
    )


_PROBED = 8_000
_OUTLINED = 1_000_000
"""Bytes beyond which the index takes no file."""


def root_of(state: SessionState, number: int) -> Path:
    """Raises UserError (`unknown_file`)."""
    if number >= len(state.roots):
        raise UserError(f"The session has no folder {number}.", code="unknown_file")
    return Path(state.roots[number].path)


def tree_of(state: SessionState, side: Literal["base", "draft"]) -> str | None:
    """The snapshot of a side; None while there is none yet."""
    if side == "base":
        return state.base
    return state.proposal.tree if state.proposal else state.draft


async def side_of(call: Call, state: SessionState, root: int, path: str, side: Side) -> bytes | None:
    """The file's bytes; None when it is not there. Raises UserError (`unknown_file`, `file_too_large`)."""
    folder = root_of(state, root)
    safe_path(path)
    if side == "workspace":
        return await read_workspace_file(folder, path)
    tree = tree_of(state, side)
    store = await call.hub.workspaces.store(state.workspace_id)
    return None if tree is None else await read_tree_file(store, tree, root, path)


def _fixed(state: SessionState, side: Side) -> str:
    """Why nothing of a side can be edited."""
    match side:
        case "workspace":
            return ""
        case "base":
            return "The base is what the session began with."
        case "draft" if state.status not in ("proposed", "finished"):
            return "The draft can be edited once the agent has made its proposal."
        case "draft":
            return ""


def as_result(content: bytes | None, fixed: str) -> FileResult:
    if content is None:
        return FileResult(exists=False, binary=False, text=None, size=0, version="", read_only=fixed)
    binary = b"\0" in content[:_PROBED]
    return FileResult(
        exists=True,
        binary=binary,
        text=None if binary else content.decode("utf-8", "replace"),
        size=len(content),
        version=version_of(content),
        read_only=fixed or why_not_editable(content),
    )
