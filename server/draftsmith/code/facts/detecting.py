"""Frameworks and package managers, by the data files beside this module."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files as resources
from typing import Any

from draftsmith.code.facts.manifests import table, toml_table
from draftsmith.code.facts.model import FrameworkFact, ManagerFact, ProjectFiles


@dataclass(frozen=True, slots=True, kw_only=True)
class _Framework:
    name: str
    packages: Mapping[str, list[str]]
    files: list[str]
    files_say: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Manager:
    name: str
    ecosystem: str
    locks: list[str]
    marker: str
    marker_table: str
    add: str


def _data(name: str) -> dict[str, Any]:
    return tomllib.loads((resources("draftsmith.code.facts") / "data" / name).read_text("utf-8"))


@cache
def known_frameworks() -> tuple[_Framework, ...]:
    """All of the data file."""
    return tuple(
        _Framework(
            name=name,
            packages=entry.get("packages", {}),
            files=entry.get("files", []),
            files_say=entry.get("files_say", ""),
            hint=entry["hint"],
        )
        for name, entry in _data("frameworks.toml").items()
    )


@cache
def known_managers() -> tuple[_Manager, ...]:
    """All of the data file, in the order in which they are asked for."""
    return tuple(
        _Manager(
            name=entry["name"],
            ecosystem=entry["ecosystem"],
            locks=entry["locks"],
            marker=entry.get("marker", {}).get("file", ""),
            marker_table=entry.get("marker", {}).get("table", ""),
            add=entry["add"],
        )
        for entry in _data("managers.toml")["manager"]
    )


def frameworks(files: ProjectFiles, packages: Mapping[str, Mapping[str, str]]) -> tuple[FrameworkFact, ...]:
    """Frameworks that a manifest or the layout names; `packages` is what `manifests.dependencies` gives."""
    found: list[FrameworkFact] = []
    for one in known_frameworks():
        source = _by_package(one, packages) or _by_file(one, files)
        if source:
            found.append(FrameworkFact(name=one.name, source=source, hint=one.hint))
    return tuple(found)


def _by_package(one: _Framework, packages: Mapping[str, Mapping[str, str]]) -> str:
    for ecosystem, patterns in one.packages.items():
        there = packages.get(ecosystem, {})
        for pattern in patterns:
            if pattern in there:
                return there[pattern]
            if "*" in pattern:
                source = next((file for name, file in there.items() if fnmatchcase(name, pattern)), "")
                if source:
                    return source
    return ""


def _by_file(one: _Framework, files: ProjectFiles) -> str:
    for name in one.files:
        if name in files.names and (not one.files_say or one.files_say in files.text(name, 20_000)):
            return name
    return ""


def managers(files: ProjectFiles) -> tuple[ManagerFact, ...]:
    """One for each ecosystem: by a lock file first, else by a manifest."""
    found: dict[str, ManagerFact] = {}
    for one in known_managers():
        lock = next((name for name in one.locks if name in files.names), "")
        if lock and one.ecosystem not in found:
            found[one.ecosystem] = ManagerFact(name=one.name, source=lock, lock=lock, add=one.add)
    for one in known_managers():
        source = _marker(one, files)
        if source and one.ecosystem not in found:
            found[one.ecosystem] = ManagerFact(name=one.name, source=source, lock="", add=one.add)
    return tuple(found.values())


def _marker(one: _Manager, files: ProjectFiles) -> str:
    if not one.marker:
        return ""
    name = _first(files.names, one.marker)
    if not name or not one.marker_table:
        return name
    there: Mapping[str, Any] = toml_table(files.text(name))
    for key in one.marker_table.split("."):
        if key not in there:
            return ""
        there = table(there[key])
    return name


def _first(names: Collection[str], pattern: str) -> str:
    if "*" not in pattern:
        return pattern if pattern in names else ""
    return min((name for name in names if "/" not in name and fnmatchcase(name, pattern)), default="")
