"""Collects every error code of the package into `docs/errors.md`, by reading the source.

The text of a message is shown as a pattern: what is filled in at run time stands in braces.
`--check` writes nothing and fails when the file is stale.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "server" / "draftsmith"
OUTPUT = ROOT / "docs" / "errors.md"
LONGEST_PATTERN = 240
# Who has to act, by the class in domain/errors.py that an error descends from; the nearest counts.
WHO = {
    "UserError": "you",
    "ModelMistake": "the model",
    "ToolFailure": "the model",
    "AdapterError": "something outside",
    "DraftsmithError": "you",
}
HEAD = """# Error codes

Every error carries a code that stays the same between versions, a message, and what to do next. In `--json` output
the code is the field `code`. Braces stand for what is filled in when the error happens.
This page is generated from the source by `make generate`.

| code | who acts | message | what to do |
| --- | --- | --- | --- |
"""


@dataclass(frozen=True, order=True)
class ErrorSite:
    code: str
    who: str
    message: str
    remedy: str


def pattern(node: ast.expr | None, constants: Mapping[str, ast.expr]) -> str:
    """The text of an expression with what is not known before run time in braces."""
    match node:
        case None:
            return ""
        case ast.Constant(value=value):
            return str(value)
        case ast.JoinedStr(values=values):
            return "".join(pattern(value, constants) for value in values)
        case ast.FormattedValue(value=value):
            return pattern(value, constants) if isinstance(value, ast.Constant) else f"{{{_label(value)}}}"
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return pattern(left, constants) + pattern(right, constants)
        case ast.IfExp(body=body, orelse=orelse):
            return f"{pattern(body, constants)} / {pattern(orelse, constants)}"
        case ast.Name(id=name) if name in constants:
            return pattern(constants[name], {})
        case _:
            return f"{{{_label(node)}}}"


def _label(node: ast.expr) -> str:
    """A short name for a value: the last name in the expression that says what it is."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.strip("_")
        case ast.Subscript(value=value) | ast.Await(value=value):
            return _label(value)
        case ast.Call(func=ast.Attribute(value=value, attr=attr)):
            return _label(value) if attr in {"hex", "strip", "join", "decode", "get"} else attr.strip("_")
        case ast.Call(func=ast.Name(id="str" | "len" | "repr" | "sorted"), args=[first, *_]):
            return _label(first)
        case ast.Call(func=ast.Name(id=name)):
            return name.strip("_")
        case _:
            return "…"


def _codes(node: ast.expr) -> Iterator[str]:
    """The codes an argument can be: a literal, one of two literals, or a pattern with a literal part."""
    match node:
        case ast.Constant(value=str(code)) if code:
            yield code
        case ast.IfExp(body=body, orelse=orelse):
            yield from _codes(body)
            yield from _codes(orelse)
        case ast.JoinedStr(values=[ast.Constant(), *_]):
            yield pattern(node, {})
        case _:
            return


def error_classes(trees: Iterable[ast.Module]) -> dict[str, str]:
    """Each error class and who acts on it, through any number of generations."""
    bases = {
        node.name: [base.id for base in node.bases if isinstance(base, ast.Name)]
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    known = dict(WHO)
    grown = True
    while grown:
        fresh = {
            name: known[base]
            for name, parents in bases.items()
            for base in parents
            if base in known and name not in known
        }
        known |= fresh
        grown = bool(fresh)
    return known


def _constants(tree: ast.Module) -> dict[str, ast.expr]:
    return {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _who(call: ast.Call, enclosing: str | None, classes: Mapping[str, str]) -> str | None:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name) if name in classes:
            return classes[name]
        case ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr="__init__"):
            return classes.get(enclosing or "")
        case _:
            return None


def sites(tree: ast.Module, classes: Mapping[str, str]) -> Iterator[ErrorSite]:
    constants = _constants(tree)

    def walk(node: ast.AST, enclosing: str | None) -> Iterator[ErrorSite]:
        if isinstance(node, ast.ClassDef):
            enclosing = node.name
        if isinstance(node, ast.Call):
            keywords = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
            who = _who(node, enclosing, classes)
            for code in _codes(keywords["code"]) if "code" in keywords else ():
                first = node.args[0] if node.args else keywords.get("message", keywords.get("text"))
                yield ErrorSite(
                    code=code,
                    who=who or "—",
                    message=pattern(first, constants) if who else "",
                    remedy=pattern(keywords.get("remedy"), constants) if who else "",
                )
        for child in ast.iter_child_nodes(node):
            yield from walk(child, enclosing)

    yield from walk(tree, None)


def collect(package: Path) -> list[ErrorSite]:
    trees = [ast.parse(path.read_bytes(), str(path)) for path in sorted(package.rglob("*.py"))]
    classes = error_classes(trees)
    return sorted({site for tree in trees for site in sites(tree, classes)})


def _cell(texts: Iterable[str]) -> str:
    kept = list(dict.fromkeys(text for text in texts if text))
    shown = (text if len(text) <= LONGEST_PATTERN else text[:LONGEST_PATTERN] + "…" for text in kept)
    escaped = (" ".join(text.split()).replace("|", "\\|").replace("<", "&lt;") for text in shown)
    return "<br>".join(escaped)


def render(found: list[ErrorSite]) -> str:
    lines = [HEAD.rstrip("\n")]
    for code in sorted({site.code for site in found}):
        of_code = [site for site in found if site.code == code]
        who = _cell(site.who for site in of_code if site.who != "—") or "—"
        message, remedy = _cell(s.message for s in of_code), _cell(s.remedy for s in of_code)
        lines.append(f"| `{code}` | {who} | {message} | {remedy} |")
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    text = render(collect(PACKAGE))
    old = OUTPUT.read_text(encoding="utf-8") if OUTPUT.exists() else ""
    if old == text:
        return 0
    if "--check" in arguments:
        print(f"{OUTPUT.relative_to(ROOT)} is stale: run `make generate`.")
        return 1
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
