"""The whole main job in a real Emacs with eglot, which has no code lenses and no plugin of ours."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from pathlib import Path

from e2e import hubs
from e2e.editors.lsp.editing import PROJECT, environment, lay_out, script

LIMIT_S = 110
DEBIAN = Path("/usr/share/emacs/site-lisp/elpa")
"""Where Debian puts eglot and what it needs; Emacs 29 and newer bring it along."""


async def test_the_main_job_in_emacs_with_eglot(state_dir: Path, tmp_path: Path) -> None:
    program = shutil.which("emacs")
    hint = "`make system-deps` installs it (Debian: apt-get install emacs-nox elpa-eglot)."
    assert program, f"Emacs is missing; {hint}"
    folders = [str(folder) for folder in sorted(DEBIAN.glob("*-*"))] if DEBIAN.is_dir() else []
    root, result = lay_out(tmp_path / "ws"), tmp_path / "result.json"
    load = [part for folder in folders for part in ("-L", folder)]
    async with script() as vendor:
        with hubs.running(state_dir):
            process = await asyncio.create_subprocess_exec(
                *(program, "-Q", "--batch", *load, "-l", str(Path(__file__).with_name("main-job.el"))),
                cwd=root,
                stdin=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
                env={
                    **os.environ,
                    **environment(vendor),
                    "DRAFTSMITH_STATE_DIR": str(state_dir),
                    "PYTHON": sys.executable,
                    "RESULT": str(result),
                },
            )
            try:
                async with asyncio.timeout(LIMIT_S):
                    _, said = await process.communicate()
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
    words = said.decode("utf-8", "replace")
    assert result.exists(), f"{words}\nWithout eglot: {hint}"
    found = json.loads(result.read_text("utf-8"))
    assert found["failure"] is None, f"{json.dumps(found, indent=1)}\n{words}"
    assert ["Pending change (+1 −1)" in one for one in found["marks"]] == [True, True]
    mended = PROJECT["calc.py"].replace("a - b", "a + b")
    assert found["accepted"] == mended
    assert found["undone"] is True
    assert found["saved"] == mended
    assert (root / "calc.py").read_text() == mended
    # What the edge says reaches the user, and nothing that eglot does not know.
    assert "Server sent unknown notification" not in words
