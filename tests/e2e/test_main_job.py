"""`make run` as a new user sees it, on the example with recorded replies: everything but the replies is really done."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / ".cache" / "run" / "stockroom"


def run(arguments: list[str], state_dir: Path, **extra: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "DRAFTSMITH_STATE_DIR": str(state_dir),
        "DRAFTSMITH_RUNNER_FAST_REPLAY": "1",
        **extra,
    }
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )


def cli(state_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(["-m", "draftsmith.cli.main", *arguments], state_dir)


@pytest.mark.xdist_group("main_job")
def test_the_main_job_ends_with_the_change_applied_and_the_tests_green(state_dir: Path) -> None:
    try:
        done = run(["tools/main_job.py"], state_dir)
        said = done.stdout + done.stderr
        assert done.returncode == 0, said
        before, after = said.split("=== The job ===")[0], said.split("=== The project after ===")[1]
        assert "FAILED (failures=1)" in before
        assert "\nOK" in after
        assert "RECORDED replies" in said
        assert "drift" not in said.lower()
        assert "--low" in (WORK / "README.md").read_text()
        session = next(word for word in after.split() if word.startswith("s_"))
        undone = cli(state_dir, "undo", session)
        assert undone.returncode == 0, undone.stderr
        assert "--low" not in (WORK / "README.md").read_text()
    finally:
        cli(state_dir, "hub", "stop")


def test_half_a_request_for_ones_own_folder_says_what_is_missing(state_dir: Path) -> None:
    done = run(["tools/main_job.py"], state_dir, DRAFTSMITH_RUN_TASK="do it", DRAFTSMITH_RUN_WORKSPACE="")
    assert done.returncode == 2
    assert "WORKSPACE=" in done.stderr


def test_without_a_model_ones_own_folder_is_refused_with_the_way_to_get_one(state_dir: Path, tmp_path: Path) -> None:
    done = run(["tools/main_job.py"], state_dir, DRAFTSMITH_RUN_TASK="do it", DRAFTSMITH_RUN_WORKSPACE=str(tmp_path))
    assert done.returncode == 1
    assert "OPENAI_API_KEY" in done.stdout
