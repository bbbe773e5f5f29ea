"""Writes every generated file anew, or with `--check` says which are stale.

A generator is a module that takes `--check`; a new one is named in GENERATORS and nowhere else.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GENERATORS = ("draftsmith.protocol.generate", "tools.error_codes", "tools.escape_table", "draftsmith.cli.reference")
TIMEOUT_S = 300


def exists(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def main(arguments: list[str]) -> int:
    sys.path.insert(0, str(ROOT))
    absent = [module for module in GENERATORS if not exists(module)]
    for module in absent:
        print(f"{module}: no such generator; it is named in tools/generated.py. Remove it there or restore it.")
    failed = bool(absent)
    for module in GENERATORS:
        if module not in absent:
            command = [sys.executable, "-m", module, *arguments]
            failed |= subprocess.run(command, cwd=ROOT, timeout=TIMEOUT_S).returncode != 0
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
