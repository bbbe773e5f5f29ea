"""Text as bytes say it: encoding, byte order mark, line ends and final newline are found, kept and never guessed anew.

A file that cannot be decoded and encoded back to the same bytes is refused. No disk is touched here.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Literal

from draftsmith.domain.errors import ToolFailure

Encoding = Literal["utf-8", "utf-8-bom", "utf-16-le", "utf-16-be", "latin-1", "unknown-8bit"]
"""`unknown-8bit`: not UTF-8, and it has bytes that Latin-1 text has not; only ASCII may be put into it."""

LineEnd = Literal["\n", "\r\n"]
"""A lone CR is a character like others, as it is for git, compilers and ripgrep."""

_CODECS: dict[Encoding, tuple[str, bytes]] = {
    "utf-8": ("utf-8", b""),
    "utf-8-bom": ("utf-8", codecs.BOM_UTF8),
    "utf-16-le": ("utf-16-le", codecs.BOM_UTF16_LE),
    "utf-16-be": ("utf-16-be", codecs.BOM_UTF16_BE),
    "latin-1": ("latin-1", b""),
    "unknown-8bit": ("latin-1", b""),
}
_BINARY_CONTROLS = re.compile(rb"[\x00-\x06\x0e-\x1a\x1c-\x1f]")
_UPPER_CONTROLS = re.compile(rb"[\x80-\x9f]")
_LINE_END = re.compile(r"\r\n|\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFile:
    """`text` has the file's own line ends and no byte order mark; `raw` is what it was decoded from."""

    raw: bytes
    text: str
    encoding: Encoding

    @property
    def line_end(self) -> LineEnd:
        """The most frequent line end; LF for a file of one line."""
        return prevailing_line_end(self.text) or "\n"

    @property
    def mixed_line_ends(self) -> bool:
        return len(set(_LINE_END.findall(self.text))) > 1

    def byte_offset(self, index: int) -> int:
        """Where the character at `index` begins in `raw`."""
        codec, mark = _CODECS[self.encoding]
        return len(mark) + len(self.text[:index].encode(codec))

    def encode(self, text: str) -> bytes:
        """A piece of text in the file's encoding, without byte order mark.

        Raises `ToolFailure` (`not_encodable`) where the encoding has no such character.
        """
        codec = "ascii" if self.encoding == "unknown-8bit" else _CODECS[self.encoding][0]
        try:
            return text.encode(codec)
        except UnicodeEncodeError as failure:
            raise ToolFailure(
                f"The file is {describe_encoding(self.encoding)}, which cannot hold {text[failure.start]!r}.",
                code="not_encodable",
                remedy="Use characters that it can hold, or an escape of the language.",
            ) from failure

    def encode_kept(self, text: str) -> bytes:
        """A piece of the file's own text as the bytes it was decoded from."""
        return text.encode(_CODECS[self.encoding][0])

    def encode_whole(self, text: str) -> bytes:
        """A whole new content, with the file's byte order mark."""
        return _CODECS[self.encoding][1] + self.encode(text)


def decode(raw: bytes) -> TextFile:
    """Raises `ToolFailure` (`binary_file`) for bytes that are no text."""
    for encoding in ("utf-8-bom", "utf-16-le", "utf-16-be"):
        codec, mark = _CODECS[encoding]
        # The mark of UTF-32 begins like that of UTF-16.
        if raw.startswith(mark) and not raw.startswith(codecs.BOM_UTF32_LE):
            return TextFile(raw=raw, text=_strict(raw[len(mark) :], codec), encoding=encoding)
    if b"\x00" in raw:
        raise _binary("it holds zero bytes")
    try:
        return TextFile(raw=raw, text=raw.decode("utf-8"), encoding="utf-8")
    except UnicodeDecodeError:
        pass
    if _BINARY_CONTROLS.search(raw):
        raise _binary("it is not UTF-8 and holds control bytes")
    encoding: Encoding = "unknown-8bit" if _UPPER_CONTROLS.search(raw) else "latin-1"
    return TextFile(raw=raw, text=raw.decode("latin-1"), encoding=encoding)


def _strict(raw: bytes, codec: str) -> str:
    try:
        text = raw.decode(codec)
    except UnicodeDecodeError as failure:
        raise _binary(f"it has the byte order mark of {codec} but is not valid as such") from failure
    if "\x00" in text:
        raise _binary("it holds zero characters")
    return text


def _binary(why: str) -> ToolFailure:
    return ToolFailure(
        f"The file is not text: {why}.", code="binary_file", remedy="Binary files can be moved and deleted, not edited."
    )


def describe_encoding(encoding: Encoding) -> str:
    """For messages."""
    match encoding:
        case "utf-8":
            return "UTF-8"
        case "utf-8-bom":
            return "UTF-8 with a byte order mark"
        case "utf-16-le" | "utf-16-be":
            return "UTF-16"
        case "latin-1":
            return "Latin-1"
        case "unknown-8bit":
            return "text in an unknown 8-bit encoding"


def prevailing_line_end(text: str) -> LineEnd | None:
    """The most frequent line end, None without any; on a tie the one that occurs first."""
    pairs = text.count("\r\n")
    singles = text.count("\n") - pairs
    if pairs == singles:
        first = _LINE_END.search(text)
        if first is None:
            return None
        return "\r\n" if first[0] == "\r\n" else "\n"
    return "\r\n" if pairs > singles else "\n"


def with_line_end(text: str, line_end: LineEnd) -> str:
    """All line ends of `text` as `line_end`."""
    return _LINE_END.sub(line_end, text)


def split_lines(text: str) -> list[str]:
    """Lines with their ends; a final piece without one is a line too. "" has none."""
    lines = [f"{piece}\n" for piece in text.split("\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines


def strip_line_end(line: str) -> str:
    """A line of `split_lines` without its end."""
    if line.endswith("\r\n"):
        return line[:-2]
    return line.removesuffix("\n")
