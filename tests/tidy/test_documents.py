"""Holds the documents to the code: features, links, settings, error codes."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from tools import error_codes

from tidy.sources import PACKAGE, ROOT, project_files, python_files, shown, text_of, tree_of

FEATURES = ROOT / "docs" / "features.md"
CONFIGURATION = ROOT / "docs" / "configuration.md"
FEATURE_ID = re.compile(r"^[A-Z]{2}\d+$")
LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)(?:\s+\"[^\"]*\")?\)")
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
INLINE_CODE = re.compile(r"`[^`\n]*`")
VARIABLE = re.compile(r"\bDRAFTSMITH_[A-Z0-9_]*[A-Z0-9]\b")
TEST_REFERENCE = re.compile(r"`(tests/[^`]+)`")
SNAKE_CASE = re.compile(r"^[a-z]+[a-z0-9_{}]*$")


def rows(markdown: str) -> list[list[str]]:
    """The cells of every table row, without headings and rules."""
    lines = [line for line in markdown.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
    return [row for row in cells if not set("".join(row)) <= set("-: ") and row[0] not in {"id", "row", "code"}]


def missing_test(reference: str) -> str | None:
    """Why a reference `tests/file.py::name` proves nothing, or nothing when it does."""
    file, _, name = reference.partition("::")
    path = ROOT / file
    if not path.exists():
        return f"{file} does not exist"
    if path.is_dir() or path.suffix != ".py":
        return f"{file} is no test file" if not any(path.rglob("test_*.py")) else None
    tests = {
        node.name
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and node.name.lower().startswith("test")
    }
    if not tests:
        return f"{file} has no test"
    wanted = name.partition("[")[0].split("::")[-1]
    return f"{file} has no test {wanted}" if wanted and wanted not in tests else None


def broken_links(path: Path) -> list[str]:
    text = INLINE_CODE.sub("", FENCE.sub("", text_of(path)))
    targets = [match["target"].partition("#")[0] for match in LINK.finditer(text)]
    relative = [target for target in targets if target and not re.match(r"^[a-z]+:", target)]
    return [f"{shown(path)}: {target}" for target in relative if not (path.parent / target).exists()]


def prefixed_settings(tree: ast.Module) -> set[str]:
    """Variables that a pydantic-settings class reads: its prefix and its fields."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.ClassDef):
            continue
        prefixes = [
            keyword.value.value
            for call in ast.walk(node)
            if isinstance(call, ast.Call)
            for keyword in call.keywords
            if keyword.arg == "env_prefix" and isinstance(keyword.value, ast.Constant)
        ]
        names = [
            item.target.id
            for item in node.body
            if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
        ]
        found |= {f"{prefix}{name.upper()}" for prefix in prefixes for name in names if name != "model_config"}
    return found


def variables_in_code() -> set[str]:
    found: set[str] = set()
    for path in python_files("server", "tools"):
        found |= prefixed_settings(tree_of(path))
        found |= set(VARIABLE.findall(text_of(path)))
    return found


def test_every_feature_names_a_test_that_exists() -> None:
    table = rows(text_of(FEATURES))
    assert table, f"{shown(FEATURES)} has no row"
    wrong: list[str] = []
    for row in table:
        if not FEATURE_ID.match(row[0]):
            wrong.append(f"{row[0]}: not an id such as ED9")
        references = TEST_REFERENCE.findall(row[-1])
        if not references:
            wrong.append(f"{row[0]}: names no test")
        wrong += [f"{row[0]}: {reason}" for one in references if (reason := missing_test(one))]
    assert not wrong, wrong


def test_no_feature_stands_twice() -> None:
    ids = [row[0] for row in rows(text_of(FEATURES))]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("tests/tidy/test_documents.py", True),
        ("tests/tidy/test_documents.py::test_no_feature_stands_twice", True),
        ("tests/tidy/test_documents.py::test_that_nobody_wrote", False),
        ("tests/tidy/test_nothing.py", False),
        ("tests/tidy/sources.py", False),
        ("tests/tidy", True),
    ],
)
def test_a_reference_to_no_test_is_noticed(reference: str, found: bool) -> None:
    assert (missing_test(reference) is None) is found


def test_no_document_links_to_nothing() -> None:
    found = [
        line
        for path in project_files()
        if path.suffix == ".md" and "cases" not in path.parts
        for line in broken_links(path)
    ]
    assert not found, f"broken links: {found}"


def test_every_variable_that_is_read_is_documented() -> None:
    documented = set(VARIABLE.findall(text_of(CONFIGURATION)))
    assert variables_in_code() - documented == set(), f"describe these in {shown(CONFIGURATION)}"


def test_no_variable_is_documented_that_nothing_reads() -> None:
    documented = set(VARIABLE.findall(text_of(CONFIGURATION)))
    in_makefile = set(VARIABLE.findall(text_of(ROOT / "Makefile")))
    assert documented - variables_in_code() - in_makefile == set()


def test_settings_classes_are_read_by_prefix_and_field() -> None:
    source = (
        "class S:\n    model_config = SettingsConfigDict(env_prefix='DRAFTSMITH_X_')\n"
        "    port: int = 0\n    host: str\n"
    )
    assert prefixed_settings(ast.parse(source)) == {"DRAFTSMITH_X_PORT", "DRAFTSMITH_X_HOST"}


def test_the_page_of_error_codes_is_fresh() -> None:
    expected = error_codes.render(error_codes.collect(PACKAGE))
    assert text_of(error_codes.OUTPUT) == expected, "run `make generate`"


def test_every_error_code_is_a_stable_name() -> None:
    odd = [site.code for site in error_codes.collect(PACKAGE) if not SNAKE_CASE.match(site.code)]
    assert not odd, f"codes are snake_case: {odd}"


def test_error_codes_are_collected_with_message_and_remedy() -> None:
    source = (
        "REMEDY = 'Move it.'\n"
        "class Lost(UserError):\n"
        "    def __init__(self, path):\n"
        "        super().__init__(f'{path!r} is gone.', code='lost', remedy=REMEDY)\n"
        "def f(full):\n"
        "    raise AdapterError('It ' + 'broke.', code='full' if full else f'bad_{full}')\n"
    )
    tree = ast.parse(source)
    found = list(error_codes.sites(tree, error_codes.error_classes([tree])))
    assert [(site.code, site.who, site.message, site.remedy) for site in found] == [
        ("lost", "you", "{path} is gone.", "Move it."),
        ("full", "something outside", "It broke.", ""),
        ("bad_{full}", "something outside", "It broke.", ""),
    ]
