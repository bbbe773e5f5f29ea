"""The registry's part about how all of it runs: load, logs, settings, sandbox, analytics."""

from __future__ import annotations

from draftsmith.protocol.method import Method, method
from draftsmith.protocol.methods import analytics, monitor, settings

_ASKED = ("no_runner", "runner_silent")

OPERATION_METHODS: tuple[Method, ...] = (
    method(
        "monitor/read",
        monitor.MonitorParams,
        monitor.MonitorResult,
        "own",
        "What hub, runners, sandboxes and machine used over the last minutes, and how quick and how good they were.",
        safe=True,
    ),
    method(
        "logs/read",
        monitor.LogParams,
        monitor.LogResult,
        "local",
        "Lines of a log, the newest first; known secrets are struck out.",
        safe=True,
        errors=("bad_cursor",),
    ),
    method(
        "settings/read",
        settings.SettingsOf,
        settings.SettingsInfo,
        "local",
        "The settings of hub and runner, each with what is in force and where that comes from.",
        safe=True,
    ),
    method(
        "settings/write",
        settings.WriteSettingParams,
        settings.SettingsInfo,
        "local",
        "Sets one line of the user's settings file.",
        idempotent=True,
        errors=("bad_setting", "settings_unreadable"),
    ),
    method(
        "sandbox/read",
        settings.SandboxParams,
        settings.SandboxResult,
        "view",
        "What commands run in now, and why.",
        safe=True,
        errors=_ASKED,
    ),
    method(
        "spending/read",
        analytics.SpendingParams,
        analytics.SpendingResult,
        "view",
        "What all sessions together spent today, this month and with each key, against the limits.",
        safe=True,
    ),
    method(
        "analytics/read",
        analytics.AnalyticsParams,
        analytics.AnalyticsResult,
        "view",
        "Time, success and cost by day, model, role and workspace, and what would have cost less.",
        safe=True,
    ),
)
