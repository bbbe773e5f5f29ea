"""Endpoints that fail at random, up to four calls in ten: every session ends well, nothing is done or paid twice."""

from __future__ import annotations

import pytest

from harness.chaos import TIGHT, run
from isolation import short_folder


@pytest.mark.timeout(400)
async def test_failing_endpoints_lose_no_session_and_no_effect_and_pass_no_budget() -> None:
    with short_folder("ds-") as folder:
        report = await run(10, seed=7, folder=folder, limit=10**10)
    assert not report.wrong, report.table()
    assert sum(report.faults.values()) >= 5, "the endpoints hardly failed: the test shows nothing"
    assert any(one.ended == "proposed and accepted" for one in report.outcomes)


@pytest.mark.timeout(400)
async def test_a_budget_of_all_holds_against_what_the_endpoints_bill() -> None:
    with short_folder("ds-") as folder:
        report = await run(6, seed=11, folder=folder, limit=2 * TIGHT)
    assert not report.wrong, report.table()
    assert any(one.ended == "stopped by a budget" for one in report.outcomes), "the limit struck nobody"
    assert report.billed
