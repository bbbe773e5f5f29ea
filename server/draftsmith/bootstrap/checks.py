"""What `draftsmith doctor` looks at in parts that the terminal itself does not import: sandbox, models, search, git.

Each check is a sentence with a remedy. It changes nothing and prints nothing.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from draftsmith.domain.errors import DraftsmithError, UserError
from draftsmith.platform.filesystems import network_mount

Verdict = Literal["ok", "warning", "missing"]
_OLDEST_PYTHON = (3, 11)
_OLDEST_GIT = (2, 30)
_TIMEOUT = 10.0
_CONNECT_SECONDS = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """`warning`: it works with less; `missing`: a session cannot run, or not safely."""

    name: str
    verdict: Verdict
    found: str
    remedy: str = ""


async def check_all(state_dir: Path, environ: Mapping[str, str]) -> list[Check]:
    """Every check, in the order in which they are best mended."""
    return [
        check_python(),
        await check_git(),
        await check_ripgrep(),
        await check_sandbox(environ),
        await asyncio.to_thread(check_state_folder, state_dir),
        await check_models(environ),
    ]


def check_python() -> Check:
    version = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info < _OLDEST_PYTHON:
        return Check(name="python", verdict="missing", found=version, remedy="Install Python 3.11 or newer.")
    return Check(name="python", verdict="ok", found=f"{version} ({sys.executable})")


async def check_git() -> Check:
    found = await _first_line("git", "--version")
    if found is None:
        return Check(
            name="git",
            verdict="missing",
            found="not found",
            remedy="Install it: `apt install git`, `dnf install git`, `brew install git`.",
        )
    numbers = tuple(int(part) for part in re.findall(r"\d+", found)[:2])
    if numbers < _OLDEST_GIT:
        return Check(name="git", verdict="missing", found=found, remedy="Install git 2.30 or newer.")
    return Check(name="git", verdict="ok", found=found.removeprefix("git version "))


async def check_ripgrep() -> Check:
    # The wheel puts it beside Python; elsewhere the system's is as good.
    beside = Path(sys.executable).with_name("rg")
    found = await _first_line(str(beside) if beside.exists() else "rg", "--version")
    if found is None:
        return Check(
            name="ripgrep",
            verdict="missing",
            found="not found",
            remedy="Install Draftsmith's requirements again, or `apt install ripgrep`.",
        )
    return Check(name="ripgrep", verdict="ok", found=found.removeprefix("ripgrep "))


async def check_sandbox(environ: Mapping[str, str]) -> Check:
    """Which one commands would run in, and why that one."""
    # Imported here, as below: only `doctor` needs these parts in this process.
    from draftsmith.sandbox.choosing import ChosenSandbox

    probe = await ChosenSandbox(environ).probe()
    if not probe.usable:
        return Check(name="sandbox", verdict="missing", found=probe.reason or "not usable", remedy=probe.remedy)
    found = f"{probe.engine} {probe.version}".strip() + (f" ({probe.reason.removesuffix('.')})" if probe.reason else "")
    if not probe.confines:
        remedy = "Unset DRAFTSMITH_SANDBOX to have commands confined."
        return Check(name="sandbox", verdict="warning", found=f"none: {found}", remedy=remedy)
    return Check(name="sandbox", verdict="ok", found=found)


def check_state_folder(state_dir: Path) -> Check:
    existing = next(folder for folder in (state_dir, *state_dir.parents) if folder.exists())
    remedy = "Set DRAFTSMITH_STATE_DIR to a folder of yours on a local disk."
    if (mount := network_mount(state_dir)) is not None:
        found = f"{state_dir} is on a network file system ({mount.kind})"
        return Check(name="state folder", verdict="missing", found=found, remedy=remedy)
    try:
        with tempfile.TemporaryFile(dir=existing):
            pass
    except OSError as failure:
        found = f"{existing} cannot be written: {failure.strerror}"
        return Check(name="state folder", verdict="missing", found=found, remedy=remedy)
    free = shutil.disk_usage(existing).free
    if free < 500_000_000:
        found = f"{state_dir}: {free // 1_000_000} MB free"
        return Check(name="state folder", verdict="warning", found=found, remedy="Free some space.")
    return Check(name="state folder", verdict="ok", found=str(state_dir))


async def check_models(environ: Mapping[str, str]) -> Check:
    """Keys are looked up and not tried; local servers are asked what they serve, other addresses if they listen."""
    from draftsmith.models.discovery import discover

    remedy = (
        "Set ANTHROPIC_API_KEY, OPENAI_API_KEY or GEMINI_API_KEY, or DRAFTSMITH_BASE_URL and DRAFTSMITH_MODEL for"
        " another endpoint, or start a local server such as Ollama."
    )
    try:
        found = await discover(environ)
    except UserError as wrong:
        return Check(name="models", verdict="missing", found=wrong.message, remedy=wrong.remedy)
    except DraftsmithError as failed:
        return Check(name="models", verdict="warning", found=failed.message, remedy=failed.remedy or remedy)
    if not found:
        return Check(name="models", verdict="missing", found="no key and no local server", remedy=remedy)
    addresses = {one.credential.base_url for one in found if not one.local and one.credential.base_url}
    silent = [url for url in sorted(addresses) if not await _listens(url)]
    if silent:
        return Check(
            name="models",
            verdict="warning" if len(silent) < len(found) else "missing",
            found=f"nothing answers at {', '.join(silent)}",
            remedy="Start it, or mend the address (DRAFTSMITH_BASE_URL and the like).",
        )
    names = ", ".join(f"{one.model} ({'local' if one.local else one.credential.origin})" for one in found)
    return Check(name="models", verdict="ok", found=names)


def require_provider(model: str) -> None:
    """Raises UserError for a name that means no model of any provider."""
    from draftsmith.models.providers import parse_model

    parse_model(model)


async def _listens(url: str) -> bool:
    """Whether something takes connections at the address; nothing is asked of it."""
    parts = urlsplit(url)
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        async with asyncio.timeout(_CONNECT_SECONDS):
            _, writer = await asyncio.open_connection(parts.hostname, port)
    except (OSError, TimeoutError, ValueError):
        return False
    writer.close()
    return True


async def _first_line(*argv: str) -> str | None:
    try:
        process = await asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={**os.environ, "LC_ALL": "C"},
        )
    except OSError:
        return None
    try:
        async with asyncio.timeout(_TIMEOUT):
            output, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        return None
    lines = output.decode("utf-8", "replace").splitlines()
    return lines[0].strip() if process.returncode == 0 and lines else None
