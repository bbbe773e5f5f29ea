"""Which grammar reads which file, and the grammars themselves, each imported when first needed.

One official grammar wheel per language; nothing is downloaded.
"""

from __future__ import annotations

import importlib
import re
from functools import cache
from pathlib import PurePosixPath

from tree_sitter import Language

# language: (module, the function in it that gives the grammar)
_GRAMMARS: dict[str, tuple[str, str]] = {
    "bash": ("tree_sitter_bash", "language"),
    "c": ("tree_sitter_c", "language"),
    "css": ("tree_sitter_css", "language"),
    "go": ("tree_sitter_go", "language"),
    "html": ("tree_sitter_html", "language"),
    "java": ("tree_sitter_java", "language"),
    "javascript": ("tree_sitter_javascript", "language"),
    "json": ("tree_sitter_json", "language"),
    "python": ("tree_sitter_python", "language"),
    "ruby": ("tree_sitter_ruby", "language"),
    "rust": ("tree_sitter_rust", "language"),
    "toml": ("tree_sitter_toml", "language"),
    "tsx": ("tree_sitter_typescript", "language_tsx"),
    "typescript": ("tree_sitter_typescript", "language_typescript"),
    "yaml": ("tree_sitter_yaml", "language"),
}
LANGUAGES = frozenset(_GRAMMARS)

# `.h` is left out: it may be C++, for which no grammar is installed.
_SUFFIXES = {
    ".bash": "bash",
    ".c": "c",
    ".cjs": "javascript",
    ".css": "css",
    ".cts": "typescript",
    ".go": "go",
    ".htm": "html",
    ".html": "html",
    ".java": "java",
    ".js": "javascript",
    ".json": "json",
    ".jsx": "javascript",
    ".mjs": "javascript",
    ".mts": "typescript",
    ".py": "python",
    ".pyi": "python",
    ".rb": "ruby",
    ".rs": "rust",
    ".sh": "bash",
    ".toml": "toml",
    ".ts": "typescript",
    ".tsx": "tsx",
    ".yaml": "yaml",
    ".yml": "yaml",
}
_NAMES = {"Rakefile": "ruby", "Gemfile": "ruby"}
_SHEBANG = re.compile(rb"\A#![^\n]*?\b(python|ruby|node|bash|sh)[\d.]*(?:\s|\Z)")
_SHEBANG_LANGUAGES = {b"python": "python", b"ruby": "ruby", b"node": "javascript", b"bash": "bash", b"sh": "bash"}


def language_of(path: str, content: bytes = b"") -> str | None:
    """By name, else by the first line; None when no grammar is installed for it."""
    name = PurePosixPath(path).name
    by_name = _NAMES.get(name) or _SUFFIXES.get(PurePosixPath(name).suffix.lower())
    if by_name is not None or "." in name:
        return by_name
    shebang = _SHEBANG.match(content[:200])
    return _SHEBANG_LANGUAGES[shebang[1]] if shebang else None


@cache
def grammar(language: str) -> Language:
    """The tree-sitter grammar of one of `LANGUAGES`."""
    module, function = _GRAMMARS[language]
    return Language(getattr(importlib.import_module(module), function)())
