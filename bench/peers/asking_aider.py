"""Aider in an environment of its own, asked through `aider_map.py`."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.peers import Environment, peers_python

AIDER = Environment(name="aider", packages=("aider-chat==0.86.2",))
LIMIT_SECONDS = 3_600
TAGS = ".aider.tags.cache.v"


def aider_answers(root: Path, requests: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The answers of one process, in order. Raises RuntimeError when it fails."""
    script = Path(__file__).parent / "aider_map.py"
    lines = "".join(json.dumps(request) + "\n" for request in requests)
    done = subprocess.run(
        [str(peers_python(AIDER)), str(script), str(root)],
        input=lines,
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if len(answers) != len(requests):
        raise RuntimeError(f"Aider's map ended with {done.returncode}: {done.stderr[-500:]}")
    return answers


def forget_tags(root: Path) -> None:
    """Takes Aider's cache out of a tree."""
    for folder in root.glob(f"{TAGS}*"):
        shutil.rmtree(folder, ignore_errors=True)
