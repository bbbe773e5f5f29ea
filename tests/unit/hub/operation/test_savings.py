"""What would have cost less, held to the record by hand and by properties."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from draftsmith.domain.conversation import Role
from draftsmith.domain.figures import Figures
from draftsmith.domain.savings import ENOUGH_SESSIONS, ENOUGH_TASKS, Budget, SessionCost, budget, other_models

FIGURES = st.builds(
    lambda tasks, bad, cost, unpriced: Figures(
        calls=tasks + unpriced, tasks=tasks, good_tasks=max(0, tasks - bad), nano_usd=cost, unpriced_calls=unpriced
    ),
    st.integers(0, 12),
    st.integers(0, 6),
    st.integers(0, 10**12),
    st.sampled_from((0, 0, 0, 1)),
)
RECORD = st.dictionaries(
    st.tuples(st.sampled_from(("a/one", "b/two", "c/three")), st.sampled_from(("code", "plan"))), FIGURES, max_size=6
)


def test_the_arithmetic_of_one_suggestion() -> None:
    record: dict[tuple[str, Role], Figures] = {
        ("dear/m", "code"): Figures(tasks=10, good_tasks=8, nano_usd=5_000_000_000),
        ("cheap/m", "code"): Figures(tasks=6, good_tasks=5, nano_usd=600_000_000),
        ("worse/m", "code"): Figures(tasks=20, good_tasks=10, nano_usd=20_000_000),
        ("cheap/m", "plan"): Figures(tasks=9, good_tasks=9, nano_usd=1),
    }
    (saving,), left = other_models(record)
    assert (saving.model, saving.other, saving.saving) == ("dear/m", "cheap/m", 10 * (500_000_000 - 100_000_000))
    assert [(one.model, one.role, one.reason) for one in left] == [("cheap/m", "plan", "alone")]


def test_too_little_or_unpriced_work_is_not_compared_and_said() -> None:
    record: dict[tuple[str, Role], Figures] = {
        ("few/m", "code"): Figures(tasks=ENOUGH_TASKS - 1, good_tasks=4, nano_usd=1),
        ("unknown/m", "code"): Figures(tasks=9, good_tasks=9, nano_usd=0, unpriced_calls=1),
        ("dear/m", "code"): Figures(tasks=9, good_tasks=9, nano_usd=10**9),
        ("idle/m", "quick"): Figures(calls=4),
    }
    found, left = other_models(record)
    assert found == ()
    assert {(one.model, one.reason) for one in left} == {
        ("few/m", "few"),
        ("unknown/m", "unpriced"),
        ("dear/m", "alone"),
    }


@given(RECORD)
def test_a_suggestion_is_never_worse_nor_unfounded_nor_more_than_was_spent(
    record: dict[tuple[str, Role], Figures],
) -> None:
    found, left = other_models(record)
    for one in found:
        assert record[one.model, one.role] == one.mine
        assert record[one.other, one.role] == one.others
        assert min(one.mine.tasks, one.others.tasks) >= ENOUGH_TASKS
        assert one.others.good_tasks / one.others.tasks >= one.mine.good_tasks / one.mine.tasks - 1e-12
        assert 0 < one.saving <= one.mine.nano_usd
    assert len({(one.model, one.role) for one in found}) == len(found)
    assert {(one.model, one.role) for one in left}.isdisjoint({(one.model, one.role) for one in found})


def costs(good: list[int], lost: list[int]) -> list[SessionCost]:
    return [SessionCost(good=True, nano_usd=one) for one in good] + [
        SessionCost(good=False, nano_usd=one) for one in lost
    ]


def test_a_budget_saves_what_lost_sessions_cost_above_the_dearest_good_one() -> None:
    found = budget(costs([1, 2, 3, 4, 50], [60, 10, 80]))
    assert found == Budget(limit=50, good=5, lost=3, over=2, saving=10 + 30)


def test_too_few_good_sessions_say_nothing_of_a_budget() -> None:
    assert budget(costs([9] * (ENOUGH_SESSIONS - 1), [100])) is None
    assert budget(costs([9] * ENOUGH_SESSIONS, [9])) is None
    assert budget(costs([0] * 20, [100])) is None, "a price was never known"
