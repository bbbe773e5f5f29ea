"""A whole session in each sandbox that can be set: it says which one it is, and its commands run there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.case import read_case
from harness.docker_engine import shared_engine
from harness.expectations import check
from harness.hub import running_hub
from harness.play import playing
from harness.story import tell
from isolation import short_folder

CASE = """
about: A command tells where it runs.
request: Look where you are.
files: {a.txt: "a\\n"}
code:
  - run_command: {command: "tr '\\\\0' ' ' < /proc/1/cmdline; cat a.txt"}
  - edit: {path: a.txt, old: a, new: b}
  - finish: {summary: Done.}
story:
  - until: proposed
expect:
  status: proposed
"""


@pytest.fixture(scope="module")
def docker_address() -> Iterator[str]:
    with shared_engine() as address:
        yield address


@pytest.mark.parametrize(
    ("setting", "note", "title", "said"),
    [
        ("docker", "Commands run in Docker", "cat a.txt", "exec 3<&0"),
        ("unconfined", "Commands run unconfined", "(unconfined)", ""),
    ],
)
async def test_a_session_says_what_its_commands_run_in(
    docker_address: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, setting: str, note: str, title: str, said: str
) -> None:
    monkeypatch.setenv("DRAFTSMITH_SANDBOX", setting)
    monkeypatch.setenv("DOCKER_HOST", docker_address)
    (tmp_path / "case.yaml").write_text(CASE)
    case = read_case(tmp_path / "case.yaml")
    with short_folder("ds-chosen-") as folder, running_hub(folder / "state") as hub:
        (folder / "work").mkdir()
        async with playing(case, hub, folder / "work") as play:
            await tell(play, case.story)
            await check(play, play.session(), case.expect)
            steps = play.session().entities("step")
            assert [one["text"] for one in steps if one["title"] == note], play.describe()
            [command] = [one for one in steps if one["step"] == "tool" and one["title"].startswith("run ")]
            assert title in command["title"]
            assert said in command["text"]
            events = await play.session().events(await play.client())
            [intent] = [
                one for one in events if one["kind"] == "tool_call_intended" and one["body"]["effect"] == "command"
            ]
            assert intent["body"]["confined"] == (setting != "unconfined")
