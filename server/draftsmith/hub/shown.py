"""What editors show as wrong in a session's folders, asked of all of them at once; nothing of it is kept.

What editors say is text of strangers: places outside the session are left out here, the protocol bounds lengths.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

from draftsmith.domain.session.state import SessionState
from draftsmith.hub.buffer_routes import absolute
from draftsmith.hub.buffers import Buffers, Editor, resolved
from draftsmith.hub.peers import PeerFailed
from draftsmith.ports.editor_diagnostics import DiagnosedFile, EditorDiagnostic, ShownDiagnostics
from draftsmith.protocol.methods.buffers import DiagnosedDocument, DiagnosticsParams, DiagnosticsResult

ASK_SECONDS = 15.0
MOST_EDITORS = 8
MOST_LEFT_OUT = 20


@dataclass(slots=True)
class _Told:
    files: list[DiagnosedFile] = field(default_factory=list[DiagnosedFile])
    left_out: list[str] = field(default_factory=list[str])


async def shown_diagnostics(buffers: Buffers, state: SessionState, root: int | None, path: str) -> ShownDiagnostics:
    """Of one file, or of the session's folders when `root` is None."""
    if root is not None and root >= len(state.roots):
        return ShownDiagnostics(asked=(), files=(), left_out=("There is no such folder.",))
    wanted = [one.path for one in state.roots] if root is None else [absolute(state, root, path)]
    editors = buffers.diagnosing()[:MOST_EDITORS]
    told = await asyncio.gather(*(_ask(editor, state, wanted) for editor in editors))
    left_out = [reason for one in told for reason in one.left_out]
    more = len(left_out) - MOST_LEFT_OUT
    return ShownDiagnostics(
        asked=tuple(dict.fromkeys(editor.client for editor in editors)),
        files=tuple(file for one in told for file in one.files),
        left_out=(*left_out[:MOST_LEFT_OUT], *([f"and {more} more"] if more > 0 else ())),
    )


async def _ask(editor: Editor, state: SessionState, wanted: list[str]) -> _Told:
    told = _Told()
    # The editor may spell the path of a file that it holds in its own way.
    spelled = [document.path for path in wanted if (document := editor.documents.get(path)) is not None]
    params = DiagnosticsParams(paths=tuple(dict.fromkeys([*wanted, *spelled])))
    try:
        answer = await editor.peer.ask("buffers/diagnostics", params, DiagnosticsResult, within=ASK_SECONDS)
    except PeerFailed as failure:
        told.left_out.append(failure.message)
        return told
    places = await asyncio.to_thread(lambda: [resolved(one.path) for one in answer.documents])
    for place, document in zip(places, answer.documents, strict=True):
        found = _place(state, place)
        if found is not None and any(place == one or place.startswith(f"{one.rstrip('/')}/") for one in wanted):
            told.files.append(_file(editor, *found, document))
    told.left_out += [
        f"{Path(path).name}: {editor.client} had not looked at its present text yet; ask again in a moment"
        for path in answer.stale
    ]
    if answer.more:
        told.left_out.append(f"{answer.more} more files in {editor.client}; ask for one with `path`")
    return told


def _place(state: SessionState, path: str) -> tuple[int, str] | None:
    for number, root in enumerate(state.roots):
        if path.startswith(start := f"{root.path.rstrip('/')}/"):
            return number, path.removeprefix(start)
    return None


def _file(editor: Editor, root: int, path: str, document: DiagnosedDocument) -> DiagnosedFile:
    return DiagnosedFile(
        root=root,
        path=path,
        client=editor.client,
        unsaved=document.dirty,
        sha256=document.sha256 or "",
        diagnostics=tuple(
            EditorDiagnostic(
                line=one.line,
                end_line=one.end_line,
                severity=one.severity,
                code=one.code,
                source=one.source,
                message=" ".join(one.message.split()),
            )
            for one in document.diagnostics
        ),
        more=document.more,
    )
