"""Writes `docs/escape.md`: every attempt to get out of the sandbox, and which layer stops it where.

The attempts are data in `tests/reliability/escape/attempts/`, and each of them is a test.
`--check` writes nothing and fails when the page is stale.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ATTEMPTS = ROOT / "tests" / "reliability" / "escape" / "attempts"
OUTPUT = ROOT / "docs" / "escape.md"
HEAD = """# Attempts to get out of the sandbox

Each line is a real program (C, Python, Perl, shell) that the tests run in bubblewrap and in Docker: {count} attempts.
Whether it succeeded is seen from outside: a planted secret in its output, a changed file, a word heard by a listener, a
process that is still there. "Unconfined" says whether the same program is also run without a sandbox, where it has to
succeed: an attempt that has stopped working would be noticed. Some are not: they would change or burden the machine.
This page is generated from the attempts by `make generate`; [sandbox.md](sandbox.md) says what each layer does.

## System calls
Both adapters refuse the system calls that Docker's own profile refuses a process without capabilities, and besides
`io_uring`, sockets of every family but Unix, IPv4, IPv6 and netlink (AF_VSOCK would reach the hypervisor, AF_ALG and
Bluetooth are the whole machine's), and programs of another architecture (32-bit). In bubblewrap typing into a terminal
(`TIOCSTI`) is refused as well. The filter is known for x86_64 and aarch64; on other machines bubblewrap has none, and
Docker its own.

What a project loses by it: tests that start a sandbox of their own (`unshare`, `bwrap`, Chromium without
`--no-sandbox`, rootless containers), `perf`, io_uring, and NUMA settings.
`DRAFTSMITH_RUNNER_SANDBOX_NAMESPACES=1` gives back namespaces and mounts, which the kernel then confines to what the
command may do anyway; the kernel's own faults are nearer then.

"""
GROUPS = {
    "reading": "Reading",
    "writing": "Writing and changing the machine",
    "network": "Reaching somebody",
    "processes": "Processes, rights and the kernel",
    "resources": "Taking all there is",
}
REST = """## What remains
A command that goes on (a server) can put a link in the place of a folder at the very moment when bubblewrap mounts a
dependency folder below it for the next command: that leaves an empty folder, of the dependency folder's name, where the
link leads. Nothing is read or written there. A kernel's own faults are no matter of this page.

"""
HOST = """## What is left in the draft for the host side
Made in the sandbox, then recorded, read, searched, put aside, proposed, applied and restored by Draftsmith. Nothing of
it starts, is waited for, or is followed out of the draft.

| left behind | why it does nothing |
| --- | --- |
"""


def cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def read(group: str) -> list[dict[str, Any]]:
    return list(tomllib.loads((ATTEMPTS / f"{group}.toml").read_text(encoding="utf-8"))["attempt"])


def layer(raw: dict[str, Any], engine: str) -> str:
    found = raw["layer"]
    return str(found if isinstance(found, str) else found[engine])


def unconfined(raw: dict[str, Any]) -> str:
    match raw.get("unconfined", ""):
        case "":
            return "succeeds"
        case "root":
            return "succeeds as root"
        case why:
            return f"not tried: {why}"


def page() -> str:
    parts: list[str] = []
    count = 0
    for group, title in GROUPS.items():
        parts.append(f"## {title}\n| attempt | bubblewrap | Docker | unconfined |\n| --- | --- | --- | --- |\n")
        for raw in read(group):
            count += 1
            cells = (raw["name"], layer(raw, "bubblewrap"), layer(raw, "docker"), unconfined(raw))
            parts.append(f"| {' | '.join(map(cell, cells))} |\n")
        parts.append("\n")
    left = "".join(f"| {cell(raw['name'])} | {cell(layer(raw, 'bubblewrap'))} |\n" for raw in read("host"))
    return HEAD.format(count=count) + "".join(parts) + REST + HOST + left


def main(arguments: list[str]) -> int:
    wanted = page()
    if "--check" in arguments:
        if not OUTPUT.exists() or OUTPUT.read_text(encoding="utf-8") != wanted:
            print(f"{OUTPUT.relative_to(ROOT)} is stale: run `make generate`.")
            return 1
        return 0
    OUTPUT.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
