"""The registry's methods that serve screens: what changes, preferences, looking through a log, finding files."""

from __future__ import annotations

from draftsmith.protocol.method import Method, method
from draftsmith.protocol.methods import log, overview, session

OVERVIEW_METHODS: tuple[Method, ...] = (
    method(
        "hub/watch",
        overview.WatchParams,
        session.Empty,
        "view",
        "From now on this connection is told of changes in the list of sessions and in what all sessions share.",
        safe=True,
        bound=True,
    ),
    method(
        "preferences/read",
        overview.PreferencesParams,
        overview.PreferencesResult,
        "view",
        "What the user prefers of the screens.",
        safe=True,
    ),
    method(
        "preferences/set",
        overview.PreferenceParams,
        overview.PreferencesResult,
        "view",
        "Keeps one preference; every client of the user is told.",
        idempotent=True,
        errors=("bad_preference",),
    ),
    method(
        "steps/search",
        log.SearchStepsParams,
        log.SearchStepsResult,
        "view",
        "Steps that have some words in them, newest first.",
        safe=True,
        errors=("unknown_session",),
    ),
    method(
        "checkpoint/preview",
        log.CheckpointParams,
        log.CheckpointPreview,
        "view",
        "What restoring a checkpoint would change in the draft.",
        safe=True,
        errors=("unknown_session", "unknown_checkpoint", "illegal_command"),
    ),
    method(
        "code/files",
        log.FindFilesParams,
        log.FindFilesResult,
        "own",
        "Files of folders whose path fits some letters, the best first.",
        safe=True,
        errors=("unknown_folder", "workspace_is_home", "ripgrep_missing", "listing_failed"),
    ),
)
