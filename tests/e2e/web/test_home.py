"""Home in a real browser: starting a session, what can be named, what is under way."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from e2e.web.conftest import OpenTab, Site
from e2e.web.looking import axe, both_themes, goto, shot

BOX = "[data-prompt]"
ROW = "[data-session='{}']"


def test_a_session_is_started_from_the_prompt_and_is_in_the_list(tab: Page, site: Site) -> None:
    folder = site.workspace("started")
    endpoint = {"name": "work", "base_url": site.vendor.openai_url, "models": ["m"]}
    site.call("models/endpoint", endpoint)
    goto(tab, site, "/")
    tab.locator(BOX).fill("Mend add")
    start = tab.get_by_role("button", name="Start session")
    path = tab.get_by_label("Path of the folder")
    if path.count() == 0:
        tab.get_by_role("combobox", name="Folder").click()
        tab.get_by_role("option", name="Another folder").click()
    start.click()
    expect(tab.get_by_text("Say in which folder the work is to be done.")).to_be_visible()
    path.fill(str(folder / "nowhere"))
    start.click()
    expect(tab.get_by_role("alert").filter(has_text="nowhere")).to_be_visible()
    path.fill(str(folder))
    start.click()
    expect(tab.locator("[data-page=session]")).to_be_visible()
    session_id = tab.url.rpartition("/")[2]
    site.until(session_id, "proposed")
    goto(tab, site, "/")
    row = tab.locator(f"li{ROW.format(session_id)}")
    expect(row).to_have_attribute("data-status", "proposed")
    expect(row.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "100")
    tab.locator(BOX).press("ArrowUp")
    expect(tab.locator(BOX)).to_have_value("Mend add")


def test_the_list_follows_what_another_client_does(tab: Page, site: Site) -> None:
    goto(tab, site, "/")
    session_id = site.start(site.workspace("followed"), "Mend what another client says")
    row = tab.locator(f"main li{ROW.format(session_id)}")
    expect(row).to_have_attribute("data-status", "proposed")
    site.until(session_id, "proposed")
    row.get_by_role("button", name=re.compile("What to do")).click()
    tab.get_by_role("menuitem", name="Delete the session").click()
    tab.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(row).to_have_count(0)


def test_files_and_templates_are_completed_while_typing(tab: Page, site: Site) -> None:
    site.until(site.start(site.workspace("completed")), "proposed")
    goto(tab, site, "/")
    box = tab.locator(BOX)
    box.press_sequentially("Look at @calc")
    expect(tab.get_by_role("option", name=re.compile("test_calc.py"))).to_be_visible()
    expect(tab.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    axe(tab)
    shot(tab, "home-completion")
    box.press("Enter")
    expect(box).to_have_value(re.compile(r"^Look at @calc\.py $"))
    box.fill("")
    box.press_sequentially("/te")
    box.press("Tab")
    expect(box).to_have_value("Write tests for @")


def test_a_template_of_one_s_own_is_kept_for_every_browser(open_tab: OpenTab, site: Site) -> None:
    one, other = open_tab(), open_tab()
    one.locator(BOX).fill("Bring the changelog up to date")
    one.get_by_role("button", name="Save as a template").click()
    dialog = one.get_by_role("dialog", name="Templates")
    dialog.get_by_label("Name of the template").fill("chan ges")
    expect(dialog.get_by_text("Letters, digits and dashes only.")).to_be_visible()
    dialog.get_by_label("Name of the template").fill("changes")
    dialog.get_by_role("button", name="Save as a template").click()
    other.locator(BOX).press_sequentially("/chan")
    expect(other.get_by_role("option", name="changes")).to_be_visible()
    other.locator(BOX).press("Enter")
    expect(other.locator(BOX)).to_have_value("Bring the changelog up to date")


@both_themes
def test_home_has_no_serious_finding(open_tab: OpenTab, site: Site, theme: str) -> None:
    site.until(site.start(site.workspace("looked-at")), "proposed")
    tab = open_tab(theme=theme)
    goto(tab, site, "/")
    expect(tab.locator("main li[data-session]").first).to_be_visible()
    axe(tab)
    shot(tab, f"home-{theme}")


def test_home_fits_a_phone(phone: Page, site: Site) -> None:
    goto(phone, site, "/")
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    axe(phone)
    shot(phone, "home-phone")
