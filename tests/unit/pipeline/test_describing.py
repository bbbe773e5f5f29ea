"""What a model wrote of a proposal is brought into form, and what is of no use is not taken."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from draftsmith.pipeline.describing import (
    BODY_CHARACTERS,
    SUBJECT_CHARACTERS,
    TITLE_CHARACTERS,
    read_description,
)

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=200),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def read(**fields: Any) -> str:
    found = read_description(json.dumps(fields), "m")
    assert found is not None
    return found.commit_message


def test_subject_and_body_stand_apart_and_full_stops_go() -> None:
    assert read(title="t", subject=" Let  add\nadd. ", body="Why.\r\n") == "Let add add\n\nWhy."
    assert read(title="t", subject="Let add add", body=" \n") == "Let add add"
    assert read(title=None, subject="Let add add", body=["no text"]) == "Let add add"


def test_what_a_terminal_would_act_on_is_left_out() -> None:
    assert read(title="", subject="A\x1b[31m red\x07", body="b\x00\u202eb") == "A[31m red\n\nbb"


@pytest.mark.parametrize("text", ["", "Gladly!", "[]", "{}", '{"subject": 7}', '{"subject": " . "}', "[" * 100_000])
def test_what_holds_no_subject_is_of_no_use(text: str) -> None:
    assert read_description(text, "m") is None


@given(ANYTHING, ANYTHING, ANYTHING)
def test_whatever_is_written_the_message_has_its_form(title: Any, subject: Any, body: Any) -> None:
    found = read_description(json.dumps({"title": title, "subject": subject, "body": body}), "m")
    if found is None:
        return
    first, _, rest = found.commit_message.partition("\n\n")
    assert 0 < len(first) <= SUBJECT_CHARACTERS
    assert "\n" not in first + found.title
    assert len(found.title) <= TITLE_CHARACTERS
    assert len(rest) <= BODY_CHARACTERS
    assert all(one.isprintable() or one in "\n\t" for one in found.commit_message)
