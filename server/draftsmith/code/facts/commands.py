"""The project's own commands: tests, lint, format, types, build; from its settings, never guessed without a file.

Commands only look (formatters in their checking mode) and need no network. The first one found for a purpose counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from draftsmith.code.facts.manifests import ini, json_value, table, toml_table, yaml_value
from draftsmith.code.facts.model import CommandFact, ProjectFiles, Purpose

_LOOKED_AT_TESTS = 20
_HEAD = 20_000
_TARGET = re.compile(r"^([A-Za-z0-9_-]+)\s*:(?!=)", re.MULTILINE)
_CTEST = re.compile(r"^\s*(?:enable_testing\s*\(|include\s*\(\s*CTest\b)", re.MULTILINE | re.IGNORECASE)
_ESLINT = (
    "eslint.config.js",
    "eslint.config.mjs",
    "eslint.config.cjs",
    "eslint.config.ts",
    ".eslintrc",
    ".eslintrc.json",
)
_ESLINT_OLD = (".eslintrc.js", ".eslintrc.cjs", ".eslintrc.yml", ".eslintrc.yaml")
_PRETTIER = (
    ".prettierrc",
    ".prettierrc.json",
    ".prettierrc.yml",
    ".prettierrc.yaml",
    ".prettierrc.js",
    "prettier.config.js",
)
_PRETTIER_NEW = ("prettier.config.mjs", ".prettierrc.mjs", ".prettierrc.toml", "prettier.config.cjs")

Look = Callable[[ProjectFiles], Iterable[CommandFact]]


def commands(files: ProjectFiles) -> tuple[CommandFact, ...]:
    """At most one for each purpose, in the order in which the ecosystems are asked."""
    found: dict[Purpose, CommandFact] = {}
    for look in (_python, _node, _go, _rust, _ruby, _php, _java, _dotnet, _others, _make):
        for one in look(files):
            found.setdefault(one.purpose, one)
    return tuple(found.values())


def _python(files: ProjectFiles) -> Iterator[CommandFact]:
    settings = toml_table(files.text("pyproject.toml"))
    tools = table(settings.get("tool"))
    python = _interpreter(files)
    yield from _python_tests(files, tools, python)
    if "ruff" in tools or "ruff.toml" in files.names or ".ruff.toml" in files.names:
        yield CommandFact(purpose="lint", command="ruff check .", source="ruff's settings")
    elif ".flake8" in files.names:
        yield CommandFact(purpose="lint", command=f"{python} -m flake8", source=".flake8")
    elif ini(files.text("setup.cfg")).has_section("flake8"):
        yield CommandFact(purpose="lint", command=f"{python} -m flake8", source="setup.cfg")
    elif "pylint" in tools or ".pylintrc" in files.names:
        source = ".pylintrc" if ".pylintrc" in files.names else "pyproject.toml"
        yield CommandFact(purpose="lint", command=f"{python} -m pylint --recursive=y .", source=source)
    yield from _python_format(files, tools, python)
    yield from _python_types(files, tools, python)
    if "build-system" in settings:
        yield CommandFact(purpose="build", command=f"{python} -m build --no-isolation", source="pyproject.toml")


def _python_tests(files: ProjectFiles, tools: Mapping[str, Any], python: str) -> Iterator[CommandFact]:
    tests = [name for name in files.names if _is_python_test(name)]
    if "pytest" in tools or "pytest.ini" in files.names or "conftest.py" in files.names or _is_pytest(files, tests):
        source = "pyproject.toml" if "pytest" in tools else "the test files"
        yield CommandFact(purpose="tests", command=f"{python} -m pytest -q", source=source)
    elif "manage.py" in files.names and "django" in files.text("manage.py", _HEAD):
        yield CommandFact(purpose="tests", command=f"{python} manage.py test", source="manage.py")
    elif tests:
        below = " -s tests" if any(name.startswith("tests/") and name.endswith(".py") for name in files.names) else ""
        command = f"{python} -m unittest discover -q{below}"
        yield CommandFact(purpose="tests", command=command, source="the test files")


def _is_python_test(name: str) -> bool:
    return name.endswith(".py") and PurePosixPath(name).name.startswith("test_")


def _is_pytest(files: ProjectFiles, tests: list[str]) -> bool:
    if not tests:
        return False
    named = ["pyproject.toml", "setup.cfg", "tox.ini", "setup.py"]
    named += (name for name in files.names if "requirements" in name and name.endswith(".txt"))
    if any("pytest" in files.text(name) for name in named):
        return True
    heads = (files.text(name, _HEAD) for name in sorted(tests)[:_LOOKED_AT_TESTS])
    return any("import pytest" in head or "\ndef test_" in head for head in heads)


def _python_format(files: ProjectFiles, tools: Mapping[str, Any], python: str) -> Iterator[CommandFact]:
    if "format" in table(tools.get("ruff")) or "ruff-format" in _pre_commit_hooks(files):
        source = "pyproject.toml" if "format" in table(tools.get("ruff")) else ".pre-commit-config.yaml"
        yield CommandFact(purpose="format", command="ruff format --check .", source=source)
    elif "black" in tools or "black" in _pre_commit_hooks(files):
        source = "pyproject.toml" if "black" in tools else ".pre-commit-config.yaml"
        yield CommandFact(purpose="format", command=f"{python} -m black --check .", source=source)


def _python_types(files: ProjectFiles, tools: Mapping[str, Any], python: str) -> Iterator[CommandFact]:
    for name in ("mypy.ini", ".mypy.ini"):
        if name in files.names:
            where = "" if ini(files.text(name)).get("mypy", "files", fallback="") else " ."
            yield CommandFact(purpose="types", command=f"{python} -m mypy{where}", source=name)
    if "mypy" in tools:
        mypy = table(tools.get("mypy"))
        where = "" if mypy.get("files") or mypy.get("packages") else " ."
        yield CommandFact(purpose="types", command=f"{python} -m mypy{where}", source="pyproject.toml")
    if ini(files.text("setup.cfg")).has_section("mypy"):
        yield CommandFact(purpose="types", command=f"{python} -m mypy .", source="setup.cfg")
    if "pyrightconfig.json" in files.names or "pyright" in tools:
        source = "pyrightconfig.json" if "pyrightconfig.json" in files.names else "pyproject.toml"
        yield CommandFact(purpose="types", command="pyright", source=source)


def _pre_commit_hooks(files: ProjectFiles) -> set[str]:
    settings = table(yaml_value(files.text(".pre-commit-config.yaml")))
    found: set[str] = set()
    repositories: Any = settings.get("repos")
    for repository in repositories if isinstance(repositories, list) else []:
        hooks: Any = table(repository).get("hooks")
        found |= {str(table(hook).get("id")) for hook in (hooks if isinstance(hooks, list) else [])}
    return found


def _interpreter(files: ProjectFiles) -> str:
    name = next((name for name in (".venv", "venv", "env") if name in files.ignored), None)
    return f"{name}/bin/python" if name else "python3"


def _node(files: ProjectFiles) -> Iterator[CommandFact]:
    package = table(json_value(files.text("package.json")))
    if not package:
        return
    scripts = table(package.get("scripts"))
    named = {**table(package.get("dependencies")), **table(package.get("devDependencies"))}
    if "no test specified" not in str(scripts.get("test", "no test specified")):
        yield CommandFact(purpose="tests", command=_test_script(files), source="package.json")
    purposes: tuple[tuple[Purpose, tuple[str, ...]], ...] = (
        ("lint", ("lint",)),
        ("format", ("format:check", "fmt:check", "check:format", "prettier:check")),
        ("types", ("typecheck", "type-check", "check-types", "types:check", "tsc")),
        ("build", ("build",)),
    )
    for purpose, names in purposes:
        script = next((name for name in names if name in scripts), None)
        if script:
            yield CommandFact(purpose=purpose, command=f"{_script_runner(files)} {script}", source="package.json")
    configured: tuple[tuple[Purpose, tuple[str, ...], str], ...] = (
        ("lint", (*_ESLINT, *_ESLINT_OLD), "eslint ."),
        ("lint", ("biome.json", "biome.jsonc"), "biome lint ."),
        ("format", (*_PRETTIER, *_PRETTIER_NEW), "prettier --check ."),
        ("format", ("biome.json", "biome.jsonc"), "biome format ."),
    )
    for purpose, names, command in configured:
        source = next((name for name in names if name in files.names), None)
        if source:
            yield CommandFact(purpose=purpose, command=f"npx --no-install {command}", source=source)
    if "tsconfig.json" in files.names and "typescript" in named:
        yield CommandFact(purpose="types", command="npx --no-install tsc --noEmit", source="tsconfig.json")


def _test_script(files: ProjectFiles) -> str:
    runner = _script_runner(files)
    return "npm test --silent" if runner.startswith("npm") else f"{runner} test"


def _script_runner(files: ProjectFiles) -> str:
    for lock, runner in (("pnpm-lock.yaml", "pnpm run"), ("yarn.lock", "yarn run"), ("bun.lock", "bun run")):
        if lock in files.names:
            return runner
    return "npm run --silent"


def _go(files: ProjectFiles) -> Iterator[CommandFact]:
    if "go.mod" not in files.names:
        return
    yield CommandFact(purpose="tests", command="go test ./...", source="go.mod")
    settings = next((name for name in (".golangci.yml", ".golangci.yaml", ".golangci.toml") if name in files.names), "")
    lint = "golangci-lint run" if settings else "go vet ./..."
    yield CommandFact(purpose="lint", command=lint, source=settings or "go.mod")
    yield CommandFact(purpose="build", command="go build ./...", source="go.mod")


def _rust(files: ProjectFiles) -> Iterator[CommandFact]:
    if "Cargo.toml" not in files.names:
        return
    settings = toml_table(files.text("Cargo.toml"))
    yield CommandFact(purpose="tests", command="cargo test --offline --quiet", source="Cargo.toml")
    lints = {**table(settings.get("lints")), **table(table(settings.get("workspace")).get("lints"))}
    clippy = next((name for name in ("clippy.toml", ".clippy.toml") if name in files.names), "")
    if clippy or "clippy" in lints:
        yield CommandFact(purpose="lint", command="cargo clippy --offline --quiet", source=clippy or "Cargo.toml")
    formatting = next((name for name in ("rustfmt.toml", ".rustfmt.toml") if name in files.names), "")
    if formatting:
        yield CommandFact(purpose="format", command="cargo fmt --check", source=formatting)
    yield CommandFact(purpose="build", command="cargo build --offline --quiet", source="Cargo.toml")


def _ruby(files: ProjectFiles) -> Iterator[CommandFact]:
    if "Gemfile" not in files.names:
        return
    if ".rspec" in files.names or any(name.startswith("spec/") and name.endswith("_spec.rb") for name in files.names):
        yield CommandFact(
            purpose="tests", command="bundle exec rspec", source=".rspec" if ".rspec" in files.names else "spec/"
        )
    elif "bin/rails" in files.names:
        yield CommandFact(purpose="tests", command="bin/rails test", source="bin/rails")
    elif "Rakefile" in files.names and "test" in files.text("Rakefile", _HEAD).lower():
        yield CommandFact(purpose="tests", command="bundle exec rake test", source="Rakefile")
    if ".rubocop.yml" in files.names:
        yield CommandFact(purpose="lint", command="bundle exec rubocop", source=".rubocop.yml")


def _php(files: ProjectFiles) -> Iterator[CommandFact]:
    configured: tuple[tuple[Purpose, tuple[str, ...], str], ...] = (
        ("tests", ("phpunit.xml", "phpunit.xml.dist"), "vendor/bin/phpunit"),
        ("lint", ("phpcs.xml", "phpcs.xml.dist", ".phpcs.xml"), "vendor/bin/phpcs"),
        ("format", (".php-cs-fixer.php", ".php-cs-fixer.dist.php"), "vendor/bin/php-cs-fixer fix --dry-run"),
        ("types", ("phpstan.neon", "phpstan.neon.dist"), "vendor/bin/phpstan analyse --no-progress"),
    )
    for purpose, names, command in configured:
        source = next((name for name in names if name in files.names), None)
        if source:
            yield CommandFact(purpose=purpose, command=command, source=source)


def _java(files: ProjectFiles) -> Iterator[CommandFact]:
    gradle = next((name for name in ("build.gradle", "build.gradle.kts") if name in files.names), None)
    if gradle:
        program = "./gradlew" if "gradlew" in files.names else "gradle"
        yield CommandFact(purpose="tests", command=f"{program} --offline --quiet test", source=gradle)
        yield CommandFact(purpose="build", command=f"{program} --offline --quiet assemble", source=gradle)
    if "pom.xml" in files.names:
        program = "./mvnw" if "mvnw" in files.names else "mvn"
        yield CommandFact(purpose="tests", command=f"{program} --offline --quiet test", source="pom.xml")
        yield CommandFact(purpose="build", command=f"{program} --offline --quiet -DskipTests package", source="pom.xml")


def _dotnet(files: ProjectFiles) -> Iterator[CommandFact]:
    source = min(
        (n for n in files.names if n.endswith((".sln", ".csproj", ".fsproj")) and n.count("/") < 2), default=""
    )
    if source:
        yield CommandFact(purpose="tests", command="dotnet test --no-restore --nologo", source=source)
        yield CommandFact(purpose="build", command="dotnet build --no-restore --nologo", source=source)


_MARKED: tuple[tuple[str, tuple[tuple[Purpose, str], ...]], ...] = (
    ("mix.exs", (("tests", "mix test"), ("build", "mix compile"))),
    (".formatter.exs", (("format", "mix format --check-formatted"),)),
    (".credo.exs", (("lint", "mix credo"),)),
    ("Package.swift", (("tests", "swift test"), ("build", "swift build"))),
    (".swiftlint.yml", (("lint", "swiftlint lint --quiet"),)),
    ("stack.yaml", (("tests", "stack test"), ("build", "stack build"))),
    ("cabal.project", (("tests", "cabal test --offline"), ("build", "cabal build --offline"))),
    ("build.zig", (("tests", "zig build test"), ("build", "zig build"))),
    ("build.sbt", (("tests", "sbt test"), ("build", "sbt compile"))),
    ("tox.ini", (("tests", "tox -q"),)),
    ("noxfile.py", (("tests", "nox"),)),
    ("analysis_options.yaml", (("lint", "dart analyze"),)),
    (".luacheckrc", (("lint", "luacheck ."),)),
    ("stylua.toml", (("format", "stylua --check ."),)),
    (".stylelintrc.json", (("lint", "npx --no-install stylelint '**/*.css'"),)),
)


def _others(files: ProjectFiles) -> Iterator[CommandFact]:
    for name, known in _MARKED:
        if name in files.names:
            yield from (CommandFact(purpose=purpose, command=command, source=name) for purpose, command in known)
    if "pubspec.yaml" in files.names:
        package = table(yaml_value(files.text("pubspec.yaml")))
        program = "flutter" if "flutter" in table(package.get("dependencies")) else "dart"
        yield CommandFact(purpose="tests", command=f"{program} test", source="pubspec.yaml")
    if "Project.toml" in files.names and any(name == "test/runtests.jl" for name in files.names):
        yield CommandFact(purpose="tests", command="julia --project test/runtests.jl", source="test/runtests.jl")
    if "CMakeLists.txt" in files.names:
        if _CTEST.search(files.text("CMakeLists.txt", _HEAD)):
            command = "cmake -S . -B build && cmake --build build && ctest --test-dir build --output-on-failure"
            yield CommandFact(purpose="tests", command=command, source="CMakeLists.txt")
        yield CommandFact(
            purpose="build", command="cmake -S . -B build && cmake --build build", source="CMakeLists.txt"
        )


def _make(files: ProjectFiles) -> Iterator[CommandFact]:
    for name in ("Makefile", "makefile", "GNUmakefile", "justfile", "Justfile", "Taskfile.yml"):
        if name not in files.names:
            continue
        program = {"justfile": "just", "Justfile": "just", "Taskfile.yml": "task"}.get(name, "make")
        targets = _targets(files.text(name), is_task=program == "task")
        purposes: tuple[tuple[Purpose, tuple[str, ...]], ...] = (
            ("tests", ("test", "tests")),
            ("lint", ("lint",)),
            ("format", ("format-check", "fmt-check", "check-format")),
            ("types", ("typecheck", "type-check", "types")),
            ("build", ("build",)),
        )
        for purpose, names in purposes:
            target = next((one for one in names if one in targets), None)
            if target:
                yield CommandFact(purpose=purpose, command=f"{program} {target}", source=name)
        return


def _targets(text: str, *, is_task: bool) -> set[str]:
    if is_task:
        return {str(name) for name in table(table(yaml_value(text)).get("tasks"))}
    return set(_TARGET.findall(text))
