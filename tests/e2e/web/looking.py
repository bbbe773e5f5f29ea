"""Looking at a page as a person and as an accessibility checker do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

WAIT_MS = 20_000
ROOT = Path(__file__).parents[3]
SHOTS = ROOT / ".cache" / "web-shots"
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
_HEAVY = ("serious", "critical")

both_themes = pytest.mark.parametrize("theme", ["light", "dark"])


def goto(tab: Page, site: Any, path: str) -> None:
    """Opens a page of the dashboard and waits until its first data is there."""
    tab.goto(f"{site.url}{path}")
    ready(tab)


def ready(tab: Page) -> None:
    expect(tab.locator("[data-ready]").first).to_be_attached(timeout=WAIT_MS)


def axe(tab: Page) -> None:
    """No finding of axe-core is serious or critical. It is evaluated by the test, so that the page's policy stays."""
    if not tab.evaluate("() => 'axe' in window"):
        # Evaluated by the debugger and not by the page, whose policy forbids it.
        tab.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = tab.evaluate(
        "async () => (await window.axe.run(document, { resultTypes: ['violations'] })).violations"
    )
    heavy = [
        f"{one['impact']} {one['id']}: {one['help']}: {[node['target'] for node in one['nodes'][:3]]}"
        f" {one['nodes'][0].get('failureSummary', '')[:300]}"
        for one in found
        if one["impact"] in _HEAVY
    ]
    assert not heavy, "\n".join(heavy)


def shot(tab: Page, name: str) -> Path:
    """A picture of what is shown, for a person to look at."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    path = SHOTS / f"{name}.png"
    tab.screenshot(path=path, animations="disabled", caret="hide")
    return path
