"""What a word of a shell line is when it is run: literal text, or None where only the run can tell."""

from __future__ import annotations

import re

from tree_sitter import Node

_ESCAPED = re.compile(r"\\(\n|.)", re.DOTALL)
_ANSI = re.compile(r"\\(?:x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|([0-7]{1,3})|(.))", re.DOTALL)
_ANSI_NAMES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "v": "\v"}
_BRACES = re.compile(r"(?<!\\)\{[^{}]*(?:,|\.\.)[^{}]*\}")
_PATTERN = re.compile(r"(?<!\\)[*?\[]")


def text_of(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


def literal(node: Node) -> str | None:
    """The word's value. Patterns for names (`*.py`) stay as they are written; `None` for anything computed."""
    match node.type:
        case "word" | "number" | "regex" | "extglob_pattern" | "special_character" | "variable_name" | "test_operator":
            text = text_of(node)
            if node.named_child_count or _BRACES.search(text):
                return None
            return _ESCAPED.sub(lambda found: "" if found[1] == "\n" else found[1], text)
        case "raw_string":
            return text_of(node)[1:-1]
        case "ansi_c_string":
            return _ansi(text_of(node)[2:-1])
        case "string":
            return _quoted(node)
        case "concatenation" | "command_name":
            if _BRACES.search(text_of(node)) and not any(one.type in ("string", "raw_string") for one in node.children):
                return None
            parts = [literal(one) for one in node.children]
            return None if None in parts or not parts else "".join(part for part in parts if part is not None)
        case "string_content":
            return _in_quotes(text_of(node))
        case _:
            # Punctuation of the grammar stands for itself; whatever has parts of its own is computed.
            return text_of(node) if not node.is_named and not node.child_count else None


def _quoted(node: Node) -> str | None:
    """Between double quotes: what the grammar gives no node (spaces, single characters) is literal."""
    start, end = node.start_byte, node.end_byte
    raw = node.text or b""
    found: list[str] = []
    at = start + 1
    for child in node.named_children:
        if child.type != "string_content":
            return None
        found += (raw[at - start : child.start_byte - start].decode("utf-8", "replace"), literal(child) or "")
        at = child.end_byte
    found.append(raw[at - start : end - start - 1].decode("utf-8", "replace"))
    return "".join(found)


def name_at_end(node: Node) -> str | None:
    """The literal name after the last slash of a path whose beginning is computed (`$DIR/bin/tool`)."""
    last = node
    while last.type in ("command_name", "concatenation", "string") and last.named_child_count:
        last = last.named_children[-1]
    if last is node or last.end_byte < node.end_byte - 1:
        return None  # the computed part comes last
    text = literal(last) if last.type in ("word", "raw_string", "string_content") else None
    name = (text or "").rpartition("/")[2]
    return name if text and "/" in text and name and not _PATTERN.search(name) else None


def _in_quotes(text: str) -> str:
    return re.sub(r'\\([$`"\\\n])', lambda found: "" if found[1] == "\n" else found[1], text)


def _ansi(text: str) -> str | None:
    def value(found: re.Match[str]) -> str:
        for group, base in ((1, 16), (2, 16), (3, 16), (4, 8)):
            if found[group] is not None:
                number = int(found[group], base)
                return chr(number) if number < 0x110000 else "\ufffd"
        return _ANSI_NAMES.get(found[5], found[5])

    return _ANSI.sub(value, text)


def is_pattern(node: Node) -> bool:
    """Whether the shell would look for names of files that fit."""
    return node.type in ("word", "concatenation", "extglob_pattern") and bool(_PATTERN.search(text_of(node)))
