"""Tries what `make test`, `.ci/run` and the shared fixtures rest on, each with a case that must fail."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from isolation import leaks
from tidy.sources import ROOT, text_of

sys.path.insert(0, str(ROOT / "tools"))

from tools import check, generated, setup_env, shares, system_packages


def inner_pytest(folder: Path, source: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A run of pytest with the project's own plugins, on one file of tests."""
    (folder / "test_inner.py").write_text(source, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    # Other plugins are left out: they double the time of a run as small as this.
    command = [sys.executable, "-m", "pytest", "-p", "isolation", "-p", "reporting", "-p", "xdist"]
    return subprocess.run(
        [*command, *arguments],
        cwd=folder,
        env=os.environ
        | {"PYTHONPATH": str(ROOT / "tests"), "CI": "", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


SKIPPING = "import pytest\ndef test_runs(): pass\n@pytest.mark.skip(reason='no engine')\ndef test_other(): pass\n"


@pytest.mark.parametrize("workers", [[], ["-n", "1"]])
def test_a_skipped_test_fails_the_run_where_ci_is_true(tmp_path: Path, workers: list[str]) -> None:
    done = inner_pytest(tmp_path, SKIPPING, *workers, CI="true")
    assert done.returncode == 1
    assert "test_inner.py::test_other: no engine" in done.stdout
    assert "1 passed, 1 skipped" in done.stdout.splitlines()[-1]


def test_a_skipped_test_passes_elsewhere(tmp_path: Path) -> None:
    assert inner_pytest(tmp_path, SKIPPING).returncode == 0


def test_a_skipped_module_fails_the_run_where_ci_is_true(tmp_path: Path) -> None:
    source = "import pytest\npytest.importorskip('no_such_engine')\n"
    (tmp_path / "test_more.py").write_text("def test_runs(): pass\n")
    done = inner_pytest(tmp_path, source, CI="true")
    assert done.returncode != 0
    assert "no_such_engine" in done.stdout


def test_seconds_of_each_test_are_written(tmp_path: Path) -> None:
    results = tmp_path / "results.json"
    inner_pytest(tmp_path, SKIPPING, "--results", str(results), "-n", "1")
    written = json.loads(results.read_text())
    assert set(written["seconds"]) == {"test_inner.py::test_runs", "test_inner.py::test_other"}
    assert written["skipped"] == {"test_inner.py::test_other": "no engine"}


def test_a_process_left_behind_fails_its_test(tmp_path: Path) -> None:
    source = "import subprocess\ndef test_leaves(): subprocess.Popen(['sleep', '300'])\n"
    done = inner_pytest(tmp_path, source)
    assert done.returncode == 1
    assert "processes left behind" in done.stdout
    assert "sleep 300" in done.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="orphans are seen on Linux only: run this there")
def test_an_orphan_left_behind_fails_its_test(tmp_path: Path) -> None:
    source = "import subprocess\ndef test_leaves(): subprocess.run(['sh', '-c', 'sleep 300 >/dev/null 2>&1 &'])\n"
    done = inner_pytest(tmp_path, source)
    assert done.returncode == 1
    assert "sleep 300" in done.stdout


def test_a_process_that_ends_by_itself_is_no_fault(tmp_path: Path) -> None:
    source = "import subprocess\ndef test_ends(): subprocess.Popen(['sleep', '0.1'])\n"
    done = inner_pytest(tmp_path, source, "-W", "ignore::ResourceWarning")
    assert done.returncode == 0, done.stdout


def test_processes_of_wider_fixtures_are_left_alone(tmp_path: Path) -> None:
    source = (
        "import pytest, subprocess\n"
        "@pytest.fixture(scope='module')\n"
        "def server():\n"
        "    with subprocess.Popen(['sleep', '300']) as process:\n"
        "        yield process\n"
        "        process.kill()\n"
        "def test_one(server): assert server.poll() is None\n"
        "def test_two(server): assert server.poll() is None\n"
    )
    assert inner_pytest(tmp_path, source).returncode == 0


def test_no_key_of_the_machine_reaches_a_test(tmp_path: Path) -> None:
    source = (
        "import os\nfrom pathlib import Path\n"
        "def test_clean():\n"
        "    assert not {'OPENAI_API_KEY', 'NEW_VENDOR_API_KEY', 'DRAFTSMITH_MODEL', 'GIT_DIR'} & set(os.environ)\n"
        "    assert Path.home() != Path('/nonexistent')\n"
        "    os.environ['DRAFTSMITH_MODEL'] = 'left/over'\n"
        "def test_clean_after_another(): assert 'DRAFTSMITH_MODEL' not in os.environ\n"
    )
    done = inner_pytest(
        tmp_path,
        source,
        OPENAI_API_KEY="k",
        NEW_VENDOR_API_KEY="k",
        DRAFTSMITH_MODEL="m",
        GIT_DIR="g",
        HOME="/nonexistent",
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("name", "leaking"), [("ANTHROPIC_API_KEY", True), ("PATH", False), ("CI", False)])
def test_only_what_changes_results_is_taken_away(name: str, leaking: bool) -> None:
    assert leaks(name) is leaking


def test_a_test_gets_a_home_of_its_own_and_a_short_state_folder(state_dir: Path) -> None:
    assert Path.home().name.startswith("ds-home-")
    assert list(state_dir.iterdir()) == []
    assert len(os.fsencode(state_dir)) < 50


def test_ci_does_nothing_but_make_test() -> None:
    lines = text_of(ROOT / ".ci" / "run").splitlines()
    assert lines == [
        "#!/usr/bin/env bash",
        "set -euo pipefail",
        'cd "$(dirname "${BASH_SOURCE[0]}")/.."',
        "exec make test",
    ]
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_time_goes_to_the_share_with_the_longest_fitting_path() -> None:
    table = shares.read_shares(
        "[[share]]\nname='main'\nminutes=14\npaths=['tests']\n[[share]]\nname='ed'\nminutes=1\npaths=['tests/e2e/ed']\n"
    )
    tests = {"tests/e2e/ed/test_a.py::test_x": 30.0, "tests/e2e/edit/test_b.py::test_y": 10.0, "other.py::z": 20.0}
    lines = shares.report(table, tests, suite_s=120, around_s=60)
    assert lines[0] == "main         2.0 of 14 min, 2 tests"
    assert lines[1] == "ed           1.0 of 1 min, 1 tests"
    assert lines[2] == "together     3.0 of 15 min"


def test_a_share_over_its_minutes_is_marked() -> None:
    table = [shares.Share(name="main", minutes=1, paths=("tests",))]
    assert "OVER" in shares.report(table, {"tests/test_a.py::x": 1.0}, suite_s=61, around_s=0)[0]


def test_the_shares_of_the_suite_are_readable_and_exist() -> None:
    table = shares.read_shares(text_of(ROOT / "tests" / "shares.toml"))
    assert table[0].paths == ("tests",)
    assert sum(share.minutes for share in table) == 60


def test_system_packages_are_data_with_a_purpose() -> None:
    packages = system_packages.read_list(text_of(system_packages.LIST))
    assert {"git", "bubblewrap"} <= {package.name for package in packages}
    assert all(package.purpose for package in packages)


def test_a_missing_system_package_is_noticed() -> None:
    made_up = system_packages.SystemPackage("nothing", "command:no-such-program", "shows that it is missing")
    assert not made_up.present
    assert system_packages.SystemPackage("git", "command:git", "is there").present
    assert "nothing" in system_packages.install_command(["nothing"])


def test_a_line_of_the_package_list_without_purpose_is_refused() -> None:
    with pytest.raises(ValueError, match="line 1"):
        system_packages.read_list("git | command:git")


def test_every_generator_that_is_named_exists() -> None:
    assert [module for module in generated.GENERATORS if not generated.exists(module)] == []


def test_every_script_that_the_makefile_names_exists() -> None:
    text = text_of(ROOT / "Makefile")
    scripts = re.findall(r"\btools/\w+\.py\b", text)
    modules = [f"{name}/__main__.py" for name in re.findall(r"\(IN_ENV\) -m (\w+)", text)]
    assert scripts
    assert [name for name in (*scripts, *modules) if not (ROOT / name).is_file()] == []


def test_settings_of_tools_do_not_renew_the_environment() -> None:
    before = "[project]\nname = 'a'\ndependencies = ['x']\n"
    assert setup_env.project_tables(before) == setup_env.project_tables(before + "[tool.ruff]\nline-length = 9\n")
    assert setup_env.project_tables(before) != setup_env.project_tables(before.replace("'x'", "'y'"))


def test_pre_commit_runs_every_check_and_fetches_nothing() -> None:
    text = text_of(ROOT / ".pre-commit-config.yaml")
    assert {f"entry: make check ONLY={one.name}" for one in check.CHECKS} <= {
        line.strip() for line in text.splitlines()
    }
    assert text.count("repo:") == text.count("repo: local") == 1
