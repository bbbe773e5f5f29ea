"""Secrets among added lines, by detect-secrets. What is found is named by kind and place, never by its text.

`pragma: allowlist secret` in a line, as that library has it, says that one is meant to be there.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from draftsmith.domain.gates import Finding

MAX_BYTES = 1_000_000
_LEFT_OUT = frozenset({"Base64HighEntropyString", "HexHighEntropyString", "IPPublicDetector"})
"""Detectors of what is only unusual: digests and addresses are all over honest code."""
_LIKELY = frozenset({"Secret Keyword", "Basic Auth Credentials"})
"""Kinds that are told by the names around them: often examples, so they are said and do not fail."""
_LOCK_FILES = ("package-lock.json", "yarn.lock", "pnpm-lock.yaml", "Cargo.lock", "poetry.lock", "uv.lock", "go.sum")
# The library keeps its settings in one place for the whole process.
_lock = threading.Lock()


def secret_findings(added: Mapping[str, tuple[str, Sequence[int]]]) -> tuple[Finding, ...]:
    """`added` holds, by path, a file's text and which of its lines (from 1) are new. Call it in a thread."""
    found: list[Finding] = []
    with tempfile.TemporaryDirectory(prefix="draftsmith-scan-") as name:
        for number, (path, (text, lines)) in enumerate(sorted(added.items())):
            if lines and len(text) <= MAX_BYTES and PurePosixPath(path).name not in _LOCK_FILES:
                found += _in_file(Path(name) / str(number), path, text, frozenset(lines))
    return tuple(found)


def _in_file(folder: Path, path: str, text: str, lines: frozenset[int]) -> list[Finding]:
    # Late: half of its 0.15 s is regular expressions that nobody else needs.
    from detect_secrets.core.scan import scan_file
    from detect_secrets.settings import transient_settings

    folder.mkdir()
    copy = folder / PurePosixPath(path).name
    copy.write_text(text, encoding="utf-8", errors="replace")
    with _lock, transient_settings({"plugins_used": [{"name": name} for name in _detectors()]}):
        secrets = {(one.line_number, one.type) for one in scan_file(str(copy)) if one.line_number in lines}
    return [
        Finding(
            path=path,
            line=line,
            severity="minor" if kind in _LIKELY else "critical",
            message=f"This looks like a secret: {kind}.",
            remedy="Take it out and read it from the environment; a test's own gets `pragma: allowlist secret`.",
            rule=f"detect-secrets:{kind}",
        )
        for line, kind in sorted(secrets)
    ]


def _detectors() -> list[str]:
    from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class

    names = {plugin.__name__ for plugin in get_mapping_from_secret_type_to_class().values()}
    return sorted(names - _LEFT_OUT)
