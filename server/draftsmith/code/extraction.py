"""What one file says: definitions, references, imports, documentation, words. By its language's own query.

It knows nothing of other files: who is meant by a name is decided in the index. No disk is touched.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING

from draftsmith.code.languages import LanguageData, grammar, languages, query
from draftsmith.code.words import count_words

if TYPE_CHECKING:
    from tree_sitter import Node, Parser, QueryCursor

KINDS = (
    "class", "struct", "interface", "trait", "enum", "type", "impl", "module", "namespace", "function", "method",
    "constructor", "property", "constant", "variable", "macro", "test", "table", "view", "index", "element", "rule",
    "keyframes", "key",
)  # fmt: skip
"""A definition's kind is its place here; new kinds are added at the end."""

_PLACE = {kind: place for place, kind in enumerate(KINDS)}
_HOLDERS = frozenset(_PLACE[kind] for kind in ("class", "struct", "interface", "trait", "enum", "impl"))
_CALLABLE = frozenset(_PLACE[kind] for kind in ("function", "method", "constructor"))
FUNCTION, METHOD = _PLACE["function"], _PLACE["method"]
TEST = _PLACE["test"]

SIGNATURE_BYTES = 160
DOC_BYTES = 200
"""Of a definition's documentation its first line is kept, up to so many bytes."""
NAME_BYTES = 200
MAX_DEFINITIONS = 20_000
"""Of one file; more is data in the shape of code."""

_STRIPPED = b" \t\r\n/*#-!\"'`;|%{}<>"
_ATTRIBUTE = re.compile(rb"\s*(#\[|#!\[|@|\[)")
_TAG = re.compile(rb"</?[a-z]\w*[^<>\n]*>")
_LITERAL = re.compile(rb"""\A(?:import\s+|use\s+)?["'<]?(.*?)[">';]?\s*\Z""", re.DOTALL)


@dataclass(slots=True)
class Definition:
    """Lines count from 1. `parent` is the place of the definition around it in the file's list, -1 for none."""

    name: bytes
    kind: int
    line: int
    start_line: int
    end_line: int
    parent: int
    signature: bytes
    doc: bytes = b""
    test: bool = False
    start: int = 0
    end: int = 0


@dataclass(slots=True)
class Extraction:
    """`references` by name and whether it is a call, with the lines of each."""

    lines: int
    definitions: list[Definition] = field(default_factory=list[Definition])
    references: dict[tuple[bytes, bool], list[int]] = field(default_factory=dict[tuple[bytes, bool], list[int]])
    imports: list[tuple[bytes, int]] = field(default_factory=list[tuple[bytes, int]])
    words: dict[bytes, int] = field(default_factory=dict[bytes, int])


@cache
def _tools(language: str) -> tuple[Parser, QueryCursor, LanguageData, re.Pattern[str] | None]:
    from tree_sitter import Parser, QueryCursor

    data = languages()[language]
    tests = re.compile(data.test_names) if data.test_names else None
    return Parser(grammar(language)), QueryCursor(query(language)), data, tests


def extract(content: bytes, language: str) -> Extraction:
    """Everything the index keeps of a file. Takes about 0.4 s for a megabyte. Not for several threads at once."""
    parser, cursor, data, tests = _tools(language)
    tree = parser.parse(content)
    captures = cursor.captures(tree.root_node)
    starts = [0, *accumulate(map(len, content.splitlines(keepends=True)))] if b"\r" not in content else _starts(content)
    found = Extraction(lines=len(starts) - 1)
    found.definitions = _definitions(content, captures, starts, tests)
    _references(content, captures, starts, found)
    _imports(content, captures, starts, found, data)
    _docs(content, captures, found.definitions, data)
    found.words = count_words(content)
    return found


def _starts(content: bytes) -> list[int]:
    """Line starts as the parser counts lines: by LF alone."""
    return [0, *accumulate(len(line) + 1 for line in content.split(b"\n"))]


def _definitions(
    content: bytes, captures: dict[str, list[Node]], starts: list[int], tests: re.Pattern[str] | None
) -> list[Definition]:
    """Names are paired with the innermost definition that begins before them and has no name yet."""
    holders: list[tuple[int, int, int]] = []
    for capture, nodes in captures.items():
        if capture.startswith("def."):
            kind = _PLACE[capture[4:]]
            holders += [(node.start_byte, -node.end_byte, kind) for node in nodes]
    if not holders:
        return []
    # One node may fit several patterns: the kind that comes first counts.
    holders = list({one[:2]: one for one in sorted(holders, reverse=True)}.values())[::-1]
    named = sorted({(node.start_byte, node.end_byte) for node in captures.get("name", ())})
    marked = {node.start_byte: node.end_byte for node in captures.get("test", ())}
    waiting: list[tuple[int, int, int]] = []
    paired: list[tuple[int, int, int, int, int]] = []
    at = 0
    for start, end in named:
        while at < len(holders) and holders[at][0] <= start:
            waiting.append(holders[at])
            at += 1
        while waiting and -waiting[-1][1] < end:
            waiting.pop()
        if waiting:
            begin, negative_end, kind = waiting.pop()
            paired.append((begin, -negative_end, kind, start, end))
    paired.sort(key=lambda one: (one[0], -one[1]))
    paired = _renamed(paired, marked)
    return _nested(content, paired, starts, marked, tests)


def _renamed(
    paired: list[tuple[int, int, int, int, int]], marked: dict[int, int]
) -> list[tuple[int, int, int, int, int]]:
    """A test that is named in an argument of a macro has that name."""
    names = {one[3] for one in paired}
    for start, stop in marked.items():
        if start not in names:
            around = [place for place, one in enumerate(paired) if one[0] <= start and stop <= one[1]]
            if around:
                begin, end, kind, _, _ = paired[around[-1]]
                paired[around[-1]] = (begin, end, kind, start, stop)
    return paired


def _nested(
    content: bytes,
    paired: list[tuple[int, int, int, int, int]],
    starts: list[int],
    marked: Collection[int],
    tests: re.Pattern[str] | None,
) -> list[Definition]:
    found: list[Definition] = []
    around: list[int] = []
    for begin, end, kind, start, stop in paired[:MAX_DEFINITIONS]:
        while around and found[around[-1]].end <= begin:
            around.pop()
        parent = around[-1] if around else -1
        if kind == FUNCTION and parent >= 0 and found[parent].kind in _HOLDERS:
            kind = METHOD  # the query need not tell them apart
        name = content[start:stop].strip(b"\"'")[:NAME_BYTES]
        if not name or (parent >= 0 and found[parent].name == name and found[parent].start == begin):
            continue
        line = bisect_right(starts, start)
        text = content[starts[line - 1] : starts[line] if line < len(starts) else len(content)]
        test = kind == TEST or start in marked
        if not test and tests is not None and (kind in _CALLABLE or kind in _HOLDERS):
            test = tests.search(name.decode("utf-8", "replace")) is not None
        found.append(
            Definition(
                name=name,
                kind=kind,
                line=line,
                start_line=bisect_right(starts, begin),
                end_line=bisect_right(starts, max(begin, end - 1)),
                parent=parent,
                signature=text.rstrip()[:SIGNATURE_BYTES],
                test=test,
                start=begin,
                end=end,
            )
        )
        around.append(len(found) - 1)
    return found


def _references(content: bytes, captures: dict[str, list[Node]], starts: list[int], found: Extraction) -> None:
    """What is captured as a call is not counted again as a plain reference."""
    references = found.references
    # A name where it is defined is no use of it, though some grammars write a definition like a call.
    seen = {node.start_byte for node in captures.get("name", ())}
    for capture, is_call in (("call", True), ("ref", False)):
        # The order of captures is not the same every time; that of the file is.
        for start, end in sorted((node.start_byte, node.end_byte) for node in captures.get(capture, ())):
            if start not in seen:
                seen.add(start)
                key = (content[start:end][:NAME_BYTES], is_call)
                references.setdefault(key, []).append(bisect_right(starts, start))


def _imports(
    content: bytes, captures: dict[str, list[Node]], starts: list[int], found: Extraction, data: LanguageData
) -> None:
    """Modules as they are written, without quotes; members that may be modules are told as modules too."""
    modules = sorted((node.start_byte, node.end_byte) for node in captures.get("import", ()))
    begins = [start for start, _ in modules]
    texts: list[bytes] = []
    for start, end in modules:
        match = _LITERAL.match(content[start:end])
        texts.append(b"".join((match[1] if match else content[start:end]).split())[:NAME_BYTES])
        found.imports.append((texts[-1], bisect_right(starts, start)))
    separator = data.import_separator.encode()
    for start, end in sorted((node.start_byte, node.end_byte) for node in captures.get("import.member", ())):
        name = content[start:end]
        line = bisect_right(starts, start)
        found.references.setdefault((name[:NAME_BYTES], False), []).append(line)
        place = bisect_right(begins, start) - 1
        if place >= 0 and data.import_members:
            module = texts[place]
            joined = module + name if module.endswith(separator) else module + separator + name
            found.imports.append((joined[:NAME_BYTES], line))


def _docs(content: bytes, captures: dict[str, list[Node]], definitions: list[Definition], data: LanguageData) -> None:
    """The first line of each definition's documentation."""
    if not definitions or "doc" not in captures:
        return
    nodes = sorted(
        (node.start_byte, node.end_byte, node.start_point.row, node.end_point.row) for node in captures["doc"]
    )
    if data.docstrings:
        _docstrings(content, nodes, definitions)
        return
    beginnings = tuple(one.encode() for one in data.doc_comments)
    first_on: dict[int, Definition] = {}
    for one in definitions:
        first_on.setdefault(one.start_line, one)
    lines = content.split(b"\n")
    last_row, text = -2, b""
    for start, end, row, end_row in nodes:
        piece = content[start:end]
        if beginnings and not piece.lstrip().startswith(beginnings):
            continue
        goes_on = row == last_row + 1 and _first_line(text)
        text = text if goes_on else piece
        if piece.endswith(b"\n"):
            end_row -= 1  # some grammars count the line's end to the comment
        last_row = end_row
        # Attributes and closing quotes may stand between the comment and what it describes.
        for below in range(end_row + 1, min(end_row + 6, len(lines))):
            target = first_on.get(below + 1)
            if target is not None:
                target.doc = _first_line(text)
                break
            if not _ATTRIBUTE.match(lines[below]) and lines[below].strip() not in (b'"""', b"'''"):
                break


def _docstrings(content: bytes, nodes: list[tuple[int, int, int, int]], definitions: list[Definition]) -> None:
    starts = [one.start for one in definitions]
    for start, end, _, _ in nodes:
        place = bisect_right(starts, start) - 1
        while place >= 0 and definitions[place].end < end:
            place = definitions[place].parent
        if place >= 0 and not definitions[place].doc:
            definitions[place].doc = _first_line(content[start:end])


def _first_line(text: bytes) -> bytes:
    for line in text.split(b"\n"):
        stripped = _TAG.sub(b"", line).strip(_STRIPPED)
        if stripped:
            return stripped[:DOC_BYTES]
    return b""
