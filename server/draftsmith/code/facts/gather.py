"""All facts of one folder, and the words in which they are told to a model and to people."""

from __future__ import annotations

import shlex
from collections import Counter

from draftsmith.code.facts.commands import commands
from draftsmith.code.facts.detecting import frameworks, managers
from draftsmith.code.facts.layout import entries, packages, rules, styles
from draftsmith.code.facts.manifests import dependencies
from draftsmith.code.facts.model import CommandFact, Facts, LanguageFact, PackageFact, ProjectFiles
from draftsmith.code.languages import language_of, languages

MAX_LANGUAGES = 6
_SHOWN_ENTRIES = 12
_SHOWN_PACKAGES = 30


class Below:
    """The files of a folder as a project of their own."""

    def __init__(self, files: ProjectFiles, folder: str) -> None:
        self._files = files
        self._prefix = f"{folder}/"
        self.names = frozenset(name[len(self._prefix) :] for name in files.names if name.startswith(self._prefix))
        self.ignored = frozenset(name[len(self._prefix) :] for name in files.ignored if name.startswith(self._prefix))

    def text(self, name: str, limit: int = 1_000_000) -> str:
        return self._files.text(self._prefix + name, limit)


def gather(files: ProjectFiles) -> Facts:
    """Reads manifests and names, nothing else; takes about 0.2 s for 40,000 files: call it in a thread."""
    members = packages(files)
    return Facts(
        languages=_languages(files),
        frameworks=frameworks(files, dependencies(files)),
        managers=managers(files),
        commands=_commands(files, members),
        entries=entries(files),
        packages=members,
        rules=rules(files),
        styles=styles(files),
    )


def _languages(files: ProjectFiles) -> tuple[LanguageFact, ...]:
    known = languages()
    counts = Counter(
        known[found].title for name in files.names if (found := language_of(name)) and known[found].indexed
    )
    return tuple(LanguageFact(name=name, files=count) for name, count in counts.most_common(MAX_LANGUAGES))


def _commands(files: ProjectFiles, members: tuple[PackageFact, ...]) -> tuple[CommandFact, ...]:
    """Of the folder itself; of the only folder that has any when it has none of its own."""
    own = commands(files)
    if own:
        return own
    tops = {name.split("/", 1)[0] for name in files.names if name.count("/") >= 1}
    found = [(folder, commands(Below(files, folder))) for folder in sorted(tops) if not folder.startswith(".")]
    having = [(folder, some) for folder, some in found if any(one.source in MANIFESTS for one in some)]
    if len(having) != 1 or members:
        return ()
    folder, some = having[0]
    return tuple(
        CommandFact(
            purpose=one.purpose,
            command=f"cd {shlex.quote(folder)} && {one.command}",
            source=f"{folder}/{one.source}",
        )
        for one in some
    )


MANIFESTS = frozenset(
    {
        "pyproject.toml",
        "package.json",
        "go.mod",
        "Cargo.toml",
        "pom.xml",
        "build.gradle",
        "build.gradle.kts",
        "Makefile",
    }
)


def facts_text(facts: Facts) -> str:
    """The facts for a model, always in one order. Languages, checks and rules stand elsewhere in its brief."""
    lines: list[str] = []
    lines += (f"Framework: {one.name} (found in {one.source}). {one.hint}" for one in facts.frameworks)
    for one in facts.managers:
        lock = f", lock file {one.lock}" if one.lock else ""
        lines.append(f"Packages: {one.name} (found in {one.source}{lock}); to add one: {one.add}")
    build = facts.command("build")
    if build:
        lines.append(f"The project's build: `{build.command}` (found in {build.source})")
    if facts.entries:
        shown = "; ".join(f"{one.name}: {one.target} ({one.source})" for one in facts.entries[:_SHOWN_ENTRIES])
        lines.append(f"Entry points: {shown}")
    if facts.packages:
        shown = ", ".join(f"{one.folder} ({one.name})" for one in facts.packages[:_SHOWN_PACKAGES])
        more = f" and {len(facts.packages) - _SHOWN_PACKAGES} more" if len(facts.packages) > _SHOWN_PACKAGES else ""
        lines.append(f"Packages of this repository, by {facts.packages[0].source}: {shown}{more}")
    for one in facts.styles:
        asked = ", ".join(f"{name} = {value}" for name, value in one.settings)
        lines.append(f"Style of {one.pattern} (.editorconfig): {asked}")
    return "\n".join(lines)
