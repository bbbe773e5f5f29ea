"""What the tests of the dashboard share: a hub with its runner and a scripted vendor, and real Chromium."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from e2e.hubs import running
from e2e.web.looking import WAIT_MS
from e2e.web.site import Site, living
from isolation import short_folder

expect.set_options(timeout=WAIT_MS)

__all__ = ["Site"]

ARGUMENTS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--disable-features=SpareRendererForSitePerProcess",
)

DESK = (1280, 800)
PHONE = (360, 740)

STATIC = Path(__file__).parents[3] / "server" / "draftsmith" / "web" / "static"


@pytest.fixture(scope="session", autouse=True)
def built() -> None:
    assert (STATIC / "index.html").is_file(), "The dashboard is not built: `make web` does it."


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with short_folder("ds-web-") as folder, running(folder / "state") as hub, living(hub, folder) as made:
        yield made


@pytest.fixture(scope="module")
def playing() -> Iterator[Playwright]:
    with sync_playwright() as play:
        yield play


@pytest.fixture(scope="module")
def browser(playing: Playwright) -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert chromium, "Chromium is missing: `make system-deps` brings it."
    # It looks for the user's fonts and settings in a home of its own.
    with short_folder("ds-chromium-") as home:
        environment: dict[str, str | float | bool] = {**os.environ, "HOME": str(home)}
        made = playing.chromium.launch(
            executable_path=chromium, args=[*ARGUMENTS], chromium_sandbox=False, env=environment
        )
        yield made
        made.close()


class TabErrors:
    """What went wrong in tabs. `allow` names words of what a test brings about itself."""

    def __init__(self) -> None:
        self._allowed: list[str] = []
        self.found: list[str] = []

    def allow(self, *words: str) -> None:
        self._allowed += words

    def watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.found.append(f"page error: {error}"))
        page.on(
            "console",
            lambda said: (
                self.found.append(f"console: {said.text} {said.location.get('url', '')}")
                if said.type in ("error", "warning")
                else None
            ),
        )

    def check(self) -> None:
        wrong = [one for one in self.found if not any(word in one for word in self._allowed)]
        assert not wrong, "in the browser: " + "\n".join(wrong)


@pytest.fixture
def tab_errors() -> Iterator[TabErrors]:
    errors = TabErrors()
    yield errors
    errors.check()


OpenTab = Callable[..., Page]


@pytest.fixture
def open_tab(browser: Browser, site: Site, tab_errors: TabErrors) -> Iterator[OpenTab]:
    """`open_tab(theme="dark", width=…, height=…, sign_in=…)`: a tab in a browser profile of its own."""
    with ExitStack() as stack:

        def open_(
            *, theme: str = "light", width: int = DESK[0], height: int = DESK[1], sign_in: bool = True, **more: object
        ) -> Page:
            options = {"viewport": {"width": width, "height": height}, "color_scheme": theme, **more}
            context: BrowserContext = browser.new_context(**options)  # type: ignore[arg-type] (a dict of options)
            stack.callback(context.close)
            page = context.new_page()
            page.set_default_timeout(WAIT_MS)
            tab_errors.watch(page)
            if sign_in:
                page.goto(site.call("web/open", {})["url"])
                page.wait_for_url(f"{site.url}/")
            return page

        yield open_


@pytest.fixture
def tab(open_tab: OpenTab) -> Page:
    return open_tab()


@pytest.fixture
def phone(open_tab: OpenTab) -> Page:
    return open_tab(width=PHONE[0], height=PHONE[1], has_touch=True)
