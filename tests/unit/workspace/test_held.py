"""Text of editors in the form of files and back, and the edits that lead from one text to the other."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from draftsmith.domain.errors import AdapterError
from draftsmith.workspace.apply import carry_out, plan_hunks
from draftsmith.workspace.applyplan import ApplyPlan
from draftsmith.workspace.held import Holder, hash_of, hashes_of_file, held_text, replacements, shown_text
from draftsmith.workspace.planrecord import decode_plan, encode_plan
from draftsmith.workspace.proposal import propose
from draftsmith.workspace.store import ObjectStore

from .conftest import fill, snap

HOLDER = Holder(client="vscode", name="e1")
LINES = st.lists(st.sampled_from(["a\n", "b\r\n", "naïve\n", "\U0001f600\n", "\n", "x\r\n"]), max_size=12)
TEXTS = st.builds(lambda lines, last: "".join(lines) + last, LINES, st.sampled_from(["", "end", "\U0001f600"]))


def applied(text: str, edits: list[tuple[int, int, str]]) -> str:
    """Replacements by offsets in UTF-16 code units, done the plain way."""
    units = text.encode("utf-16-le")
    for start, end, new in reversed(edits):
        units = units[: 2 * start] + new.encode("utf-16-le") + units[2 * end :]
    return units.decode("utf-16-le")


@given(TEXTS, TEXTS)
def test_replacements_lead_from_one_text_to_the_other(before: str, after: str) -> None:
    edits = [(one.start, one.end, one.text) for one in replacements(before, after)]
    assert applied(before, edits) == after
    assert all(first[1] <= second[0] for first, second in itertools.pairwise(edits)), "they overlap"


def test_what_is_alike_is_left_out() -> None:
    before = "".join(f"line {number}\n" for number in range(1_000))
    edits = replacements(before, before.replace("line 3\n", "three\n").replace("line 900\n", ""))
    assert [(before[one.start : one.end], one.text) for one in edits] == [("line 3\n", "three\n"), ("line 900\n", "")]


def test_very_many_differing_lines_are_one_replacement() -> None:
    before, after = "a\n" * 5_000 + "end", "b\n" * 5_000 + "end"
    edits = replacements(before, after)
    assert len(edits) == 1
    assert applied(before, [(edits[0].start, edits[0].end, edits[0].text)]) == after


@pytest.mark.parametrize(
    ("reference", "text", "content"),
    [
        (b"old\n", "new\u00e9\n", "new\u00e9\n".encode()),
        (b"\xef\xbb\xbfold\n", "new\n", b"\xef\xbb\xbfnew\n"),
        (b"caf\xe9\n", "caf\u00e9s\n", b"caf\xe9s\n"),
        (b"a\r\nb\r\n", "a\nc\n", b"a\r\nc\r\n"),
        (b"a\nb\n", "a\r\nc\r\n", b"a\nc\n"),
        (None, "new\n", b"new\n"),
    ],
    ids=["utf-8", "mark", "latin-1", "editor has LF", "editor has CRLF", "no file"],
)
def test_a_buffer_is_taken_as_the_file_would_have_it(reference: bytes | None, text: str, content: bytes) -> None:
    held = held_text(HOLDER, reference, text)
    assert held is not None
    assert held.content == content
    assert shown_text(held.content, held.line_end) == text


@pytest.mark.parametrize(
    ("reference", "text"),
    [(b"caf\xe9\n", "\u20ac\n"), (b"\0binary", "text"), (b"text\n", "half \ud83d\n"), (b"text\n", "\ufeffmark\n")],
    ids=["not in the encoding", "binary", "half a character", "a mark of its own"],
)
def test_what_could_not_be_written_back_is_not_taken(reference: bytes, text: str) -> None:
    assert held_text(HOLDER, reference, text) is None


@given(TEXTS, TEXTS)
def test_what_is_taken_comes_back_as_it_was(reference: str, text: str) -> None:
    held = held_text(HOLDER, reference.encode(), text)
    if held is not None:
        assert shown_text(held.content, held.line_end) == text


def test_a_buffer_whose_line_ends_were_made_alike_is_known_as_unchanged() -> None:
    hashes = hashes_of_file(b"\xef\xbb\xbfa\r\nb\n")
    assert hashes[hash_of("a\r\nb\n")] is None
    assert hashes[hash_of("a\nb\n")] == "\n"
    assert hashes[hash_of("a\r\nb\r\n")] == "\r\n"
    assert hashes_of_file(b"\0") == {}


async def planned(store: ObjectStore, root: Path, disk: bytes, draft: bytes, buffer: str) -> ApplyPlan:
    """What applying the difference of disk and draft would do to a buffer."""
    fill(root, {"f": disk})
    base = (await snap(store, root)).tree
    other = root.parent / "draft"
    other.mkdir()
    fill(other, {"f": draft})
    changes = await propose(store, base, (await snap(store, other)).tree)
    text = held_text(HOLDER, disk, buffer)
    assert text is not None
    hunks = [hunk.hunk_id for change in changes for hunk in change.hunks]
    return await plan_hunks(store, [root], changes, hunks, held={(0, "f"): text})


def shown_after(store: ObjectStore, plan: ApplyPlan) -> str | None:
    (file,) = plan.files
    assert file.after is not None
    assert file.buffer is not None
    return shown_text(store.read_blob(bytes.fromhex(file.after.blob)), file.buffer.line_end)


@pytest.mark.parametrize(
    ("disk", "draft", "buffer", "after"),
    [
        (b"a\n\xe9\nb\nc\nd\n", b"a\n\xe9\nb\nc\ndd\n", "a\n\u00e9, mine\nb\nc\nd\n", "a\n\u00e9, mine\nb\nc\ndd\n"),
        (b"a\r\nb\r\nc\r\nd\r\n", b"aa\r\nb\r\nc\r\nd\r\n", "a\nb\nc\nmine\n", "aa\nb\nc\nmine\n"),
        (b"\xef\xbb\xbfa\nb\nc\nd\n", b"\xef\xbb\xbfa\nb\nc\ndd\n", "mine\nb\nc\nd\n", "mine\nb\nc\ndd\n"),
    ],
    ids=["latin-1", "the editor has other line ends", "byte order mark"],
)
async def test_hunks_are_merged_into_a_buffer_in_its_own_form(
    store: ObjectStore, root: Path, disk: bytes, draft: bytes, buffer: str, after: str
) -> None:
    plan = await planned(store, root, disk, draft, buffer)
    assert [one.state for one in plan.outcomes] == ["applied"]
    assert shown_after(store, plan) == after
    assert decode_plan(encode_plan(plan)).files == plan.files
    assert await carry_out(store, [root], plan) == (), "what is an editor's is not written to disk"
    assert (root / "f").read_bytes() == disk


async def test_a_record_of_before_there_were_buffers_is_read(store: ObjectStore, root: Path) -> None:
    old = b'{"version":1,"keep":"k","files":[[0,"f",[33188,"aa"],[33188,"bb"],["h1"]]]}'
    plan = decode_plan(old)
    assert [(one.path, one.buffer, one.moved_from) for one in plan.files] == [("f", None, "")]
    assert [(one.hunk_id, one.state) for one in plan.outcomes] == [("h1", "applied")]
    for bad in (b'[0,"f",null,null,["h1"],["vscode","e1","?"],""]', b'[0,"f",null,null,["h1"],["vscode"],""]'):
        with pytest.raises(AdapterError, match="cannot be read"):
            decode_plan(b'{"version":2,"keep":"k","outcomes":[],"files":[%b]}' % bad)
