"""What is known of common programs, from data: what they do, how their words are read, which ones run another."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from draftsmith.domain.policy import ProgramKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrapper:
    """A program that runs another. `words` stand before that one; `more`: it adds arguments of its own; `text`: what
    follows is one line for a shell, as is the value of the options `texts`; `assignments`: variables may stand before.
    """

    values: frozenset[str]
    words: int = 0
    more: bool = False
    text: bool = False
    texts: frozenset[str] = frozenset()
    assignments: bool = False

    def hands_text(self, argument: str) -> bool:
        """Whether the next argument is a line for a shell; short options may stand together."""
        short = {one[1] for one in self.texts if len(one) == 2}
        together = argument[:1] == "-" and argument[1:2] != "-" and argument[-1:] in short and len(argument) > 1
        return argument in self.texts or together

    def inner(self, arguments: Sequence[str | None]) -> tuple[int | None, frozenset[str]]:
        """Where the other program begins, and the variables that are set for it; None: only the run can tell."""
        at, skip = 0, self.words
        variables: set[str] = set()
        while at < len(arguments):
            one = arguments[at]
            if one is None:
                return None, frozenset(variables)
            if one == "--":
                return at + 1 + skip, frozenset(variables)
            if one.startswith("-") and len(one) > 1:
                at += 2 if one in self.values else 1
            elif self.assignments and "=" in one:
                variables.add(one.partition("=")[0])
                at += 1
            elif skip:
                skip -= 1
                at += 1
            else:
                break
        return at, frozenset(variables)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Destroyer:
    words: frozenset[str]
    options: frozenset[str]
    targets: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs:
    reads: frozenset[str]
    network: Mapping[str, frozenset[str]]
    destructive: Mapping[str, tuple[_Destroyer, ...]]
    code: Mapping[str, frozenset[str]]
    subcommands: Mapping[str, int]
    deeper: Mapping[str, frozenset[str]]
    value_options: Mapping[str, frozenset[str]]
    plain_options: frozenset[str]
    wrappers: Mapping[str, Wrapper]
    shells: frozenset[str]
    telling_variables: frozenset[str]
    system_folders: frozenset[str]

    def kind(
        self, program: str, located: str, arguments: Sequence[str | None], words: Sequence[str | None]
    ) -> ProgramKind:
        """What this use is known to do. A program of the workspace's own is not the one it is named like."""
        if any(_destroys(one, arguments, words) for one in self.destructive.get(program, ())):
            return "destructive"
        if program in self.network:
            only = self.network[program]
            if not only or any(word is None or word in only for word in words[:2]):
                return "network"
        if program in self.code and any(
            one is None or one in self.code[program] or one.partition("=")[0] in self.code[program] for one in arguments
        ):
            return "code"
        return "reads" if program in self.reads and not located else "works"


def _destroys(one: _Destroyer, arguments: Sequence[str | None], words: Sequence[str | None]) -> bool:
    if one.words and not any(word in one.words for word in words[:1]):
        return False
    if one.options and not one.options & {argument for argument in arguments if argument}:
        return False
    return not one.targets or any(word in one.targets for word in arguments)


@cache
def programs() -> Programs:
    table: dict[str, Any] = tomllib.loads(
        (files("draftsmith.code.shell") / "data" / "programs.toml").read_text("utf-8")
    )
    destructive: dict[str, list[_Destroyer]] = {}
    for one in table["destructive"]:
        destroyer = _Destroyer(
            words=frozenset(one.get("words", ())),
            options=frozenset(one.get("options", ())),
            targets=frozenset(one.get("targets", ())),
        )
        destructive.setdefault(one["program"], []).append(destroyer)
    return Programs(
        reads=frozenset(table["reads"]),
        network=_sets(table["network"]),
        destructive={name: tuple(found) for name, found in destructive.items()},
        code=_sets(table["code"]),
        subcommands=table["subcommands"],
        deeper=_sets(table["deeper"]),
        value_options=_sets(table["value_options"]),
        plain_options=frozenset(table["plain_options"]["any"]),
        wrappers={name: _wrapper(one) for name, one in table["wrappers"].items()},
        shells=frozenset(table["shells"]["names"]),
        telling_variables=frozenset(table["telling_variables"]["names"]),
        system_folders=frozenset(table["system_folders"]["names"]),
    )


def _sets(table: Mapping[str, Sequence[str]]) -> dict[str, frozenset[str]]:
    return {name: frozenset(values) for name, values in table.items()}


def _wrapper(one: Mapping[str, Any]) -> Wrapper:
    return Wrapper(
        values=frozenset(one.get("values", ())),
        words=one.get("words", 0),
        more=one.get("more", False),
        text=one.get("text", False),
        texts=frozenset(one.get("texts", ())),
        assignments=one.get("assignments", False),
    )
