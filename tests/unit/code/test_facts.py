"""Facts from manifests and layout: what is found, in which file, and that no file can upset it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from draftsmith.code.facts.detecting import known_frameworks, known_managers
from draftsmith.code.facts.folder import list_folder
from draftsmith.code.facts.gather import facts_text, gather
from draftsmith.code.facts.manifests import dependencies
from draftsmith.code.facts.model import Facts


class Files:
    """A project in memory."""

    def __init__(self, files: Mapping[str, str], ignored: tuple[str, ...] = ()) -> None:
        self._files = files
        self.names = frozenset(files)
        self.ignored = frozenset(ignored)

    def text(self, name: str, limit: int = 1_000_000) -> str:
        return self._files.get(name, "")[:limit]


def facts(**files: str) -> Facts:
    return gather(Files(files))


def frameworks(files: Mapping[str, str]) -> dict[str, str]:
    return {one.name: one.source for one in gather(Files(files)).frameworks}


def test_there_are_more_than_thirty_frameworks_each_with_a_hint_and_a_way_to_be_seen() -> None:
    known = known_frameworks()
    assert len(known) >= 60
    assert [one.name for one in known if not one.hint or not (one.packages or one.files)] == []
    assert len({one.name for one in known}) == len(known)


MANIFEST = {
    "python": lambda name: ("pyproject.toml", f'[project]\ndependencies = ["{name}>=1"]\n'),
    "npm": lambda name: ("package.json", json.dumps({"devDependencies": {name: "1"}})),
    "rust": lambda name: ("Cargo.toml", f'[dependencies]\n{name} = "1"\n'),
    "go": lambda name: ("go.mod", f"module x\n\nrequire (\n\t{name} v1.2.3\n)\n"),
    "ruby": lambda name: ("Gemfile", f"gem '{name}', '~> 1'\n"),
    "php": lambda name: ("composer.json", json.dumps({"require": {name: "1"}})),
    "dotnet": lambda name: ("a.csproj", f'<Project Sdk="{name}"></Project>'),
    "elixir": lambda name: ("mix.exs", f'{{:{name}, "~> 1.0"}}'),
    "dart": lambda name: ("pubspec.yaml", f"dependencies:\n  {name}:\n    sdk: x\n"),
    "swift": lambda name: ("Package.swift", f'.package(url: "https://x.org/a/{name}.git", from: "1")'),
}


@pytest.mark.parametrize("name", [one.name for one in known_frameworks()])
def test_each_framework_is_found_by_everything_that_names_it(name: str) -> None:
    one = next(known for known in known_frameworks() if known.name == name)
    for ecosystem, packages in one.packages.items():
        for package in packages:
            plain = package.replace("*", "x")
            if ecosystem == "java":
                group, _, artifact = plain.partition(":")
                text = f'implementation "{group}:{artifact}:1"' if artifact else f'id("{group}")'
                manifest = ("build.gradle", text)
            else:
                manifest = MANIFEST[ecosystem](plain)
            assert frameworks(dict([manifest])).get(name) == manifest[0], package
    for file in one.files:
        assert frameworks({file: one.files_say}).get(name) == file


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("requirements/dev-requirements.txt", "# x\nDjango==5.2 ; python_version > '3'\n-r other.txt\n"),
        ("setup.cfg", "[options]\ninstall_requires =\n    django>=4\n"),
        ("setup.py", "setup(install_requires=['Django >= 4', 'x'])"),
        ("Pipfile", "[packages]\nDjango = '*'\n"),
        ("pyproject.toml", "[tool.poetry.group.main.dependencies]\nDjango = '^5'\n"),
        ("pyproject.toml", "[dependency-groups]\ndev = ['Django']\n"),
        ("backend/pyproject.toml", "[project.optional-dependencies]\nweb = ['django[argon2]>4']\n"),
    ],
)
def test_python_packages_are_read_from_all_usual_places(name: str, text: str) -> None:
    assert frameworks({name: text}) == {"Django": name}
    assert dependencies(Files({name: text}))["python"]["django"] == name


@pytest.mark.parametrize("one", known_managers(), ids=lambda one: f"{one.name} {one.locks[:1] or one.marker}")
def test_each_package_manager_is_found(one) -> None:
    marker = one.marker.replace("*", "x")
    text = f"[{one.marker_table}]\nx = 1\n" if one.marker_table else ""
    for lock in one.locks:
        found = {each.name: each for each in gather(Files({lock: ""})).managers}
        assert (found[one.name].lock, found[one.name].source) == (lock, lock)
    if marker:
        found = {each.name: each for each in gather(Files({marker: text})).managers}
        assert (found[one.name].lock, found[one.name].source) == ("", marker)


def test_a_lock_file_says_more_than_a_manifest() -> None:
    found = gather(Files({"package.json": "{}", "pnpm-lock.yaml": "", "pyproject.toml": "[project]\n", "uv.lock": ""}))
    assert [(one.name, one.lock) for one in found.managers] == [("uv", "uv.lock"), ("pnpm", "pnpm-lock.yaml")]


COMMANDS: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "python": (
        {
            "pyproject.toml": "[build-system]\nrequires = []\n[tool.ruff.format]\n[tool.pyright]\n[tool.pytest]\n",
            ".pre-commit-config.yaml": "repos: [{hooks: [{id: black}]}]",
        },
        {
            "tests": "python3 -m pytest -q",
            "lint": "ruff check .",
            "format": "ruff format --check .",
            "types": "pyright",
            "build": "python3 -m build --no-isolation",
        },
    ),
    "black and mypy by other files": (
        {".pre-commit-config.yaml": "repos:\n- repo: x\n  hooks:\n  - id: black\n", "mypy.ini": "[mypy]\n"},
        {"format": "python3 -m black --check .", "types": "python3 -m mypy ."},
    ),
    "django": (
        {"manage.py": "import django", "shop/test_models.py": ""},
        {"tests": "python3 manage.py test"},
    ),
    "scripts by pnpm": (
        {
            "package.json": json.dumps(
                {"scripts": {"test": "vitest", "lint": "x", "typecheck": "tsc", "build": "vite"}}
            ),
            "pnpm-lock.yaml": "",
            ".prettierrc": "{}",
        },
        {
            "tests": "pnpm run test",
            "lint": "pnpm run lint",
            "types": "pnpm run typecheck",
            "build": "pnpm run build",
            "format": "npx --no-install prettier --check .",
        },
    ),
    "tools without scripts": (
        {
            "package.json": json.dumps({"devDependencies": {"typescript": "5"}}),
            "eslint.config.mjs": "",
            "tsconfig.json": "{}",
        },
        {"lint": "npx --no-install eslint .", "types": "npx --no-install tsc --noEmit"},
    ),
    "rust with its own settings": (
        {"Cargo.toml": "[lints.clippy]\nall = 'warn'\n", "rustfmt.toml": ""},
        {
            "tests": "cargo test --offline --quiet",
            "lint": "cargo clippy --offline --quiet",
            "format": "cargo fmt --check",
            "build": "cargo build --offline --quiet",
        },
    ),
    "ruby": (
        {"Gemfile": "", ".rspec": "", ".rubocop.yml": ""},
        {"tests": "bundle exec rspec", "lint": "bundle exec rubocop"},
    ),
    "php": (
        {"phpunit.xml": "", "phpstan.neon": ""},
        {"tests": "vendor/bin/phpunit", "types": "vendor/bin/phpstan analyse --no-progress"},
    ),
    "gradle": (
        {"build.gradle.kts": "", "gradlew": ""},
        {"tests": "./gradlew --offline --quiet test", "build": "./gradlew --offline --quiet assemble"},
    ),
    "make": (
        {"Makefile": "VAR := 1\ntest: a\n\tx\nlint:\n\tx\nbuild:\n\tx\n"},
        {"tests": "make test", "lint": "make lint", "build": "make build"},
    ),
    "task": ({"Taskfile.yml": "tasks:\n  test: {cmd: x}\n"}, {"tests": "task test"}),
    "the one package of a folder": (
        {"README.md": "", "web app/package.json": json.dumps({"scripts": {"test": "x"}})},
        {"tests": "cd 'web app' && npm test --silent"},
    ),
    "two packages say nothing for the whole": (
        {"a/package.json": json.dumps({"scripts": {"test": "x"}}), "b/go.mod": "module x\n"},
        {},
    ),
}


@pytest.mark.parametrize("case", COMMANDS)
def test_commands_come_from_the_project_s_own_settings(case: str) -> None:
    files, wanted = COMMANDS[case]
    assert {one.purpose: one.command for one in gather(Files(files)).commands} == wanted


def test_an_environment_that_is_there_runs_python() -> None:
    found = gather(Files({"pytest.ini": ""}, ignored=(".venv", "node_modules")))
    assert [one.command for one in found.commands] == [".venv/bin/python -m pytest -q"]


@pytest.mark.parametrize(
    ("files", "source"),
    [
        ({"package.json": json.dumps({"workspaces": ["packages/*", "!packages/old"]})}, "package.json"),
        ({"package.json": json.dumps({"workspaces": {"packages": ["packages/a", "packages/b"]}})}, "package.json"),
        ({"pnpm-workspace.yaml": "packages:\n  - 'packages/**'\n  - '!packages/old'\n"}, "pnpm-workspace.yaml"),
    ],
)
def test_packages_of_a_repository_are_those_it_declares(files: dict[str, str], source: str) -> None:
    members = {f"packages/{name}/package.json": json.dumps({"name": f"@x/{name}"}) for name in ("a", "b", "old")}
    found = gather(Files({**files, **members, "other/package.json": "{}"})).packages
    assert [(one.folder, one.name, one.source) for one in found] == [
        ("packages/a", "@x/a", source),
        ("packages/b", "@x/b", source),
    ]


def test_cargo_and_go_workspaces_have_packages() -> None:
    cargo = gather(
        Files(
            {"Cargo.toml": "[workspace]\nmembers = ['crates/*']\n", "crates/x/Cargo.toml": "[package]\nname = 'xx'\n"}
        )
    )
    assert [(one.folder, one.name) for one in cargo.packages] == [("crates/x", "xx")]
    go = gather(
        Files({"go.work": "go 1.22\nuse (\n\t./api\n\t./cli\n)\n", "api/go.mod": "module a\n", "cli/go.mod": ""})
    )
    assert [one.folder for one in go.packages] == ["api", "cli"]


def test_entry_points_are_declared_or_stand_at_usual_places() -> None:
    found = gather(
        Files(
            {
                "pyproject.toml": "[project.scripts]\nshop = 'shop.cli:main'\n",
                "package.json": json.dumps({"name": "shop", "bin": "cli.js", "scripts": {"start": "node ."}}),
                "shop/__main__.py": "",
                "cmd/server/main.go": "",
            }
        )
    )
    assert {(one.name, one.target, one.source) for one in found.entries} == {
        ("shop", "shop.cli:main", "pyproject.toml"),
        ("shop", "cli.js", "package.json"),
        ("start", "node .", "package.json"),
        ("shop", "shop/__main__.py", "shop/__main__.py"),
        ("server", "cmd/server/main.go", "cmd/server/main.go"),
    }


def test_rules_files_are_named_and_style_is_read() -> None:
    editorconfig = "root = true\n\n[*]\nindent_style = space\nindent_size = 4\n\n[*.{js,ts}]\nindent_size = 2\n"
    found = gather(Files({"AGENTS.md": "x", ".cursorrules": "", "web/AGENTS.md": "", ".editorconfig": editorconfig}))
    assert found.rules == ("AGENTS.md", ".cursorrules", "web/AGENTS.md")
    assert [(one.pattern, dict(one.settings)) for one in found.styles] == [
        ("*", {"indent_style": "space", "indent_size": "4"}),
        ("*.{js,ts}", {"indent_size": "2"}),
    ]
    assert "Style of *.{js,ts} (.editorconfig): indent_size = 2" in facts_text(found)


def test_what_a_model_is_told_names_its_files() -> None:
    text = facts_text(gather(Files({"pyproject.toml": "[project]\ndependencies = ['flask']\n", "uv.lock": ""})))
    assert text.splitlines()[0].startswith("Framework: Flask (found in pyproject.toml). ")
    assert "Packages: uv (found in uv.lock, lock file uv.lock); to add one: uv add PACKAGE" in text


NAMES = st.sampled_from(
    [
        *(
            "pyproject.toml",
            "package.json",
            "Cargo.toml",
            "go.mod",
            "pom.xml",
            "setup.cfg",
            "pubspec.yaml",
            ".editorconfig",
        ),
        *(
            "a/package.json",
            "pnpm-workspace.yaml",
            "Makefile",
            ".pre-commit-config.yaml",
            "lerna.json",
            "composer.json",
        ),
    ]
)
ODD = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        ["[1]", "null", "tool = 3", "project = 'x'", "a: &a [*a]", "workspaces: 1", "[[bin]]\nx=1", "repos: 1"]
    ),
    st.recursive(
        st.none() | st.integers() | st.text(max_size=4),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(
                    ["scripts", "bin", "workspaces", "packages", "dependencies", "tool", "project", "name"]
                ),
                inner,
            )
        ),
        max_leaves=8,
    ).map(json.dumps),
)


@given(files=st.dictionaries(NAMES, ODD, max_size=6))
def test_no_manifest_is_too_odd(files: dict[str, str]) -> None:
    facts_text(gather(Files(files)))


async def test_a_folder_on_disk_is_read_without_following_links(tmp_path: Path) -> None:
    (tmp_path / "p" / ".venv").mkdir(parents=True)
    (tmp_path / "secret.toml").write_text("[project]\ndependencies = ['django']\n")
    (tmp_path / "p" / "pyproject.toml").symlink_to("../secret.toml")
    (tmp_path / "p" / "pytest.ini").write_text("")
    (tmp_path / "p" / ".gitignore").write_text("left.py\n")
    (tmp_path / "p" / "left.py").write_text("")
    (tmp_path / "p" / "kept.py").write_text("")
    found = await list_folder(tmp_path / "p")
    assert {"kept.py", "pytest.ini"} <= set(found.names)
    assert "left.py" not in found.names
    assert found.text("pyproject.toml") == ""
    assert [one.command for one in gather(found).commands] == [".venv/bin/python -m pytest -q"]
