"""`python -m bench [names]`: runs benchmarks, prints one table, writes `.cache/bench.json`; exit code 1 below a bar."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import platform
import sys
import time

from bench import ROOT
from bench.method import Line, calibrate, table

BENCHMARKS = {
    "steps": "own time of an agent step against mini-swe-agent",
    "confined": "what confining a command costs, a part of a step",
    "sandboxes": "what each sandbox adds to `true` and to a pytest run, and a kept container against `docker run`",
    "appends": "durable appends against bare commits",
    "trees": "snapshots and drafts of a large tree against git",
    "starts": "starts of the command line, the hub and a session",
    "edits": "edits with a known right answer, beside git apply and patch",
    "search": "text search through the tools against plain ripgrep",
    "maps": "maps of code, their time and memory, against Aider",
    "maps_quality": "whether a map has the file that a question is about, against Aider",
    "index_latency": "the hub's answers while the index reads a large tree",
    "edge": "the editor's edge: start and memory against bare pygls, its answers while sessions stream",
    "gateway": "a model call and a streamed chunk against bare httpx",
    "prompts": "prompts that begin like the one before, and memory after many calls",
    "streams": "100 sessions streaming 5,000 messages a second to 100 sockets, beside bare websockets",
    "memory": "memory of idle hub and runner against their imports alone",
    "web": "the dashboard in Chromium: first load, and a session of 50,000 steps",
}
"""Name of the module → what it measures. Each has `measure()`, which gives lines."""

RESULT = ROOT / ".cache" / "bench.json"


async def run(names: list[str]) -> list[Line]:
    """Lines of all that could be measured; what could not counts as a missed bar."""
    lines: list[Line] = []
    for name in names:
        print(f"{name}: {BENCHMARKS[name]}", file=sys.stderr, flush=True)
        begun = time.monotonic()
        try:
            # Late: each needs libraries that the others can do without.
            lines += await importlib.import_module(f"bench.{name}").measure()
        except (RuntimeError, OSError) as error:
            print(f"{name}: {error}", file=sys.stderr)
            lines.append(Line.failed(f"{name}: could not be measured"))
        print(f"{name}: {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
        write({"unfinished": True}, lines)
    return lines


def write(machine: dict[str, object], lines: list[Line]) -> None:
    """What is known so far, so that an interrupted run is not for nothing."""
    result = {"machine": machine, "lines": [line.as_json() for line in lines]}
    RESULT.write_text(json.dumps(result, indent=1), encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(BENCHMARKS))
    names: list[str] = parser.parse_args().names or list(BENCHMARKS)
    if unknown := [name for name in names if name not in BENCHMARKS]:
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    before = calibrate(RESULT.parent)
    lines = asyncio.run(run(names))
    after = calibrate(RESULT.parent)
    print(f"before: {before}\nafter:  {after}\n\n{table(lines)}")
    system = {"system": platform.platform(), "python": sys.version}
    write({"before": str(before), "after": str(after), **system}, lines)
    missed = [line for line in lines if not line.passed]
    print(f"\n{len(missed)} of {sum(line.bar is not None for line in lines)} bars missed; {RESULT.relative_to(ROOT)}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
