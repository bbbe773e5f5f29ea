"""Golden files: what was stored once is read for ever."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from draftsmith.domain.codec import decode_body, encode_body, event_types

HERE = Path(__file__).resolve().parent
GOLDEN = HERE / "golden"
TOOL = HERE.parents[2] / "tools" / "golden_events.py"


def run_tool(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(TOOL), "--into", str(folder)], capture_output=True, text=True, timeout=60, check=False
    )


def stored(path: Path) -> tuple[str, int, bytes]:
    golden = json.loads(path.read_bytes())
    assert list(golden) == ["kind", "kind_version", "body"]
    return golden["kind"], golden["kind_version"], json.dumps(golden["body"], separators=(",", ":")).encode("ascii")


def test_every_kind_and_version_has_a_golden_file() -> None:
    needed = {
        f"{kind}.v{version}.json" for kind, cls in event_types().items() for version in range(1, cls.kind_version + 1)
    }
    assert {path.name for path in GOLDEN.iterdir()} == needed, "run tools/golden_events.py"


@pytest.mark.parametrize("path", sorted(GOLDEN.iterdir()), ids=lambda path: path.stem)
def test_a_stored_event_is_read_and_written_the_same(path: Path) -> None:
    kind, version, body = stored(path)
    assert path.name == f"{kind}.v{version}.json"
    event = decode_body(kind, version, body)
    assert event.kind == kind
    if version == event.kind_version:
        assert encode_body(event) == body


def test_the_tool_writes_what_is_missing_and_leaves_the_rest(tmp_path: Path) -> None:
    first = run_tool(tmp_path)
    assert first.returncode == 0, first.stderr
    current = {f"{kind}.v{cls.kind_version}.json" for kind, cls in event_types().items()}
    assert {path.name for path in tmp_path.iterdir()} == current
    broken = tmp_path / "plan_rejected.v1.json"
    broken.write_text(broken.read_text().replace("feedback", "feedbacks"))
    kept = broken.read_bytes()
    (tmp_path / "plan_approved.v1.json").unlink()
    second = run_tool(tmp_path)
    assert second.returncode == 1
    assert second.stdout == "wrote plan_approved.v1.json\n"
    assert "plan_rejected.v1.json is left alone" in second.stderr
    assert broken.read_bytes() == kept
