"""The session of the crash test: its workspace, the vendor's script, what the user does, and how it has to end.

Everything is chosen so that a repetition shows: a command appends a line, and the user edits a file that the
session also changes, before it is applied and while it is being applied.
"""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
from pathlib import Path
from typing import Any

REQUEST = "Mend add, note that it was checked, and name the release"
ANSWER = "blue"
APPENDED = "checked by the agent"

FILES = {
    "calc.py": "def add(a, b):\n    return a - b\n\n\ndef twice(a):\n    return add(a, a)\n",
    "notes.txt": "notes\n",
    "settings.ini": "".join(f"option{number} = {number}\n" for number in range(1, 21)),
    "Makefile": 'test:\n\t@grep -q "return a + b" calc.py && echo "1 passed"\n\t@sleep 0.1\n',
}
AFTER = {
    **FILES,
    "calc.py": FILES["calc.py"].replace("a - b", "a + b"),
    "notes.txt": f"notes\n{APPENDED}\n",
    "settings.ini": FILES["settings.ini"].replace("option10 = 10\n", "option10 = ten\nname = blue\n"),
    "CHANGES.txt": "add adds\n",
}
FIRST, SECOND = ("calc.py", "notes.txt"), ("CHANGES.txt", "settings.ini")
"""Files in the order in which the user accepts them."""
USER_LINE, LATER_LINE = "# mine, before the apply\n", "# mine, during the apply\n"


def make_workspace(folder: Path) -> None:
    """A small git repository with one commit."""
    folder.mkdir(parents=True)
    for name, content in FILES.items():
        (folder / name).write_text(content, encoding="utf-8")
    for command in (
        ["git", "init", "-q", "--template=", "-b", "main", "."],
        ["git", "add", "."],
        ["git", "-c", "user.name=T", "-c", "user.email=t@example.invalid", "commit", "-q", "-m", "first"],
    ):
        subprocess.run(command, cwd=folder, check=True, capture_output=True)


def everything_in(folder: Path) -> dict[str, str]:
    """Every path below the folder with its mode and, for files, the hash of its bytes."""
    found: dict[str, str] = {}
    for place, _, names in os.walk(folder):
        for path in (Path(place), *(Path(place) / name for name in names)):
            mode = path.lstat().st_mode
            content = hashlib.sha256(path.read_bytes()).hexdigest() if stat.S_ISREG(mode) else ""
            found[str(path.relative_to(folder))] = f"{mode:o} {content}"
    return found


def edit_before(workspace: Path) -> None:
    """The user writes at the head of the file while the proposal lies there."""
    path = workspace / "settings.ini"
    path.write_text(USER_LINE + path.read_text(encoding="utf-8"), encoding="utf-8")


def edit_during(workspace: Path) -> None:
    """The user writes at the end of the file while its apply is interrupted."""
    path = workspace / "settings.ini"
    path.write_text(path.read_text(encoding="utf-8") + LATER_LINE, encoding="utf-8")


def _call(name: str, **arguments: Any) -> dict[str, Any]:
    return {"name": name, "arguments": arguments}


def _reply(tool: str, *calls: dict[str, Any], text: str = "") -> dict[str, Any]:
    return {"when": {"tool": tool}, "text": text, "tool_calls": list(calls)}


def script() -> dict[str, Any]:
    """Replies in order for each role; a request that is repeated word for word gets the same reply again."""
    tasks = [
        {"id": "mend", "title": "Mend add and note it"},
        {"id": "name", "title": "Name the release", "depends_on": ["mend"]},
    ]
    approved = _reply("submit_review", _call("submit_review", approved=True, summary="It does what was asked."))
    return {
        "sticky": True,
        "replies": [
            _reply("submit_plan", _call("submit_plan", title="Mend and name", summary="Two steps.", tasks=tasks)),
            _reply("finish", _call("read", path="calc.py"), text="Let me look."),
            _reply("finish", _call("edit", path="calc.py", old="return a - b", new="return a + b")),
            _reply(
                "finish",
                _call("run_command", command=f"echo '{APPENDED}' >> notes.txt; echo written; sleep 0.1"),
            ),
            _reply("finish", _call("finish", summary="add adds", verified=["make test"])),
            approved,
            _reply("finish", _call("ask_user", question="Which name?", options=["blue", "green"])),
            _reply(
                "finish",
                _call("edit", path="settings.ini", old="option10 = 10\n", new="option10 = ten\nname = blue\n"),
                _call("write", path="CHANGES.txt", content="add adds\n"),
            ),
            _reply("finish", _call("finish", summary="The release is blue", not_verified=["that it is liked"])),
            approved,
        ],
    }


MODEL_CALLS = 10
