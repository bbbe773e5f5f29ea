"""Monitoring: charts of what the hub counted, logs that are found by correlation id, no secret in them."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from e2e.web.looking import axe, goto, shot
from e2e.web.site import Site

SAMPLES_MS = 30_000


@pytest.fixture(scope="module")
def busy(site: Site) -> Site:
    site.until(site.start(site.workspace("busy"), "Mend add"), "proposed")
    return site


def load(tab: Page, site: Site) -> None:
    goto(tab, site, "/monitoring")
    expect(tab.get_by_role("img", name="Processor, ")).to_be_visible(timeout=SAMPLES_MS)


def test_a_chart_says_in_numbers_what_the_hub_counted(busy: Site, tab: Page) -> None:
    load(tab, busy)
    runner = tab.get_by_role("heading", name="Runner ")
    expect(runner).to_have_text(f"Runner {busy.call('hub/status', {})['runners'][0]['pid']}")
    panel = tab.get_by_role("region", name="Events and calls a second")
    panel.get_by_role("button", name="As a table").click()
    highest = panel.get_by_role("row").filter(has_text="Events").get_by_role("cell").nth(3)
    tab.get_by_role("radio", name="1 h").click()
    found = busy.call("monitor/read", {"minutes": 60})
    most = max(one["events"] for one in found["samples"]) / (found["interval_ms"] / 1_000)
    assert most > 0
    expect(highest).to_have_text(f"{most:.3f}".rstrip("0").rstrip(".") if most < 0.1 else digits(most))
    axe(tab)


def digits(value: float) -> str:
    places = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:.{places}f}".rstrip("0").rstrip(".") if places else f"{value:.0f}"


def test_lines_of_one_action_are_found_by_their_id(busy: Site, tab: Page) -> None:
    goto(tab, busy, "/monitoring?part=logs")
    lines = tab.get_by_role("list", name="Log lines, newest first").get_by_role("listitem")
    started = lines.filter(has_text="method=session/start").first
    expect(started).to_be_visible()
    button = started.get_by_role("button")
    wanted = button.inner_text()
    button.click()
    expect(tab.get_by_label("Correlation or session id")).to_have_value(wanted)
    expected = [one["event"] for one in busy.call("logs/read", {"correlation_id": wanted})["lines"]]
    expect(lines.locator("strong")).to_have_text(expected)
    tab.get_by_label("Words").fill("no such words")
    expect(tab.get_by_role("heading", name="No such line")).to_be_visible()
    axe(tab)


def test_a_log_has_no_secret_and_comes_by_pages(busy: Site, tab: Page) -> None:
    secret = "a-key-for-nobody-1234"
    busy.call(
        "credentials/offer",
        {"credentials": [{"provider": "openai_compatible", "label": "spare", "value": secret, "origin": "test"}]},
    )
    log = busy.hub.state_dir / "hub" / "logs" / "hub.log"
    with log.open("a") as file:
        for number in range(150):
            file.write(json.dumps({"level": "info", "event": f"line_{number}", "said": secret}) + "\n")
    goto(tab, busy, "/monitoring?part=logs")
    tab.get_by_label("Words").fill("said")
    lines = tab.get_by_role("list", name="Log lines, newest first").get_by_role("listitem")
    expect(lines).to_have_count(100)
    expect(lines.first).to_contain_text("line_149")
    expect(lines.first).to_contain_text("said=•••")
    tab.get_by_role("button", name="Older lines").click()
    expect(lines).to_have_count(150)
    assert secret not in tab.content()


def test_in_both_themes_and_on_a_phone_it_is_readable_by_everybody(
    busy: Site, open_tab: Callable[..., Page], phone: Page
) -> None:
    for theme in ("light", "dark"):
        tab = open_tab(theme=theme)
        load(tab, busy)
        axe(tab)
        shot(tab, f"monitoring-{theme}")
        tab.get_by_role("tab", name="Logs").click()
        expect(tab.get_by_role("list", name="Log lines, newest first")).to_be_visible()
        axe(tab)
        shot(tab, f"logs-{theme}")
    load(phone, busy)
    axe(phone)
    shot(phone, "monitoring-phone")
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
