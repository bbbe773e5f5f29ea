"""The page of settings: each value with its origin, refused at its field, written to the user's file; rules; look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from e2e.web.looking import axe, goto, shot
from e2e.web.site import Site


def setting(site: Site, name: str) -> dict[str, Any]:
    return next(one for one in site.call("settings/read", {})["settings"] if one["name"] == name)


def open_part(tab: Page, site: Site, part: str) -> None:
    goto(tab, site, "/settings")
    tab.get_by_role("tab", name=part).click()


def file_of(site: Site) -> str:
    path = site.hub.state_dir / "settings.toml"
    return path.read_text() if path.exists() else ""


def test_a_value_is_refused_at_its_field_and_else_written_to_the_file_with_its_comments(site: Site, tab: Page) -> None:
    (site.hub.state_dir / "settings.toml").write_text("# my own words\nrunner_map_tokens = 1500\n")
    open_part(tab, site, "Hub and runner")
    field = tab.get_by_role("textbox", name="Idle sessions in memory")
    expect(field).to_have_attribute("placeholder", "100")
    field.fill("none")
    field.press("Enter")
    expect(tab.get_by_role("alert").filter(has_text="whole number from 1")).to_be_visible()
    assert "sessions_in_memory" not in file_of(site)
    axe(tab)
    field.fill("70")
    tab.get_by_role("button", name="Idle sessions in memory: save").click()
    expect(tab.get_by_text("Counts from the hub's next start; in force is 100.")).to_be_visible()
    assert file_of(site).splitlines()[:2] == ["# my own words", "runner_map_tokens = 1500"]
    assert 'sessions_in_memory = "70"' in file_of(site)
    assert setting(site, "sessions_in_memory")["waits"] is True
    tab.get_by_role("button", name="Idle sessions in memory: as usual").click()
    expect(tab.get_by_text("Counts from the hub's next start; in force is 100.")).to_be_hidden()
    assert "sessions_in_memory" not in file_of(site)


def test_what_counts_from_the_next_step_shows_the_file_as_its_origin(site: Site, tab: Page) -> None:
    site.call("settings/write", {"name": "runner_map_tokens", "value": ""})
    open_part(tab, site, "Hub and runner")
    field = tab.get_by_role("textbox", name="Tokens for the map of the code")
    field.fill("1200")
    field.press("Enter")
    expect(tab.get_by_role("textbox", name="Tokens for the map of the code your file")).to_have_value("1200")
    now = setting(site, "runner_map_tokens")
    assert (now["value"], now["origin"], now["waits"]) == ("1200", "file", False)
    site.call("settings/write", {"name": "runner_map_tokens", "value": ""})


def test_commands_without_a_sandbox_are_asked_about_first(site: Site, tab: Page) -> None:
    open_part(tab, site, "Sandbox")
    engine = site.call("sandbox/read", {})["engine"]
    expect(tab.get_by_text(f"Commands run in {engine}")).to_be_visible()
    choice = tab.get_by_label("What commands run in")
    choice.click()
    tab.get_by_role("option", name="unconfined").click()
    question = tab.get_by_role("dialog", name="Run commands without a sandbox?")
    axe(tab)
    question.get_by_role("button", name="Cancel").click()
    expect(choice).to_contain_text("auto")
    assert setting(site, "sandbox")["value"] == "auto"
    choice.click()
    tab.get_by_role("option", name="unconfined").click()
    question.get_by_role("button", name="Run without a sandbox").click()
    expect(tab.get_by_text("Commands run with all that you may do. Nothing confines them.")).to_be_visible()
    assert setting(site, "sandbox")["in_file"] == "unconfined"
    choice.click()
    tab.get_by_role("option", name="auto").click()
    expect(tab.get_by_text(f"Commands run in {engine}")).to_be_visible()
    assert setting(site, "sandbox")["in_file"] == ""


def test_what_is_wrong_in_the_file_is_shown(site: Site, tab: Page) -> None:
    path = site.hub.state_dir / "settings.toml"
    before = file_of(site)
    path.write_text('max_files = "many"\ncolour = 1\n')
    try:
        open_part(tab, site, "Hub and runner")
        told = tab.get_by_role("alert", name="In the file")
        expect(told).to_contain_text("there is no setting colour")
        expect(told).to_contain_text("max_files: Give a whole number")
        axe(tab)
    finally:
        path.write_text(before)


def test_a_rule_is_added_and_removed(site: Site, tab: Page) -> None:
    folder = site.workspace("rules")
    site.until(site.start(folder, "Mend add"), "proposed")
    open_part(tab, site, "Rules")
    tab.get_by_label("Workspace").click()
    tab.get_by_role("option", name=str(folder)).click()
    tab.get_by_role("button", name="Add rule").click()
    expect(tab.get_by_role("alert").filter(has_text="Name a program")).to_be_visible()
    axe(tab)
    tab.get_by_role("radio", name="Deny").click()
    expect(tab.get_by_label("Hosts")).to_be_hidden()
    tab.get_by_label("Program").fill("git")
    tab.get_by_label("First words").fill("push")
    tab.get_by_role("button", name="Add rule").click()
    rules = tab.get_by_role("list", name="Rules on commands").get_by_role("listitem")
    expect(rules).to_have_count(1)
    expect(rules).to_contain_text("git push")
    (kept,) = site.call("rules/list", {"folders": [str(folder)]})["workspace"]
    assert (kept["effect"], kept["program"], kept["words"]) == ("deny", "git", ["push"])
    rules.get_by_role("button").click()
    expect(tab.get_by_text("No rules yet.")).to_be_visible()
    assert site.call("rules/list", {"folders": [str(folder)]})["workspace"] == []


def test_the_theme_is_the_same_in_two_browsers_at_once(site: Site, open_tab: Callable[..., Page]) -> None:
    one, other = open_tab(theme="light"), open_tab(theme="light")
    for tab in (one, other):
        goto(tab, site, "/settings")
        expect(tab.locator("html")).to_have_attribute("data-theme", "light")
    one.get_by_role("radio", name="Dark").click()
    for tab in (one, other):
        expect(tab.locator("html")).to_have_attribute("data-theme", "dark")
        expect(tab.get_by_role("radio", name="Dark")).to_be_checked()
    other.get_by_role("radio", name="As the system").click()
    expect(one.locator("html")).to_have_attribute("data-theme", "light")


def test_in_both_themes_and_on_a_phone_it_is_readable_by_everybody(
    site: Site, open_tab: Callable[..., Page], phone: Page
) -> None:
    for part in ("Look", "Rules", "Sandbox", "Hub and runner"):
        for theme in ("light", "dark"):
            tab = open_tab(theme=theme)
            open_part(tab, site, part)
            expect(tab.get_by_role("tab", name=part)).to_have_attribute("aria-selected", "true")
            tab.wait_for_load_state("networkidle")
            axe(tab)
            shot(tab, f"settings-{part.split()[0].lower()}-{theme}")
        open_part(phone, site, part)
        axe(phone)
        shot(phone, f"settings-{part.split()[0].lower()}-phone")
        assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
