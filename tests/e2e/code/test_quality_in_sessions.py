"""Gates that look, edit formats and facts in whole sessions; advisories where there are some; clients and terminal."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from draftsmith.domain.errors import DraftsmithError
from e2e.hubs import running
from harness.case import read_case
from harness.expectations import check
from harness.hub import HubProcess, running_hub
from harness.play import playing
from harness.story import tell
from isolation import short_folder

CASES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
FILES = {
    "pyproject.toml": "[project]\nname = 'shop'\ndependencies = ['django']\n[project.scripts]\nshop = 'shop:main'\n",
    "uv.lock": "",
    "AGENTS.md": "Be kind.\n",
    ".editorconfig": "[*]\nindent_size = 4\n",
    "shop.py": "from stock import needle\n\n\ndef main():\n    needle()\n    needle()\n",
    "stock.py": "x = 1\n\n\ndef needle():\n    return x\n",
    ".gitignore": "left/\n",
    "left/a.py": "needle\n",
}


@pytest.fixture(scope="module")
def hub() -> Iterator[HubProcess]:
    with short_folder("ds-quality-") as folder, running_hub(folder / "state") as process:
        yield process


@pytest.fixture
def folder() -> Iterator[Path]:
    with short_folder("ds-work-") as place:
        yield place


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
async def test_case(path: Path, hub: HubProcess, folder: Path) -> None:
    case = read_case(path)
    async with playing(case, hub, folder) as play:
        await tell(play, case.story)
        await check(play, play.session(), case.expect)
        assert play.vendor.script.left == case.unused, f"replies left over\n{play.describe()}"


async def test_a_vulnerable_version_fails_where_there_are_advisories(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = folder / "osv"
    known.mkdir()
    affected = {
        "package": {"ecosystem": "PyPI", "name": "django"},
        "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "4.2.3"}]}],
    }
    (known / "X-1.json").write_text(json.dumps({"id": "X-1", "summary": "It leaks.", "affected": [affected]}))
    monkeypatch.setenv("DRAFTSMITH_RUNNER_ADVISORIES", str(known))
    case = read_case(Path(__file__).parent / "advisories.yaml")
    with running_hub(folder / "state") as process:
        async with playing(case, process, folder / "work") as play:
            await tell(play, case.story)
            await check(play, play.session(), case.expect)


def project(root: Path) -> Path:
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


async def test_clients_search_text_page_by_page(state_dir: Path, tmp_path: Path) -> None:
    folders = [str(project(tmp_path / "work").resolve())]
    with running(state_dir) as hub:
        async with hub.connected() as talk:
            asked = {"folders": folders, "pattern": "needle", "limit": 2}
            first = await talk.call("code/search", asked)
            assert [(one["path"], [row["line"] for row in one["lines"]]) for one in first["found"]] == [
                ("stock.py", [4]),
                ("shop.py", [1]),
            ]
            assert (first["total"], first["files"], first["ended"]) == (4, 2, "")
            second = await talk.call("code/search", {**asked, "cursor": first["cursor"]})
            assert [row["line"] for row in second["found"][0]["lines"]] == [5, 6]
            assert second["cursor"] is None
            around = await talk.call(
                "code/search", {"folders": folders, "pattern": r"x = \d", "regex": True, "context": 1}
            )
            assert [(row["text"], row["match"]) for row in around["found"][0]["lines"]] == [
                ("x = 1", True),
                ("", False),
            ]
            for wrong, code in (({"regex": True, "pattern": "("}, "bad_pattern"), ({"cursor": "?"}, "bad_cursor")):
                with pytest.raises(DraftsmithError) as refusal:
                    await talk.call("code/search", {**asked, **wrong})
                assert refusal.value.code == code


async def test_the_terminal_tells_what_the_files_say(state_dir: Path, tmp_path: Path) -> None:
    project(tmp_path / "work")
    environ = {**os.environ, "DRAFTSMITH_STATE_DIR": str(state_dir)}

    async def said(*arguments: str) -> tuple[int, str]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "draftsmith.cli.main", "facts", *arguments),
            cwd=tmp_path,
            env=environ,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        return process.returncode or 0, output.decode()

    with running(state_dir):
        code, text = await said("-w", "work")
        assert code == 0
        for line in (
            "framework      Django  (pyproject.toml)",
            "packages       uv, lock file uv.lock  (uv.lock)",
            "entry point    shop: shop:main  (pyproject.toml)",
            "rules file     AGENTS.md",
            "style          *: indent_size = 4  (.editorconfig)",
            "language       Python, 2 files",
        ):
            assert line in text
        _, told = await said("-w", "work", "--json")
        assert json.loads(told)["folders"][0]["frameworks"][0]["source"] == "pyproject.toml"
        code, text = await said("-w", "nowhere")
        assert code != 0
        assert "nowhere" in text
