"""Whose containers are whose: by labels that say which folder and which process they were made for.

A container normally ends with the process that made it. What an engine that was away at that moment kept is found by
these labels at the next start.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import psutil

from draftsmith.domain.errors import AdapterError
from draftsmith.sandbox.containers.engine import Engine

FOLDER_LABEL = "dev.draftsmith.sandbox.folder"
PROCESS_LABEL = "dev.draftsmith.sandbox.process"


def labels(folder: Path | None) -> dict[str, str]:
    """For a container of this process, which has `folder` to itself."""
    return {FOLDER_LABEL: str(folder or ""), PROCESS_LABEL: this_process()}


@cache
def this_process() -> str:
    """Means no other process, also after the machine was started anew."""
    return f"{_boot()}:{os.getpid()}:{_begun(os.getpid())}"


async def remove_leftovers(engine: Engine, folder: Path | None) -> int:
    """Removes containers of our folder that are another process's, and those of processes that have ended; how many."""
    removed = 0
    for found in await engine.labelled(PROCESS_LABEL):
        process = found.labels.get(PROCESS_LABEL, "")
        if process == this_process():
            continue
        ours = folder is not None and found.labels.get(FOLDER_LABEL) == str(folder)
        if ours or _has_ended(process):
            try:
                await engine.remove(found.container_id)
            except AdapterError:
                if await engine.there(found.container_id):
                    raise
            removed += 1
    return removed


def _has_ended(process: str) -> bool:
    """False for processes of other machines that share the engine."""
    boot, _, rest = process.partition(":")
    pid, _, begun = rest.partition(":")
    return boot == _boot() and pid.isdigit() and _begun(int(pid)) != begun


@cache
def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return f"{os.uname().nodename}-{int(psutil.boot_time())}"


def _begun(pid: int) -> str:
    try:
        return str(psutil.Process(pid).create_time())
    except psutil.Error:
        return ""
