"""The frame of the dashboard in a real browser: getting in, getting around, and how it is when the hub is away."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from e2e.web.conftest import OpenTab, Site
from e2e.web.looking import axe, goto, ready, shot


def test_a_browser_that_is_not_signed_in_is_told_how(open_tab: OpenTab, site: Site) -> None:
    tab = open_tab(sign_in=False)
    tab.goto(f"{site.url}/models")
    expect(tab.get_by_role("heading", name="This browser is not signed in")).to_be_visible()
    expect(tab.get_by_text("draftsmith web")).to_be_visible()
    axe(tab)


def test_an_address_that_leads_nowhere_says_so_and_leads_home(tab: Page, site: Site) -> None:
    goto(tab, site, "/nowhere")
    expect(tab.get_by_role("heading", name="There is nothing here")).to_be_visible()
    tab.get_by_role("link", name="Go home").click()
    expect(tab.locator("[data-page=home]")).to_be_visible()


def test_every_entry_and_its_keys_lead_to_a_page(tab: Page, site: Site) -> None:
    goto(tab, site, "/")
    entries = tab.get_by_role("navigation", name="Pages").get_by_role("link")
    for name in [one.strip() for one in entries.all_inner_texts() if one.strip() != "Draftsmith"]:
        entries.filter(has_text=name).first.click()
        expect(tab.locator(f"[data-page={name.lower()}]")).to_be_visible()
    tab.keyboard.press("g")
    tab.keyboard.press("h")
    expect(tab.locator("[data-page=home]")).to_be_visible()


def test_the_palette_finds_a_page_and_the_sheet_shows_keys(tab: Page, site: Site) -> None:
    goto(tab, site, "/")
    tab.keyboard.press("ControlOrMeta+k")
    box = tab.get_by_placeholder("Type a command")
    box.fill("settings")
    axe(tab)
    box.press("Enter")
    expect(tab.locator("[data-page=settings]")).to_be_visible()
    tab.locator("main").focus()
    tab.keyboard.press("?")
    sheet = tab.get_by_role("dialog", name="Keyboard shortcuts")
    expect(sheet.get_by_text("Go to Home")).to_be_visible()
    axe(tab)
    tab.keyboard.press("Escape")
    expect(sheet).to_be_hidden()


def test_a_theme_is_the_same_in_another_browser_at_once(open_tab: OpenTab, site: Site) -> None:
    one, other = open_tab(), open_tab()
    ready(one)
    ready(other)
    root = "html[data-theme=dark]"
    one.get_by_role("button", name="Theme").click()
    one.get_by_role("menuitem", name="Dark").click()
    expect(one.locator(root)).to_be_attached()
    expect(other.locator(root)).to_be_attached()
    other.get_by_role("button", name="Theme").click()
    other.get_by_role("menuitem", name="Like the system").click()
    expect(one.locator(root)).not_to_be_attached()


def test_while_the_hub_is_away_the_page_stays_and_comes_back(tab: Page, tab_errors: object, site: Site) -> None:
    tab_errors.allow("WebSocket", "ERR_")  # type: ignore[attr-defined] (the fixture's own class)
    ready(tab)
    tab.route_web_socket("**/api/v1/ws", lambda socket: socket.close())
    tab.reload()
    expect(tab.get_by_text("The hub is away")).to_be_visible()
    expect(tab.get_by_role("button", name="Start session")).to_be_disabled()
    axe(tab)
    tab.unroute_all()


@pytest.mark.parametrize("path", ["manifest.webmanifest", "icon-192.png", "icon-512.png", "icon.svg"])
def test_what_makes_it_installable_is_served(tab: Page, site: Site, path: str) -> None:
    answer = tab.request.get(f"{site.url}/{path}")
    assert answer.status == 200
    assert answer.body()


def test_scripts_come_packed_and_are_kept_for_ever(tab: Page, site: Site) -> None:
    scripts = tab.eval_on_selector_all("script[src]", "all => all.map(one => one.src)")
    for script in scripts:
        answer = tab.request.get(script, headers={"accept-encoding": "br"})
        assert answer.headers["content-encoding"] == "br"
        assert "immutable" in answer.headers["cache-control"]


def test_the_frame_fits_a_phone(phone: Page, site: Site) -> None:
    goto(phone, site, "/")
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    phone.get_by_role("button", name="Open the menu").click()
    phone.get_by_role("menuitem", name="Settings").click()
    expect(phone.locator("[data-page=settings]")).to_be_visible()
    axe(phone)
    shot(phone, "shell-phone")
