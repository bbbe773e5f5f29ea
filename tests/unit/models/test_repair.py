"""Repairs of tool calls: what plainly means one thing is mended, what could mean two stays as it was written."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from draftsmith.models.repair import json_reply, repaired_arguments, repaired_name

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.text(max_size=8), JSON, min_size=1, max_size=4)


@given(OBJECTS)
def test_valid_arguments_are_left_as_they_are(value: dict[str, object]) -> None:
    assert repaired_arguments(json.dumps(value)) == json.dumps(value)


@given(OBJECTS)
def test_an_empty_object_in_front_and_a_doubled_one_are_one(value: dict[str, object]) -> None:
    text = json.dumps(value)
    assert json.loads(repaired_arguments("{}" + text)) == value
    assert json.loads(repaired_arguments(text + text)) == value


@given(OBJECTS)
def test_what_python_would_write_is_read_as_json(value: dict[str, object]) -> None:
    assert json.loads(repaired_arguments(repr(value))) == value


@given(OBJECTS, st.integers(0, 400))
def test_a_text_cut_anywhere_is_whole_but_for_brackets_or_left_alone(value: dict[str, object], at: int) -> None:
    text = json.dumps(value)
    cut = text[: min(at, len(text))]
    mended = repaired_arguments(cut)
    if mended != cut:
        assert cut.rstrip()[-1] in '"}]'
        assert json.dumps(json.loads(mended)).startswith(cut.rstrip()[: cut.rfind('"') + 1])


@pytest.mark.parametrize(
    "text",
    ['{"path": "a.py<|', '{"a": 1', '{"a": tru', '{"a": "x", "b":', "[1]", '"x"', '{"a": 1} {"a": 2}', "{'a': {1}}"],
)
def test_what_could_mean_something_else_stays(text: str) -> None:
    assert repaired_arguments(text) == text


def test_a_missing_bracket_at_the_end_is_added() -> None:
    assert json.loads(repaired_arguments('{"edits": [{"path": "a.py", "text": "x}"')) == {
        "edits": [{"path": "a.py", "text": "x}"}]
    }


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("edit", "edit"),
        ("functions.edit", "edit"),
        ("Edit", "edit"),
        ("run-command", "run_command"),
        ("default_api:run_command", "run_command"),
        ("edits", "edits"),
    ],
)
def test_a_name_that_can_only_be_one_tool_is_that_tool(written: str, meant: str) -> None:
    assert repaired_name(written, ["edit", "run_command"]) == meant


def test_a_name_that_could_be_two_tools_stays() -> None:
    assert repaired_name("EDIT", ["edit", "Edit"]) == "EDIT"


@pytest.mark.parametrize(
    ("text", "found"), [('{"a": 1}', '{"a": 1}'), ("```json\n[1]\n```", "[1]"), ("Sure: {}", None), ("", None)]
)
def test_json_of_a_reply_is_taken_out_of_its_fence(text: str, found: str | None) -> None:
    assert json_reply(text) == found
