"""Makes `docs/images/{run,end}.svg`: what a terminal shows in the middle and at the end of a real `make run`.

Needs tmux, which is the terminal here. Run it with a state folder of its own: DRAFTSMITH_STATE_DIR=… .
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import SVG_EXPORT_THEME
from rich.text import Text

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
COLUMNS, ROWS = 108, 58
SOCKET = "draftsmith-screenshot"


def tmux(*arguments: str) -> str:
    command = ["tmux", "-L", SOCKET, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def screen() -> str:
    return tmux("capture-pane", "-t", "main", "-p", "-e")


def save(name: str, content: str, title: str) -> None:
    with (IMAGES / name).open("w", encoding="utf-8") as nowhere:
        console = Console(record=True, width=COLUMNS, file=nowhere, force_terminal=True)
        console.print(Text.from_ansi(content.rstrip("\n")))
    image = console.export_svg(title=title, theme=SVG_EXPORT_THEME, unique_id="t")
    # Some viewers take the spaces at the beginning of a text away unless they are told not to.
    (IMAGES / name).write_text(image.replace("<text ", '<text xml:space="preserve" '), encoding="utf-8")


def main() -> int:
    IMAGES.mkdir(parents=True, exist_ok=True)
    job = f"{sys.executable} tools/main_job.py; sleep 600"
    tmux("new-session", "-d", "-s", "main", "-x", str(COLUMNS), "-y", str(ROWS), job)
    try:
        deadline = time.monotonic() + 120
        middle = ""
        while time.monotonic() < deadline:
            shown = screen()
            if "edit" in shown and "step 3" in shown and not middle:
                middle = shown
            if "What you can type next" in shown:
                break
            time.sleep(0.2)
        middle = middle or screen()
        save("run.svg", middle[middle.rfind("\n", 0, max(0, middle.find("session s_"))) + 1 :], "make run")
        whole = tmux("capture-pane", "-t", "main", "-p", "-e", "-S", "-300")
        begin = whole.rfind("Applied:")
        end = whole.find("=== What was applied")
        save("end.svg", whole[whole.rfind("\n", 0, begin) : end], "make run")
    finally:
        tmux("kill-server")
    return 0


if __name__ == "__main__":
    sys.exit(main())
