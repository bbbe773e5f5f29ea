"""Processes of a test: the scripted vendor, a hub, and VS Code's server with its extension host."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from .toolbox import NODE, VSCODE, environment

START_S = 60.0
STOP_S = 10.0

SETTINGS: Mapping[str, Any] = {
    "security.workspace.trust.enabled": False,
    "workbench.startupEditor": "none",
    "workbench.tips.enabled": False,
    "telemetry.telemetryLevel": "off",
    "extensions.ignoreRecommendations": True,
    "git.openRepositoryInParentFolders": "never",
    "files.autoSave": "off",
    "window.commandCenter": False,
    "chat.disableAIFeatures": True,
    "workbench.secondarySideBar.defaultVisibility": "hidden",
}


@dataclass(frozen=True, kw_only=True)
class VsCode:
    """`data`: its folder, with logs and settings."""

    url: str
    data: Path
    process: subprocess.Popen[str]


def use_settings(data: Path, **more: Any) -> None:
    """Names with `__` for dots."""
    wanted = {**SETTINGS, **{name.replace("__", "."): value for name, value in more.items()}}
    for path in settings_files(data):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(wanted), encoding="utf-8")


def settings_files(data: Path) -> tuple[Path, ...]:
    """Of the machine and of the user."""
    return (data / "data" / "Machine" / "settings.json", data / "data" / "User" / "settings.json")


def install_vsix(data: Path, vsix: Path) -> None:
    command = [str(NODE), str(VSCODE / "out" / "server-main.js"), *_folders(data), "--install-extension", str(vsix)]
    done = subprocess.run(
        [*command, "--force"], env=environment(), capture_output=True, text=True, timeout=START_S, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@contextlib.contextmanager
def vscode(data: Path, *options: str, env: Mapping[str, str]) -> Iterator[VsCode]:
    """VS Code's server until the end of the block."""
    command = [
        *(str(NODE), str(VSCODE / "out" / "server-main.js"), *_folders(data)),
        *("--disable-telemetry", "--host", "127.0.0.1", "--port", "0", "--without-connection-token"),
        # Without it the variables of a login shell replace those that a test gives.
        *("--disable-experiments", "--force-disable-user-env", *options),
    ]
    process = subprocess.Popen(
        command,
        env=environment(**{"EXTENSIONS_GALLERY": "{}", **env}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        said = _until(process, r"Web UI available at (\S+)", START_S)
        yield VsCode(url=said.rstrip("/"), data=data, process=process)
    finally:
        end_group(process)


@contextlib.contextmanager
def vendor(script: Path) -> Iterator[str]:
    """The scripted vendor as a process; its OpenAI-compatible address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "vendor.server", "--script", str(script)],
        cwd=Path(__file__).resolve().parents[3],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield _until(process, r"(http\S+)", START_S).rstrip("/") + "/v1"
    finally:
        end_group(process)


@contextlib.contextmanager
def stopped_hub(state_dir: Path) -> Iterator[None]:
    """Whatever hub is started there in the block is stopped after it."""
    try:
        yield
    finally:
        stop_hub(state_dir)


def stop_hub(state_dir: Path) -> None:
    """Ends the hub of this folder, also one that just starts, and waits until it is gone."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            command = process.cmdline()
            if "draftsmith.bootstrap.hub" in command and str(state_dir) in command:
                process.terminate()
                with contextlib.suppress(psutil.TimeoutExpired):
                    process.wait(STOP_S)
                    continue
                process.kill()


def end_group(process: subprocess.Popen[str]) -> None:
    """In the orderly way, then by force."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_S)
            break
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    if process.stdout is not None:
        process.stdout.close()


def remove(folder: Path) -> None:
    """Processes that end write their last; so more than once."""
    for _ in range(20):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.1)


def _folders(data: Path) -> tuple[str, ...]:
    return (
        *("--server-data-dir", str(data), "--extensions-dir", str(data / "extensions")),
        "--accept-server-license-terms",
    )


def _until(process: subprocess.Popen[str], pattern: str, within: float) -> str:
    """The first group of the first line that has it; all later output is read and dropped."""
    found: queue.Queue[str] = queue.Queue(maxsize=1)
    said: list[str] = []

    def read() -> None:
        assert process.stdout is not None
        with contextlib.suppress(ValueError):
            for line in process.stdout:
                match = re.search(pattern, line)
                if match and found.empty():
                    found.put(match[1])
                elif len(said) < 200:
                    said.append(line)

    threading.Thread(target=read, daemon=True).start()
    try:
        return found.get(timeout=within)
    except queue.Empty:
        raise AssertionError(f"{process.args} did not come up:\n{''.join(said)[-3000:]}") from None
