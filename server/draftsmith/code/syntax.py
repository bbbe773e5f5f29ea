"""Whether a file parses, and where it does not, by tree-sitter.

It knows syntax only, not names or types, and says "not checked" rather than guess. No disk is touched.
"""

from __future__ import annotations

from dataclasses import dataclass

from tree_sitter import Node, Parser, Tree

from draftsmith.code.languages import grammar, language_of

MAX_BYTES = 2_000_000
_MAX_PROBLEMS = 5
_SHOWN_CHARACTERS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntaxProblem:
    """A place that does not parse; `line` and `column` count from 1, the column in bytes."""

    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntaxReport:
    """`language` None means not checked: no grammar, or the file is too large."""

    language: str | None
    problems: tuple[SyntaxProblem, ...] = ()

    @property
    def parses(self) -> bool:
        return not self.problems


def check_syntax(path: str, content: bytes) -> SyntaxReport:
    """The first few problems of a file in UTF-8. Takes about 0.1 s for a megabyte: call it in a thread."""
    language = language_of(path, content)
    if language is None or len(content) > MAX_BYTES:
        return SyntaxReport(language=None)
    tree = Parser(grammar(language)).parse(content)
    return SyntaxReport(language=language, problems=_problems(tree))


def newly_broken(path: str, before: bytes | None, after: bytes) -> tuple[SyntaxProblem, ...]:
    """The problems of a file that parsed before (or was not there) and no longer does.

    A file that did not parse before tells nothing: templates and dialects never do.
    """
    report = check_syntax(path, after)
    if report.parses or (before is not None and not check_syntax(path, before).parses):
        return ()
    return report.problems


def _problems(tree: Tree) -> tuple[SyntaxProblem, ...]:
    """Innermost errors first found in reading order; only branches with an error are entered."""
    found: list[SyntaxProblem] = []
    waiting: list[Node] = [tree.root_node]
    while waiting and len(found) < _MAX_PROBLEMS:
        node = waiting.pop()
        if node.is_missing:
            found.append(_problem(node, f"{node.type!r} is missing"))
        elif node.is_error:
            text = (node.text or b"").decode("utf-8", "replace").split("\n", 1)[0][:_SHOWN_CHARACTERS]
            found.append(_problem(node, f"cannot be parsed from {text!r} on" if text else "cannot be parsed"))
        elif node.has_error:
            waiting += reversed(node.children)
    return tuple(found)


def _problem(node: Node, message: str) -> SyntaxProblem:
    row, column = node.start_point
    return SyntaxProblem(line=row + 1, column=column + 1, message=message)
