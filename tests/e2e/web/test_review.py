"""The review in a real browser: every way to decide, comments, conflicts, and what other clients do meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from e2e.web import shop
from e2e.web.looking import axe, shot


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "ws").mkdir()
    return shop.lay_out(tmp_path / "ws")


@pytest.fixture
def proposed(site: Any, folder: Path) -> str:
    session_id: str = site.start(folder, "Make the cart count", recording=shop.recording())
    site.until(session_id, "proposed")
    return session_id


def review(tab: Page, site: Any, session_id: str, query: str = "") -> None:
    tab.goto(f"{site.url}/sessions/{session_id}/review{query}")
    expect(tab.locator("[data-page=review][data-ready]")).to_be_visible()


def bars(tab: Page) -> Locator:
    return tab.locator("[data-hunk]")


def bar(tab: Page, number: int) -> Locator:
    return bars(tab).nth(number)


def until(holds: Callable[[], bool]) -> None:
    """For what the page does not show."""
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.05)


def statuses(site: Any, session_id: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for hunk in site.call("proposal/hunks", {"session_id": session_id})["hunks"]:
        found[hunk["status"]] = found.get(hunk["status"], 0) + 1
    return found


def test_hunks_are_decided_by_mouse_one_by_one_by_file_and_all(
    tab: Page, site: Any, proposed: str, folder: Path
) -> None:
    review(tab, site, proposed, "?file=shop/cart.py")
    expect(bars(tab)).to_have_count(3)
    bar(tab, 0).get_by_role("button", name="Accept this hunk").click()
    expect(bar(tab, 0)).to_have_attribute("data-status", "on_disk")
    assert "count must be at least 1" in (folder / "shop/cart.py").read_text()
    bar(tab, 1).get_by_role("button", name="Reject this hunk").click()
    expect(bar(tab, 1)).to_have_attribute("data-status", "rejected")
    expect(tab.get_by_text("2 of 7 hunks decided").first).to_be_visible()
    tab.get_by_role("button", name="Accept file").click()
    expect(tab.locator("[data-path='shop/cart.py']")).to_have_attribute("data-state", "accepted")
    tab.get_by_role("button", name="Accept all").click()
    tab.get_by_role("dialog").get_by_role("button", name="Accept all").click()
    expect(tab.locator("[data-state=applied]")).to_be_visible()
    assert (folder / "docs/cart.md").exists()
    assert not (folder / "shop/old.py").exists()
    shot(tab, "review-applied")
    tab.get_by_role("button", name="Undo the last apply").click()
    expect(tab.locator("[data-state=undone]")).to_be_visible()
    assert (folder / "shop/old.py").exists()


def test_hunks_are_decided_by_keys_and_the_next_comes_by_itself(
    tab: Page, site: Any, proposed: str, folder: Path
) -> None:
    review(tab, site, proposed, "?file=shop/cart.py")
    expect(bar(tab, 0)).to_have_attribute("aria-current", "true")
    tab.keyboard.press("a")
    expect(bar(tab, 0)).to_have_attribute("data-status", "on_disk")
    expect(bar(tab, 1)).to_have_attribute("aria-current", "true")
    tab.keyboard.press("x")
    expect(bar(tab, 1)).to_have_attribute("data-status", "rejected")
    expect(bar(tab, 2)).to_have_attribute("aria-current", "true")
    tab.keyboard.press("j")
    expect(tab.locator("[data-file='shop/old.py']")).to_be_visible()
    tab.keyboard.press("k")
    expect(bar(tab, 2)).to_have_attribute("aria-current", "true")
    tab.keyboard.press("]")
    tab.keyboard.press("]")
    expect(tab.locator("[data-file='shop/prices.py']")).to_be_visible()
    tab.keyboard.press("Shift+X")
    expect(tab.locator("[data-path='shop/prices.py']")).to_have_attribute("data-state", "rejected")
    tab.keyboard.press("?")
    sheet = tab.get_by_role("dialog")
    expect(sheet.get_by_text("Accept this hunk")).to_be_visible()
    sheet.get_by_role("button", name="Close").click()
    expect(sheet).to_be_hidden()
    tab.keyboard.press("u")
    until(lambda: (folder / "shop/cart.py").read_text() == shop.CART)


def test_what_another_client_decides_shows_at_once(tab: Page, site: Any, proposed: str) -> None:
    review(tab, site, proposed, "?file=shop/prices.py")
    expect(bar(tab, 0)).to_have_attribute("data-status", "pending")
    hunks = site.call("proposal/hunks", {"session_id": proposed})["hunks"]
    [price] = [hunk["hunk_id"] for hunk in hunks if hunk["path"] == "shop/prices.py"]
    site.call("proposal/reject", {"session_id": proposed, "hunk_ids": [price]})
    expect(bar(tab, 0)).to_have_attribute("data-status", "rejected")
    site.call("proposal/accept", {"session_id": proposed, "hunk_ids": [price]})
    expect(bar(tab, 0)).to_have_attribute("data-status", "on_disk")


def test_the_difference_is_shown_in_both_layouts_with_its_context(tab: Page, site: Any, proposed: str) -> None:
    review(tab, site, proposed, "?file=shop/cart.py")
    tab.get_by_role("radio", name="Unified").click()
    difference = tab.get_by_role("region", name="Difference of shop/cart.py")
    expect(difference.get_by_text("return len(self.lines)")).to_be_visible()
    expect(difference.get_by_text("unchanged lines").first).to_be_visible()
    expect(tab.get_by_role("note").get_by_text("A count that is no whole number")).to_be_visible()
    tab.get_by_role("button", name="Show the whole file").click()
    expect(difference.get_by_text("What somebody buys.")).to_be_visible()
    expect(difference.get_by_text("unchanged lines")).to_have_count(0)
    tab.keyboard.press("w")
    tab.keyboard.press("v")
    expect(difference.locator(".cm-merge-a")).to_be_visible()
    expect(difference.locator(".cm-merge-a").get_by_text("return len(self.lines)")).to_be_visible()
    expect(difference.locator(".cm-merge-b").get_by_text("price_of(name) * count")).to_be_visible()
    expect(bars(tab)).to_have_count(3)
    tab.keyboard.press("v")
    expect(difference.locator(".cm-merge-a")).to_have_count(0)


def test_a_comment_goes_back_to_the_agent_with_its_line(tab: Page, site: Any, proposed: str) -> None:
    review(tab, site, proposed, "?file=shop/cart.py")
    expect(bars(tab)).to_have_count(3)
    tab.keyboard.press("m")
    box = tab.get_by_label("Comment on line 13")
    box.fill("Only whole numbers, please.")
    box.press("Control+Enter")
    expect(tab.get_by_text("1 comment waits")).to_be_visible()
    tab.reload()
    expect(tab.locator("[data-comment]").get_by_text("Only whole numbers")).to_be_visible()
    tab.get_by_role("button", name="Send to the agent").click()
    expect(tab.get_by_text("The agent has your comments").first).to_be_visible()
    expect(tab.locator("[data-comment]")).to_have_count(0)
    site.until(proposed, "proposed")
    expect(tab.get_by_role("region", name="Difference of").get_by_text("isinstance(count, int)")).to_be_visible()
    events = site.call("session/export", {"session_id": proposed, "limit": 2000})["events"]
    [said] = [event for event in events if "Only whole numbers" in event and "shop/cart.py" in event]
    assert "line 13" in said
    assert "if count < 1:" in said


def test_a_conflict_has_three_sides_and_is_settled_into_the_file(
    tab: Page, site: Any, proposed: str, folder: Path
) -> None:
    mine = shop.CART.replace("return len(self.lines)", "return len(self.lines) or 0").replace("clear", "empty")
    (folder / "shop/cart.py").write_text(mine)
    review(tab, site, proposed, "?file=shop/cart.py")
    expect(tab.locator("[data-stale=changed]")).to_be_visible()
    tab.get_by_role("button", name="Accept file").click()
    expect(tab.locator("[data-state=conflict]").first).to_be_visible()
    place = tab.get_by_role("region", name="Place 1 of 1")
    for side, text in (("yours", "or 0"), ("base", "return len(self.lines)"), ("draft", "sum(n for _, n")):
        expect(place.locator(f"[data-side={side}]")).to_contain_text(text)
    expect(tab.get_by_role("button", name="Save and settle")).to_be_disabled()
    axe(tab)
    shot(tab, "review-conflict")
    place.get_by_role("radio", name="Edit").click()
    place.get_by_label("Result").fill("        return sum(n for _, n in self.lines) or 0\n")
    tab.get_by_role("button", name="Save and settle").click()
    # What was typed is neither side: the hunk was decided against, and the file holds what was wanted.
    expect(bar(tab, 1)).to_have_attribute("data-status", "rejected")
    text = (folder / "shop/cart.py").read_text()
    assert "return sum(n for _, n in self.lines) or 0" in text
    assert "def empty(self)" in text
    assert "price_of(name) * count" in text
    assert "conflicted" not in statuses(site, proposed)


def test_in_a_conflict_either_side_can_be_taken_whole(tab: Page, site: Any, proposed: str, folder: Path) -> None:
    (folder / "shop/prices.py").write_text(shop.PRICES.replace('"plum": 15', '"plum": 16'))
    (folder / "tests/test_cart.py").write_text(shop.TESTS + "        cart.clear()\n")
    review(tab, site, proposed, "?file=shop/prices.py")
    tab.get_by_role("button", name="Accept file").click()
    tab.get_by_role("radio", name="Take the draft's").click()
    tab.get_by_role("button", name="Save and settle").click()
    until(lambda: '"quince": 90' in (folder / "shop/prices.py").read_text())
    # Loaded anew: the page goes to the next file by itself when one is settled.
    review(tab, site, proposed, "?file=tests/test_cart.py")
    expect(tab.locator("[data-file='tests/test_cart.py']")).to_be_visible()
    kept = (folder / "tests/test_cart.py").read_text()
    tab.get_by_role("button", name="Accept file").click()
    tab.get_by_role("button", name="Keep your file").click()
    until(lambda: statuses(site, proposed).get("rejected") == 1)
    assert (folder / "tests/test_cart.py").read_text() == kept


def test_without_a_proposal_the_page_says_why_and_fills_by_itself(tab: Page, site: Any, folder: Path) -> None:
    session_id = site.start(folder, "Make the cart count", recording=shop.recording())
    review(tab, site, session_id)
    site.until(session_id, "proposed")
    expect(bars(tab).first).to_be_visible()
    review(tab, site, "s_nothing")
    expect(tab.get_by_text("There is no such session")).to_be_visible()
    axe(tab)


def test_hostile_names_and_texts_are_text(tab: Page, site: Any, folder: Path) -> None:
    name = "docs/<img src=x onerror=alert(1)>.md"
    edit = ("write", {"path": name, "content": "<script>alert(2)</script>\n![x](javascript:alert(3))\n"})
    session_id = site.start(folder, "Write it", recording=shop.recording(edit))
    site.until(session_id, "proposed")
    tab.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    review(tab, site, session_id)
    expect(tab.get_by_role("region", name="Difference of").get_by_text("<script>alert(2)</script>")).to_be_visible()
    expect(tab.locator("img[src=x]")).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_is_for_everybody_in_both_themes(open_tab: Any, site: Any, proposed: str, theme: str) -> None:
    tab = open_tab(theme=theme, width=1280, height=800)
    review(tab, site, proposed, "?file=shop/cart.py")
    # The layout is kept for the user: each test that needs one says which.
    tab.get_by_role("radio", name="Unified").click()
    expect(tab.locator(".cm-merge-a")).to_have_count(0)
    expect(bars(tab)).to_have_count(3)
    axe(tab)
    shot(tab, f"review-{theme}")
    tab.get_by_role("radio", name="Side by side").click()
    expect(tab.locator(".cm-merge-a")).to_be_visible()
    expect(bars(tab)).to_have_count(3)
    axe(tab)
    shot(tab, f"review-split-{theme}")
    tab.get_by_role("radio", name="Unified").click()
    expect(tab.locator(".cm-merge-a")).to_have_count(0)


def test_on_a_phone_files_are_chosen_from_a_list(phone: Page, site: Any, proposed: str, folder: Path) -> None:
    review(phone, site, proposed, "?file=shop/cart.py")
    expect(bars(phone)).to_have_count(3)
    phone.get_by_role("combobox", name="Changed files").click()
    phone.get_by_role("option", name="shop/prices.py").click()
    expect(phone.locator("[data-file='shop/prices.py']")).to_be_visible()
    bar(phone, 0).get_by_role("button", name="Accept this hunk").click()
    until(lambda: '"quince": 90' in (folder / "shop/prices.py").read_text())
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    axe(phone)
    shot(phone, "review-phone")
