"""A project's packages are installed as its lock file says: apart from its folder, once, and again after a kill."""

from __future__ import annotations

import io
import json
import shutil
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil
import pytest
from tests.contract.sandboxes import marked, until

from harness.case import Case, SessionCase
from harness.hub import HubProcess, running_hub
from harness.play import Play, playing
from harness.story import tell
from isolation import short_folder

Files = Mapping[str, Any]


def raw(content: bytes) -> Mapping[str, str]:
    return {"text": content.decode("latin-1"), "encoding": "latin-1"}


def wheel() -> bytes:
    content = io.BytesIO()
    info = "greeting-1.0.dist-info"
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("greeting.py", "WORD = 'hello from the package'\n")
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: greeting\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", f"greeting.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")
    return content.getvalue()


def npm_package() -> bytes:
    files = {
        "package.json": '{"name": "greeting", "version": "1.0.0"}',
        "index.js": "exports.word = 'hello from the package'",
    }
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    return content.getvalue()


WHEEL = "wheels/greeting-1.0-py3-none-any.whl"
PYTHON: Files = {WHEEL: raw(wheel()), "requirements.txt": f"./{WHEEL}\n"}
PYTHON_LOOK = "python3 -c 'import greeting, sys; print(greeting.WORD, sys.prefix)'; ls"


def node(resolved: str = "file:greeting.tgz") -> Files:
    wanted = {"greeting": resolved if resolved.startswith("file:") else "1.0.0"}
    packages = {
        "": {"name": "p", "version": "1.0.0", "dependencies": wanted},
        "node_modules/greeting": {"version": "1.0.0", "resolved": resolved},
    }
    lock = {"name": "p", "version": "1.0.0", "lockfileVersion": 3, "requires": True, "packages": packages}
    return {
        "greeting.tgz": raw(npm_package()),
        "package.json": json.dumps({"name": "p", "version": "1.0.0", "dependencies": wanted}),
        "package-lock.json": json.dumps(lock),
    }


NODE_LOOK = "node -e \"console.log(require('greeting').word)\""


def case(files: Files, look: str, *, autonomy: str = "ask") -> Case:
    """A session whose agent runs `look` and changes a line."""
    code = (
        {"run_command": {"command": look}},
        {"edit": {"path": "a.txt", "old": "a", "new": "b"}},
        {"finish": {"summary": "Done."}},
    )
    session = SessionCase(name="main", request="Look.", autonomy=autonomy, replies={"code": code})
    return Case(name="packages", about="Packages.", files={"a.txt": "a\n", **files}, sessions=[session])


def runner_of(hub: HubProcess) -> psutil.Process:
    [found] = [one for one in marked("draftsmith.bootstrap.runner") if str(hub.state_dir) in " ".join(one.cmdline())]
    return found


async def kinds(play: Play) -> list[Mapping[str, Any]]:
    events = await play.session().events(await play.client())
    return [one["body"] for one in events if one["kind"] == "environment_finished"]


def steps(play: Play, tool: str) -> list[Mapping[str, Any]]:
    return [one for one in play.session().entities("step") if one.get("tool") == tool]


async def ended(play: Play) -> None:
    await tell(play, [{"until": "over"}])


@pytest.mark.parametrize(
    ("files", "look", "folder"),
    [(PYTHON, PYTHON_LOOK, ".venv"), (node(), NODE_LOOK, "node_modules")],
    ids=["pip", "npm"],
)
async def test_packages_are_installed_apart_from_the_folder_and_once(files: Files, look: str, folder: str) -> None:
    with short_folder("ds-packages-") as place, running_hub(place / "state") as hub:
        for number, outcome in enumerate(("made", "found")):
            work = place / "work"
            shutil.rmtree(work, ignore_errors=True)
            async with playing(case(files, look), hub, work) as play:
                await ended(play)
                [finished] = await kinds(play)
                assert finished["outcome"] == outcome, (number, play.describe())
                [command] = steps(play, "run_command")
                assert "hello from the package" in command["text"], play.describe()
                assert not (work / "project" / folder).exists()
                assert {one["path"] for one in play.session().entities("hunk")} == {"a.txt"}
                [step] = steps(play, "prepare_environment")
                assert step["state"] == "ok"
                assert bool(step["usage"]) == (outcome == "made")


async def test_a_gate_has_the_packages_and_tells_what_it_used() -> None:
    files = {**node(), "Makefile": "test:\n\tnode -e \"require('greeting')\"\n"}
    with short_folder("ds-packages-") as place, running_hub(place / "state") as hub:
        async with playing(case(files, "true"), hub, place / "work") as play:
            await ended(play)
            [gate] = [one for one in play.session().entities("step") if one["title"].startswith("Gate tests")]
            assert gate["outcome"] == "passed", play.describe()
            assert "of processor time" in gate["usage"]
            events = await play.session().events(await play.client())
            [used] = [one["body"]["used"] for one in events if one["kind"] == "gate_finished" and one["body"]["used"]]
            assert used["exit_code"] == 0


async def test_a_lock_file_that_changed_is_installed_anew() -> None:
    with short_folder("ds-packages-") as place, running_hub(place / "state") as hub:
        for text in ("", "\n"):
            work = place / "work"
            shutil.rmtree(work, ignore_errors=True)
            files = dict(node())
            files["package-lock.json"] += text
            async with playing(case(files, NODE_LOOK), hub, work) as play:
                await ended(play)
                assert [one["outcome"] for one in await kinds(play)] == ["made"], play.describe()


async def test_network_is_asked_for_by_host_and_the_work_goes_on_without() -> None:
    files = node("https://packages.example.org/greeting.tgz")
    with short_folder("ds-packages-") as place, running_hub(place / "state") as hub:
        async with playing(case(files, NODE_LOOK), hub, place / "work") as play:
            await tell(play, [{"until": "waiting"}])
            [question] = [one for one in play.session().entities("decision") if one["state"] == "open"]
            assert "npm ci" in question["prompt"]
            assert "packages.example.org" in question["prompt"]
            await tell(play, [{"answer": "no"}, {"until": "over"}])
            found = await kinds(play)
            assert [one["outcome"] for one in found] == ["wants_network", "skipped"], play.describe()
            assert found[0]["hosts"] == ["packages.example.org"]
            assert play.session().status == "proposed"


async def test_nobody_is_asked_where_nobody_is_to_be_asked_and_it_is_said_what_is_needed() -> None:
    files = node("https://packages.example.org/greeting.tgz")
    with short_folder("ds-packages-") as place, running_hub(place / "state") as hub:
        async with playing(case(files, NODE_LOOK, autonomy="auto"), hub, place / "work") as play:
            await ended(play)
            found = await kinds(play)
            assert [one["outcome"] for one in found] == ["wants_network", "skipped"], play.describe()
            assert "rules add allow npm ci --network packages.example.org" in found[1]["reason"]


async def test_packages_without_a_lock_file_are_told() -> None:
    files = {"package.json": json.dumps({"name": "p", "dependencies": {"greeting": "^1.0.0"}})}
    with short_folder("ds-packages-") as place, running_hub(place / "state") as hub:
        async with playing(case(files, "true"), hub, place / "work") as play:
            await ended(play)
            [finished] = await kinds(play)
            assert finished["outcome"] == "skipped"
            assert "npm install --package-lock-only" in finished["reason"]


async def test_a_runner_killed_while_packages_are_installed_begins_anew() -> None:
    files = dict(node())
    package = json.loads(files["package.json"])
    # The first try hangs when it has installed everything; the cache shows the second that it is the second.
    package["scripts"] = {"postinstall": "mkdir /var/draftsmith/cache/seen && sleep 4747; true"}
    files["package.json"] = json.dumps(package)
    with short_folder("ds-packages-") as place, running_hub(place / "state") as hub:
        async with playing(case(files, NODE_LOOK), hub, place / "work") as play:
            await tell(play, [{"until": {"step": {"title": "Packages: npm", "state": "running"}}}])
            await until(lambda: bool(marked("sleep 4747")), 150)
            runner_of(hub).kill()
            await ended(play)
            assert [one["outcome"] for one in await kinds(play)] == ["made"], play.describe()
            [command] = steps(play, "run_command")
            assert "hello from the package" in command["text"]
        assert not list(Path(place / "state").glob("**/environments/*/making-*"))


async def test_an_environment_is_made_from_what_names_it_and_not_from_the_draft_of_a_fork() -> None:
    """The agent of the first session changes a file that the installation reads; its fork begins with that draft."""
    files = dict(node())
    package = json.loads(files["package.json"])
    package["scripts"] = {"postinstall": "cp a.txt node_modules/greeting/word.txt"}
    files |= {"package.json": json.dumps(package), "a.txt": "a\n"}
    code = (
        {"edit": {"path": "a.txt", "old": "a", "new": "b"}},
        {"finish": {"summary": "Done."}},
        {"run_command": {"command": "cat node_modules/greeting/word.txt a.txt"}},
        {"finish": {"summary": "Looked."}},
    )
    session = SessionCase(name="main", request="Look.", replies={"code": code})
    forked = Case(name="packages", about="Packages of a fork.", files=files, sessions=[session])
    with short_folder("ds-packages-") as place, running_hub(place / "state") as hub:
        async with playing(forked, hub, place / "work") as play:
            await ended(play)
            for folder in (place / "state").glob("**/environments/*/*"):
                if folder.name != "cache":
                    shutil.rmtree(folder)
            await tell(play, [{"fork": {"to": "other"}}, {"until": "over", "session": "other"}])
            watcher = play.session("other")
            events = await watcher.events(await play.client())
            [made] = [one["body"]["outcome"] for one in events if one["kind"] == "environment_finished"]
            [command] = [one for one in watcher.entities("step") if one.get("tool") == "run_command"]
            assert made == "made", play.describe()
            assert "a\nb\n" in command["text"], play.describe()
