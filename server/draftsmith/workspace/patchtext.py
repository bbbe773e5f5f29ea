"""The text of a patch as files and hunks: unified differences, git's headers, and the `*** Update File` form.

Counts are not believed, fences are taken off; what cannot be read is refused with its line. Nothing is applied here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from draftsmith.domain.errors import ModelMistake

Kind = Literal[" ", "-", "+"]

_RANGE = re.compile(r"^@@ -(?P<start>\d+)(?:,(?P<old>\d+))? \+\d+(?:,(?P<new>\d+))? @@ ?(?P<heading>.*)$")
_BARE = re.compile(r"^@@(?: ?(?:-[^@]*)?@@)? ?(?P<heading>[^@]*)$")
_FENCE = re.compile(r"\A\s*```[a-z]*\n(.*?)\n?```\s*\Z", re.DOTALL)
_GIT = re.compile(r"^diff --git (?:\"?a/)(?P<old>.*?)\"? (?:\"?b/)(?P<new>.*?)\"?$")
_ESCAPE = re.compile(r"\\([0-7]{3}|.)")
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}
_SKIPPED = ("index ", "similarity index", "dissimilarity index", "old mode", "new mode", "# ", "Index: ", "=====")
_BEGIN_FORM = ("*** Begin Patch", "*** End Patch", "*** End of File")
NOWHERE = "/dev/null"


@dataclass(frozen=True, slots=True)
class HunkLine:
    kind: Kind
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hunk:
    """`old_open` and `new_open`: the side ends without a newline. `number` counts within the file, from 1; `at` is
    the line of the patch; `stated` the line of the file that its header names, 0 for none."""

    number: int
    at: int
    stated: int
    heading: str
    lines: tuple[HunkLine, ...]
    old_open: bool = False
    new_open: bool = False

    @property
    def name(self) -> str:
        return f"Hunk {self.number} (line {self.at} of the patch)"

    @property
    def old(self) -> list[str]:
        return [line.text for line in self.lines if line.kind != "+"]

    @property
    def new(self) -> list[str]:
        return [line.text for line in self.lines if line.kind != "-"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePatch:
    """What happens to one file: `old` None makes it, `new` None deletes it, two names move it."""

    old: str | None
    new: str | None
    hunks: tuple[Hunk, ...]

    @property
    def path(self) -> str:
        return self.new or self.old or ""


@dataclass(slots=True)
class _File:
    old: str | None = None
    new: str | None = None
    named: bool = False
    hunks: list[Hunk] = field(default_factory=list[Hunk])


@dataclass(slots=True)
class _Open:
    """The hunk being read; `left` are lines of either side that its counts still announce, None when it has none."""

    at: int
    stated: int
    heading: str
    left: list[int] | None
    lines: list[HunkLine] = field(default_factory=list[HunkLine])
    bare: int = 0
    old_open: bool = False
    new_open: bool = False


def parse_patch(text: str) -> tuple[FilePatch, ...]:
    """Raises `ModelMistake` (`patch_malformed`, `patch_binary`)."""
    fenced = _FENCE.match(text)
    reader = _Reader((fenced[1] if fenced else text).split("\n"))
    files = reader.read()
    if not files:
        raise _malformed("It names no file.")
    return files


def _malformed(problem: str) -> ModelMistake:
    return ModelMistake(
        f"The patch cannot be read. {problem}",
        code="patch_malformed",
        remedy="Write a unified diff: `--- a/path`, `+++ b/path`, `@@ -1,3 +1,4 @@`, then lines that begin with a"
        " blank (unchanged), `-` (removed) or `+` (added).",
    )


class _Reader:
    """One pass over the lines of a patch."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = [line.removesuffix("\r") for line in lines]
        self._files: list[_File] = []
        self._hunk: _Open | None = None
        self._signed = False

    def read(self) -> tuple[FilePatch, ...]:
        at = 0
        while at < len(self._lines) and not self._signed:
            at += self._take(at)
        self._close()
        return tuple(self._whole(file) for file in self._files)

    def _take(self, at: int) -> int:
        """Reads one line, or a header of two; how many were read."""
        line = self._lines[at]
        if self._is_header(at):
            self._close()
            self._names(line, self._lines[at + 1])
            return 2
        if line.startswith("@@"):
            self._begin(at, line)
        elif self._hunk is not None and line[:1] in (" ", "-", "+", "\\", "") and not self._is_signature(line):
            self._body(line)
        elif not self._header(line) and line.strip() and self._files:
            raise _malformed(f"Line {at + 1} is none of a diff: {line[:80]!r}.")
        return 1

    def _is_header(self, at: int) -> bool:
        if not self._lines[at].startswith("--- ") or at + 1 >= len(self._lines):
            return False
        if not self._lines[at + 1].startswith("+++ "):
            return False
        if self._hunk is None:
            return True
        # Within a hunk these may be a removed `-- x` and an added `++ y`; a header has hunks behind it.
        return at + 2 < len(self._lines) and self._lines[at + 2].startswith("@@") and self._hunk.left != [1, 1]

    def _is_signature(self, line: str) -> bool:
        """The two dashes under a mailed patch."""
        return line.rstrip() == "--" and self._hunk is not None and self._hunk.left == [0, 0]

    def _header(self, line: str) -> bool:
        """A line outside of hunks, or one that ends a hunk."""
        if git := _GIT.match(line):
            self._close()
            self._files.append(_File(old=_unquoted(git["old"]), new=_unquoted(git["new"])))
        elif line.startswith(("GIT binary patch", "Binary files ")):
            raise ModelMistake(
                "The patch holds a binary file.", code="patch_binary", remedy="Only text can be patched."
            )
        elif line.startswith("*** "):
            return self._starred(line)
        elif line.rstrip() == "--":
            self._close()
            self._signed = True
        elif self._files and not self._files[-1].hunks and self._extended(line):
            pass
        else:
            return line.startswith(_SKIPPED)
        return True

    def _extended(self, line: str) -> bool:
        """git's lines between `diff --git` and the names."""
        file = self._files[-1]
        word, _, rest = line.partition(" ")
        if line.startswith("new file mode"):
            file.old = None
        elif line.startswith("deleted file mode"):
            file.new = None
        elif word in ("rename", "copy") and rest.startswith("from "):
            file.old = _unquoted(rest[5:])
        elif word in ("rename", "copy") and rest.startswith("to "):
            file.new = _unquoted(rest[3:])
        else:
            return False
        return True

    def _starred(self, line: str) -> bool:
        if line.startswith(_BEGIN_FORM):
            self._close()
            return True
        what, _, path = line[4:].partition(": ")
        path = path.strip()
        match what:
            case "Update File":
                self._close()
                self._files.append(_File(old=path, new=path, named=True))
            case "Add File":
                self._close()
                self._files.append(_File(new=path, named=True))
                self._hunk = _Open(at=0, stated=0, heading="", left=None)
            case "Delete File":
                self._close()
                self._files.append(_File(old=path, named=True))
            case "Move to" if self._files:
                self._files[-1].new = path
            case _:
                return False
        return True

    def _names(self, old: str, new: str) -> None:
        first, second = _path(old), _path(new)
        if first and second and first.startswith("a/") and second.startswith("b/"):
            first, second = first[2:], second[2:]
        elif first is None and second:
            second = second.removeprefix("b/")
        elif second is None and first:
            first = first.removeprefix("a/")
        last = self._files[-1] if self._files else None
        if last is None or last.named or last.hunks:
            last = _File()
            self._files.append(last)
        last.old, last.new, last.named = first, second, True

    def _begin(self, at: int, line: str) -> None:
        self._close()
        if not self._files:
            raise _malformed(f"The hunk in line {at + 1} stands before any file's name.")
        if counted := _RANGE.match(line):
            left = [int(counted[side]) if counted[side] else 1 for side in ("old", "new")]
            self._hunk = _Open(at=at + 1, stated=int(counted["start"]), heading=counted["heading"], left=left)
        elif bare := _BARE.match(line):
            self._hunk = _Open(at=at + 1, stated=0, heading=bare["heading"], left=None)
        else:
            raise _malformed(f"Line {at + 1} is no hunk's beginning: {line[:80]!r}.")

    def _body(self, line: str) -> None:
        hunk = self._hunk
        if hunk is None:
            return
        if line.startswith("\\"):
            last = hunk.lines[-1].kind if hunk.lines else " "
            hunk.old_open = hunk.old_open or last != "+"
            hunk.new_open = hunk.new_open or last != "-"
            return
        kind: Kind = "-" if line[:1] == "-" else "+" if line[:1] == "+" else " "
        hunk.lines.append(HunkLine(kind, line[1:]))
        hunk.bare = hunk.bare + 1 if line == "" else 0
        if hunk.left is not None:
            hunk.left = [hunk.left[0] - (kind != "+"), hunk.left[1] - (kind != "-")]

    def _close(self) -> None:
        """The hunk at hand is whole. Empty lines at its end, without their blank, stand between hunks."""
        hunk, self._hunk = self._hunk, None
        if hunk is None:
            return
        lines, spare = hunk.lines, hunk.bare
        if hunk.left is not None and min(hunk.left) >= 0:
            spare = 0
        elif hunk.left is not None:
            spare = min(spare, -min(hunk.left))
        if spare:
            lines = lines[:-spare]
        file = self._files[-1]
        if lines:
            file.hunks.append(
                Hunk(
                    number=len(file.hunks) + 1,
                    at=hunk.at,
                    stated=hunk.stated,
                    heading=hunk.heading,
                    lines=tuple(lines),
                    old_open=hunk.old_open,
                    new_open=hunk.new_open,
                )
            )

    def _whole(self, file: _File) -> FilePatch:
        if file.old is None and file.new is None:
            raise _malformed("A file has no name.")
        return FilePatch(old=file.old, new=file.new, hunks=tuple(file.hunks))


def _path(line: str) -> str | None:
    """The name in a `---` or `+++` line, without a time after a tab; None for /dev/null."""
    name = line[4:]
    name = name.strip() if name.startswith('"') else name.split("\t", 1)[0].rstrip()
    name = _unquoted(name)
    return None if name == NOWHERE else name


def _unquoted(name: str) -> str:
    """git quotes names with unusual bytes."""
    if not (name.startswith('"') and name.endswith('"') and len(name) > 1):
        return name
    raw = _ESCAPE.sub(
        lambda found: chr(int(found[1], 8)) if len(found[1]) == 3 else _ESCAPED.get(found[1], found[1]), name[1:-1]
    )
    try:
        return raw.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return raw
