"""Which environments a project's files ask for."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from draftsmith.code.facts.preparations import Preparation, preparations


class Files:
    def __init__(self, files: Mapping[str, str], ignored: tuple[str, ...] = ()) -> None:
        self._files = files
        self.names = files.keys()
        self.ignored = ignored

    def text(self, name: str, limit: int = 1_000_000) -> str:
        return self._files.get(name, "")[:limit]


def wanted(files: Mapping[str, str], *ignored: str) -> tuple[Preparation, ...]:
    return preparations(Files(files, ignored), 0)


NPM = {"package.json": '{"dependencies": {"a": "1"}}', "package-lock.json": "{}"}

LOCKS = {
    "uv.lock": ("uv sync --frozen", ".venv"),
    "poetry.lock": ("poetry install", ".venv"),
    "pdm.lock": ("pdm sync", ".venv"),
    "Pipfile.lock": ("pipenv sync", ".venv"),
    "pnpm-lock.yaml": ("pnpm install --frozen-lockfile", "node_modules"),
    "yarn.lock": ("yarn install --frozen-lockfile", "node_modules"),
    "bun.lock": ("bun install --frozen-lockfile", "node_modules"),
    "package-lock.json": ("npm ci", "node_modules"),
    "Cargo.lock": ("cargo fetch --locked", "/var/draftsmith/packages/0-cargo"),
    "go.sum": ("go mod download", "/var/draftsmith/packages/0-go"),
    "Gemfile.lock": ("bundle install", "/var/draftsmith/packages/0-bundler"),
    "packages.lock.json": ("dotnet restore --locked-mode", "/var/draftsmith/packages/0-nuget"),
    "gradle.lockfile": ("gradle", "/var/draftsmith/packages/0-gradle"),
}


@pytest.mark.parametrize("lock", LOCKS)
def test_each_lock_file_has_its_command_and_its_place(lock: str) -> None:
    [found] = wanted({lock: "x"})
    command, place = LOCKS[lock]
    assert (command in found.command, found.makes, found.lock) == (True, place, lock)
    assert "{" not in f"{found.command}{found.has}{found.variables}{found.once}"


def test_several_languages_have_one_each() -> None:
    names = [one.name for one in wanted({**NPM, "uv.lock": "", "poetry.lock": "", "go.sum": ""})]
    assert names == ["uv", "npm", "Go modules"]


@pytest.mark.parametrize(
    ("lock", "own"), [("uv.lock", ".venv"), ("package-lock.json", "node_modules"), ("go.sum", "vendor")]
)
def test_what_the_user_has_installed_is_used(lock: str, own: str) -> None:
    assert wanted({lock: ""}, own) == ()


def test_another_lock_file_or_manifest_is_another_environment() -> None:
    first = wanted(NPM)[0].wanted
    assert wanted(NPM)[0].wanted == first
    assert wanted({**NPM, "package-lock.json": "{ }"})[0].wanted != first
    assert wanted({**NPM, "package.json": "{}"})[0].wanted != first
    assert wanted({**NPM, "README.md": "other"})[0].wanted == first


@pytest.mark.parametrize(
    ("text", "pinned"),
    [
        ("a==1.0\nb[x]==2.0  # why\n# note\n", True),
        ("./wheels/a-1.whl\n", True),
        ("./wheels/a-1.tar.gz  # why\n", True),
        ("a==1.0\n./libs/own\n", False),
        ("./\n", False),
        ("a==1.0 \\\n    --hash=sha256:00\n", True),
        ("a>=1.0\n", False),
        ("a\n", False),
        ("-r other.txt\n", False),
        ("--extra-index-url https://elsewhere.example.org\na==1\n", False),
        ("", False),
    ],
)
def test_requirements_are_a_lock_only_when_each_names_one_version(text: str, pinned: bool) -> None:
    found = [one for one in wanted({"requirements.txt": text}) if one.command]
    assert bool(found) == pinned


def test_packages_without_a_lock_are_told_and_none_are_not() -> None:
    [found] = wanted({"package.json": json.dumps({"dependencies": {"a": "1", "b": "2"}})})
    assert found.command == ""
    assert "package.json names 2 packages" in found.lacking
    assert wanted({"package.json": "{}"}) == ()
    assert wanted({"pyproject.toml": '[project]\nname = "x"\n'}) == ()


def test_a_folder_that_git_would_see_is_not_installed_into() -> None:
    [seen] = wanted({"composer.lock": "{}"})
    assert (seen.command, "is not ignored" in seen.lacking) == ("", True)
    [hidden] = wanted({"composer.lock": "{}", ".gitignore": "/vendor/\n"})
    assert "composer install" in hidden.command
