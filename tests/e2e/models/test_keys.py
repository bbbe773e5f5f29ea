"""Keys in the system's keyring: kept over a restart, shown nowhere, and done without where there is no keyring."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from draftsmith.hub.keys import VENDORS
from draftsmith.models.providers import PROVIDERS
from e2e.hubs import Talk, calc, running, vendor
from isolation import short_folder
from vendor.server import VendorServer

KEY = "sk-kept-4711-never-shown"
FILE_BACKEND = "keyrings.alt.file.PlaintextKeyring"
NO_BACKEND = "keyring.backends.fail.Keyring"


def environment(folder: Path, backend: str) -> dict[str, str]:
    return {**os.environ, "PYTHON_KEYRING_BACKEND": backend, "XDG_DATA_HOME": str(folder)}


def draftsmith(state_dir: Path, *arguments: str, said: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "draftsmith.cli.main", *arguments],
        input=said,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "DRAFTSMITH_STATE_DIR": str(state_dir)},
        check=False,
    )


async def works(talk: Talk, folder: Path) -> None:
    session_id = await talk.start(calc(folder), model="")
    await talk.until(session_id, "proposed")


def never_shown(state: Path) -> None:
    found = [path for path in state.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()]
    assert not found, f"the key is in {found}"


async def endpoint(talk: Talk, model: VendorServer) -> None:
    await talk.call("models/endpoint", {"name": "work", "base_url": model.openai_url, "models": ["m"]})


async def test_a_key_is_read_from_standard_input_kept_over_a_restart_and_shown_nowhere(tmp_path: Path) -> None:
    kept = environment(tmp_path / "data", FILE_BACKEND)
    with short_folder("ds-") as folder:
        async with vendor(key=KEY) as model:
            with running(folder, environment=kept) as hub:
                async with hub.connected() as talk:
                    await endpoint(talk, model)
                    done = draftsmith(hub.state_dir, "models", "key", "set", "work", said=f"{KEY}\n")
                    assert done.returncode == 0, done.stderr
                    assert "in the keyring" in done.stdout
                    assert KEY not in done.stdout + done.stderr
                    assert (
                        "There is no vendor"
                        in draftsmith(hub.state_dir, "models", "key", "set", "nobody", said="x").stderr
                    )
            with running(folder, environment=kept) as hub:
                async with hub.connected() as talk:
                    await works(talk, tmp_path / "ws")
                    assert (await talk.call("models/settings", {}))["keys"] == ["work"]
                    assert draftsmith(hub.state_dir, "models", "key", "remove", "work").returncode == 0
            never_shown(folder)
            with running(folder, environment=kept) as hub:
                async with hub.connected() as talk:
                    assert (await talk.call("models/settings", {}))["keys"] == []
                    assert not await talk.notices()


async def test_without_a_keyring_the_key_is_held_in_memory_and_that_is_said(tmp_path: Path) -> None:
    none = environment(tmp_path / "data", NO_BACKEND)
    with short_folder("ds-") as folder:
        async with vendor(key=KEY) as model:
            with running(folder, environment=none) as hub:
                async with hub.connected() as talk:
                    await endpoint(talk, model)
                    kept = await talk.call("credentials/keep", {"name": "work", "value": KEY})
                    assert kept["kept_in"] == "memory"
                    assert kept["reason"]
                    await works(talk, tmp_path / "ws")
            never_shown(folder)


async def test_a_keyring_that_is_gone_is_said_once_and_breaks_nothing(tmp_path: Path) -> None:
    with short_folder("ds-") as folder:
        with running(folder, environment=environment(tmp_path / "data", FILE_BACKEND)) as hub:
            async with hub.connected() as talk:
                await talk.call("credentials/keep", {"name": "openai", "value": KEY})
        with running(folder, environment=environment(tmp_path / "data", NO_BACKEND)) as hub:
            async with hub.connected() as talk:
                listed = await talk.call("models/list", {"local": False})
                assert listed["models"] == []
                assert "models key set anthropic" in listed["guide"]
                told = await talk.notices()
                assert told.count("The keyring did not give the key of openai") == 1


def test_vendors_of_keys_are_those_of_models() -> None:
    assert set(VENDORS) == {one.name for one in PROVIDERS.values() if one.default_model is not None}


@pytest.mark.parametrize("said", ["", "\n", "two\x07bells\n"])
def test_a_key_that_cannot_be_one_is_refused_before_anything_is_started(state_dir: Path, said: str) -> None:
    done = draftsmith(state_dir, "models", "key", "set", "openai", said=said)
    assert done.returncode != 0
    assert "key" in done.stderr
