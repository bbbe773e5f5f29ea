"""The dashboard in real Chromium, by the browser's own performance entries: first load, and a session of 50,000 steps.

Bars: 350 kB compressed, 1 s to the first control that can be used, 1 s to the newest steps of the long session.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from bench import ROOT
from bench.method import ROUNDS, Line
from e2e.hubs import RunningHub, running

BAR_KB, BAR_MS = 350.0, 1_000.0
STEPS = 50_000
COLD_ROUNDS = 3
FRAMES = 400
"""In which the whole session passes by, as when its scroll bar is drawn."""
TURNS, TURN_PX = 150, 500
"""Of the wheel."""
PAUSE_MS = 16
WRITE_S, WAIT_MS = 600.0, 60_000.0
STATIC = ROOT / "server" / "draftsmith" / "web" / "static" / "index.html"
ARGUMENTS = (
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-features=SpareRendererForSitePerProcess",
)

USABLE = "() => { const it = document.querySelector('[data-prompt]'); return it !== null && !it.disabled; }"
NEWEST = """() => {
    const feed = document.querySelector('[role=feed][data-placed=true]');
    if (feed === null || Number(feed.dataset.total) < STEPS) return false;
    const row = feed.querySelector(`[data-index="${feed.dataset.total - 1}"] > :not([role=img])`);
    return row !== null && row.getBoundingClientRect().bottom <= feed.getBoundingClientRect().bottom + 1;
}""".replace("STEPS", str(STEPS))

WATCH = """(() => {
    const there = %s;
    let ended = 0;
    new PerformanceObserver((list) => {
        for (const one of list.getEntries()) ended = one.startTime + one.duration;
    }).observe({ type: 'longtask', buffered: true });
    window.benchMarked = new Promise((resolve) => {
        const look = () => {
            if (!there()) return requestAnimationFrame(look);
            // In the frame that shows it; whatever keeps the page busy past that is waited for.
            performance.mark('there');
            setTimeout(() => resolve(Math.max(performance.getEntriesByName('there')[0].startTime, ended)), 500);
        };
        requestAnimationFrame(look);
    });
})()"""
"""Gives ms since the navigation began at which something is there and the page is free, as `benchMarked`."""

WEIGHT = """() => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
    .reduce((sum, one) => sum + one.transferSize, 0)"""

RECORD = """() => {
    window.benchGaps = [];
    let last;
    const frame = (at) => {
        if (last !== undefined) window.benchGaps.push(at - last);
        last = at;
        window.benchFrame = requestAnimationFrame(frame);
    };
    window.benchFrame = requestAnimationFrame(frame);
}"""
RECORDED = "() => { cancelAnimationFrame(window.benchFrame); return window.benchGaps; }"
PASS_BY = """async (frames) => {
    const feed = document.querySelector('[role=feed]');
    const step = feed.scrollHeight / frames;
    for (let number = 0; number < frames; number += 1) {
        feed.scrollTop -= step;
        await new Promise(requestAnimationFrame);
    }
}"""


class Opened:
    """A tab in a browser profile of its own, in which nothing is cached, and what it is told about itself."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self._url = url

    async def marked(self, path: str) -> float:
        """Milliseconds from the navigation to what was waited for."""
        await self.page.goto(f"{self._url}{path}", wait_until="commit")
        async with asyncio.timeout(WAIT_MS / 1_000):
            return await self.page.evaluate("() => window.benchMarked")

    async def heap_mb(self) -> float:
        """What JavaScript holds when nothing is left to be collected."""
        session = await self.page.context.new_cdp_session(self.page)
        await session.send("HeapProfiler.collectGarbage")
        await session.send("Performance.enable")
        found: dict[str, Any] = await session.send("Performance.getMetrics")
        await session.detach()
        return next(one["value"] for one in found["metrics"] if one["name"] == "JSHeapUsedSize") / 1e6


@asynccontextmanager
async def tab(browser: Browser, hub: RunningHub, there: str) -> AsyncIterator[Opened]:
    context: BrowserContext = await browser.new_context(viewport={"width": 1280, "height": 800})
    try:
        async with hub.connected() as talk:
            await _sign_in(context, (await talk.call("web/open", {}))["url"])
        page = await context.new_page()
        page.set_default_timeout(WAIT_MS)
        await page.add_init_script(WATCH % there)
        yield Opened(page, f"http://127.0.0.1:{hub.endpoint.websocket_port}")
    finally:
        await context.close()


async def _sign_in(context: BrowserContext, url: str) -> None:
    """Without any of the dashboard's files, so that none is in the browser's cache yet."""
    page = await context.new_page()
    await page.route("**/assets/**", lambda route: route.abort())
    await page.goto(url)
    await page.wait_for_url("**/")
    await page.close()


async def first_load(browser: Browser, hub: RunningHub) -> tuple[float, float]:
    """Kilobytes that came over the wire, and milliseconds until a control can be used."""
    async with tab(browser, hub, USABLE) as opened:
        took = await opened.marked("/")
        await opened.page.wait_for_load_state("networkidle")
        return await opened.page.evaluate(WEIGHT) / 1_000, took


async def opening(browser: Browser, hub: RunningHub, session_id: str) -> float:
    async with tab(browser, hub, NEWEST) as opened:
        return await opened.marked(f"/sessions/{session_id}")


async def scrolling(browser: Browser, hub: RunningHub, session_id: str) -> dict[str, float]:
    """Longest gaps between frames in ms and the heap in MB, before and after everything passed by."""
    async with tab(browser, hub, NEWEST) as opened:
        page = opened.page
        await opened.marked(f"/sessions/{session_id}")
        found = {"heap_before": await opened.heap_mb()}
        await page.get_by_role("feed").hover()
        await page.evaluate(RECORD)
        for _ in range(TURNS):
            await page.mouse.wheel(0, -TURN_PX)
            await asyncio.sleep(PAUSE_MS / 1_000)
        found["wheel"] = max(await page.evaluate(RECORDED))
        await page.evaluate(RECORD)
        await page.evaluate(PASS_BY, FRAMES)
        found["pass"] = max(await page.evaluate(RECORDED))
        # It was really there: the first step is shown, with what it says.
        await page.locator('[role=feed] [data-index="0"] > :not([role=img])').wait_for()
        return found | {"heap_after": await opened.heap_mb()}


async def long_session(state: Path, project: Path) -> str:
    """Written by a process of its own, whose memory does not count for anything here."""
    project.mkdir()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.long_session", str(state), str(project), str(STEPS)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(WRITE_S):
            said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise RuntimeError(f"the session could not be written; exit code {process.returncode}")
    return said.decode().strip()


async def from_the_store(browser: Browser, state: Path, session_id: str) -> list[float]:
    """A session that is over is not in the memory of a hub that has just started."""
    took: list[float] = []
    for _ in range(COLD_ROUNDS):
        with running(state, "--no-runner") as hub:
            took.append(await opening(browser, hub, session_id))
    return took


async def measure() -> list[Line]:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise RuntimeError("Chromium is missing: `make system-deps` brings it.")
    if not STATIC.is_file():
        raise RuntimeError("The dashboard is not built: `make web` does it.")
    with tempfile.TemporaryDirectory(prefix="ds-bench-") as name:
        place = Path(name).resolve()
        state = place / "state"
        session_id = await long_session(state, place / "shop")
        environment: dict[str, str | float | bool] = {**os.environ, "HOME": name}
        async with async_playwright() as playing:
            browser = await playing.chromium.launch(
                executable_path=chromium, args=[*ARGUMENTS], chromium_sandbox=False, env=environment
            )
            with running(state, "--no-runner") as hub:
                await first_load(browser, hub)
                loads = [await first_load(browser, hub) for _ in range(ROUNDS)]
                opened = [await opening(browser, hub, session_id) for _ in range(ROUNDS)]
                scrolled = [await scrolling(browser, hub, session_id) for _ in range(COLD_ROUNDS)]
                async with hub.connected() as talk:
                    await talk.call("session/cancel", {"session_id": session_id})
            cold = await from_the_store(browser, state, session_id)
            await browser.close()
    return _lines(loads, opened, scrolled, cold)


def _lines(
    loads: list[tuple[float, float]], opened: list[float], scrolled: list[dict[str, float]], cold: list[float]
) -> list[Line]:
    middle = {name: statistics.median(one[name] for one in scrolled) for name in scrolled[0]}
    steps = f"a session of {STEPS:,} steps"
    return [
        _barred("first load of the dashboard, compressed", "kB", statistics.median(kb for kb, _ in loads), BAR_KB),
        _barred(
            "first load until a control can be used",
            "ms",
            statistics.median(ms for _, ms in loads),
            BAR_MS,
            f"; worst {max(ms for _, ms in loads):.0f} ms",
        ),
        _barred(
            f"{steps}: its newest are shown", "ms", statistics.median(opened), BAR_MS, f"; worst {max(opened):.0f} ms"
        ),
        Line(what=f"{steps}: the same after a restart, when it is over", unit="ms", ours=statistics.median(cold)),
        Line(what=f"{steps}: longest gap between frames, by the wheel", unit="ms", ours=middle["wheel"]),
        Line(what=f"{steps}: longest gap between frames, all of it in {FRAMES}", unit="ms", ours=middle["pass"]),
        Line(what=f"{steps}: heap of JavaScript when opened", unit="MB", ours=middle["heap_before"]),
        Line(what=f"{steps}: heap of JavaScript when all passed by", unit="MB", ours=middle["heap_after"]),
    ]


def _barred(what: str, unit: str, ours: float, bar: float, more: str = "") -> Line:
    return Line(
        what=what, unit=unit, ours=ours, ratio=ours / bar, bar=1.0, note=f"the ratio is to {bar:g} {unit}{more}"
    )
