"""Manifests of many ecosystems read as data: which packages a project names, in which file. Nothing is executed.

Manifests are written by anybody: what has another shape than expected is left out, never an error.
"""

from __future__ import annotations

import configparser
import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, cast

import yaml

from draftsmith.code.facts.model import ProjectFiles

MAX_MANIFESTS = 300
MAX_DEPTH = 5
_NAME = re.compile(r"^\s*([A-Za-z0-9][A-Za-z0-9._-]*)")
_QUOTED = re.compile(r"""["']([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?\s*(?:[<>=!~;].*?)?["']""")
_GO = re.compile(r"^\s*(?:require\s+)?([a-z0-9.-]+\.[a-z]+/[^\s]+)\s+v", re.MULTILINE)
_GEM = re.compile(r"""^\s*gem\s+["']([^"']+)["']""", re.MULTILINE)
_MAVEN = re.compile(r"<(?:groupId)>\s*([^<\s]+)\s*</groupId>\s*<artifactId>\s*([^<\s]+)\s*</artifactId>")
_GRADLE = re.compile(r"""["']([\w.-]+):([\w.-]+)(?::[^"']*)?["']|\bid\s*\(?\s*["']([\w.-]+)["']""")
_DOTNET = re.compile(r"""(?:PackageReference\s+Include|Sdk)\s*=\s*["']([^"']+)["']""")
_MIX = re.compile(r"\{\s*:([a-z0-9_]+)\s*,")
_SWIFT = re.compile(r"""url:\s*["'][^"']*/([\w.-]+?)(?:\.git)?["']""")


def toml_table(text: str) -> dict[str, Any]:
    """Empty when it is not TOML."""
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def json_value(text: str) -> Any:
    """None when it is not JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def yaml_value(text: str) -> Any:
    """None when it is not plain YAML; nothing but data can come of it."""
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError):
        return None


def table(value: object) -> Mapping[str, Any]:
    """The value if it is a table, else an empty one."""
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def strings(value: object) -> list[str]:
    """The texts of a list; nothing for another value."""
    return [one for one in cast("list[object]", value) if isinstance(one, str)] if isinstance(value, list) else []


def ini(text: str) -> configparser.ConfigParser:
    """Empty when it is no INI file."""
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return configparser.ConfigParser(interpolation=None)
    return parser


def normal(name: str) -> str:
    """A Python package's name in its one spelling."""
    return re.sub(r"[-_.]+", "-", name).lower()


def manifests(files: ProjectFiles) -> list[str]:
    """The manifests of the folder and its packages, the outermost first."""
    found = [name for name in files.names if name.count("/") <= MAX_DEPTH and _reader(name.rsplit("/", 1)[-1])]
    found.sort(key=lambda name: (name.count("/"), name))
    return found[:MAX_MANIFESTS]


def dependencies(files: ProjectFiles) -> dict[str, dict[str, str]]:
    """By ecosystem: each package that a manifest names, and the first file that does."""
    found: dict[str, dict[str, str]] = {}
    for name in manifests(files):
        entry = _reader(name.rsplit("/", 1)[-1])
        if entry is None:
            continue
        ecosystem, read = entry
        for package in read(files.text(name)):
            found.setdefault(ecosystem, {}).setdefault(package, name)
    return found


_Reader = Callable[[str], Iterator[str]]


def _pyproject(text: str) -> Iterator[str]:
    settings = toml_table(text)
    project = table(settings.get("project"))
    listed = strings(project.get("dependencies"))
    for extra in table(project.get("optional-dependencies")).values():
        listed += strings(extra)
    for group in table(settings.get("dependency-groups")).values():
        listed += strings(group)
    poetry = table(table(settings.get("tool")).get("poetry"))
    listed += table(poetry.get("dependencies"))
    listed += table(poetry.get("dev-dependencies"))
    for group in table(poetry.get("group")).values():
        listed += table(table(group).get("dependencies"))
    yield from (normal(match[1]) for line in listed if (match := _NAME.match(line)))


def _requirements(text: str) -> Iterator[str]:
    yield from (normal(match[1]) for line in text.splitlines() if (match := _NAME.match(line.split("#")[0])))


def _setup_cfg(text: str) -> Iterator[str]:
    settings = ini(text)
    parts = [settings.get("options", "install_requires", fallback="")]
    if settings.has_section("options.extras_require"):
        parts += [value for _, value in settings.items("options.extras_require")]
    for part in parts:
        yield from _requirements(part)


def _setup_py(text: str) -> Iterator[str]:
    """Quoted names behind `requires`; the file is never run."""
    for part in re.findall(r"requires?\w*\s*=\s*[\[{](.*?)[\]}]", text, re.DOTALL)[:20]:
        yield from (normal(match) for match in _QUOTED.findall(part))


def _pipfile(text: str) -> Iterator[str]:
    settings = toml_table(text)
    for section in ("packages", "dev-packages"):
        yield from map(normal, table(settings.get(section)))


def _package_json(text: str) -> Iterator[str]:
    package = table(json_value(text))
    for section in ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies"):
        yield from table(package.get(section))


def _cargo(text: str) -> Iterator[str]:
    settings = toml_table(text)
    for holder in (settings, table(settings.get("workspace"))):
        for section in ("dependencies", "dev-dependencies", "build-dependencies"):
            yield from table(holder.get(section))


def _composer(text: str) -> Iterator[str]:
    package = table(json_value(text))
    for section in ("require", "require-dev"):
        yield from table(package.get(section))


def _pubspec(text: str) -> Iterator[str]:
    package = table(yaml_value(text))
    for section in ("dependencies", "dev_dependencies"):
        yield from (str(name) for name in table(package.get(section)))


def _maven(text: str) -> Iterator[str]:
    yield from (f"{group}:{artifact}" for group, artifact in _MAVEN.findall(text))


def _gradle(text: str) -> Iterator[str]:
    for group, artifact, plugin in _GRADLE.findall(text):
        yield plugin or f"{group}:{artifact}"


def _matches(pattern: re.Pattern[str]) -> _Reader:
    return lambda text: iter(pattern.findall(text))


_READERS: tuple[tuple[str, str, _Reader], ...] = (
    ("pyproject.toml", "python", _pyproject),
    ("*requirements*.txt", "python", _requirements),
    ("setup.cfg", "python", _setup_cfg),
    ("setup.py", "python", _setup_py),
    ("Pipfile", "python", _pipfile),
    ("package.json", "npm", _package_json),
    ("Cargo.toml", "rust", _cargo),
    ("go.mod", "go", _matches(_GO)),
    ("Gemfile", "ruby", _matches(_GEM)),
    ("composer.json", "php", _composer),
    ("pom.xml", "java", _maven),
    ("build.gradle", "java", _gradle),
    ("build.gradle.kts", "java", _gradle),
    ("libs.versions.toml", "java", _gradle),
    ("*.csproj", "dotnet", _matches(_DOTNET)),
    ("*.fsproj", "dotnet", _matches(_DOTNET)),
    ("mix.exs", "elixir", _matches(_MIX)),
    ("pubspec.yaml", "dart", _pubspec),
    ("Package.swift", "swift", _matches(_SWIFT)),
)


def _reader(name: str) -> tuple[str, _Reader] | None:
    return next(((ecosystem, read) for pattern, ecosystem, read in _READERS if fnmatchcase(name, pattern)), None)
