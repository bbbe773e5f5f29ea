"""Which sandbox is chosen, for which reason, and that nothing runs unconfined unless exactly that was set."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from tests.contract.sandboxes import Site

from draftsmith.bootstrap.checks import check_sandbox
from draftsmith.domain.errors import UserError
from draftsmith.sandbox.choosing import ChosenSandbox

NO_ENGINE = "unix:///nonexistent/engine.sock"
Choose = Callable[..., Site]


@pytest.fixture
async def choose(docker_address: str, tmp_path: Path) -> AsyncIterator[Choose]:
    """A site whose sandbox was chosen, by variables; a PATH without programs is one without bubblewrap."""
    made: list[Site] = []

    def choose(**variables: str) -> Site:
        folder = tmp_path / str(len(made))
        folder.mkdir()
        site = Site(folder)
        environ = {"HOME": "/tmp", "PATH": "/usr/bin:/bin", "DOCKER_HOST": docker_address, **variables}
        site.sandbox = ChosenSandbox(environ, folder / "own")
        made.append(site)
        return site

    yield choose
    for site in made:
        await site.sandbox.end()
        await site.sandbox.stand_down()


async def test_bubblewrap_comes_first_where_it_works(choose: Choose) -> None:
    probe = await choose().sandbox.probe()
    assert (probe.engine, probe.usable, probe.reason) == ("bubblewrap", True, "")


async def test_without_bubblewrap_it_is_docker_and_says_why(choose: Choose, tmp_path: Path) -> None:
    site = choose(PATH=str(tmp_path))
    result = await site.run("cat where.txt; cat /proc/1/cmdline | tr '\\0' ' '")
    assert result.stdout.head.startswith("draft\n/bin/sh -c exec 3<&0")
    probe = await site.sandbox.probe()
    assert probe.engine == "docker"
    assert "bubblewrap does not work here: bubblewrap (`bwrap`) is not installed" in probe.reason


async def test_what_is_set_is_taken_though_the_other_would_work(choose: Choose) -> None:
    probe = await choose(DRAFTSMITH_SANDBOX="Docker ").sandbox.probe()
    assert (probe.engine, probe.reason) == ("docker", "DRAFTSMITH_SANDBOX asks for Docker.")


@pytest.mark.parametrize("setting", ["", "auto", "docker"])
async def test_when_nothing_works_commands_are_refused_and_never_run_unconfined(
    choose: Choose, tmp_path: Path, setting: str
) -> None:
    site = choose(PATH=str(tmp_path), DOCKER_HOST=NO_ENGINE, DRAFTSMITH_SANDBOX=setting)
    with pytest.raises(UserError) as refusal:
        await site.run("touch ran")
    assert refusal.value.code == "sandbox_missing"
    assert "Docker" in str(refusal.value.message)
    assert not (site.draft / "ran").exists()
    assert not (site.workspace / "ran").exists()
    assert site.sandbox.confines


async def test_what_is_set_but_does_not_work_is_replaced_by_nothing(choose: Choose) -> None:
    site = choose(DRAFTSMITH_SANDBOX="docker", DOCKER_HOST=NO_ENGINE)
    with pytest.raises(UserError, match="asks for Docker, which does not work"):
        await site.run("true")


async def test_it_looks_again_when_something_was_mended(choose: Choose, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    site = choose(PATH=str(tmp_path / "bin"), DOCKER_HOST=NO_ENGINE)
    with pytest.raises(UserError):
        await site.run("true")
    (tmp_path / "bin" / "bwrap").symlink_to("/usr/bin/bwrap")
    assert (await site.run("true")).exit_code == 0


async def test_unconfined_is_what_was_asked_for_and_says_so(choose: Choose) -> None:
    site = choose(DRAFTSMITH_SANDBOX="unconfined")
    result = await site.run("pwd; cat where.txt")
    assert result.stdout.head == f"{site.draft}\ndraft\n"
    assert "unconfined" in result.notes[0]
    assert not site.sandbox.confines
    assert (await site.sandbox.probe()).reason.startswith("DRAFTSMITH_SANDBOX=unconfined: commands have your rights")


async def test_a_setting_that_nobody_knows_is_told_with_those_there_are(choose: Choose) -> None:
    with pytest.raises(UserError) as refusal:
        await choose(DRAFTSMITH_SANDBOX="nope").run("true")
    assert refusal.value.code == "bad_setting"
    assert "auto, bubblewrap, docker, unconfined" in refusal.value.remedy


async def test_doctor_says_which_and_why(docker_address: str, tmp_path: Path) -> None:
    environ = {**os.environ, "DOCKER_HOST": docker_address, "DRAFTSMITH_SANDBOX": "docker"}
    check = await check_sandbox(environ)
    assert (check.verdict, check.found.startswith("docker ")) == ("ok", True)
    assert "DRAFTSMITH_SANDBOX asks for Docker" in check.found
    check = await check_sandbox({**os.environ, "DRAFTSMITH_SANDBOX": "unconfined"})
    assert (check.verdict, check.found.startswith("none: unconfined")) == ("warning", True)
    check = await check_sandbox({"PATH": str(tmp_path), "HOME": "/tmp", "DOCKER_HOST": NO_ENGINE})
    assert check.verdict == "missing"
    assert "DRAFTSMITH_SANDBOX=unconfined" in check.remedy
