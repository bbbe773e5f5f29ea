"""The user's repository, to be looked at. Nothing of it is executed, and nothing is written to it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from draftsmith.domain.errors import UserError
from draftsmith.domain.ids import SessionId
from draftsmith.hub.handlers.files import as_result, root_of
from draftsmith.protocol.methods.git import (
    CommitLine,
    GitCommitParams,
    GitCommitResult,
    GitFileLine,
    GitLogParams,
    GitLogResult,
    GitReadParams,
    GitRoot,
    GitStateResult,
)
from draftsmith.protocol.methods.proposal import FileResult
from draftsmith.workspace.browse import safe_path
from draftsmith.workspace.history import Commit, GitFile, git_commit, git_file, git_log, git_state
from draftsmith.workspace.store import ObjectStore

if TYPE_CHECKING:
    from draftsmith.hub.dispatch import Call


async def state(call: Call, params: GitRoot) -> GitStateResult:
    store, root = await _asked(call, params)
    found = await git_state(store, root)
    if found is None:
        return GitStateResult(repository=False, branch="", commit="", files=(), cut=False)
    return GitStateResult(
        repository=True,
        branch=found.branch,
        commit=found.commit,
        files=tuple(map(_file, found.files)),
        cut=found.cut,
    )


async def log(call: Call, params: GitLogParams) -> GitLogResult:
    store, root = await _asked(call, params)
    head, skip = _cursor(params.cursor)
    path = safe_path(params.path) if params.path else b""
    page = await git_log(store, root, head=head, skip=skip, limit=params.limit, path=path)
    cursor = f"{page.head}:{skip + len(page.commits)}" if page.more else None
    return GitLogResult(commits=tuple(map(_commit, page.commits)), cursor=cursor)


def _cursor(cursor: str | None) -> tuple[str, int]:
    """The commit that the first page began with, so that pages stay in step while somebody commits."""
    if cursor is None:
        return "", 0
    head, _, skip = cursor.partition(":")
    if not head or not skip.isdecimal() or len(skip) > 9:
        raise UserError(
            "The cursor is not one that this list gave.", code="bad_cursor", remedy="Begin without a cursor."
        )
    return head, int(skip)


async def commit(call: Call, params: GitCommitParams) -> GitCommitResult:
    store, root = await _asked(call, params)
    found = await git_commit(store, root, params.commit)
    return GitCommitResult(
        commit=_commit(found.commit), message=found.message, files=tuple(map(_file, found.files)), cut=found.cut
    )


async def read(call: Call, params: GitReadParams) -> FileResult:
    store, root = await _asked(call, params)
    content = await git_file(store, root, params.commit, safe_path(params.path))
    return as_result(content, "What was committed does not change.")


async def _asked(call: Call, params: GitRoot) -> tuple[ObjectStore, Path]:
    host = await call.hub.host(SessionId(params.session_id))
    return await call.hub.workspaces.store(host.state.workspace_id), root_of(host.state, params.root)


def _file(found: GitFile) -> GitFileLine:
    return GitFileLine(path=found.path, state=found.state, staged=found.staged, before=found.before)


def _commit(found: Commit) -> CommitLine:
    return CommitLine(
        commit=found.oid,
        parents=found.parents,
        author=found.author,
        at=max(0, found.at) * 1_000,
        subject=found.subject,
    )
