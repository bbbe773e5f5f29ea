"""What is generated and where it lies: compared with the files, or written over them."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import JsonValue

from draftsmith.protocol.generate.documents import documents
from draftsmith.protocol.generate.golden import golden
from draftsmith.protocol.generate.http_page import http_page
from draftsmith.protocol.generate.methods_list import methods_list
from draftsmith.protocol.generate.openapi import openapi
from draftsmith.protocol.generate.runner_code import PACKAGE, runner_code
from draftsmith.protocol.generate.schema import schema
from draftsmith.protocol.generate.typed_dicts import typed_dicts
from draftsmith.protocol.generate.typescript import typescript

GOLDEN = "protocol/golden"


def outputs(root: Path) -> dict[str, bytes]:
    """Every generated file's bytes by its path below `root`, the source checkout."""
    made = {
        "protocol/schema.json": _json(schema()),
        "protocol/methods.json": _json(methods_list()),
        "protocol/openapi.json": _json(openapi()),
        "docs/protocol.md": documents().encode(),
        "docs/http.md": http_page().encode(),
        "server/draftsmith/client/messages.py": typed_dicts().encode(),
        "vscode-extension/src/protocol/messages.ts": typescript().encode(),
        "web/src/hub/messages.ts": typescript().encode(),
    }
    made |= {f"{GOLDEN}/{name}": _json(document) for name, document in golden().items()}
    made |= {f"server/{PACKAGE}/{name}": code for name, code in runner_code(root).items()}
    return made


def stale(root: Path) -> list[str]:
    """Paths that differ from what would be generated, are missing, or are left over."""
    made = outputs(root)
    differing = [path for path, content in made.items() if _content(root / path) != content]
    return sorted([*differing, *_left_over(root, made)])


def write(root: Path) -> list[str]:
    """Brings the files up to date; the paths that changed. Golden files that nothing makes any more are removed."""
    made = outputs(root)
    changed = [path for path, content in made.items() if _content(root / path) != content]
    for path in changed:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(made[path])
    left_over = _left_over(root, made)
    for path in left_over:
        (root / path).unlink()
    return sorted([*changed, *left_over])


def _left_over(root: Path, made: dict[str, bytes]) -> list[str]:
    """Only the folder of golden files belongs to the generator whole."""
    found = [path.relative_to(root).as_posix() for path in (root / GOLDEN).glob("*.json")]
    return [path for path in found if path not in made]


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _json(document: dict[str, JsonValue]) -> bytes:
    # A line separator or a byte order mark is hard to see and harmful to editors: what is not ASCII stays readable,
    # the JSON escapes are kept for those two.
    text = json.dumps(document, ensure_ascii=False, indent=2)
    return (text.replace("\u2028", "\\u2028").replace("\ufeff", "\\ufeff") + "\n").encode()
