"""Finds the project's own files for the tidy tests; caches and other people's code are left out."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SERVER = ROOT / "server"
PACKAGE = SERVER / "draftsmith"
NOT_OURS = {
    *(".git", ".venv", ".cache", ".hypothesis", ".ruff_cache", ".pytest_cache", ".import_linter_cache"),
    *("__pycache__", "node_modules", "build", "dist", "generated"),
}
TEXT_SUFFIXES = {
    *(".py", ".md", ".toml", ".txt", ".yaml", ".yml", ".json", ".jsonl", ".sh", ".cfg", ".ini", ".proto"),
    *(".ts", ".tsx", ".js", ".css", ".html", ".kt", ".lock", ".mako", ""),
}


@cache
def project_files() -> tuple[Path, ...]:
    """Every text file that belongs to the project."""
    found: list[Path] = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = sorted(name for name in folders if name not in NOT_OURS)
        found += [Path(folder) / name for name in sorted(names) if Path(name).suffix in TEXT_SUFFIXES]
    return tuple(path for path in found if path.is_file() and not path.is_symlink())


def text_of(path: Path) -> str:
    return path.read_bytes().decode("utf-8", errors="replace")


@cache
def python_files(*folders: str) -> tuple[Path, ...]:
    """Python files below the named top-level folders, without test data and examples."""
    return tuple(
        path
        for path in project_files()
        if path.suffix == ".py"
        and path.relative_to(ROOT).parts[0] in folders
        and not {"data", "cases", "workspace_files"} & set(path.relative_to(ROOT).parts)
    )


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_bytes(), str(path))


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports_of(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and full name of every absolute import, wherever in the module it stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.lineno, node.module
