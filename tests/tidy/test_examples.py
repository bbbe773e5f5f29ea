"""Every `draftsmith …` that a document or a message of ours tells somebody to type is a command that there is."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from draftsmith.cli.app import app
from tidy.sources import PACKAGE, ROOT, project_files, shown, text_of

FENCED = re.compile(r"^```(?:sh|bash|console)?\n(.*?)^```", re.MULTILINE | re.DOTALL)
QUOTED = re.compile(r"`(draftsmith [^`\n]+)`")
VALUE = re.compile(r"\{[^{}]*\}")


def lines_of(path: Path) -> list[str]:
    text = text_of(path)
    fenced = [line.strip().removeprefix("$ ") for block in FENCED.findall(text) for line in block.splitlines()]
    return [line for line in fenced if line.startswith("draftsmith ")] + QUOTED.findall(text)


def examples() -> list[tuple[str, str]]:
    documents = [path for path in project_files() if path.suffix == ".md" and "decisions" not in path.parts]
    sources = [path for path in PACKAGE.rglob("*.py") if "generated" not in path.parts]
    return [(shown(path), line) for path in (*documents, *sources) for line in lines_of(path)]


def wrong_with(line: str) -> str:
    """What is wrong with a command line, or nothing. Values are not looked at, `[…]` and `{…}` stand for some."""
    words = shlex.split(VALUE.sub("VALUE", line).replace("[", "").replace("]", ""), comments=True)[1:]
    command: click.Command = app
    context = click.Context(app)
    while isinstance(command, click.Group) and (rest := [word for word in words if not word.startswith("-")]):
        if rest[0] == "VALUE":
            break
        if command.get_command(context, rest[0].split("|")[0]) is None:
            return f"no command {rest[0]}"
        words = words[words.index(rest[0]) + 1 :]
        found = command.get_command(context, rest[0].split("|")[0])
        assert found is not None
        command, context = found, click.Context(found, parent=context)
    known = {name for one in command.params for name in (*one.opts, *one.secondary_opts)} | {"--help", "--version"}
    options = [part for word in words if word.startswith("-") and word != "--" for part in word.split("|")]
    unknown = [option for option in options if option.split("=")[0] not in known]
    return f"no option {unknown[0]}" if unknown else ""


def test_there_are_examples() -> None:
    assert len(examples()) > 100
    assert ROOT / "README.md" in set(project_files())


@pytest.mark.parametrize("line", ["draftsmith no-such thing", "draftsmith run --no-such", "draftsmith models no-such"])
def test_an_example_that_does_not_exist_is_seen(line: str) -> None:
    assert wrong_with(line)


def test_what_somebody_is_told_to_type_exists() -> None:
    wrong = [f"{where}: {line}: {why}" for where, line in examples() if (why := wrong_with(line))]
    assert wrong == []
