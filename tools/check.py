"""Runs the checks that need no test: `make check`, pre-commit and `make test` all come here.

Every check runs even when another fails, and each failure names the command that mends it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
PYTHON = str(BIN / "python")
TIMEOUT_S = 600
AT_ONCE = 2


@dataclass(frozen=True)
class Check:
    name: str
    command: tuple[str, ...]
    remedy: str


@dataclass(frozen=True)
class Outcome:
    check: Check
    passed: bool
    seconds: float
    output: str


# The slowest first, so that the others run beside it.
CHECKS = (
    Check("types", (PYTHON, "-m", "pyright"), "Mend the types; an ignore names its rule and its reason."),
    Check(
        "web",
        (PYTHON, "tools/web.py", "--check"),
        "In web/: `npm run types`, `npm run fix`, `npm test` say what; mend what is left by hand.",
    ),
    Check("format", (str(BIN / "ruff"), "format", "--check", "."), "Run `make fmt`."),
    Check("lint", (str(BIN / "ruff"), "check", "."), "Run `make fmt`, then mend what is left by hand."),
    Check(
        "imports",
        (str(BIN / "lint-imports"), "--no-logo", "--cache-dir", ".cache/import-linter"),
        "An import crosses the layers of .importlinter: move the code, or go through a port.",
    ),
    Check("generated", (PYTHON, "tools/generated.py", "--check"), "Run `make generate`."),
    Check("spelling", (str(BIN / "codespell"),), "Mend the word, or allow it in [tool.codespell]."),
)


def run(check: Check) -> Outcome:
    # pyright runs on the Node.js of the lock, not on whichever is on PATH.
    environment = os.environ | {"PYRIGHT_PYTHON_IGNORE_WARNINGS": "1", "PYRIGHT_PYTHON_GLOBAL_NODE": "0"}
    started = time.monotonic()
    try:
        done = subprocess.run(
            check.command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=TIMEOUT_S,
        )
        passed, output = done.returncode == 0, done.stdout
    except subprocess.TimeoutExpired:
        passed, output = False, f"ended after {TIMEOUT_S} s"
    except OSError as error:
        passed, output = False, f"could not start: {error}. Run `make clean`, then this again."
    return Outcome(check, passed, time.monotonic() - started, output)


def run_all(names: list[str]) -> list[Outcome]:
    """Runs the named checks, or all, and prints each as it ends, the reason only of what failed."""
    chosen = [check for check in CHECKS if not names or check.name in names]
    outcomes: list[Outcome] = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for outcome in pool.map(run, chosen):
            word = "passed" if outcome.passed else "FAILED"
            print(f"check {outcome.check.name}: {word} in {outcome.seconds:.1f} s", flush=True)
            if not outcome.passed:
                print(outcome.output.rstrip())
                print(f"check {outcome.check.name}: {outcome.check.remedy}", flush=True)
            outcomes.append(outcome)
    return outcomes


def main(names: list[str]) -> int:
    known = {check.name for check in CHECKS}
    if unknown := set(names) - known:
        print(f"check: no check named {', '.join(sorted(unknown))}. There are: {', '.join(sorted(known))}.")
        return 2
    return int(not all(outcome.passed for outcome in run_all(names)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
