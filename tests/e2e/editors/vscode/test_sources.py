"""The extension's own checks: types, lint, format, texts, unit tests, and the golden messages against its types."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from . import toolbox
from .toolbox import EXTENSION, NODE, ROOT, node
from .wheels import build_wheel, offline, offline_uv

TSC = EXTENSION / "node_modules" / "typescript" / "bin" / "tsc"
GOLDEN = ROOT / "protocol" / "golden"


@pytest.fixture(autouse=True)
def packages() -> None:
    toolbox.extension_packages()


@pytest.mark.timeout(400)
def test_the_types_hold() -> None:
    node(TSC, "-p", ".")


@pytest.mark.timeout(400)
def test_the_linter_finds_nothing() -> None:
    node("node_modules/eslint/bin/eslint.js", ".")


@pytest.mark.timeout(400)
def test_the_format_is_kept() -> None:
    node("node_modules/prettier/bin/prettier.cjs", "--check", ".")


def test_the_texts_to_translate_are_fresh() -> None:
    node("l10n.mjs", "--check")


@pytest.mark.timeout(400)
def test_the_unit_tests_pass(tmp_path: Path) -> None:
    toolbox.bundle()
    tests = sorted(map(str, (EXTENSION / "build" / "unit").glob("*.test.js")))
    assert tests
    more = {"SERVER_WHEEL": str(build_wheel(tmp_path)), **offline(), **offline_uv(tmp_path)}
    said = node("--test", *tests, env=toolbox.environment(**more))
    assert "fail 0" in said


def _typed(expression: object, type_name: str) -> str:
    return f"({json.dumps(expression, ensure_ascii=True)}) satisfies {type_name};\n"


def _golden_lines() -> Iterator[str]:
    """Every golden message as an expression that has to have its type."""
    for path in sorted(GOLDEN.glob("*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        name = json.dumps(document["name"])
        for example in document["examples"]:
            match document["kind"]:
                case "method":
                    yield _typed(example["request"]["params"], f'M.Methods[{name}]["params"]')
                    yield _typed(example["response"]["result"], f'M.Methods[{name}]["result"]')
                case "notification":
                    yield _typed(example["message"]["params"], f"M.Notifications[{name}]")
                case "entity":
                    yield _typed(example["entity"], "M.AnyEntity")
                case "error":
                    yield _typed(example["message"], "M.ErrorResponse")
                case _:
                    pass


def _types_of(tmp_path: Path, source: str) -> subprocess.CompletedProcess[str]:
    messages = (EXTENSION / "src" / "protocol" / "messages.ts").read_text(encoding="utf-8")
    (tmp_path / "messages.ts").write_text(messages, encoding="utf-8")
    (tmp_path / "golden.ts").write_text(f'import type * as M from "./messages";\n{source}', encoding="utf-8")
    options = ["--strict", "--exactOptionalPropertyTypes", "--noEmit", "--target", "es2022", "--module", "preserve"]
    command = [str(NODE), str(TSC), *options, "golden.ts"]
    return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False)


def test_golden_messages_have_the_generated_types(tmp_path: Path) -> None:
    lines = list(_golden_lines())
    assert len(lines) > 150
    done = _types_of(tmp_path, "".join(lines))
    assert done.returncode == 0, done.stdout[:3000]


BROKEN = (
    _typed({"session_id": "s", "seq": "7"}, 'M.Methods["session/attach"]["params"]'),
    _typed({"session_id": "s", "folder": "x"}, 'M.Methods["session/attach"]["params"]'),
    _typed({"results": [{"hunk_id": "h"}]}, 'M.Methods["proposal/accept"]["result"]'),
    _typed({"kind": "planet", "id": "x", "version": 1}, "M.AnyEntity"),
)


def test_messages_that_are_not_the_protocols_have_no_type(tmp_path: Path) -> None:
    said = _types_of(tmp_path, "".join(BROKEN)).stdout
    first_line = 2
    refused = {int(number) for number in re.findall(r"^golden\.ts\((\d+),", said, re.MULTILINE)}
    assert refused == {first_line + index for index in range(len(BROKEN))}, said


@pytest.mark.timeout(400)
def test_the_package_is_small_and_holds_what_it_needs() -> None:
    vsix = toolbox.package()
    assert vsix.stat().st_size < 1024 * 1024
