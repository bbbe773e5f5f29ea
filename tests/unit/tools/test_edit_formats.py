"""edit_lines, replace_symbol and apply_patch on a real draft, and which of them a model is offered."""

from __future__ import annotations

import codecs

import pytest
from tests.unit.tools.toolbench import Bench, files_below

from draftsmith.domain.errors import UserError
from draftsmith.domain.work_record import FORMAT_OF
from draftsmith.pipeline.roles import TOOLS_OF
from draftsmith.tools.formats import TOOL_OF, by_record, formats_for, parse_setting, without_unoffered
from draftsmith.tools.registry import tool_specs
from draftsmith.tools.tool import EditMeta

CLASS = "class A:\n    @property\n    def size(self):\n        return 1\n\n    def grow(self):\n        return 2\n"


async def test_lines_are_changed_by_number_and_checked(bench: Bench) -> None:
    (bench.draft / "a.py").write_bytes(b"a = 1\r\nb = 2\r\n")
    result = await bench.call("edit_lines", path="a.py", start=2, end=2, check="b = 2", new="b = 3\nc = 4")
    assert (bench.draft / "a.py").read_bytes() == b"a = 1\r\nb = 3\r\nc = 4\r\n"
    assert "lines 2 to 3 changed" in result.text
    refused = await bench.call("edit_lines", path="a.py", start=1, end=1, check="z = 1", new="x")
    assert (refused.kind, refused.code) == ("mistake", "edit_not_found")


async def test_a_method_is_replaced_by_its_name_with_its_decorators(bench: Bench) -> None:
    (bench.draft / "a.py").write_text(CLASS)
    new = "def size(self):\n    return 3\n"
    result = await bench.call("replace_symbol", path="a.py", symbol="A.size", new=new)
    assert result.ok, result.text
    assert (bench.draft / "a.py").read_text() == (
        "class A:\n    def size(self):\n        return 3\n\n    def grow(self):\n        return 2\n"
    )


@pytest.mark.parametrize(
    ("name", "before", "symbol", "new", "after"),
    [
        (
            "a.ts",
            "export const f = (a: number) => {\n  return a;\n};\nexport function g() {}\n",
            "g",
            "export function g() {\n    return 1;\n}\n",
            "export const f = (a: number) => {\n  return a;\n};\nexport function g() {\n  return 1;\n}\n",
        ),
        (
            "a.go",
            "package a\n\nfunc (s *Server) Start() {\n\ts.run()\n}\n\nfunc (c *Client) Start() {\n\tc.run()\n}\n",
            "Client.Start",
            "func (c *Client) Start() {\n    c.go()\n}",
            "package a\n\nfunc (s *Server) Start() {\n\ts.run()\n}\n\nfunc (c *Client) Start() {\n\tc.go()\n}\n",
        ),
        (
            "A.java",
            "class A {\n  A() {}\n  int f() { return 1; }\n}\nclass B {\n  int f() { return 1; }\n}\n",
            "B.f",
            "int f() { return 2; }",
            "class A {\n  A() {}\n  int f() { return 1; }\n}\nclass B {\n  int f() { return 2; }\n}\n",
        ),
        (
            "a.rs",
            "struct A;\nimpl A {\n    fn f(&self) -> i32 {\n        1\n    }\n}\n",
            "f",
            "fn f(&self) -> i32 {\n    2\n}\n",
            "struct A;\nimpl A {\n    fn f(&self) -> i32 {\n        2\n    }\n}\n",
        ),
    ],
)
async def test_symbols_of_other_languages(
    bench: Bench, name: str, before: str, symbol: str, new: str, after: str
) -> None:
    (bench.draft / name).write_text(before)
    result = await bench.call("replace_symbol", path=name, symbol=symbol, new=new)
    assert result.ok, result.text
    assert (bench.draft / name).read_text() == after


@pytest.mark.parametrize(
    ("name", "content", "symbol", "code"),
    [
        ("a.py", "def f():\n    pass\n\ndef f():\n    pass\n", "f", "symbol_ambiguous"),
        ("a.py", CLASS, "A.shrink", "symbol_not_found"),
        ("a.py", "def f(:\n    pass\n", "f", "not_parsed"),
        ("a.txt", "f", "f", "no_grammar"),
        # What comes after a final `return` does not parse in this language; one of the two is lost in that.
        ("a.lua", "return 1\n\nfunction f(a)\n  return 1\nend\n\nfunction f(a)\n  return 2\nend\n", "f", "not_parsed"),
    ],
)
async def test_a_symbol_that_is_not_certain_is_refused(
    bench: Bench, name: str, content: str, symbol: str, code: str
) -> None:
    (bench.draft / name).write_text(content)
    result = await bench.call("replace_symbol", path=name, symbol=symbol, new="x = 1")
    assert result.code in (code, "symbol_not_found" if code == "not_parsed" else code), result.text
    assert (bench.draft / name).read_text() == content


async def test_a_patch_changes_makes_deletes_and_moves_files(bench: Bench) -> None:
    (bench.draft / "a.py").write_bytes(codecs.BOM_UTF8 + b"a = 1\r\nb = 2\r\n")
    (bench.draft / "old.sh").write_text("echo\n")
    (bench.draft / "old.sh").chmod(0o755)
    (bench.draft / "gone").write_text("x\n")
    patch = (
        "--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n a = 1\n-b = 2\n+b = 3\n"
        "--- /dev/null\n+++ b/new/n.py\n@@ -0,0 +1 @@\n+n = (\n"
        "--- a/gone\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n"
        "diff --git a/old.sh b/bin/new.sh\nrename from old.sh\nrename to bin/new.sh\n"
        "@@ -1 +1 @@\n-echo\n+echo hi\n"
    )
    result = await bench.call("apply_patch", patch=patch)
    assert result.ok, result.text
    assert files_below(bench.draft) == {
        "a.py": codecs.BOM_UTF8 + b"a = 1\r\nb = 3\r\n",
        "bin/new.sh": b"echo hi\n",
        "new/n.py": b"n = (\n",
    }
    assert (bench.draft / "bin" / "new.sh").stat().st_mode & 0o777 == 0o755
    assert isinstance(result.meta, EditMeta)
    assert result.meta.syntax_broken == ("new/n.py",)
    assert {change.path for change in result.meta.changes} == {"a.py", "new/n.py", "gone", "old.sh", "bin/new.sh"}


async def test_a_patch_of_which_one_hunk_does_not_fit_changes_nothing(bench: Bench) -> None:
    (bench.draft / "a").write_text("a\n")
    (bench.draft / "b").write_text("b\n")
    before = files_below(bench.draft)
    patch = "--- a/a\n+++ b/a\n@@ -1 +1 @@\n-a\n+A\n--- a/b\n+++ b/b\n@@ -1 +1 @@\n-x\n+X\n"
    result = await bench.call("apply_patch", patch=patch)
    assert (result.kind, result.code) == ("mistake", "edit_not_found")
    assert result.text.startswith("b: Hunk 1")
    assert files_below(bench.draft) == before


async def test_a_patch_that_cannot_be_written_whole_is_taken_back(bench: Bench) -> None:
    (bench.draft / "a").write_text("a\n")
    (bench.draft / "folder").mkdir()
    (bench.draft / "folder" / "b").write_text("b\n")
    (bench.draft / "blocked").write_text("no folder\n")
    before = files_below(bench.draft)
    patch = (
        "--- a/a\n+++ b/a\n@@ -1 +1 @@\n-a\n+A\n--- a/folder/b\n+++ /dev/null\n@@ -1 +0,0 @@\n-b\n"
        "--- /dev/null\n+++ b/blocked/c\n@@ -0,0 +1 @@\n+c\n"
    )
    result = await bench.call("apply_patch", patch=patch)
    assert result.code in ("cannot_write", "no_such_file"), result.text
    assert files_below(bench.draft) == before


async def test_a_link_is_written_through_and_stays(bench: Bench) -> None:
    (bench.draft / "real").write_text("a\n")
    (bench.draft / "link").symlink_to("real")
    result = await bench.call("apply_patch", patch="--- a/link\n+++ b/link\n@@ -1 +1 @@\n-a\n+b\n")
    assert result.ok, result.text
    assert (bench.draft / "link").is_symlink()
    assert (bench.draft / "real").read_text() == "b\n"


@pytest.mark.parametrize("tool", ["edit", "edit_lines", "replace_symbol", "apply_patch"])
async def test_binary_files_are_refused_by_every_format(bench: Bench, tool: str) -> None:
    (bench.draft / "a.py").write_bytes(b"a = 1\n\x00\xff")
    arguments: dict[str, dict[str, object]] = {
        "edit": {"path": "a.py", "old": "a", "new": "b"},
        "edit_lines": {"path": "a.py", "start": 1, "end": 1, "check": "a = 1", "new": "b"},
        "replace_symbol": {"path": "a.py", "symbol": "a", "new": "b"},
        "apply_patch": {"patch": "--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-a = 1\n+b\n"},
    }
    result = await bench.call(tool, **arguments[tool])
    assert (result.kind, result.code) == ("failed", "binary_file"), result.text


async def test_an_edit_that_would_make_a_file_unreadable_is_refused(bench: Bench) -> None:
    (bench.draft / "a").write_text("a\n")
    result = await bench.call("edit", path="a", old="a", new="a\x00")
    assert (result.kind, result.code) == ("failed", "not_encodable")
    assert (bench.draft / "a").read_text() == "a\n"


def test_models_are_offered_the_formats_that_suit_them() -> None:
    assert formats_for("anthropic/claude-x") == ("search", "symbol")
    assert "patch" in formats_for("openai/gpt-5")
    assert formats_for("openai/gpt-5", "gpt-*=lines; *=search") == ("lines",)
    assert formats_for("local/llama", "gpt-*=lines; *=search") == ("search",)
    assert formats_for("local/llama", "patch,lines") == ("patch", "lines")
    code = without_unoffered(TOOLS_OF["code"], ("search",))
    assert "edit" in code
    assert not {"apply_patch", "edit_lines", "replace_symbol"} & set(code)


@pytest.mark.parametrize("setting", ["diff", "gpt-*=", "search,", "*=search,whole"])
def test_a_setting_that_names_no_format_is_refused(setting: str) -> None:
    if setting == "search,":
        assert parse_setting(setting) == (("*", ("search",)),)
        return
    with pytest.raises(UserError) as refusal:
        parse_setting(setting)
    assert refusal.value.code == "bad_edit_formats"


def test_formats_come_by_how_often_they_fitted_and_a_poor_one_is_left_out() -> None:
    usual = ("search", "symbol", "patch")
    assert by_record(usual, {}) == (usual, "")
    ranked, reason = by_record(usual, {"search": (20, 12), "symbol": (10, 10), "patch": (9, 2)})
    assert ranked == ("symbol", "search")
    assert reason == "edits: symbol (10 of 10 fitted), search (12 of 20 fitted), patch (2 of 9 fitted), without patch"
    assert by_record(("search",), {"search": (50, 1)})[0] == ("search",), "nothing would be left to edit with"


def test_tools_that_edit_are_offered_in_the_order_of_their_formats() -> None:
    names = ("read", "edit", "edit_lines", "replace_symbol", "finish")
    offered = without_unoffered(names, ("symbol", "search"))
    assert offered == ("read", "replace_symbol", "edit", "finish")
    assert [spec.name for spec in tool_specs(offered)] == list(offered)


def test_formats_of_the_record_are_those_of_the_tools() -> None:
    assert {tool: name for name, tool in TOOL_OF.items()} == dict(FORMAT_OF)
