"""What must hold of every edit, whatever its format."""

from __future__ import annotations

from draftsmith.workspace.edit import EditOutcome


def check_only_the_range_changed(outcome: EditOutcome) -> None:
    """Bytes outside of the replaced ranges are the same, and the edit can be taken back."""
    before, after = 0, 0
    for each in outcome.replacements:
        gap = each.offset - before
        assert gap >= 0
        assert outcome.before[before : each.offset] == outcome.after[after : after + gap]
        assert outcome.before[each.offset : each.offset + len(each.old)] == each.old
        assert outcome.after[after + gap : after + gap + len(each.new)] == each.new
        before, after = each.offset + len(each.old), after + gap + len(each.new)
    assert outcome.before[before:] == outcome.after[after:]
    assert outcome.reverse(outcome.after) == outcome.before
