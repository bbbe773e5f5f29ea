"""A shell line as the programs that it runs, however they are written, wrapped or handed on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from draftsmith.code.shell.view import MAX_USES, view


def programs(line: str) -> list[str]:
    return [one.program for one in view(line).uses]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("ls -la", ["ls"]),
        ("cat a | grep b | wc -l", ["cat", "grep", "wc"]),
        ("a && b || c; d & e", ["a", "b", "c", "d", "e"]),
        ("if a; then b; elif c; then d; else e; fi", ["a", "b", "c", "d", "e"]),
        ("for f in *.py; do a; done; while b; do c; done; case x in y) d;; esac", ["a", "b", "c", "d"]),
        ("(a; b) && { c; }", ["a", "b", "c"]),
        ("f() { a; }; f", ["a", "f"]),
        ("echo $(a `b`) <(c) >(d)", ["echo", "a", "b", "c", "d"]),
        ('echo "x $(a) y"', ["echo", "a"]),
        ("X=$(a) b", ["a", "b"]),
        ("cat <<E\n$(a)\nE", ["cat", "a"]),
        ("cat <<'E'\n$(a)\nE", ["cat"]),
        ("! a", ["a"]),
        ("[[ -n $(a) ]] && b", ["a", "b"]),
        ("sh -c 'a; b'", ["sh", "a", "b"]),
        ("bash -euo pipefail -c 'a'", ["bash", "a"]),
        ("sudo -u root env -i FOO=1 nice -n 3 timeout -k 5 10 a b", ["sudo", "env", "nice", "timeout", "a"]),
        ("env -S 'a b'", ["env", "a"]),
        ("command a; builtin b; exec c", ["command", "a", "builtin", "b", "exec", "c"]),
        ("find . -name x -exec a {} \\; -execdir b {} +", ["find", "a", "b"]),
        ("ls | xargs -n 1 -I{} sh -c 'a {}'", ["ls", "xargs", "sh", "a"]),
        ("eval 'a b'; trap 'c' EXIT", ["eval", "a", "trap", "c"]),
        ("time make; coproc a", ["time", "make", "coproc", "a"]),
        ("sh -c \"sh -c 'a'\"", ["sh", "sh", "a"]),
        ("script -qc 'a b' /dev/null", ["script", "a"]),
        ("watch -n 1 'a b'", ["watch", "a"]),
    ],
)
def test_every_program_of_a_line_is_found(line: str, expected: list[str]) -> None:
    assert sorted(programs(line)) == sorted(expected)


@pytest.mark.parametrize(
    "line",
    [
        "git push",
        "g\\it pu\\sh",
        "'git' \"push\"",
        "$'gi\\x74' push",
        "g'i't pu\"s\"h",
        "/usr/bin/git push",
        "git \\\n push",
    ],
)
def test_quotes_and_escapes_hide_nothing(line: str) -> None:
    [use] = view(line).uses
    assert (use.program, use.words, use.kind) == ("git", ("push",), "network")


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("$X a", "computed"),
        ("$(which curl) a", "computed"),
        ("g{i,}t push", "computed"),
        ("/usr/bin/cur? x", "computed"),
        ('eval "$X"', "computed"),
        ('sh -c "$X"', "computed"),
        ("find . -exec $X {} \\;", "computed"),
        ("sudo $X", "computed"),
        ("curl x | sh", "from its input"),
        ("bash <<E\na\nE", "from its input"),
        ("PATH=. ls", "PATH"),
        ("export LD_PRELOAD=./x.so", "LD_PRELOAD"),
        ("env BASH_ENV=x bash a", "BASH_ENV"),
        ("alias ls=rm", "alias"),
        ("a ) b", "not shell"),
        ("a " * 40_000, "too long"),
        (";".join(["a"] * (MAX_USES + 1)), "too long"),
    ],
)
def test_what_cannot_be_told_is_said(line: str, word: str) -> None:
    assert any(word in one for one in view(line).opaque), view(line).opaque


@pytest.mark.parametrize(
    "line",
    [
        "ls",
        'for f in *; do cat "$f"; done',
        "X=1 make test",
        "cd a && npm test",
        "$HOME/bin/tool x",
        "bash run.sh",
        "echo $X > $Y",
    ],
)
def test_everyday_lines_are_understood(line: str) -> None:
    assert view(line).opaque == ()


@pytest.mark.parametrize(
    ("line", "writes"),
    [
        ("a > x >> y 2>&1", ("x", "y")),
        ("a &> x; b >| y", ("x", "y")),
        ("a < x", ()),
        ("a > /dev/null 2> 'b c'", ("b c",)),
        ("{ a; b; } > x", ("x",)),
    ],
)
def test_redirections_name_what_is_written(line: str, writes: tuple[str, ...]) -> None:
    assert view(line).writes == writes


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("cat a", "reads"),
        ("./cat a", "works"),
        ("make", "works"),
        ("git status", "works"),
        ("git -C x push", "network"),
        ("npm publish", "network"),
        ("npm test", "works"),
        ("rm -rf .", "destructive"),
        ("rm -r build", "works"),
        ("git reset --hard", "destructive"),
        ("git reset HEAD a", "works"),
        ("python -c 'x'", "code"),
        ("python a.py", "works"),
        ("find . -delete", "works"),
        ("find . -name a", "reads"),
    ],
)
def test_what_a_program_does_is_known(line: str, kind: str) -> None:
    assert view(line).uses[0].kind == kind


def test_a_program_of_the_workspace_is_not_the_one_it_is_named_like() -> None:
    assert [one.located for one in view('./ls; bin/ls; /usr/bin/ls; ls; "$X/bin/ls"').uses] == [
        "./ls",
        "bin/ls",
        "",
        "",
        "…/ls",
    ]


WORDS = (
    "a sh -c ' \" $( ) ` | && ; > < { } $X \\ eval xargs env -S find -exec $' \\x if then fi case esac in * [ [[ # &"
)
PIECES = st.sampled_from([*WORDS.split(" "), "<<E\n", "\nE\n", "\n", "\0"])


@given(st.lists(PIECES, max_size=25).map(" ".join) | st.lists(PIECES, max_size=25).map("".join) | st.text(max_size=60))
def test_no_line_is_too_odd_to_look_at(line: str) -> None:
    seen = view(line)
    assert all(isinstance(one.program, str) for one in seen.uses)
    assert all("\0" not in one or "\0" in line for one in seen.opaque)


NAMES = st.text("abcdefgh", min_size=1, max_size=6).map(lambda name: f"x{name}")
"""Names that are no program that is known."""


@given(
    NAMES,
    st.lists(
        st.sampled_from(["quote", "split", "path", "sh", "env", "sub", "list", "xargs", "find", "group"]), max_size=4
    ),
)
def test_no_wrapping_hides_a_program(name: str, ways: list[str]) -> None:
    line = name
    for way in ways:
        quoted = line.replace("'", "'\\''")
        line = {
            "quote": line if " " in line else f"'{line}'" if "'" not in line else line,
            "split": line.replace("x", "x''", 1) if line == name else line,
            "path": f"/usr/bin/{line}" if line == name else line,
            "sh": f"sh -c '{quoted}'",
            "env": f"env A=1 sh -c '{quoted}'",
            "sub": f"echo $({line})",
            "list": f"true && {line} | cat",
            "xargs": f"xargs sh -c '{quoted}'",
            "find": f"find . -exec sh -c '{quoted}' \\;",
            "group": f"( {line} )",
        }[way]
    seen = view(line)
    assert name in [one.program for one in seen.uses] or seen.opaque, line
