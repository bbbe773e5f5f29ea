"""Lock files as (ecosystem, package, version), in OSV's names of ecosystems. Read as data; odd ones give nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from draftsmith.code.facts.manifests import json_value, normal, table, toml_table, yaml_value

Pin = tuple[str, str, str]
"""Ecosystem, package, version."""

_REQUIREMENT = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?\s*==\s*([^\s;\\,]+)", re.MULTILINE)
_GO_SUM = re.compile(r"^(\S+) v([^\s/]+) h1:", re.MULTILINE)
_GO_MOD = re.compile(r"^\s*(?:require\s+)?([a-z0-9.-]+\.[a-z]+/\S+)\s+v(\S+)", re.MULTILINE)
_GEM = re.compile(r"^ {4}([A-Za-z0-9._-]+) \(([0-9][^)]*)\)", re.MULTILINE)
_YARN = re.compile(r'^"?(@?[^@\s"]+)@[^\n]*:\n\s+version:? "?([^"\n]+)"?', re.MULTILINE)
_PNPM = re.compile(r"^/?(@?[^@/]+(?:/[^@/]+)?)[@/](\d[^(_]*)")


def is_lock(path: str) -> bool:
    """Whether the file pins versions in a form that is read here."""
    return _reader(path) is not None


def pins(path: str, text: str) -> frozenset[Pin]:
    """Everything that a lock file pins; empty when it is none or cannot be read."""
    read = _reader(path)
    return frozenset(read(text)) if read else frozenset()


def _requirements(text: str) -> Iterator[Pin]:
    yield from (("PyPI", normal(name), version) for name, version in _REQUIREMENT.findall(text))


def _toml_packages(ecosystem: str) -> Callable[[str], Iterator[Pin]]:
    def read(text: str) -> Iterator[Pin]:
        found: Any = toml_table(text).get("package")
        for one in found if isinstance(found, list) else []:
            package = table(one)
            name, version = package.get("name"), package.get("version")
            if isinstance(name, str) and isinstance(version, str):
                yield ecosystem, normal(name) if ecosystem == "PyPI" else name, version

    return read


def _pipfile(text: str) -> Iterator[Pin]:
    found = table(json_value(text))
    for section in ("default", "develop"):
        for name, one in table(found.get(section)).items():
            yield "PyPI", normal(name), str(table(one).get("version", "")).removeprefix("==")


def _npm(text: str) -> Iterator[Pin]:
    found = table(json_value(text))
    for path, one in table(found.get("packages")).items():
        name = path.rsplit("node_modules/", 1)[-1]
        version = table(one).get("version")
        if path and name and isinstance(version, str):
            yield "npm", name, version
    yield from _npm_old(table(found.get("dependencies")), 0)


def _npm_old(dependencies: Mapping[str, Any], depth: int) -> Iterator[Pin]:
    for name, one in dependencies.items():
        version = table(one).get("version")
        if isinstance(version, str):
            yield "npm", name, version
        if depth < 50:
            yield from _npm_old(table(table(one).get("dependencies")), depth + 1)


def _pnpm(text: str) -> Iterator[Pin]:
    for name in table(table(yaml_value(text)).get("packages")):
        if match := _PNPM.match(str(name)):
            yield "npm", match[1], match[2]


def _composer(text: str) -> Iterator[Pin]:
    found = table(json_value(text))
    for section in ("packages", "packages-dev"):
        listed: Any = found.get(section)
        for one in listed if isinstance(listed, list) else []:
            yield "Packagist", str(table(one).get("name")), str(table(one).get("version", "")).removeprefix("v")


def _pattern(ecosystem: str, pattern: re.Pattern[str]) -> Callable[[str], Iterator[Pin]]:
    return lambda text: ((ecosystem, name, version) for name, version in pattern.findall(text))


_READERS: dict[str, Callable[[str], Iterator[Pin]]] = {
    "poetry.lock": _toml_packages("PyPI"),
    "uv.lock": _toml_packages("PyPI"),
    "pdm.lock": _toml_packages("PyPI"),
    "Pipfile.lock": _pipfile,
    "package-lock.json": _npm,
    "npm-shrinkwrap.json": _npm,
    "yarn.lock": _pattern("npm", _YARN),
    "pnpm-lock.yaml": _pnpm,
    "Cargo.lock": _toml_packages("crates.io"),
    "go.sum": _pattern("Go", _GO_SUM),
    "go.mod": _pattern("Go", _GO_MOD),
    "Gemfile.lock": _pattern("RubyGems", _GEM),
    "composer.lock": _composer,
}


def _reader(path: str) -> Callable[[str], Iterator[Pin]] | None:
    name = path.rsplit("/", 1)[-1]
    if re.fullmatch(r"(.*requirements.*\.txt|requirements.*\.lock|constraints.*\.txt)", name):
        return _requirements
    return _READERS.get(name)
