"""What the layout says: entry points, packages of a repository with several, rules files, .editorconfig."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from draftsmith.code.facts.manifests import ini, json_value, strings, table, toml_table, yaml_value
from draftsmith.code.facts.model import EntryFact, PackageFact, ProjectFiles, StyleFact

RULES_FILES = (
    "AGENTS.md",
    "CLAUDE.md",
    ".cursorrules",
    ".github/copilot-instructions.md",
    "CONTRIBUTING.md",
    "GEMINI.md",
    ".windsurfrules",
)
MAX_ENTRIES = 30
MAX_PACKAGES = 200
MAX_STYLES = 40
_CONVENTIONAL = {
    "manage.py": "Django's commands",
    "main.py": "main.py",
    "app.py": "app.py",
    "src/main.rs": "the program",
    "main.go": "the program",
    "src/index.ts": "the package",
    "src/index.js": "the package",
    "src/main.ts": "the application",
    "index.js": "the package",
    "lib/main.dart": "the application",
    "Program.cs": "the program",
    "config.ru": "the Rack application",
    "public/index.php": "the web application",
}
_GO_USE = re.compile(r"^\s*(?:use\s+)?\(?\s*(\./[^\s)]+)", re.MULTILINE)
_MODULE = re.compile(r"<module>\s*([^<\s]+)\s*</module>")
_INCLUDE = re.compile(r"""include\s*\(?([^)\n]+)""")
_PACKAGE_FILES = (
    "package.json",
    "pyproject.toml",
    "Cargo.toml",
    "go.mod",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
)


def rules(files: ProjectFiles) -> tuple[str, ...]:
    """Files in which people say how code is to be written here; also those of subfolders that agents read."""
    top = [name for name in RULES_FILES if name in files.names]
    cursor = sorted(
        name for name in files.names if name.startswith(".cursor/rules/") and name.endswith((".md", ".mdc"))
    )
    below = sorted(name for name in files.names if "/" in name and name.rsplit("/", 1)[1] in ("AGENTS.md", "CLAUDE.md"))
    return (*top, *cursor[:20], *below[:20])


def entries(files: ProjectFiles) -> tuple[EntryFact, ...]:
    """Declared ones first, then what stands at usual places."""
    found = [*_declared(files)]
    for name, what in _CONVENTIONAL.items():
        if name in files.names:
            found.append(EntryFact(name=what, target=name, source=name))
    found += (
        EntryFact(name=name.rsplit("/", 2)[-2], target=name, source=name)
        for name in sorted(files.names)
        if (name.endswith("/__main__.py") and name.count("/") <= 3) or re.fullmatch(r"cmd/[^/]+/main\.go", name)
    )
    return tuple({(one.name, one.target): one for one in found}.values())[:MAX_ENTRIES]


def _declared(files: ProjectFiles) -> Iterator[EntryFact]:
    settings = toml_table(files.text("pyproject.toml"))
    for holder in (table(settings.get("project")), table(table(settings.get("tool")).get("poetry"))):
        for section in ("scripts", "gui-scripts"):
            for name, target in table(holder.get(section)).items():
                yield EntryFact(name=name, target=str(target), source="pyproject.toml")
    package = table(json_value(files.text("package.json")))
    for field in ("main", "module", "types"):
        if isinstance(package.get(field), str):
            yield EntryFact(name=field, target=package[field], source="package.json")
    bins: Any = package.get("bin")
    for name, target in (
        table(bins) or ({str(package.get("name", "bin")): bins} if isinstance(bins, str) else {})
    ).items():
        yield EntryFact(name=name, target=str(target), source="package.json")
    start = table(package.get("scripts")).get("start")
    if isinstance(start, str):
        yield EntryFact(name="start", target=start, source="package.json")
    programs: Any = toml_table(files.text("Cargo.toml")).get("bin")
    for program in programs if isinstance(programs, list) else []:
        one = table(program)
        yield EntryFact(name=str(one.get("name", "")), target=str(one.get("path", "src/main.rs")), source="Cargo.toml")


def packages(files: ProjectFiles) -> tuple[PackageFact, ...]:
    """Members of a workspace, as its manifest declares them."""
    found: dict[str, PackageFact] = {}
    folders = _package_folders(files)
    for source, patterns, excluded in _declared_members(files):
        for folder in folders:
            if _is_member(folder, patterns) and not _is_member(folder, excluded) and folder not in found:
                found[folder] = PackageFact(folder=folder, name=_package_name(files, folder), source=source)
    return tuple(found[folder] for folder in sorted(found))[:MAX_PACKAGES]


def _package_folders(files: ProjectFiles) -> list[str]:
    named = {name.rsplit("/", 1)[0] for name in files.names if "/" in name and name.rsplit("/", 1)[1] in _PACKAGE_FILES}
    return sorted(named)


def _is_member(folder: str, patterns: list[str]) -> bool:
    return any(
        fnmatchcase(folder, pattern) and (("**" in pattern) or folder.count("/") == pattern.count("/"))
        for pattern in (one.removeprefix("./").rstrip("/") for one in patterns)
    )


def _declared_members(files: ProjectFiles) -> Iterator[tuple[str, list[str], list[str]]]:
    """Manifest, patterns of members, patterns of what is none."""
    npm: Any = table(json_value(files.text("package.json"))).get("workspaces")
    yield _npm("package.json", strings(npm) or strings(table(npm).get("packages")))
    yield _npm("pnpm-workspace.yaml", strings(table(yaml_value(files.text("pnpm-workspace.yaml"))).get("packages")))
    yield _npm("lerna.json", strings(table(json_value(files.text("lerna.json"))).get("packages")))
    cargo = table(toml_table(files.text("Cargo.toml")).get("workspace"))
    yield "Cargo.toml", strings(cargo.get("members")), strings(cargo.get("exclude"))
    uv = table(table(table(toml_table(files.text("pyproject.toml")).get("tool")).get("uv")).get("workspace"))
    yield "pyproject.toml", strings(uv.get("members")), strings(uv.get("exclude"))
    yield "go.work", _GO_USE.findall(files.text("go.work")), []
    yield "pom.xml", _MODULE.findall(files.text("pom.xml")), []
    for name in ("settings.gradle", "settings.gradle.kts"):
        included = [
            one for line in _INCLUDE.findall(files.text(name)) for one in re.findall(r"""["']:?([^"']+)["']""", line)
        ]
        yield name, [one.replace(":", "/") for one in included], []
    yield "melos.yaml", strings(table(yaml_value(files.text("melos.yaml"))).get("packages")), []


def _npm(source: str, patterns: list[str]) -> tuple[str, list[str], list[str]]:
    return (
        source,
        [one for one in patterns if not one.startswith("!")],
        [one[1:] for one in patterns if one.startswith("!")],
    )


def _package_name(files: ProjectFiles, folder: str) -> str:
    candidates: tuple[object, ...] = (
        table(json_value(files.text(f"{folder}/package.json"))).get("name"),
        table(toml_table(files.text(f"{folder}/pyproject.toml")).get("project")).get("name"),
        table(toml_table(files.text(f"{folder}/Cargo.toml")).get("package")).get("name"),
    )
    return next((one for one in candidates if isinstance(one, str)), folder.rsplit("/", 1)[-1])


def styles(files: ProjectFiles) -> tuple[StyleFact, ...]:
    """The sections of the folder's own .editorconfig."""
    text = files.text(".editorconfig")
    if not text:
        return ()
    # Its keys before any section (`root = true`) are no section's.
    settings = ini(f"[\0]\n{text}")
    found = [
        StyleFact(pattern=name, settings=_settings(dict(settings.items(name))), source=".editorconfig")
        for name in settings.sections()
        if name != "\0"
    ]
    return tuple(one for one in found if one.settings)[:MAX_STYLES]


def _settings(values: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in values.items() if value)
