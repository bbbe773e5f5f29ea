"""Definitions with a known beginning and end in real files: for the edit by a symbol's name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from bench.edit_corpus import ENCODINGS


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolCase:
    """A definition put into a real file, so that where it begins and ends is known. `answer` None: to be refused."""

    language: str
    path: str
    change: str
    raw: bytes
    answer: bytes | None
    symbol: str
    new: str


TEMPLATES: dict[str, str] = {
    "python": "@marked\ndef {name}(a):\n    if a:\n        return {body}\n    return a\n",
    "typescript": "export function {name}(a: any): any {{\n  if (a) {{\n    return {body};\n  }}\n  return a;\n}}\n",
    "javascript": "function {name}(a) {{\n  if (a) {{\n    return {body};\n  }}\n  return a;\n}}\n",
    "lua": "function {name}(a)\n  if a then\n    return {body}\n  end\n  return a\nend\n",
    "csharp": "public class {name} {{\n    int inner(int a) {{\n        return {body};\n    }}\n}}\n",
    "cpp": "int {name}(int a) {{\n    if (a) {{\n        return {body};\n    }}\n    return a;\n}}\n",
    "c": "int {name}(int a) {{\n    if (a) {{\n        return {body};\n    }}\n    return a;\n}}\n",
    "java": "class {name} {{\n    int inner(int a) {{\n        return {body};\n    }}\n}}\n",
    "kotlin": "fun {name}(a: Int): Int {{\n    if (a > 0) {{\n        return {body}\n    }}\n    return a\n}}\n",
    "swift": "func {name}(a: Int) -> Int {{\n    if a > 0 {{\n        return {body}\n    }}\n    return a\n}}\n",
    "php": "function {name}($a) {{\n    if ($a) {{\n        return {body};\n    }}\n    return $a;\n}}\n",
}


def symbol_cases(language: str, path: str, text: str, random: Random) -> Iterator[SymbolCase]:
    """Definitions by name at the end of a file: as they were, with another body, twice, missing."""
    template = TEMPLATES[language]
    lines = text.replace("\r\n", "\n").rstrip("\n")
    if "?>" in lines or "\r" in lines:
        return
    name = f"Synthetic{random.randrange(10_000)}"
    first, stale, new, other = (
        template.format(name=one, body=random.randrange(1_000, 9_999)) for one in (name, name, name, f"{name}Other")
    )
    for change, there, after in (
        ("symbol", f"{lines}\n\n{first}\n{other}", f"{lines}\n\n{new}\n{other}"),
        ("symbol, body changed", f"{lines}\n\n{stale}", f"{lines}\n\n{new}"),
        ("symbol, twice", f"{lines}\n\n{first}\n{stale}", None),
        ("symbol, gone", f"{lines}\n\n{other}", None),
    ):
        ends = random.choice(("\n", "\r\n"))
        codec, mark, _ = random.choice(ENCODINGS[:3])
        yield SymbolCase(
            language=language,
            path=path,
            change=change,
            raw=mark + there.replace("\n", ends).encode(codec),
            answer=None if after is None else mark + after.replace("\n", ends).encode(codec),
            symbol=name,
            new=new,
        )
