"""The page about models: its figures are the hub's, and what is changed on it holds there."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from e2e.hubs import vendor
from e2e.web.looking import axe, goto, shot
from e2e.web.site import Site
from vendor.server import VendorServer

M, N = "openai_compatible/m", "openai_compatible/n"
RATE = 10**9


@pytest.fixture(scope="module")
def worked(site: Site) -> Site:
    """One session is done by a model with a price; another model was only found."""
    settings = site.call("models/settings", {})
    for one in settings["endpoints"]:
        site.call("models/forget", {"name": one["name"]})
    site.call("models/endpoint", {"name": "work", "base_url": site.vendor.openai_url, "models": ["m", "n"]})
    site.call("models/facts", {"model": M, "facts": {"input_rate": RATE, "output_rate": 4 * RATE}})
    site.until(site.start(site.workspace("models"), "Mend add", model=M), "proposed")
    return site


def row(tab: Page, model: str) -> Locator:
    """The model with the endpoint's key: the vendor is found by another one, too."""
    return tab.get_by_role("table", name="Found").get_by_role("row").filter(has_text=model).filter(has_text="work")


def order(site: Site, role: str = "code") -> list[str]:
    return next((one["models"] for one in site.call("models/settings", {})["order"] if one["role"] == role), [])


def held(there: Callable[[], bool], tab: Page) -> None:
    """Waits until the hub has it."""
    for _ in range(400):
        if there():
            return
        tab.wait_for_timeout(50)
    raise AssertionError("the hub does not have it")


def test_without_any_model_it_says_how_to_get_one(site: Site, tab: Page) -> None:
    assert site.call("models/list", {})["models"] == []
    goto(tab, site, "/models")
    expect(tab.get_by_role("heading", name="No model can be used yet")).to_be_visible()
    expect(tab.get_by_role("button", name="Add endpoint")).to_be_enabled()
    axe(tab)


def test_what_was_found_is_shown_with_success_and_price_and_the_unknown_as_unknown(worked: Site, tab: Page) -> None:
    goto(tab, worked, "/models")
    record = next(one for one in worked.call("models/list", {})["models"] if one["model"] == M)["record"]
    coder = next(one for one in record if one["role"] == "code")
    expect(row(tab, M)).to_contain_text(f"Coder {coder['good_tasks']} of {coder['tasks']}")
    expect(row(tab, M)).to_contain_text("$1 / $4")
    expect(row(tab, N)).to_contain_text("unknown / unknown")
    expect(row(tab, N)).to_contain_text("Not used yet")
    row(tab, M).get_by_role("button", name=f"Details of {M}").click()
    details = tab.get_by_role("dialog", name=M)
    calls = details.get_by_role("row").filter(has_text="Coder").get_by_role("cell").nth(1)
    expect(calls).to_have_text(str(coder["calls"]))
    expect(details).to_contain_text("in $1, out $4")
    axe(tab)


def test_the_order_of_failover_is_changed_by_keyboard_by_drag_and_by_buttons(worked: Site, tab: Page) -> None:
    worked.call("models/order", {"role": "code", "models": [M]})
    goto(tab, worked, "/models")
    tab.get_by_role("combobox", name="Add to the order").click()
    tab.get_by_role("option", name=N).click()
    lines = tab.get_by_role("list", name="Order for Coder").get_by_role("listitem")
    expect(lines).to_have_count(2)
    held(lambda: order(worked) == [M, N], tab)

    lines.nth(1).focus()
    tab.keyboard.press("Alt+ArrowUp")
    expect(lines.nth(0)).to_contain_text(N)
    expect(lines.nth(0)).to_be_focused()
    expect(tab.get_by_text(f"{N} is number 1 of 2 now.")).to_be_attached()
    held(lambda: order(worked) == [N, M], tab)
    expect(tab.get_by_role("paragraph").filter(has_text="A request of usual size")).to_contain_text(N)

    lines.nth(1).drag_to(lines.nth(0))
    expect(lines.nth(0)).to_contain_text(M)
    held(lambda: order(worked) == [M, N], tab)

    tab.get_by_role("button", name=f"Move {M} down").click()
    held(lambda: order(worked) == [N, M], tab)
    tab.get_by_role("button", name=f"Take {N} out").click()
    tab.get_by_role("button", name=f"Take {M} out").click()
    expect(tab.get_by_text("No order: the best one is chosen for every request.")).to_be_visible()
    held(lambda: order(worked) == [], tab)


def test_what_counts_without_an_order_is_chosen(worked: Site, tab: Page) -> None:
    goto(tab, worked, "/models")
    tab.get_by_role("radio", name="Cheap").click()
    held(lambda: worked.call("models/settings", {})["preference"] == "cheap", tab)
    tab.get_by_role("radio", name="Balanced").click()
    held(lambda: worked.call("models/settings", {})["preference"] == "balanced", tab)


def test_a_budget_shows_what_is_spent_and_is_refused_at_its_field(worked: Site, tab: Page) -> None:
    goto(tab, worked, "/models")
    tab.get_by_role("button", name="Set limit: Today").click()
    dialog = tab.get_by_role("dialog")
    field = dialog.get_by_label("Limit in dollars")
    field.fill("lots")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Give dollars")
    expect(field).to_have_attribute("aria-invalid", "true")
    axe(tab)
    field.fill("2.50")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()
    today = next(one for one in worked.call("spending/read", {})["lines"] if one["scope"] == "day")
    assert today["limit_nano_usd"] == 2_500_000_000
    assert today["spent_nano_usd"] > 0
    line = tab.get_by_role("listitem").filter(has_text="Today")
    expect(line).to_contain_text("of $2.50")
    expect(line).to_contain_text(f"${today['spent_nano_usd'] / 1e9:.4f}".rstrip("0"))
    tab.get_by_role("button", name="Set limit: Today").click()
    tab.get_by_role("dialog").get_by_role("button", name="No limit").click()
    expect(line).to_contain_text("spent")


@pytest.fixture(scope="module")
def elsewhere(site: Site) -> Iterator[VendorServer]:
    """Another server, with a key of its own."""
    server = vendor(key="its-key")
    site.run(server.start())
    yield server
    site.run(server.stop())


def test_an_endpoint_is_tested_added_and_removed(worked: Site, tab: Page, elsewhere: VendorServer) -> None:
    goto(tab, worked, "/models")
    tab.get_by_role("button", name="Add endpoint").click()
    dialog = tab.get_by_role("dialog", name="Add endpoint")
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(dialog.get_by_role("alert")).to_have_count(3)
    dialog.get_by_label("Name", exact=True).fill("other")
    dialog.get_by_label("Address").fill("http://127.0.0.1:9/v1")
    dialog.get_by_role("button", name="Test").click()
    expect(dialog.get_by_role("status")).not_to_be_empty()
    expect(dialog.get_by_role("status")).not_to_contain_text("It answers")
    dialog.get_by_label("Address").fill(elsewhere.openai_url)
    dialog.get_by_label("Key", exact=True).fill("its-key")
    dialog.get_by_role("button", name="Test").click()
    expect(dialog.get_by_role("status")).to_contain_text("It answers and serves 1 model.")
    dialog.get_by_role("button", name="Take").click()
    expect(dialog.get_by_label("Models")).to_have_value("scripted")
    axe(tab)
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(dialog).to_be_hidden()
    line = tab.get_by_role("listitem").filter(has_text=elsewhere.openai_url)
    expect(line).to_contain_text("other")
    assert "other" in [one["name"] for one in worked.call("models/settings", {})["endpoints"]]
    line.get_by_role("button", name="Remove other").click()
    tab.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(line).to_be_hidden()
    held(lambda: "other" not in [one["name"] for one in worked.call("models/settings", {})["endpoints"]], tab)


def test_in_both_themes_and_on_a_phone_it_is_readable_by_everybody(
    worked: Site, open_tab: Callable[..., Page], phone: Page
) -> None:
    worked.call("models/order", {"role": "code", "models": [M, N]})
    for theme in ("light", "dark"):
        tab = open_tab(theme=theme)
        goto(tab, worked, "/models")
        expect(row(tab, M)).to_be_visible()
        axe(tab)
        shot(tab, f"models-{theme}")
    goto(phone, worked, "/models")
    expect(row(phone, M)).to_be_visible()
    axe(phone)
    shot(phone, "models-phone")
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    worked.call("models/order", {"role": "code", "models": []})
