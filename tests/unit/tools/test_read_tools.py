"""list, read and search: what is shown, and how the rest is got."""

from __future__ import annotations

import os
import subprocess

import pytest
from tests.unit.tools.toolbench import Bench

from draftsmith.tools.files import MAX_ENTRIES
from draftsmith.tools.pages import MAX_LINE_CHARACTERS, MAX_PAGE_BYTES, MAX_PAGE_LINES
from draftsmith.tools.search import MAX_BYTES


async def test_list_shows_levels_links_and_dependencies(bench: Bench) -> None:
    (bench.draft / "src" / "deep" / "deeper").mkdir(parents=True)
    (bench.draft / "src" / "a.py").touch()
    (bench.draft / "run").touch()
    (bench.draft / "run").chmod(0o755)
    (bench.draft / "link").symlink_to("src")
    (bench.draft / ".git").mkdir()
    (bench.draft / ".venv").mkdir()
    os.mkfifo(bench.draft / "pipe")
    assert (await bench.call("list")).text.splitlines() == [
        ".: 7 entries",
        ".venv/ (dependencies, read-only, not listed)",
        "link -> src",
        "pipe (not a regular file)",
        "run (executable)",
        "src/",
        "src/a.py",
        "src/deep/",
    ]
    assert (await bench.call("list", path="src", depth=1)).text == "src: 2 entries\nsrc/a.py\nsrc/deep/"
    assert (await bench.call("list", path=".venv")).text == ".venv: 2 entries\n.venv/lib/\n.venv/lib/dep.py"
    assert (await bench.call("list", path="run")).code == "no_such_folder"


async def test_a_long_list_says_how_to_go_on(bench: Bench) -> None:
    for number in range(MAX_ENTRIES + 3):
        (bench.draft / f"f{number:04}").touch()
    first = (await bench.call("list")).text.splitlines()
    assert first[0] == f".: entries 1 to 500 of {MAX_ENTRIES + 4}; go on with start=501"
    rest = (await bench.call("list", start=501)).text.splitlines()
    assert rest[0] == f".: entries 501 to {MAX_ENTRIES + 4} of {MAX_ENTRIES + 4}"
    assert first[-1:] + rest[1:] == ["f0498", "f0499", "f0500", "f0501", "f0502"]


async def test_names_that_are_not_utf8_are_shown_escaped(bench: Bench) -> None:
    (bench.draft / os.fsdecode(b"caf\xe9")).touch()
    assert "caf\\xe9" in (await bench.call("list")).text


async def test_read_numbers_lines_and_tells_what_is_special(bench: Bench) -> None:
    (bench.draft / "a").write_bytes(b"caf\xe9\r\n\tx")
    assert (await bench.call("read", path="a")).text == (
        "a: 2 lines, Latin-1, CRLF line ends, no newline at the end\n     1\tcafé\n     2\t\tx"
    )
    (bench.draft / "empty").touch()
    assert (await bench.call("read", path="empty")).text == "empty is empty"


async def test_read_pages_by_lines_and_says_how_to_go_on(bench: Bench) -> None:
    (bench.draft / "a").write_text("".join(f"line {n}\n" for n in range(1, 5_001)))
    text = (await bench.call("read", path="a", start=10, lines=2)).text
    assert text == "a: lines 10 to 11 of 5000; go on with start=12\n    10\tline 10\n    11\tline 11"
    assert len((await bench.call("read", path="a", lines=9_999)).text.splitlines()) == MAX_PAGE_LINES + 1
    assert (await bench.call("read", path="a", start=5_001)).code == "no_such_line"
    assert "lines 4999 to 5000 of 5000\n" in (await bench.call("read", path="a", start=4_999)).text


async def test_read_is_bounded_in_bytes_and_line_length(bench: Bench) -> None:
    (bench.draft / "wide").write_text("x" * 5_000 + "\n" + ("y" * 1_000 + "\n") * 200)
    lines = (await bench.call("read", path="wide")).text.splitlines()
    assert lines[1].endswith(f"[…{5_000 - MAX_LINE_CHARACTERS:,} more characters in this line]")
    assert sum(len(line) for line in lines[1:]) < MAX_PAGE_BYTES + 2_000
    assert f"go on with start={len(lines)}" in lines[0]


@pytest.mark.parametrize(("name", "code"), [("missing", "no_such_file"), ("d", "is_folder"), ("bin", "binary_file")])
async def test_what_cannot_be_read_is_told(bench: Bench, name: str, code: str) -> None:
    (bench.draft / "d").mkdir()
    (bench.draft / "bin").write_bytes(b"\x7fELF\x00")
    assert (await bench.call("read", path=name)).code == code


async def test_reading_a_fifo_does_not_wait(bench: Bench) -> None:
    os.mkfifo(bench.draft / "pipe")
    assert (await bench.call("read", path="pipe")).code == "unreadable"


async def test_search_finds_text_and_expressions_in_order(bench: Bench) -> None:
    (bench.draft / "b").mkdir()
    (bench.draft / "b" / "x.py").write_text("def f(a+b):\n    pass\n")
    (bench.draft / "a.py").write_text("f(a+b)\r\nother\r\n")
    plain = await bench.call("search", pattern="a+b")
    assert plain.text == "2 matching lines in 2 files\na.py:1: f(a+b)\nb/x.py:1: def f(a+b):"
    regex = await bench.call("search", pattern=r"^def \w+", regex=True, context=1)
    assert regex.text == "1 matching line in 1 file\nb/x.py:1: def f(a+b):\nb/x.py:2-     pass"
    assert "a.py" not in (await bench.call("search", pattern="f", glob="b/**")).text
    assert (await bench.call("search", pattern="OTHER", ignore_case=True, path="a.py")).text.endswith("a.py:2: other")
    assert (await bench.call("search", pattern="-e")).text.startswith("No match")


async def test_search_leaves_out_ignored_files_git_and_dependencies_unless_asked(bench: Bench) -> None:
    (bench.draft / ".gitignore").write_text("build/\n")
    (bench.draft / "build").mkdir()
    (bench.draft / "build" / "out.txt").write_text("needle\n")
    (bench.draft / ".git").mkdir()
    (bench.draft / ".git" / "x").write_text("needle\n")
    (bench.draft / ".hidden").write_text("needle\n")
    assert (await bench.call("search", pattern="needle")).text.splitlines()[1:] == [".hidden:1: needle"]
    everything = (await bench.call("search", pattern="needle", include_ignored=True)).text
    assert "build/out.txt:1: needle" in everything
    assert ".git/x" not in everything
    assert ".venv/lib/dep.py:1: needle = 1" in (await bench.call("search", pattern="needle", path=".venv")).text


async def test_search_is_bounded_and_says_so(bench: Bench) -> None:
    (bench.draft / "many").write_text("needle\n" * 5_000)
    (bench.draft / "wide").write_text("needle " + "x" * 100_000 + "\n")
    limited = (await bench.call("search", pattern="needle", limit=3)).text
    assert limited.splitlines()[0] == "5001 matching lines in 2 files; 3 shown here, go on with after='0.1.3:many'"
    assert len(limited.splitlines()) == 4
    wide = (await bench.call("search", pattern="needle", path="wide")).text
    assert len(wide) < 500
    (bench.draft / "many").write_text(("needle " + "y" * 280 + "\n") * 1_000)
    full = (await bench.call("search", pattern="needle", limit=1_000)).text
    assert len(full) <= MAX_BYTES + 200
    assert "shown here, go on with after='0.1." in full.splitlines()[0]


async def test_the_cursor_leads_through_all_matches_once(bench: Bench) -> None:
    for number in range(7):
        (bench.draft / f"f{number}").write_text("needle\nother\nneedle\nneedle\n")
    rows: list[str] = []
    after: str | None = None
    for _ in range(30):
        text = (await bench.call("search", pattern="needle", limit=2, **({"after": after} if after else {}))).text
        summary, *shown = text.splitlines()
        rows += shown
        if "after='" not in summary:
            break
        after = summary.split("after='")[1].split("'")[0]
    assert rows == [f"f{number}:{line}: needle" for number in range(7) for line in (1, 3, 4)]
    assert (await bench.call("search", pattern="needle", after="nonsense")).code == "bad_cursor"


async def test_a_definition_comes_before_uses(bench: Bench) -> None:
    (bench.draft / "a.py").write_text("from z import needle\nneedle()\n")
    (bench.draft / "z.py").write_text("x = 1\ndef needle():\n    pass\n")
    found = (await bench.call("search", pattern="needle")).text
    assert found.splitlines()[1:] == ["z.py:2: def needle():", "a.py:1: from z import needle", "a.py:2: needle()"]


async def test_very_many_matches_come_by_path_and_are_said_to_be_more(bench: Bench) -> None:
    for number in range(6):
        (bench.draft / f"f{number}").write_text("needle\n" * 2_000)
    found = (await bench.call("search", pattern="needle", limit=1)).text
    assert found.splitlines()[1] == "f0:1: needle"
    assert "stopped at 10,000 matching lines; there may be more" in found


async def test_a_folder_s_own_ripgrep_settings_have_no_say(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    (bench.draft / "a").write_text("needle\n")
    (bench.draft / ".ripgreprc").write_text("--invert-match\n")
    monkeypatch.setenv("RIPGREP_CONFIG_PATH", str(bench.draft / ".ripgreprc"))
    assert (await bench.call("search", pattern="needle", path="a")).text.splitlines()[1:] == ["a:1: needle"]


async def test_a_bad_expression_is_the_models_mistake(bench: Bench) -> None:
    result = await bench.call("search", pattern="(", regex=True)
    assert (result.kind, result.code) == ("mistake", "bad_pattern")
    assert (await bench.call("search", pattern="x", path="nowhere")).code == "no_such_file"


async def test_search_that_finds_nothing_says_what_may_help(bench: Bench) -> None:
    (bench.draft / "a").write_text("b\n")
    missed = (await bench.call("search", pattern="a|b")).text
    assert missed == "No match: `|` is plain text here; use regex=true for an expression."
    assert (await bench.call("search", pattern="a|c", regex=True)).text.startswith("No match; not tried: ignore_case")
    assert "include_ignored=true" in (await bench.call("search", pattern="B")).text


async def test_search_counts_files_also_when_lines_around_a_match_come_first(bench: Bench) -> None:
    (bench.draft / "a").write_text("before\nneedle\nafter\nneedle\n")
    (bench.draft / "b").write_text("before\nneedle\n")
    found = (await bench.call("search", pattern="needle", context=1)).text
    assert found.splitlines()[0] == "3 matching lines in 2 files"


async def test_search_is_told_with_its_pattern_as_it_was_written(bench: Bench) -> None:
    assert (await bench.call("search", pattern=r"^\[(", path="src")).title == r'search "^\[("'
    (bench.draft / "src").mkdir()
    assert (await bench.call("search", pattern="it's", path="src")).title == 'search "it\'s" in src'


async def test_search_goes_through_all_roots_and_reads_bytes_that_are_not_utf8(bench: Bench) -> None:
    other = bench.add_root("lib")
    (other / "x").write_bytes(b"needle \xe9\n")
    (bench.draft / "y").write_text("needle\n")
    text = (await bench.call("search", pattern="needle")).text
    assert text == "2 matching lines in 2 files\nws/y:1: needle\nlib/x:1: needle \ufffd"


async def test_edit_and_read_start_no_process(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    monkeypatch.setattr(os, "fork", refuse)
    await bench.call("write", path="a.py", content="x = 1\n")
    await bench.call("edit", path="a.py", old="1", new="2")
    assert "x = 2" in (await bench.call("read", path="a.py")).text
