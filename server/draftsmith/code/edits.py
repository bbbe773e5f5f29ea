"""Where a named function, method or class stands in a file, decorators included; by the language's own queries.

It finds and refuses, and changes nothing. No disk is touched.
"""

from __future__ import annotations

import difflib
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from draftsmith.code.extraction import KINDS, Definition, extract
from draftsmith.code.languages import grammar, language_of
from draftsmith.domain.errors import ModelMistake, ToolFailure

if TYPE_CHECKING:
    from tree_sitter import Node

MAX_BYTES = 2_000_000
_SEPARATOR = re.compile(r"::|[.#/]")
_AROUND = frozenset({"decorated_definition", "export_statement", "template_declaration", "ambient_declaration"})
"""Nodes that a definition brings along."""
_AROUND_ONE = frozenset(
    {"lexical_declaration", "variable_declaration", "type_declaration", "const_declaration", "declaration"}
)
"""Nodes that a definition brings along when it is the only one in it."""
_SHOWN = 12
# The parsers of the extraction are shared by all threads of a process.
_lock = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolRange:
    """Bytes [start, end) of the file's text as UTF-8; `line` counts from 1."""

    name: str
    kind: str
    line: int
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named:
    path: tuple[str, ...]
    definition: Definition

    @property
    def shown(self) -> str:
        return f"{'.'.join(self.path)} (line {self.definition.line})"


def find_symbol(path: str, content: bytes, symbol: str) -> SymbolRange:
    """The one definition that `symbol` names: `function`, `Class`, `Class.method`.

    Raises `ModelMistake` (`symbol_not_found`, `symbol_ambiguous`) with the names there are, or `ToolFailure`
    (`no_grammar`, `not_parsed`). Takes about 0.4 s for a megabyte: call it in a thread.
    """
    language = language_of(path, content)
    if language is None or len(content) > MAX_BYTES:
        raise ToolFailure(
            f"{path} cannot be read by symbols: "
            + ("no grammar for it is installed." if language is None else "it is too large."),
            code="no_grammar",
            remedy="Use edit.",
        )
    with _lock:
        definitions = extract(content, language).definitions
    named = [_Named(path=_path(definitions, one), definition=one) for one in definitions]
    found = _chosen(named, symbol, content)
    start, end = _whole(content, language, found.definition)
    return SymbolRange(
        name=".".join(found.path),
        kind=KINDS[found.definition.kind],
        line=content.count(b"\n", 0, start) + 1,
        start=start,
        end=end,
    )


def _path(definitions: Sequence[Definition], one: Definition) -> tuple[str, ...]:
    """The names around a definition and its own; a name that is qualified itself counts as several."""
    parts = _parts(one.name.decode("utf-8", "replace"))
    while one.parent >= 0:
        one = definitions[one.parent]
        parts = (*_parts(one.name.decode("utf-8", "replace")), *parts)
    return parts


def _parts(name: str) -> tuple[str, ...]:
    return tuple(part for part in _SEPARATOR.split(name.strip().removesuffix("()")) if part)


def _chosen(named: Sequence[_Named], symbol: str, content: bytes) -> _Named:
    wanted = _parts(symbol)
    if not wanted:
        raise ModelMistake("`symbol` is empty.", code="symbol_not_found", remedy="Name a function, method or class.")
    whole = [one for one in named if one.path == wanted]
    if len(whole) == 1:
        return whole[0]
    ending = whole or [one for one in named if _ends_with(one.path, wanted) or _received(one, wanted)]
    if len(ending) == 1:
        return ending[0]
    if ending:
        raise ModelMistake(
            f"{symbol!r} names {len(ending)} definitions: {_listed(ending)}.",
            code="symbol_ambiguous",
            remedy="Name the one with what it stands in (`Class.method`), or use edit for it.",
        )
    raise _not_found(named, symbol, wanted)


def _ends_with(path: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    """Whether the last names agree and the ones before stand around it in order."""
    if not path or path[-1] != wanted[-1]:
        return False
    around = iter(path[:-1])
    return all(part in around for part in wanted[:-1])


def _received(one: _Named, wanted: tuple[str, ...]) -> bool:
    """Go names the type of a method in front of its name, not around it."""
    if len(wanted) != 2 or one.path[-1] != wanted[1]:
        return False
    receiver = rb"func\s*\(\s*(?:\w+\s+)?\*?" + re.escape(wanted[0].encode()) + rb"[\s\[)]"
    return re.match(receiver, one.definition.signature) is not None


def _listed(named: Sequence[_Named]) -> str:
    more = f" and {len(named) - _SHOWN} more" if len(named) > _SHOWN else ""
    return ", ".join(one.shown for one in named[:_SHOWN]) + more


def _not_found(named: Sequence[_Named], symbol: str, wanted: tuple[str, ...]) -> ModelMistake:
    by_name = {".".join(one.path): one for one in named}
    close = difflib.get_close_matches(".".join(wanted), list(by_name), n=_SHOWN, cutoff=0.5)
    shown = [by_name[name] for name in close] or list(by_name.values())[:_SHOWN]
    remedy = f"Nearest: {_listed(shown)}." if shown else "The file defines nothing that has a name; use edit."
    return ModelMistake(f"The file has no definition {symbol!r}.", code="symbol_not_found", remedy=remedy)


def _whole(content: bytes, language: str, definition: Definition) -> tuple[int, int]:
    """The definition with its decorators and what else belongs to it alone."""
    from tree_sitter import Parser

    tree = Parser(grammar(language)).parse(content)
    node = tree.root_node.named_descendant_for_byte_range(definition.start, max(definition.start, definition.end - 1))
    if node is None:
        raise _not_parsed(definition)
    while node.start_byte > definition.start or node.end_byte < definition.end:
        if node.parent is None:
            break
        node = node.parent
    while node.parent is not None and (node.parent.type in _AROUND or _alone(node.parent)):
        node = node.parent
    if node.has_error or _in_error(node) or _names_in_errors(tree.root_node, definition.name):
        raise _not_parsed(definition)
    end = node.end_byte
    # Some grammars count the line's end to a definition.
    while end > node.start_byte and content[end - 1 : end] in (b"\n", b"\r"):
        end -= 1
    return node.start_byte, end


def _alone(parent: Node) -> bool:
    return parent.type in _AROUND_ONE and parent.named_child_count == 1


def _in_error(node: Node) -> bool:
    around = node.parent
    while around is not None:
        if around.is_error:
            return True
        around = around.parent
    return False


def _names_in_errors(root: Node, name: bytes) -> bool:
    """Whether a part that does not parse speaks of the name: there may be another definition of it."""
    waiting = [root] if root.has_error else []
    while waiting:
        node = waiting.pop()
        if node.is_error and name in (node.text or b""):
            return True
        waiting += [child for child in node.children if child.has_error]
    return False


def _not_parsed(definition: Definition) -> ToolFailure:
    return ToolFailure(
        f"The file does not parse around line {definition.line} or where it speaks of the name, so where the definition"
        " ends is not certain.",
        code="not_parsed",
        remedy="Use edit.",
    )
