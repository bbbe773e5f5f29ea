"""The project in a real browser: files, an editor that never overwrites, search, symbols, the repository, new ones."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from e2e.web import shop
from e2e.web.looking import WAIT_MS, axe, shot


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "ws").mkdir()
    return shop.lay_out(tmp_path / "ws")


@pytest.fixture
def session(site: Any, folder: Path) -> str:
    session_id: str = site.start(folder, "Make the cart count", recording=shop.recording())
    site.until(session_id, "proposed")
    return session_id


def project(tab: Page, site: Any, session_id: str, query: str = "") -> None:
    params = {"session_id": session_id, "kind": "session", "id": session_id}
    workspace = site.call("entity/get", params)["entity"]["workspace_id"]
    tab.goto(f"{site.url}/projects/{workspace}{query}")
    expect(tab.locator("[data-page=project][data-ready]")).to_be_visible()


def item(tab: Page, path: str) -> Locator:
    return tab.locator(f"[role=treeitem][data-path='{path}']")


def open_file(tab: Page, path: str) -> Locator:
    """The text of a file, opened from the tree."""
    parts = path.split("/")
    for depth in range(1, len(parts)):
        above = tab.locator(f"[role=treeitem][data-path='{'/'.join(parts[:depth])}']")
        if above.get_attribute("aria-expanded") != "true":
            item(tab, "/".join(parts[:depth])).click()
    item(tab, path).click()
    return text_of(tab, path)


def text_of(tab: Page, path: str) -> Locator:
    found = tab.get_by_label(f"Text of {path}")
    expect(found).to_be_visible()
    return found


def type_at_top(tab: Page, text: Locator, words: str) -> None:
    text.click()
    tab.keyboard.press("Control+Home")
    tab.keyboard.type(words)


def test_files_are_opened_in_tabs_edited_and_saved(tab: Page, site: Any, session: str, folder: Path) -> None:
    project(tab, site, session)
    open_file(tab, "README.md")
    cart = open_file(tab, "shop/cart.py")
    type_at_top(tab, cart, "# By hand.\n")
    expect(tab.get_by_label("not saved")).to_be_visible()
    shot(tab, "project-editor")
    tab.keyboard.press("Control+s")
    expect(tab.get_by_label("not saved")).to_have_count(0)
    assert (folder / "shop/cart.py").read_text() == "# By hand.\n" + shop.CART
    readme = tab.get_by_role("button", name="README.md", exact=True)
    readme.click()
    expect(text_of(tab, "README.md")).to_contain_text("A shop with a cart.")
    (folder / "README.md").write_text("# Shop, anew\n")
    expect(text_of(tab, "README.md")).to_contain_text("Shop, anew")
    tab.reload()
    expect(tab.get_by_role("button", name="cart.py", exact=True)).to_be_visible()
    tab.get_by_role("button", name="Close cart.py").click()
    expect(tab.get_by_role("button", name="cart.py", exact=True)).to_have_count(0)


def test_a_file_that_changed_on_disk_is_never_overwritten_unasked(
    tab: Page, site: Any, session: str, folder: Path
) -> None:
    project(tab, site, session)
    text = open_file(tab, "README.md")
    type_at_top(tab, text, "mine ")
    (folder / "README.md").write_text("# Somebody else's\n")
    tab.keyboard.press("Control+s")
    trouble = tab.get_by_role("alert").filter(has_text="changed on disk")
    expect(trouble).to_be_visible()
    assert (folder / "README.md").read_text() == "# Somebody else's\n"
    trouble.get_by_role("button", name="Compare").click()
    compared = tab.get_by_role("region", name="The file on disk, and your text")
    expect(compared.get_by_text("Somebody else's")).to_be_visible()
    expect(compared.get_by_text("mine # Shop")).to_be_visible()
    axe(tab)
    shot(tab, "project-conflict")
    trouble.get_by_role("button", name="Save mine over it").click()
    expect(trouble).to_be_hidden()
    assert (folder / "README.md").read_text().startswith("mine # Shop")
    type_at_top(tab, text_of(tab, "README.md"), "again ")
    (folder / "README.md").write_text("# Third\n")
    tab.keyboard.press("Control+s")
    expect(trouble).to_be_visible()
    trouble.get_by_role("button", name="Load the file again").click()
    expect(text_of(tab, "README.md")).to_have_text("# Third")
    assert (folder / "README.md").read_text() == "# Third\n"


def test_closing_what_is_not_saved_is_asked_about(tab: Page, site: Any, session: str) -> None:
    project(tab, site, session)
    type_at_top(tab, open_file(tab, "README.md"), "mine ")
    tab.get_by_role("button", name="Close README.md").click()
    dialog = tab.get_by_role("dialog")
    dialog.get_by_role("button", name="Cancel").click()
    expect(text_of(tab, "README.md")).to_contain_text("mine # Shop")
    tab.get_by_role("button", name="Close README.md").click()
    dialog.get_by_role("button", name="Close without saving").click()
    expect(tab.get_by_text("No file is open")).to_be_visible()


def test_a_file_of_the_draft_is_edited_and_the_proposal_follows(
    tab: Page, site: Any, session: str, folder: Path
) -> None:
    project(tab, site, session)
    tab.get_by_role("combobox", name="Which files").click()
    tab.get_by_role("option", name="Draft:").first.click()
    text = open_file(tab, "shop/prices.py")
    expect(text).to_contain_text("quince")
    type_at_top(tab, text, "# Checked.\n")
    tab.get_by_role("button", name="Save", exact=True).click()
    expect(tab.get_by_text("Saved into the draft").first).to_be_visible()
    hunks = site.call("proposal/hunks", {"session_id": session})["hunks"]
    assert any("# Checked." in hunk["after"] for hunk in hunks if hunk["path"] == "shop/prices.py")
    assert (folder / "shop/prices.py").read_text() == shop.PRICES
    session_now = site.call("entity/get", {"session_id": session, "kind": "session", "id": session})["entity"]
    assert any("edited by hand" in line for line in session_now["unverified"])


def test_what_cannot_be_edited_says_why(tab: Page, site: Any, session: str, folder: Path) -> None:
    (folder / "image.bin").write_bytes(b"\x89PNG\0\0")
    (folder / "latin.txt").write_bytes("größe\n".encode("latin-1"))
    (folder / "out").symlink_to(folder.parent)
    project(tab, site, session)
    item(tab, "image.bin").click()
    expect(tab.get_by_text("Binary file of")).to_be_visible()
    open_file(tab, "latin.txt")
    expect(tab.get_by_text("Read only: It is Latin-1")).to_be_visible()
    item(tab, "out").click()
    expect(tab.locator("[data-path='out']")).not_to_have_attribute("aria-expanded", "true")


def test_a_new_file_is_made_when_it_is_saved(tab: Page, site: Any, session: str, folder: Path) -> None:
    project(tab, site, session)
    tab.get_by_role("button", name="New file").click()
    name = tab.get_by_label("Path of the new file")
    name.fill("../outside.py")
    tab.get_by_role("dialog").get_by_role("button", name="Open").click()
    expect(tab.get_by_text("A path below the folder")).to_be_visible()
    name.fill("shop/stock.py")
    tab.get_by_role("dialog").get_by_role("button", name="Open").click()
    text = text_of(tab, "shop/stock.py")
    assert not (folder / "shop/stock.py").exists()
    text.click()
    tab.keyboard.type("STOCK = {}")
    tab.keyboard.press("Control+s")
    expect(tab.get_by_label("not saved")).to_have_count(0)
    assert (folder / "shop/stock.py").read_text() == "STOCK = {}"


def test_searching_finds_text_and_definitions_and_opens_their_lines(tab: Page, site: Any, session: str) -> None:
    project(tab, site, session)
    tab.get_by_role("tab", name="Search").click()
    tab.get_by_label("Search in files").fill("price_of")
    expect(tab.get_by_text("in 2 files")).to_be_visible()
    tab.get_by_role("region", name="shop/prices.py").get_by_role("button").click()
    expect(text_of(tab, "shop/prices.py").locator(".cm-activeLine")).to_contain_text("def price_of")
    tab.get_by_label("Regular expression").click()
    tab.get_by_label("Search in files").fill("(")
    expect(tab.get_by_text("not a valid regular expression")).to_be_visible()
    tab.get_by_role("radio", name="Definitions").click()
    tab.get_by_label("Name of a function").fill("total")
    tab.get_by_role("button", name="Cart.total").click()
    expect(text_of(tab, "shop/cart.py").locator(".cm-activeLine")).to_contain_text("def total")
    tab.get_by_role("tab", name="Symbols").click()
    symbols = tab.get_by_role("list", name="Symbols")
    symbols.get_by_role("button", name="clear").click()
    expect(text_of(tab, "shop/cart.py").locator(".cm-activeLine")).to_contain_text("def clear")
    axe(tab)


def test_the_repository_is_shown_with_differences_and_history(tab: Page, site: Any, session: str, folder: Path) -> None:
    (folder / "README.md").write_text("# Shop\n\nA shop with a till.\n")
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=folder, check=True, capture_output=True, text=True)
    project(tab, site, session)
    expect(tab.locator("[data-path='README.md']").get_by_text("M", exact=True)).to_be_visible()
    tab.get_by_role("tab", name="Git").click()
    expect(tab.get_by_text("main", exact=True)).to_be_visible()
    tab.get_by_role("button", name="README.md").first.click()
    changes = tab.get_by_role("region", name="Changes of README.md")
    expect(changes.get_by_text("A shop with a till.")).to_be_visible()
    expect(changes.get_by_text("A shop with a cart.")).to_be_visible()
    shot(tab, "project-git")
    tab.get_by_role("button", name="Open the shop").click()
    expect(tab.get_by_text("6 files changed")).to_be_visible()
    expect(tab.get_by_text(head.stdout.strip(), exact=True)).to_be_visible()
    tab.get_by_role("button", name="cart.py shop/").last.click()
    expect(tab.get_by_role("region", name="Changes of shop/cart.py").get_by_text("What somebody buys.")).to_be_visible()


def test_the_tree_is_walked_by_keys(tab: Page, site: Any, session: str) -> None:
    project(tab, site, session)
    first = tab.locator("[role=treeitem]").first
    first.focus()
    tab.keyboard.press("ArrowRight")
    expect(first).to_have_attribute("aria-expanded", "true")
    inner = tab.locator("[data-path='shop/__init__.py']")
    expect(inner).to_be_visible()
    tab.keyboard.press("ArrowDown")
    expect(inner).to_be_focused()
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("Enter")
    expect(text_of(tab, "shop/cart.py")).to_be_visible()
    first.focus()
    tab.keyboard.press("ArrowLeft")
    expect(first).to_have_attribute("aria-expanded", "false")


def test_a_new_project_begins_with_a_session(tab: Page, tab_errors: Any, site: Any, tmp_path: Path) -> None:
    tab.goto(f"{site.url}/projects/new")
    expect(tab.get_by_role("heading", name="Start a new project")).to_be_visible()
    tab.get_by_role("radio", name="Python package").check()
    axe(tab)
    shot(tab, "project-new")
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken/mine.txt").write_text("mine")
    tab.get_by_label("Folder", exact=True).fill(str(tmp_path / "taken"))
    tab.get_by_role("button", name="Create and start").click()
    expect(tab.get_by_role("alert").filter(has_text="not an empty folder")).to_be_visible()
    tab.get_by_label("Folder", exact=True).fill(str(tmp_path / "shop"))
    tab.get_by_label("First request").fill("Greet everybody")
    tab.get_by_role("button", name="Create and start").click()
    tab.wait_for_url("**/sessions/*", timeout=WAIT_MS)
    assert (tmp_path / "shop/src/shop/greeting.py").is_file()
    assert [one.name for one in (tmp_path / "taken").iterdir()] == ["mine.txt"]
    newest = site.call("session/list", {"limit": 1})["sessions"][0]
    site.call("session/cancel", {"session_id": newest["session_id"]})


def test_a_workspace_that_nobody_knows_says_so(tab: Page, site: Any) -> None:
    tab.goto(f"{site.url}/projects/w_nothing")
    expect(tab.get_by_text("No session knows this workspace")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_is_for_everybody_in_both_themes(open_tab: Any, site: Any, session: str, theme: str) -> None:
    tab = open_tab(theme=theme, width=1280, height=800)
    project(tab, site, session)
    open_file(tab, "shop/cart.py")
    axe(tab)
    shot(tab, f"project-{theme}")
    tab.get_by_role("tab", name="Git").click()
    expect(tab.get_by_text("Open the shop")).to_be_visible()
    axe(tab)


def test_on_a_phone_one_looks_at_files_or_at_one_of_them(phone: Page, site: Any, session: str) -> None:
    project(phone, site, session)
    axe(phone)
    open_file(phone, "README.md")
    expect(phone.get_by_role("tree")).to_be_hidden()
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    axe(phone)
    shot(phone, "project-phone")
    phone.get_by_role("radio", name="Browse").click()
    expect(phone.get_by_role("tree")).to_be_visible()
