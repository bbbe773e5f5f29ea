"""edit, write, delete and move on a real draft."""

from __future__ import annotations

import codecs
import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.tools.toolbench import Bench, files_below

from draftsmith.platform.files import is_temporary
from draftsmith.tools import drafts
from draftsmith.tools.tool import EditMeta, FileChange, ToolResult


def edit_meta(result: ToolResult) -> EditMeta:
    assert isinstance(result.meta, EditMeta), result.text
    return result.meta


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


async def test_an_edit_changes_only_its_place_and_tells_the_hashes(bench: Bench) -> None:
    before = codecs.BOM_UTF8 + b"a = 1\r\nb = 2\r\n"
    (bench.draft / "x.py").write_bytes(before)
    result = await bench.call("edit", path="x.py", old="b = 2\n", new="b = 3\nc = 4\n")
    after = codecs.BOM_UTF8 + b"a = 1\r\nb = 3\r\nc = 4\r\n"
    assert (bench.draft / "x.py").read_bytes() == after
    assert (result.ok, result.touched, result.title) == (True, ("x.py",), "edit x.py")
    change = FileChange(path="x.py", before_sha256=digest(before), after_sha256=digest(after))
    assert edit_meta(result) == EditMeta(changes=(change,))
    assert "     2\tb = 3\n     3\tc = 4" in result.text
    assert "byte order mark" in result.text


async def test_an_edit_that_breaks_the_syntax_is_told_with_its_place(bench: Bench) -> None:
    (bench.draft / "x.py").write_text("def f(x):\n    return x\n")
    result = await bench.call("edit", path="x.py", old="f(x)", new="f(x")
    assert result.ok
    assert "does not parse:\n  line 1" in result.text
    assert edit_meta(result).syntax_broken == ("x.py",)
    again = await bench.call("edit", path="x.py", old="return x", new="return y")
    assert "parse" not in again.text


async def test_a_file_in_utf16_is_checked_as_text(bench: Bench) -> None:
    (bench.draft / "x.py").write_bytes(codecs.BOM_UTF16_LE + "a = 1\n".encode("utf-16-le"))
    assert edit_meta(await bench.call("edit", path="x.py", old="1", new="2")).syntax_broken == ()
    assert edit_meta(await bench.call("edit", path="x.py", old="2", new="(")).syntax_broken == ("x.py",)


@pytest.mark.parametrize(
    ("content", "arguments", "kind", "code"),
    [
        (b"a\na\n", {"old": "a", "new": "b"}, "mistake", "edit_ambiguous"),
        (b"abc\n", {"old": "abx", "new": "b"}, "mistake", "edit_not_found"),
        (b"\x00\x01", {"old": "a", "new": "b"}, "failed", "binary_file"),
        (b"caf\xe9 a", {"old": "a", "new": "\u2192", "expected": 2}, "failed", "not_encodable"),
    ],
)
async def test_refused_edits_change_nothing(
    bench: Bench, content: bytes, arguments: dict[str, object], kind: str, code: str
) -> None:
    (bench.draft / "x").write_bytes(content)
    result = await bench.call("edit", path="x", **arguments)
    assert (result.kind, result.code, result.meta) == (kind, code, None)
    assert (bench.draft / "x").read_bytes() == content


async def test_mode_survives_and_a_hard_link_elsewhere_is_left_alone(bench: Bench) -> None:
    script = bench.draft / "run.sh"
    script.write_text("echo a\n")
    script.chmod(0o750)
    os.link(script, bench.folder / "other")
    await bench.call("edit", path="run.sh", old="a", new="b")
    assert script.stat().st_mode & 0o777 == 0o750
    assert (bench.folder / "other").read_text() == "echo a\n"


async def test_a_killed_write_leaves_only_a_name_that_snapshots_know(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    (bench.draft / "x").write_text("a")
    left: list[str] = []

    def die(*_: object, **__: object) -> None:
        left.extend(each.name for each in bench.draft.iterdir() if each.name != "x")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(drafts.os, "replace", die)
    result = await bench.call("edit", path="x", old="a", new="b")
    assert (result.kind, result.code) == ("failed", "cannot_write")
    assert [is_temporary(name.encode()) for name in left] == [True]
    assert files_below(bench.draft) == {"x": b"a"}


async def test_write_makes_folders_and_refuses_to_replace_unasked(bench: Bench) -> None:
    result = await bench.call("write", path="a/b/c.txt", content="héllo\n")
    assert result.text == "a/b/c.txt: created, 1 line, 7 bytes."
    assert (bench.draft / "a" / "b" / "c.txt").read_bytes() == "héllo\n".encode()
    assert edit_meta(result).changes[0].before_sha256 is None
    refused = await bench.call("write", path="a/b/c.txt", content="x")
    assert (refused.kind, refused.code) == ("mistake", "exists")
    assert (await bench.call("write", path="a/b/c.txt", content="x", overwrite=True)).ok
    assert (await bench.call("write", path="a/b", content="x", overwrite=True)).code == "is_folder"
    assert (await bench.call("write", path="new/", content="x")).code == "bad_path"
    assert (await bench.call("write", path="a/b/c.txt/d", content="x")).kind == "failed"


async def test_a_replaced_file_keeps_encoding_and_line_ends(bench: Bench) -> None:
    (bench.draft / "x").write_bytes(b"caf\xe9\r\n")
    result = await bench.call("write", path="x", content="é\nb\n", overwrite=True)
    assert (bench.draft / "x").read_bytes() == b"\xe9\r\nb\r\n"
    assert "Kept: CRLF line ends, encoding latin-1." in result.text


async def test_delete_takes_links_not_their_targets_and_asks_for_full_folders(bench: Bench) -> None:
    (bench.draft / "d" / "e").mkdir(parents=True)
    (bench.draft / "d" / "e" / "f").write_text("1")
    (bench.draft / "link").symlink_to("d")
    (bench.draft / "outward").symlink_to("/etc/hostname")
    assert (await bench.call("delete", path="link")).ok
    assert (await bench.call("delete", path="outward")).ok
    assert Path("/etc/hostname").exists()
    refused = await bench.call("delete", path="d")
    assert (refused.code, "1 file" in refused.text) == ("not_empty", True)
    result = await bench.call("delete", path="d", recursive=True)
    assert result.touched == ("d/e/f",)
    assert edit_meta(result).changes == (FileChange(path="d/e/f", before_sha256=digest(b"1"), after_sha256=None),)
    assert files_below(bench.draft) == {}
    assert (await bench.call("delete", path="d")).code == "no_such_file"
    assert (await bench.call("delete", path=".")).code == "bad_path"


async def test_move_keeps_bytes_and_refuses_a_taken_place(bench: Bench) -> None:
    (bench.draft / "a").write_bytes(b"\xff\x00")
    (bench.draft / "b").write_text("b")
    assert (await bench.call("move", source="a", destination="b")).code == "exists"
    result = await bench.call("move", source="a", destination="new/place/c")
    assert result.touched == ("a", "new/place/c")
    assert [(each.path, each.after_sha256) for each in edit_meta(result).changes] == [
        ("a", None),
        ("new/place/c", digest(b"\xff\x00")),
    ]
    assert files_below(bench.draft) == {"b": b"b", "new/place/c": b"\xff\x00"}
    folder = await bench.call("move", source="new", destination="old")
    assert folder.text == "new moved to old (1 file)."
    assert folder.touched == ("new/place/c", "old/place/c")
    assert (await bench.call("move", source="old", destination="old/inside")).code == "bad_path"


async def test_a_folder_that_holds_a_dependency_folder_is_not_deleted(bench: Bench) -> None:
    (bench.draft / "pkg").mkdir()
    root = replace(bench.context.roots[0], dependency_folders=(bench.workspace / "pkg" / "node_modules",))
    bench.context = replace(bench.context, roots=(root,))
    assert (await bench.call("delete", path="pkg", recursive=True)).code == "read_only"
    assert (await bench.call("move", source="pkg", destination="other")).code == "read_only"
    assert (bench.draft / "pkg").is_dir()
