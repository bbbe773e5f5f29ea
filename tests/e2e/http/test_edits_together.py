"""Edits of one proposal that come at the same time, from wherever, are all in the proposal afterwards."""

from __future__ import annotations

import asyncio

from draftsmith.client.messages import EditResult, FileResult, SaveResult
from harness.case import Case, SessionCase
from harness.hub import running_hub
from harness.play import playing
from harness.story import tell
from isolation import short_folder

FILES = [f"{number}.txt" for number in range(4)]
CODE = (
    {"calls": [{"edit": {"path": path, "old": "one", "new": "two"}} for path in FILES]},
    {"finish": {"summary": "Two."}},
)
CASE = Case(
    name="edits",
    about="Edits at the same time.",
    files=dict.fromkeys(FILES, "one\n"),
    sessions=[SessionCase(name="main", request="Two.", replies={"code": CODE})],
)


async def test_edits_that_come_together_lose_nothing_of_each_other() -> None:
    with short_folder("ds-edits-") as place, running_hub(place / "state") as hub:
        async with playing(CASE, hub, place / "work") as play:
            await tell(play, [{"until": "proposed"}])
            client, watcher = await play.client(), play.session()
            session = {"session_id": watcher.session_id}
            hunks = {one["path"]: one["id"] for one in watcher.entities("hunk")}
            saved = {**session, "path": FILES[0], "side": "draft"}
            read = await client.call("file/read", saved, FileResult)
            save = {**saved, "text": "saved\n", "version": read["version"]}
            edits = [{**session, "hunk_id": hunks[path], "text": f"edited {path}\n"} for path in FILES[1:]]
            await asyncio.gather(
                client.call("file/save", save, SaveResult),
                *(client.call("proposal/edit", edit, EditResult) for edit in edits),
            )
            texts = {
                path: (await client.call("file/read", {**saved, "path": path}, FileResult))["text"] for path in FILES
            }
    assert texts == {FILES[0]: "saved\n", **{path: f"edited {path}\n" for path in FILES[1:]}}
