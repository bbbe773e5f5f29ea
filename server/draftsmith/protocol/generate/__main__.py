"""`python -m draftsmith.protocol.generate [--check]`: write the generated files, or name those that are stale."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from draftsmith.protocol.generate.outputs import stale, write

_CHECKOUT = Path(__file__).resolve().parents[4]


def main(arguments: list[str]) -> int:
    """0: written, or nothing is stale; 1: something is stale; 2: not a source checkout."""
    parser = argparse.ArgumentParser(prog="python -m draftsmith.protocol.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; name what is stale and exit with 1")
    parser.add_argument("--root", type=Path, default=_CHECKOUT, help="the source checkout (default: this one)")
    chosen = parser.parse_args(arguments)
    root: Path = chosen.root
    if not (root / "protocol" / "runner.proto").is_file():
        sys.stderr.write(f"{root} is not a source checkout: no protocol/runner.proto. Name one with --root.\n")
        return 2
    if chosen.check:
        found = stale(root)
        sys.stdout.writelines(f"stale: {path}\n" for path in found)
        if found:
            sys.stdout.write("Run `make generate`.\n")
        return int(bool(found))
    sys.stdout.writelines(f"written: {path}\n" for path in write(root))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
