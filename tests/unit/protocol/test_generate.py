"""Generated files that no longer say what the source says are noticed and can be made anew."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from draftsmith.protocol.generate.outputs import outputs, stale, write
from unit.protocol.reading import ROOT

MESSAGES = "server/draftsmith/client/messages.py"
RUNNER_CODE = "server/draftsmith/protocol/generated/runner_pb2.py"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what is generated, and of what the runner's code is generated from."""
    for path in [*outputs(ROOT), "protocol/runner.proto"]:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, tmp_path / path)
    return tmp_path


def test_the_committed_files_are_up_to_date() -> None:
    assert stale(ROOT) == [], "run `make generate`"


def test_every_changed_file_is_named_and_made_anew(checkout: Path) -> None:
    seeded = ["protocol/schema.json", "protocol/methods.json", "docs/protocol.md", MESSAGES, RUNNER_CODE]
    seeded.append("protocol/golden/method.hello.json")
    for path in seeded:
        (checkout / path).write_bytes((checkout / path).read_bytes() + b" ")
    (checkout / "protocol/golden/entity.task.json").unlink()
    (checkout / "protocol/golden/entity.gone.json").write_text("{}")
    expected = sorted([*seeded, "protocol/golden/entity.task.json", "protocol/golden/entity.gone.json"])
    assert stale(checkout) == expected
    assert write(checkout) == expected
    assert stale(checkout) == []


def test_a_change_of_the_runner_protocol_makes_its_code_stale(checkout: Path) -> None:
    proto = checkout / "protocol/runner.proto"
    proto.write_text(proto.read_text().replace("message Drain {}", "message Drain { bool at_once = 1; }"))
    assert RUNNER_CODE in stale(checkout)


def test_a_runner_protocol_that_does_not_compile_is_said(checkout: Path) -> None:
    (checkout / "protocol/runner.proto").write_text("message {")
    with pytest.raises(RuntimeError, match=re.escape("runner.proto")):
        stale(checkout)


def test_the_same_source_gives_the_same_bytes() -> None:
    assert outputs(ROOT) == outputs(ROOT)


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "draftsmith.protocol.generate", *arguments]
    return subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)


def test_the_command_names_what_is_stale_and_changes_nothing(checkout: Path) -> None:
    (checkout / MESSAGES).write_text("")
    checked = command("--check", "--root", str(checkout))
    assert checked.returncode == 1
    assert checked.stdout.splitlines() == [f"stale: {MESSAGES}", "Run `make generate`."]
    assert (checkout / MESSAGES).read_text() == ""
    written = command("--root", str(checkout))
    assert (written.returncode, written.stdout) == (0, f"written: {MESSAGES}\n")
    assert command("--check", "--root", str(checkout)).returncode == 0


def test_the_command_says_when_there_is_no_source(tmp_path: Path) -> None:
    refused = command("--root", str(tmp_path))
    assert refused.returncode == 2
    assert "is not a source checkout" in refused.stderr
