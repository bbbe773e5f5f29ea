"""Sees every contract of `.importlinter` fail on a copy of the package with one violation of each put in."""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tidy.sources import PACKAGE, ROOT

# contract id in .importlinter -> (module that is written, import that it must not have)
VIOLATIONS = {
    "layers": ("code/seeded_sibling.py", "import draftsmith.workspace"),
    "domain-pure": ("domain/seeded_clock.py", "import time"),
    "models-only": ("pipeline/seeded_vendor.py", "import litellm"),
    "store-only": ("workspace/seeded_sql.py", "import sqlite3"),
    "sandbox-only": ("tools/seeded_engine.py", "import docker"),
    "edge-only": ("hub/seeded_editor.py", "import lsprotocol"),
    "platform-only": ("store/seeded_lock.py", "def lock() -> None:\n    import fcntl"),
    "pydantic-at-edges": ("ports/seeded_model.py", "import pydantic"),
    "hub-calls-no-model": ("hub/seeded_model.py", "import draftsmith.models"),
    "runner-knows-only-an-address": ("runner/seeded_store.py", "import draftsmith.store"),
    "cli-is-a-client": ("cli/seeded_store.py", "import draftsmith.store"),
}
RESULT = re.compile(r"^(?P<name>.+?) (?P<result>KEPT|BROKEN)(?: \(.*\))?$", re.MULTILINE)


def contract_names() -> dict[str, str]:
    config = configparser.ConfigParser()
    config.read(ROOT / ".importlinter", encoding="utf-8")
    return {
        section.removeprefix("importlinter:contract:"): config[section]["name"]
        for section in config.sections()
        if section.startswith("importlinter:contract:")
    }


def lint_imports(folder: Path) -> dict[str, str]:
    """Each contract's name and result for the package that lies in `folder`."""
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder), "COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert "Contracts:" in done.stdout, done.stdout + done.stderr
    return {match["name"]: match["result"] for match in RESULT.finditer(done.stdout)}


@pytest.fixture
def copy_of_package(tmp_path: Path) -> Path:
    shutil.copytree(PACKAGE, tmp_path / "draftsmith", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


def test_every_contract_has_a_violation_to_be_seen() -> None:
    assert set(VIOLATIONS) == set(contract_names())


def test_every_contract_breaks_when_it_is_violated(copy_of_package: Path) -> None:
    for module, statement in VIOLATIONS.values():
        (copy_of_package / "draftsmith" / module).write_text(statement + "\n", encoding="utf-8")
    results = lint_imports(copy_of_package)
    kept = {key for key, name in contract_names().items() if results.get(name) != "BROKEN"}
    assert not kept, f"these contracts hold nothing: {kept}"


def test_the_package_keeps_every_contract(copy_of_package: Path) -> None:
    broken = [name for name, result in lint_imports(copy_of_package).items() if result == "BROKEN"]
    assert not broken, f"`make check ONLY=imports` shows where: {broken}"


def test_a_package_without_a_layer_is_refused(copy_of_package: Path) -> None:
    new = copy_of_package / "draftsmith" / "seeded_layer"
    new.mkdir()
    (new / "__init__.py").touch()
    results = lint_imports(copy_of_package)
    assert results[contract_names()["layers"]] == "BROKEN"
