"""Project facts as values. Each names the file it came from, so that nobody has to believe it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, Protocol

Purpose = Literal["tests", "lint", "format", "types", "build"]
PURPOSES: tuple[Purpose, ...] = ("tests", "lint", "format", "types", "build")

MANIFEST_CHARACTERS = 1_000_000


class ProjectFiles(Protocol):
    """The files of one folder: of a snapshot, or on disk. Names are relative, with `/`."""

    @property
    def names(self) -> Collection[str]: ...

    @property
    def ignored(self) -> Collection[str]:
        """Ignored folders by name, where environments are found."""
        ...

    def text(self, name: str, limit: int = MANIFEST_CHARACTERS) -> str:
        """The beginning of a file as text; empty when there is none or it cannot be read."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageFact:
    name: str
    files: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameworkFact:
    """`hint` says what its conventions ask of a change."""

    name: str
    source: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagerFact:
    """A package manager, by its lock file where there is one (`lock` is empty otherwise)."""

    name: str
    source: str
    lock: str
    add: str
    """How a dependency is added, with `PACKAGE` for its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandFact:
    """A command of the project's own, to be run in its folder."""

    purpose: Purpose
    command: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFact:
    """Where a program begins: a file, a module or what a script's name stands for."""

    name: str
    target: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageFact:
    """A package of a repository with several."""

    folder: str
    name: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StyleFact:
    """One section of an .editorconfig: files, and what is asked of them."""

    pattern: str
    settings: tuple[tuple[str, str], ...]
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    languages: tuple[LanguageFact, ...] = ()
    frameworks: tuple[FrameworkFact, ...] = ()
    managers: tuple[ManagerFact, ...] = ()
    commands: tuple[CommandFact, ...] = ()
    entries: tuple[EntryFact, ...] = ()
    packages: tuple[PackageFact, ...] = ()
    rules: tuple[str, ...] = ()
    styles: tuple[StyleFact, ...] = ()

    def command(self, purpose: Purpose) -> CommandFact | None:
        """The first command for a purpose."""
        return next((one for one in self.commands if one.purpose == purpose), None)
