"""Hunks after an apply: what may be seen of them, and that any legal order of it folds."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from draftsmith.domain.codec import decode_envelope, encode_envelope
from draftsmith.domain.ids import ApplyId, HunkId
from draftsmith.domain.proposal import APPLIED, OBSERVABLE, BufferEdit, HunkStatus
from draftsmith.domain.session import commands as c
from draftsmith.domain.session import events as e
from draftsmith.domain.session.rules import refusal
from draftsmith.domain.session.state import SessionState
from unit.domain import histories as h
from unit.domain.histories import Story

NAMES = ("h1", "h2", "h3")


def proposed() -> Story:
    return Story().tell(h.started(autonomy="ask"), h.base(), h.proposal_made(*NAMES))


def edit(*hunks: str) -> BufferEdit:
    return BufferEdit(
        client="vscode", holder="e1", path="a", root=0, before="b" * 64, after="a" * 64, hunks=h.hunk_ids(*hunks)
    )


def in_buffer(*hunks: str) -> Story:
    story = proposed().tell(h.accepted(*hunks))
    story.tell(dataclasses.replace(h.apply_intended("y1", *hunks), buffers=(edit(*hunks),)))
    return story.tell(
        e.ApplyFinished(apply_id=ApplyId("y1"), results=sum((h.result(one, "in_buffer") for one in hunks), ()))
    )


def finished(apply: str, hunk: str, ended: HunkStatus) -> e.ApplyFinished:
    return e.ApplyFinished(apply_id=ApplyId(apply), results=h.result(hunk, ended))


def status(state: SessionState, hunk: str) -> HunkStatus:
    assert state.proposal is not None
    return next(one.status for one in state.proposal.hunks if one.hunk_id == hunk)


@pytest.mark.parametrize(
    ("story", "event", "sentence"),
    [
        (proposed(), h.observed(h1="in_buffer"), "Hunk h1 was never written anywhere."),
        (in_buffer("h1"), h.observed(h2="on_disk"), "Hunk h2 was never written anywhere."),
        (in_buffer("h1"), h.observed(h1="reverted"), "Hunk h1 cannot be seen to be reverted."),
        (in_buffer("h1"), h.observed(h1="accepted"), "Hunk h1 cannot be seen to be accepted."),
        (
            in_buffer("h1").tell(h.observed(h1="pending"), h.rejected("h1")),
            h.observed(h1="pending"),
            "Hunk h1 is rejected; it cannot go from where it is not.",
        ),
        (
            in_buffer("h1").tell(h.observed(h1="pending"), h.accepted("h1")),
            h.observed(h1="on_disk"),
            "Hunk h1 is being written; what is seen of it is the outcome of the apply.",
        ),
    ],
)
def test_what_cannot_be_seen_is_refused(story: Story, event: e.SessionEvent, sentence: str) -> None:
    assert story.refuses(event) == sentence


def test_a_hunk_that_is_undone_saved_and_closed_again_goes_where_it_is_seen() -> None:
    story = in_buffer("h1", "h2", "h3")
    assert story.state.status == "finished"
    assert story.tell(h.observed(h2="pending")).state.status == "proposed"
    assert story.tell(h.observed(h2="in_buffer")).state.status == "finished"
    story.tell(h.observed(h1="on_disk", h2="on_disk", h3="pending"), h.rejected("h3"))
    assert story.state.status == "finished"
    story.tell(h.observed(h3="in_buffer"))
    assert [status(story.state, name) for name in NAMES] == ["on_disk", "on_disk", "in_buffer"]


def test_the_intent_names_buffers_and_the_record_keeps_them() -> None:
    story = proposed()
    begin = c.BeginApply(
        apply_id=ApplyId("y1"), hunks=h.hunk_ids("h1"), document=h.DocumentId("doc"), buffers=(edit("h1"),)
    )
    story.ask(begin)
    assert story.state.apply is not None
    assert story.state.apply.buffers == (edit("h1"),)
    story.tell(h.apply_finished("y1", h1="in_buffer"))
    assert story.state.applies[-1].buffers == (edit("h1"),)
    assert h.stored(story.envelopes) == story.envelopes


def test_an_intent_of_before_there_were_buffers_is_read() -> None:
    fields = encode_envelope(h.envelope(h.apply_intended("y1", "h1"), version=1))
    del fields["body"]["buffers"]
    fields["kind_version"] = 1
    assert decode_envelope(fields).event == h.apply_intended("y1", "h1")


def test_an_undo_that_took_nothing_back_can_be_tried_again() -> None:
    story = in_buffer("h1").tell(h.apply_intended("y2", "h1", undoes="y1"), h.apply_finished("y2", h1="in_buffer"))
    assert not story.state.applies[0].undone
    story.tell(h.apply_intended("y3", "h1", undoes="y1"), h.apply_finished("y3", h1="reverted"))
    assert story.state.applies[0].undone


DOINGS = st.lists(
    st.tuples(st.sampled_from(["accept", "reject", "see", "undo"]), st.sampled_from(NAMES), st.integers(0, 3)),
    max_size=25,
)
SEEN: tuple[HunkStatus, ...] = tuple(sorted(OBSERVABLE))
ENDS: tuple[HunkStatus, ...] = ("in_buffer", "on_disk", "pending", "conflicted")


@given(DOINGS)
def test_any_legal_order_of_applies_and_observations_folds_to_what_was_last_said(
    doings: list[tuple[str, str, int]],
) -> None:
    story = proposed()
    expected: dict[str, HunkStatus] = dict.fromkeys(NAMES, "pending")
    for number, (doing, name, which) in enumerate(doings):
        apply = f"y{number}"
        match doing:
            case "accept" if not refusal(story.state, h.accepted(name)):
                story.tell(h.accepted(name), h.apply_intended(apply, name))
                expected[name] = ENDS[which]
                story.tell(finished(apply, name, ENDS[which]))
            case "reject" if not refusal(story.state, h.rejected(name)):
                story.tell(h.rejected(name))
                expected[name] = "rejected"
            case "see":
                event = e.HunksObserved(results=h.result(name, SEEN[which % len(SEEN)]))
                applied = any(HunkId(name) in record.hunks for record in story.state.applies)
                legal = applied and (SEEN[which % len(SEEN)] != "pending" or expected[name] in APPLIED)
                assert (refusal(story.state, event) is None) == legal
                if legal:
                    story.tell(event)
                    expected[name] = SEEN[which % len(SEEN)]
            case "undo":
                _undo(story, apply, name, expected)
            case _:
                pass
        assert {one: status(story.state, one) for one in NAMES} == expected
        settled = all(found in APPLIED or found == "rejected" for found in expected.values())
        assert story.state.status == ("finished" if settled else "proposed")
    assert h.stored(story.envelopes) == story.envelopes
    assert h.fold(story.envelopes) == story.state


def _undo(story: Story, apply: str, name: str, expected: dict[str, HunkStatus]) -> None:
    mine = [one for one in story.state.applies if one.undoes is None and not one.undone and HunkId(name) in one.hunks]
    if mine:
        story.tell(h.apply_intended(apply, name, undoes=mine[-1].apply_id), finished(apply, name, "reverted"))
        expected[name] = "reverted"
