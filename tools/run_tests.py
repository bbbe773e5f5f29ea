"""`make test`: system packages, environment, checks, then every test, and one summary of all of it.

Run with the system's Python: standard library only. A failed part never hides the later ones; anything that
failed or could not be tested makes the exit code non-zero. pytest's own closing line is printed last.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import setup_env  # noqa: E402 - this file is run by its path, so its folder is put on sys.path first
import shares  # noqa: E402 - the same
import system_packages  # noqa: E402 - the same

RESULTS = ROOT / ".cache" / "test-results.json"
DURATIONS = ROOT / ".cache" / "test-durations.txt"
SUITE_TIMEOUT_S = 4200
CHECKS_TIMEOUT_S = 1800


@dataclass
class Summary:
    failures: list[str] = field(default_factory=list[str])
    around_s: float = 0.0
    suite_s: float = 0.0
    closing_line: str = ""


def _environment() -> dict[str, str]:
    """Compiled modules are kept: the tests start hundreds of processes, which would compile them all anew."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONUNBUFFERED": "1"}


def system_part(summary: Summary) -> None:
    for package in system_packages.ensure():
        summary.failures.append(f"system package {package.name} is missing ({package.purpose})")


def checks_part(summary: Summary) -> None:
    try:
        code = subprocess.run([setup_env.PYTHON, "tools/check.py"], cwd=ROOT, timeout=CHECKS_TIMEOUT_S).returncode
    except subprocess.TimeoutExpired:
        code = -1
    if code != 0:
        summary.failures.append("make check: see above")


def pages_part(summary: Summary) -> None:
    """The dashboard is built once, before the tests that look at it side by side."""
    try:
        code = subprocess.run([setup_env.PYTHON, "tools/web.py"], cwd=ROOT, timeout=CHECKS_TIMEOUT_S).returncode
    except subprocess.TimeoutExpired:
        code = -1
    if code != 0:
        summary.failures.append("make web: see above")


def tests_part(summary: Summary, workers: int, arguments: list[str]) -> None:
    RESULTS.unlink(missing_ok=True)
    command = [str(setup_env.PYTHON), "-m", "pytest", "-n", str(workers), "--dist", "worksteal"]
    # A file that cannot be collected fails the run; the others still run.
    command.append("--continue-on-collection-errors")
    started = time.monotonic()
    process = subprocess.Popen(
        [*command, "--results", str(RESULTS), *arguments],
        cwd=ROOT,
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        summary.closing_line = print_all_but_last_line(process, started + SUITE_TIMEOUT_S)
        code = process.wait(timeout=60)
    except (TimeoutError, subprocess.TimeoutExpired):
        summary.failures.append(f"pytest took over {SUITE_TIMEOUT_S} s and was ended")
        code = None
    finally:
        # Whatever became of pytest, nothing that it started outlives this run.
        end_group(process)
    summary.suite_s = time.monotonic() - started
    if code is not None and code != 0:
        why = {2: "interrupted or not collected", 4: "wrong usage", 5: "no test ran"}.get(code, "see above")
        summary.failures.append(f"pytest exit code {code}: {why}")


def end_group(process: subprocess.Popen[str]) -> None:
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
            time.sleep(0.2)
        except ProcessLookupError:
            return


def print_all_but_last_line(process: subprocess.Popen[str], deadline: float) -> str:
    """Holds back the last line that is not blank, so that the summary can stand before it."""
    lines: queue.Queue[str | None] = queue.Queue(maxsize=10_000)

    def read() -> None:
        assert process.stdout is not None  # noqa: S101 - narrows a type: the pipe was asked for
        for line in process.stdout:
            lines.put(line.rstrip("\n"))
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    held = ""
    while True:
        try:
            line = lines.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            raise TimeoutError from None
        if line is None:
            return held
        if line.strip():
            print(held, flush=True)
            held = line


def print_summary(summary: Summary) -> None:
    tests: dict[str, float] = {}
    if RESULTS.exists():
        tests = json.loads(RESULTS.read_text(encoding="utf-8"))["seconds"]
    slowest = sorted(tests.items(), key=lambda item: item[1], reverse=True)
    DURATIONS.write_text("".join(f"{s:8.2f} s  {name}\n" for name, s in slowest), encoding="utf-8")
    print("\nsummary of make test")
    table = shares.read_shares((ROOT / "tests" / "shares.toml").read_text(encoding="utf-8"))
    for line in shares.report(table, tests, suite_s=summary.suite_s, around_s=summary.around_s):
        print(f"  {line}")
    print(f"  {len(tests)} tests timed, slowest first in {DURATIONS.relative_to(ROOT)}")
    for failure in summary.failures:
        print(f"  FAILED: {failure}")
    if not summary.failures:
        print("  all parts passed")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("pytest", nargs="*", help="handed on to pytest, after --")
    options = parser.parse_args()
    summary = Summary()
    started = time.monotonic()
    system_part(summary)
    if code := setup_env.main(["dev"]):
        print("make test: nothing can be tested without the environment; see above.", file=sys.stderr)
        return code
    checks_part(summary)
    pages_part(summary)
    summary.around_s = time.monotonic() - started
    tests_part(summary, options.workers, options.pytest)
    print_summary(summary)
    print(summary.closing_line, flush=True)
    return int(bool(summary.failures))


if __name__ == "__main__":
    sys.exit(main())
