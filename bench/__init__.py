"""Benchmarks, each beside a peer or a physical limit measured in the same run: `python -m bench [names]`.

They use the scripted vendor and the harness of the tests; `docs/benchmarks.md` says how to read them.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# The scripted vendor and the harness stand in `tests/`, which is no package.
if str(ROOT / "tests") not in sys.path:
    sys.path.append(str(ROOT / "tests"))
