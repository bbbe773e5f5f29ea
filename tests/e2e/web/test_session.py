"""A session in a real browser: what it does as it does it, what it asks, and how it is steered."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from e2e.web import shop
from e2e.web.conftest import OpenTab, Site
from e2e.web.looking import ROOT, axe, both_themes, goto, shot

RECORDING = ROOT / "examples" / "stockroom.recording.jsonl"


@pytest.fixture(scope="module")
def proposed(site: Site) -> str:
    session_id = site.start(site.workspace("session"), "Mend add")
    site.until(session_id, "proposed")
    return session_id


def open_session(tab: Page, site: Site, session_id: str) -> None:
    goto(tab, site, f"/sessions/{session_id}")
    expect(tab.locator("[data-step]").first).to_be_visible()


def test_steps_stream_in_and_a_call_opens(tab: Page, site: Site) -> None:
    session_id = site.start(site.workspace("streamed"), "Mend add")
    open_session(tab, site, session_id)
    expect(tab.locator("[data-page=session] > div > [data-status=proposed]")).to_be_visible()
    gate = tab.locator("[data-kind=gate]").filter(has_text="tests")
    gate.get_by_role("button").click()
    expect(gate.get_by_role("heading", name="Outcome")).to_be_visible()


def test_a_session_that_is_not_there_says_so(tab: Page, site: Site) -> None:
    goto(tab, site, "/sessions/s_nowhere")
    expect(tab.get_by_role("heading", name="There is no such session")).to_be_visible()
    axe(tab)


def test_a_message_begins_a_further_round(tab: Page, site: Site) -> None:
    session_id = site.start(site.workspace("steered"), "Mend add")
    site.until(session_id, "proposed")
    open_session(tab, site, session_id)
    tab.locator("[data-prompt]").fill("Say it in French, too")
    tab.locator("[data-prompt]").press("ControlOrMeta+Enter")
    expect(tab.locator("[data-kind=note]").filter(has_text="Say it in French, too")).to_be_visible()
    expect(tab.locator("[data-prompt]")).to_have_value("")
    expect(tab.locator("[data-page=session] > div > [data-session]")).to_have_attribute(
        "data-status", re.compile("working|proposed|stopped")
    )


def test_words_in_the_log_are_found_and_gone_to(tab: Page, site: Site, proposed: str) -> None:
    open_session(tab, site, proposed)
    tab.locator("main").focus()
    tab.keyboard.press("/")
    tab.get_by_role("searchbox", name="Search in the log").fill("calc.py")
    hits = tab.get_by_role("region", name="Search in the log").get_by_role("listitem")
    expect(hits.first).to_contain_text("calc.py")
    axe(tab)
    hits.last.get_by_role("button").click()
    expect(tab.locator("[data-lit]")).to_be_visible()


def test_restoring_shows_first_what_changes(tab: Page, site: Site, proposed: str) -> None:
    open_session(tab, site, proposed)
    tab.get_by_role("tab", name="Checkpoints").click()
    points = tab.locator("[data-checkpoint]")
    expect(points.first).to_be_visible()
    points.last.get_by_role("button", name=re.compile("^Restore")).click()
    dialog = tab.get_by_role("dialog", name="Restore this checkpoint?")
    expect(dialog.get_by_text(re.compile("would change|just like that"))).to_be_visible()
    axe(tab)


def test_the_export_is_the_log(tab: Page, site: Site, proposed: str, tmp_path: Path) -> None:
    open_session(tab, site, proposed)
    for name, ending in (("Export as JSON Lines", "jsonl"), ("Export as Markdown", "md")):
        tab.get_by_role("button", name="More").click()
        with tab.expect_download() as begun:
            tab.get_by_role("menuitem", name=name).click()
        path = tmp_path / f"log.{ending}"
        begun.value.save_as(path)
        text = path.read_text()
        if ending == "jsonl":
            versions = [json.loads(line)["version"] for line in text.splitlines()]
            assert versions == list(range(1, len(versions) + 1))
        else:
            assert text.startswith("# ")
            assert "## Steps" in text


def test_a_plan_is_shown_as_a_graph_and_approved_here(tab: Page, site: Site) -> None:
    folder = site.folder / "stockroom"
    shutil.copytree(ROOT / "examples" / "stockroom", folder)
    session_id = site.start(folder, "Mend and add", model="", recording=RECORDING.read_text())
    open_session(tab, site, session_id)
    question = tab.locator("[data-decision][data-subject=plan]")
    expect(question).to_be_visible()
    graph = tab.get_by_role("group", name="Tasks with what they wait for")
    expect(graph.get_by_role("button")).to_have_count(2)
    axe(tab)
    shot(tab, "session-question")
    question.get_by_role("button", name="Approve").click()
    expect(question).to_have_count(0)
    site.until(session_id, "proposed")
    expect(tab.locator("[data-progress]")).to_have_attribute("data-progress", "100")
    tab.get_by_role("tab", name="Decisions").click()
    expect(tab.locator("[data-record=answered]")).to_contain_text("approve — by web")


def test_hostile_text_makes_no_element(tab: Page, site: Site) -> None:
    folder = shop.lay_out(site.folder / "hostile")
    session_id = site.start(
        folder, '<img src=x onerror="window.hurt=1"> [x](javascript:window.hurt=1) ![y](http://127.0.0.1:9/y.png)'
    )
    open_session(tab, site, session_id)
    tab.get_by_role("tab", name="About").click()
    expect(tab.get_by_role("heading", name="Request")).to_be_visible()
    assert tab.locator("main img").count() == 0
    assert tab.locator("main a[href^='javascript']").count() == 0
    assert tab.evaluate("window.hurt") is None


@both_themes
def test_a_session_has_no_serious_finding(open_tab: OpenTab, site: Site, proposed: str, theme: str) -> None:
    tab = open_tab(theme=theme)
    open_session(tab, site, proposed)
    tab.locator("[data-kind=gate]").first.get_by_role("button").click()
    axe(tab)
    shot(tab, f"session-{theme}")


def test_a_session_fits_a_phone(phone: Page, site: Site, proposed: str) -> None:
    open_session(phone, site, proposed)
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    phone.get_by_role("button", name="Plan and details").click()
    expect(phone.get_by_role("tab", name="Plan")).to_be_visible()
    axe(phone)
    shot(phone, "session-phone")
