"""Which environments a project's lock files ask for, by the data file: what installs them, and where they go.

It reads names and lock files; whether the programs are there is seen when they are run.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files as resources
from typing import Any

from draftsmith.code.facts.manifests import dependencies, strings, table
from draftsmith.code.facts.model import ProjectFiles

PACKAGES_FOLDER = "/var/draftsmith/packages"
_LOCK_BYTES = 20_000_000
_INPUTS = ("package.json", "pyproject.toml", "go.mod", "Cargo.toml", "Gemfile", "composer.json", ".npmrc", "Pipfile")
"""What an installation depends on beside the lock file."""
_ENVIRONMENTS = (".venv", "venv", "env")
_PINNED = re.compile(r"^(?:[\w.\[\],-]+\s*===?\s*[\w.!+]+|[\w.-]+\s*@\s*\S+|\./\S+\.(?:whl|zip|tar\.gz)(?:\s|$))")
"""A folder of the project is no pinned package: a copy of its code would be installed, and be tested in its place."""
_IGNORES = r"^/?{name}/?\s*$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """`wanted` stands for all that decides the result but the machine's tool chain. `makes` is below the project's
    folder, or an absolute place of its own. Without a `command` there is nothing to run: `lacking` says why."""

    wanted: str
    name: str
    lock: str
    makes: str
    program: str = ""
    look: str = ""
    has: str = ""
    command: str = ""
    variables: tuple[tuple[str, str], ...] = ()
    once: tuple[tuple[str, str], ...] = ()
    lacking: str = ""


def preparations(files: ProjectFiles, number: int) -> tuple[Preparation, ...]:
    """At most one for each ecosystem. What the user has installed in the project's folder is used as it is."""
    found: list[Preparation] = []
    done: set[str] = set()
    for recipe in _data("recipe"):
        ecosystem = str(recipe["ecosystem"])
        lock = next((one for one in strings(recipe["locks"]) if one in files.names), None)
        if lock is None or ecosystem in done or (recipe.get("pinned") and not _is_pinned(files.text(lock))):
            continue
        done.add(ecosystem)
        if not _has_own(files, ecosystem):
            found.append(_preparation(files, recipe, lock, number))
    for one in _data("unlocked"):
        if one["ecosystem"] not in done and not _has_own(files, str(one["ecosystem"])):
            found += _unlocked(files, one)
    return tuple(found)


def _has_own(files: ProjectFiles, ecosystem: str) -> bool:
    tops = {name.rstrip("/") for name in files.ignored}
    match ecosystem:
        case "python":
            return not tops.isdisjoint(_ENVIRONMENTS)
        case "npm":
            return "node_modules" in tops
        case "php" | "go" | "ruby" | "rust":
            return "vendor" in tops or any(name.startswith("vendor/") for name in files.names)
        case _:
            return False


def _preparation(files: ProjectFiles, recipe: dict[str, Any], lock: str, number: int) -> Preparation:
    name = str(recipe["name"])
    place = f"{PACKAGES_FOLDER}/{number}-{name.split()[0].lower()}"
    makes = str(recipe.get("makes", place))
    parts = [name, str(recipe["command"]), makes, *(files.text(one, _LOCK_BYTES) for one in (lock, *_INPUTS))]
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
    lacking = ""
    if makes == "vendor" and not re.search(_IGNORES.format(name=makes), files.text(".gitignore"), re.MULTILINE):
        lacking = f"`{makes}` is not ignored by git, so that what is installed there would become part of the change."

    def filled(text: str) -> str:
        return text.replace("{place}", place).replace("{lock}", lock)

    return Preparation(
        wanted=digest,
        name=name,
        lock=lock,
        makes=makes,
        program=str(recipe["program"]),
        look=str(recipe["look"]),
        has=filled(str(recipe.get("has", ""))),
        command="" if lacking else filled(str(recipe["command"])),
        variables=tuple((key, filled(str(value))) for key, value in table(recipe.get("variables")).items()),
        once=tuple((key, filled(str(value))) for key, value in table(recipe.get("once")).items()),
        lacking=lacking,
    )


def _unlocked(files: ProjectFiles, data: dict[str, Any]) -> list[Preparation]:
    """That packages are named and not locked, once; nothing where a project names none."""
    ecosystem = str(data["ecosystem"])
    named = dependencies(files).get(ecosystem, {})
    manifest = next((one for one in strings(data["manifests"]) if one in named.values()), None)
    if manifest is None:
        return []
    count = sum(1 for source in named.values() if source == manifest)
    lacking = (
        f"{manifest} names {count} packages and no lock file says which versions. To have them installed, "
        f"{data['remedy']}. Commands use what this machine has."
    )
    digest = hashlib.sha256(f"{ecosystem}\0{lacking}".encode()).hexdigest()[:32]
    return [Preparation(wanted=digest, name=ecosystem, lock="", makes="", lacking=lacking)]


def _is_pinned(text: str) -> bool:
    """Whether each line of a requirements file names one version, or a file of the project."""
    lines = [line.strip() for line in text.replace("\\\n", " ").splitlines()]
    named = [line for line in lines if line and not line.startswith(("#", "--hash", "--no-index", "--find-links"))]
    return bool(named) and all(_PINNED.match(line) for line in named)


@cache
def _data(kind: str) -> list[dict[str, Any]]:
    text = resources("draftsmith.code.facts").joinpath("data", "preparations.toml").read_text("utf-8")
    return list(tomllib.loads(text)[kind])
