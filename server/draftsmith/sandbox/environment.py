"""The environment of a command: an allow-list. Secrets of the user's environment never reach one."""

from __future__ import annotations

from collections.abc import Mapping


def command_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """What every command gets of the user's environment, and what makes programs behave without a person at hand.
    PATH, HOME and what belongs to tool chains are for the caller to add."""
    kept = {name: value for name, value in environ.items() if name in ("LANG", "TZ") or name.startswith("LC_")}
    return {
        "LANG": "C.UTF-8",
        **kept,
        "TMPDIR": "/tmp",  # noqa: S108  the sandbox's own
        "TERM": "dumb",
        "SHELL": "/bin/sh",
        "PAGER": "cat",
        "GIT_PAGER": "cat",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        # The folders that hold .git belong to the sandbox's maker, which git would call dubious.
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": "*",
        # Caches beside the sources would become part of a proposal where nothing ignores them.
        "PYTHONDONTWRITEBYTECODE": "1",
        # Output that is still in a buffer when a limit strikes would be lost.
        "PYTHONUNBUFFERED": "1",
    }
