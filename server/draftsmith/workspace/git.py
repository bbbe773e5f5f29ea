"""The git that cannot run or convert anything.

Every call gets a fresh environment and a repository of ours whose configuration switches off hooks, filters,
attributes and conversions. Nothing here writes to the user's repository.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from draftsmith.domain.errors import AdapterError, UserError
from draftsmith.workspace.offload import Stop

GIT_TIMEOUT = 120.0
"""Seconds a git of ours may take unless its caller knows better."""

_POLL_SECONDS = 0.25
NO_HOME = os.devnull
"""A home in which nothing can be: else `~/.config/git/attributes` would still apply."""

_KEPT_VARIABLES = ("PATH", "TMPDIR", "SYSTEMROOT", "TEMP", "TMP")

CONFIGURATION: Mapping[str, str] = {
    "core.repositoryformatversion": "0",
    "core.bare": "true",
    "core.fileMode": "true",
    "core.symlinks": "true",
    "core.ignoreCase": "false",
    "core.precomposeUnicode": "false",
    "core.protectNTFS": "false",
    "core.protectHFS": "false",
    "core.autocrlf": "false",
    "core.eol": "lf",
    "core.safecrlf": "false",
    "core.attributesFile": "/dev/null",
    "core.excludesFile": "/dev/null",
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "core.untrackedCache": "false",
    "core.sparseCheckout": "false",
    "core.quotePath": "true",
    "core.bigFileThreshold": "8m",
    "index.version": "2",
    "index.threads": "1",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "checkout.workers": "2",
    "pack.threads": "2",
    "pack.writeBitmaps": "false",
    "repack.writeBitmaps": "false",
    "commit.gpgSign": "false",
    "submodule.recurse": "false",
    "protocol.allow": "never",
    "diff.indentHeuristic": "true",
    "diff.suppressBlankEmpty": "false",
    "merge.conflictStyle": "merge",
}
"""`index.version` is 2 because the stat data of a fresh draft is read from the index, and 4 compresses names."""

ATTRIBUTES = "* -text -eol -crlf -filter -ident -working-tree-encoding -export-subst !diff !merge\n"
"""For `info/attributes`, which beats attributes, macros and required filters of the tree."""


class ProcessCount:
    """How many processes this module started; counts guard what times cannot."""

    started = 0


def git_program() -> str:
    found = shutil.which("git")
    if found is None:
        raise UserError(
            "git is not installed, or not on PATH.",
            code="git_missing",
            remedy="Install git 2.34 or newer (Debian: apt-get install git) and try again.",
        )
    return found


def environment(git_dir: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Nothing inherited but the search path: a leaked `GIT_CONFIG_COUNT` has run a program."""
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    return {
        **kept,
        "GIT_DIR": str(git_dir),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "HOME": NO_HOME,
        "XDG_CONFIG_HOME": NO_HOME,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "LC_ALL": "C",
        **(extra or {}),
    }


def run_git(
    git_dir: Path,
    arguments: Sequence[str | bytes],
    *,
    stop: Stop,
    stdin: bytes = b"",
    cwd: bytes | str | Path | None = None,
    extra: Mapping[str, str] | None = None,
    accept: Sequence[int] = (0,),
    timeout: float = GIT_TIMEOUT,
    umask: int = -1,
) -> tuple[int, bytes]:
    """Run git and give its exit code and output; other codes than `accept` raise `AdapterError` (`git_failed`)."""
    ProcessCount.started += 1
    program = git_program()
    with subprocess.Popen(
        [program, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=cwd if cwd is not None else git_dir,
        env=environment(git_dir, extra),
        start_new_session=True,
        umask=umask,
    ) as process:
        output, complaint = _communicate(process, stdin, stop, timeout)
    if process.returncode not in accept:
        full = b"No space left" in complaint or b"Disk quota" in complaint
        text = complaint.decode("utf-8", "replace").strip()[-500:]
        raise AdapterError(
            f"git {_shown(arguments)} failed with {process.returncode}: {text or 'no message'}.",
            code="disk_full" if full else "git_failed",
            remedy="Free some space and try again." if full else "Run `draftsmith doctor`.",
            retryable=full,
        )
    return process.returncode, output


def _communicate(process: subprocess.Popen[bytes], stdin: bytes, stop: Stop, timeout: float) -> tuple[bytes, bytes]:
    give_up = time.monotonic() + timeout
    pending: bytes | None = stdin
    try:
        while True:
            try:
                return process.communicate(pending, timeout=_POLL_SECONDS)
            except subprocess.TimeoutExpired:
                pending = None  # communicate remembers what it still has to send
                stop.check()
                if time.monotonic() > give_up:
                    raise AdapterError(
                        f"git took longer than {timeout:.0f} s and was stopped.",
                        code="git_timeout",
                        remedy="Try again; a smaller workspace or a faster disk helps.",
                        retryable=True,
                    ) from None
    except BaseException:
        process.kill()
        process.communicate()
        raise


def _shown(arguments: Sequence[str | bytes]) -> str:
    return " ".join(os.fsdecode(part) for part in arguments[:4])
