"""The registry's methods about a session's files, the user's repository, and new projects."""

from __future__ import annotations

from draftsmith.protocol.method import Method, method
from draftsmith.protocol.methods import files, git, projects, proposal

_FILE = ("unknown_session", "unknown_file")
_GIT = ("unknown_session", "no_repository")

PROJECT_METHODS: tuple[Method, ...] = (
    method(
        "proposal/conflict",
        files.ConflictParams,
        files.ConflictResult,
        "view",
        "A file whose hunks are in conflict, as three texts side by side.",
        safe=True,
        errors=(*_FILE, "no_proposal"),
    ),
    method(
        "folder/list",
        files.FolderParams,
        files.FolderResult,
        "view",
        "What stands in one folder of the session's workspace, of its base or of its draft.",
        safe=True,
        errors=(*_FILE, "bad_cursor", "folder_too_large"),
    ),
    method(
        "file/save",
        files.SaveParams,
        files.SaveResult,
        "own",
        "Writes a file that the user edited, if it still is what was edited.",
        idempotent=True,
        errors=(*_FILE, "illegal_command"),
    ),
    method(
        "file/symbols",
        files.FileSymbolsParams,
        files.FileSymbolsResult,
        "view",
        "What a file defines, by line.",
        safe=True,
        errors=(*_FILE, "index_unavailable", "index_failed"),
    ),
    method(
        "git/state",
        git.GitRoot,
        git.GitStateResult,
        "view",
        "Where the user's repository stands, and what changed since the last commit.",
        safe=True,
        errors=_FILE,
    ),
    method(
        "git/log",
        git.GitLogParams,
        git.GitLogResult,
        "view",
        "Commits, newest first.",
        safe=True,
        errors=(*_GIT, "unknown_file", "bad_cursor", "unknown_commit"),
    ),
    method(
        "git/commit",
        git.GitCommitParams,
        git.GitCommitResult,
        "view",
        "A commit with its message and the files that it changed.",
        safe=True,
        errors=(*_GIT, "unknown_file", "unknown_commit"),
    ),
    method(
        "git/read",
        git.GitReadParams,
        proposal.FileResult,
        "view",
        "A file as a commit has it.",
        safe=True,
        errors=(*_GIT, "unknown_file", "unknown_commit"),
    ),
    method(
        "project/templates",
        projects.TemplatesParams,
        projects.TemplatesResult,
        "view",
        "Templates of projects.",
        safe=True,
    ),
    method(
        "project/create",
        projects.CreateParams,
        projects.CreateResult,
        "own",
        "Makes a project from a template in an empty folder.",
        errors=(
            "unknown_template",
            "unknown_folder",
            "folder_not_empty",
            "bad_project_name",
            "workspace_is_home",
            "workspace_is_git",
            "workspace_is_state",
        ),
    ),
)
