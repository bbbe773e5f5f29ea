"""Analytics: figures are those of the record, and each suggestion's arithmetic can be done again by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from draftsmith.domain.savings import ENOUGH_TASKS
from e2e.web.looking import axe, goto, shot
from e2e.web.site import Site

DEAR, CHEAP = "openai_compatible/dear", "openai_compatible/cheap"
RATES = {DEAR: 200 * 10**9, CHEAP: 10**9}


@pytest.fixture(scope="module")
def worked(site: Site) -> Iterator[Site]:
    """Two models did the same tasks; the one costs two hundred times what the other does."""
    endpoint = {"name": "compared", "base_url": site.vendor.openai_url, "models": ["dear", "cheap"]}
    site.call("models/endpoint", endpoint)
    sessions: list[str] = []
    for model, rate in RATES.items():
        site.call("models/facts", {"model": model, "facts": {"input_rate": rate, "output_rate": rate}})
        sessions += [
            site.start(site.workspace(f"{model[-5:]}{number}"), "Mend add", model=model)
            for number in range(ENOUGH_TASKS)
        ]
    for session_id in sessions:
        site.until(session_id, "proposed")
    yield site
    site.call("models/forget", {"name": "compared"})


def money(nano: int) -> str:
    dollars = nano / 1e9
    if dollars >= 0.1:
        return f"${dollars:.2f}"
    text = f"${dollars:.4f}"
    return text[:-2] if text.endswith("00") else text.removesuffix("0")


def test_before_the_first_session_it_says_that_there_is_nothing(site: Site, tab: Page) -> None:
    goto(tab, site, "/analytics")
    expect(tab.get_by_role("heading", name="Nothing in these days")).to_be_visible()
    axe(tab)


def test_the_figures_are_those_of_the_record(worked: Site, tab: Page) -> None:
    goto(tab, worked, "/analytics")
    usage = worked.call("usage/read", {"by": "model"})
    tile = tab.get_by_role("listitem").filter(has=tab.get_by_role("heading", name="Cost", exact=True))
    expect(tile).to_contain_text(money(usage["total"]["cost_nano_usd"]))
    sessions = tab.get_by_role("listitem").filter(has=tab.get_by_role("heading", name="Sessions", exact=True))
    expect(sessions).to_contain_text(f"{2 * ENOUGH_TASKS} sessions")
    expect(sessions).to_contain_text(f"{usage['total']['calls']} calls")
    table = tab.get_by_role("table", name="By model")
    for line in usage["lines"]:
        cells = table.get_by_role("row").filter(has_text=line["name"]).get_by_role("cell")
        expect(cells.nth(1)).to_have_text(f"{line['figures']['calls']:,}")
        tokens = line["figures"]["input_tokens"] + line["figures"]["output_tokens"]
        expect(cells.nth(2)).to_have_text(f"{tokens:,}")
        expect(cells.nth(5)).to_have_text(money(line["figures"]["cost_nano_usd"]))
    coder = tab.get_by_role("table", name="By kind of work").get_by_role("row").filter(has_text="Coder")
    expect(coder).to_contain_text(f"{2 * ENOUGH_TASKS} of {2 * ENOUGH_TASKS}")
    status = tab.get_by_role("table", name="Sessions by how they stand").get_by_role("row")
    expect(status.filter(has_text="Proposal ready")).to_contain_text(str(2 * ENOUGH_TASKS))


def test_a_suggestion_states_its_arithmetic_and_what_was_not_compared_is_said(worked: Site, tab: Page) -> None:
    goto(tab, worked, "/analytics")
    found = worked.call("analytics/read", {})
    saving = next(one for one in found["model_savings"] if one["role"] == "code")
    assert (saving["model"], saving["other"], saving["tasks"]) == (DEAR, CHEAP, ENOUGH_TASKS)
    of_role = {
        session["name"]: session["figures"]["cost_nano_usd"]
        for session in worked.call("usage/read", {"by": "model"})["lines"]
    }
    assert saving["saving_nano_usd"] == ENOUGH_TASKS * (saving["task_nano_usd"] - saving["other_task_nano_usd"])
    assert 0 < saving["saving_nano_usd"] < of_role[DEAR]
    line = tab.get_by_role("listitem").filter(has_text=f"Coder: {CHEAP} in place of {DEAR}")
    expect(line).to_contain_text(f"{money(saving['saving_nano_usd'])} less")
    expect(line).to_contain_text(
        f"{ENOUGH_TASKS} tasks × ({money(saving['task_nano_usd'])} − {money(saving['other_task_nano_usd'])}) each"
    )
    expect(tab.get_by_text("A model is held against another only in the same kind of work")).to_be_visible()
    axe(tab)


def test_in_both_themes_and_on_a_phone_it_is_readable_by_everybody(
    worked: Site, open_tab: Callable[..., Page], phone: Page
) -> None:
    for theme in ("light", "dark"):
        tab = open_tab(theme=theme)
        goto(tab, worked, "/analytics")
        expect(tab.get_by_role("table", name="By model")).to_be_visible()
        axe(tab)
        shot(tab, f"analytics-{theme}")
    goto(phone, worked, "/analytics")
    expect(phone.get_by_role("table", name="By model")).to_be_visible()
    axe(phone)
    shot(phone, "analytics-phone")
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
