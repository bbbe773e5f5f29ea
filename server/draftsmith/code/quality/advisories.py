"""Known vulnerabilities of pinned packages, from a local folder of OSV files (https://ossf.github.io/osv-schema/).

There is no network here: without a folder nothing is known, and the caller says so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from draftsmith.code.facts.manifests import normal, table
from draftsmith.code.quality.locks import Pin
from draftsmith.domain.errors import UserError
from draftsmith.domain.gates import Finding, Severity

SETTING = "DRAFTSMITH_RUNNER_ADVISORIES"
MAX_FILES = 400_000
MAX_FILE_BYTES = 2_000_000
_PART = re.compile(r"\d+|[a-z]+", re.IGNORECASE)
_EARLIER = {"dev": -4, "a": -3, "alpha": -3, "b": -2, "beta": -2, "c": -1, "rc": -1, "pre": -1, "preview": -1}
_SEVERITIES: dict[str, Severity] = {"CRITICAL": "critical", "HIGH": "critical", "MODERATE": "major", "MEDIUM": "major"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Advisory:
    """One advisory for one package. `spans` are (introduced, fixed, last affected), each None where not given."""

    advisory_id: str
    summary: str
    severity: Severity
    versions: frozenset[str]
    spans: tuple[tuple[str | None, str | None, str | None], ...]

    def covers(self, version: str) -> bool:
        return version in self.versions or any(_within(version, *span) for span in self.spans)

    def fixed_after(self, version: str) -> str:
        """The first version that mends it, empty when none is named."""
        later = [fixed for _, fixed, _ in self.spans if fixed and ordering(fixed) > ordering(version)]
        return min(later, key=ordering, default="")


Database = Mapping[tuple[str, str], tuple[Advisory, ...]]


def load(folder: Path) -> Database:
    """By ecosystem and package. Raises `UserError` (`no_advisories`) when there is no advisory in the folder."""
    return _load(folder, folder.stat().st_mtime_ns if folder.is_dir() else 0)


@cache
def _load(folder: Path, _changed: int) -> Database:
    found: dict[tuple[str, str], list[Advisory]] = {}
    if folder.is_dir():
        for number, path in enumerate(sorted(folder.rglob("*.json"))):
            if number == MAX_FILES:
                break
            for key, advisory in _read(path):
                found.setdefault(key, []).append(advisory)
    if not found:
        raise UserError(
            f"{SETTING} names {folder}, which holds no OSV advisory.",
            code="no_advisories",
            remedy="Unpack the export of an ecosystem there (one JSON file for each advisory).",
        )
    return {key: tuple(advisories) for key, advisories in found.items()}


def _read(path: Path) -> Iterator[tuple[tuple[str, str], Advisory]]:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            return
        entry = table(json.loads(path.read_bytes()))
    except (OSError, ValueError, RecursionError):
        return
    listed: Any = entry.get("affected")
    if not isinstance(entry.get("id"), str) or not isinstance(listed, list) or entry.get("withdrawn"):
        return
    for one in listed:
        affected = table(one)
        package = table(affected.get("package"))
        ecosystem, name = str(package.get("ecosystem", "")).split(":")[0], str(package.get("name", ""))
        versions: Any = affected.get("versions")
        yield (
            (ecosystem, normal(name) if ecosystem == "PyPI" else name),
            Advisory(
                advisory_id=str(entry["id"]),
                summary=str(entry.get("summary") or entry.get("details") or "")[:300],
                severity=_severity(entry, affected),
                versions=frozenset(map(str, versions)) if isinstance(versions, list) else frozenset(),
                spans=tuple(_spans(affected)),
            ),
        )


def _severity(entry: Mapping[str, Any], affected: Mapping[str, Any]) -> Severity:
    for holder in (affected, entry):
        for field in ("database_specific", "ecosystem_specific"):
            named = table(holder.get(field)).get("severity")
            if isinstance(named, str):
                return _SEVERITIES.get(named.upper(), "minor")
    return "major"


def _spans(affected: Mapping[str, Any]) -> Iterator[tuple[str | None, str | None, str | None]]:
    ranges: Any = affected.get("ranges")
    for one in ranges if isinstance(ranges, list) else []:
        if table(one).get("type") not in ("SEMVER", "ECOSYSTEM"):
            continue
        events: Any = table(one).get("events")
        introduced: str | None = None
        for event in map(table, events if isinstance(events, list) else []):
            if "introduced" in event:
                introduced = str(event["introduced"])
            elif "fixed" in event and introduced is not None:
                yield introduced, str(event["fixed"]), None
                introduced = None
            elif "last_affected" in event and introduced is not None:
                yield introduced, None, str(event["last_affected"])
                introduced = None
        if introduced is not None:
            yield introduced, None, None


def _within(version: str, introduced: str | None, fixed: str | None, last: str | None) -> bool:
    here = ordering(version)
    if introduced not in (None, "0") and here < ordering(introduced or "0"):
        return False
    if fixed is not None:
        return here < ordering(fixed)
    return last is None or here <= ordering(last)


@cache
def ordering(version: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """A key by which versions of all ecosystems sort: numbers, then what comes before or after a release."""
    plain = version.strip().lower().removeprefix("v").split("+")[0]
    epoch, mark, rest_of = plain.partition("!")
    plain = rest_of if mark else plain
    head = re.match(r"\d+(?:\.\d+)*", plain)
    release = tuple(int(part) for part in head[0].split(".")) if head else (0,)
    while len(release) > 1 and release[-1] == 0:
        release = release[:-1]
    rest = _PART.findall(plain[head.end() :] if head else plain)
    suffix = tuple(int(part) if part.isdigit() else _EARLIER.get(part, -1 if "-" in plain else 1) for part in rest)
    return (int(epoch) if mark and epoch.isdigit() else 0, *release), (*suffix, 0) if suffix else (0,)


def vulnerabilities(database: Database, pins: Iterable[Pin], path: str) -> tuple[Finding, ...]:
    """Advisories that cover pinned packages, each with the version that mends it where one is named."""
    found: list[Finding] = []
    for ecosystem, name, version in sorted(pins):
        for advisory in database.get((ecosystem, name), ()):
            if advisory.covers(version):
                fixed = advisory.fixed_after(version)
                found.append(
                    Finding(
                        path=path,
                        severity=advisory.severity,
                        message=f"{name} {version} is vulnerable: {advisory.summary or advisory.advisory_id}",
                        remedy=f"Use {name} {fixed} or newer." if fixed else "",
                        rule=f"osv:{advisory.advisory_id}",
                    )
                )
    return tuple(found)
