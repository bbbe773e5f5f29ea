"""Rules on commands, from the terminal and the protocol: kept by the workspace over a restart, gone when removed."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from draftsmith.domain.errors import UserError
from e2e.hubs import running
from isolation import short_folder


def cli(state: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A terminal command against the hub of this state folder."""
    env = {**os.environ, "DRAFTSMITH_STATE_DIR": str(state)}
    command = [sys.executable, "-m", "draftsmith.cli.main", "rules", *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)


async def test_a_workspaces_rules_outlive_the_hub_and_are_its_own(tmp_path: Path) -> None:
    here, there = [str(tmp_path / name) for name in ("here", "there")]
    for folder in (here, there):
        Path(folder).mkdir()
    with short_folder("ds-") as state:
        with running(state) as hub:
            async with hub.connected() as talk:
                given = {"scope": "workspace", "effect": "deny", "program": "git", "words": ["push"]}
                [rule] = (await talk.call("rules/add", {"folders": [here], **given}))["workspace"]
                assert rule["text"] == "git push …"
                again = await talk.call("rules/add", {"folders": [here], **given})
                assert again["workspace"] == [rule], "the same rule is not added twice"
                assert (await talk.call("rules/list", {"folders": [there]}))["workspace"] == []
            hub.kill()
        with running(state) as hub:
            async with hub.connected() as talk:
                assert (await talk.call("rules/list", {"folders": [here]}))["workspace"] == [rule]
                with pytest.raises(UserError, match="allows everything"):
                    await talk.call(
                        "rules/add", {"folders": [here], "scope": "workspace", "effect": "allow", "program": "*"}
                    )
                left = await talk.call("rules/remove", {"folders": [here], "rule_id": rule["id"]})
                assert left["workspace"] == []
                with pytest.raises(UserError, match="no rule"):
                    await talk.call("rules/remove", {"folders": [here], "rule_id": rule["id"]})


async def test_rules_are_shown_added_and_removed_in_the_terminal(tmp_path: Path) -> None:
    with short_folder("ds-") as state, running(state) as hub:
        here = ["-w", str(tmp_path)]
        empty = await asyncio.to_thread(cli, hub.state_dir, "list", *here)
        assert (empty.returncode, empty.stdout[:9]) == (0, "No rules:"), empty.stderr
        added = await asyncio.to_thread(
            cli, hub.state_dir, "add", "allow", "npm", "ci", "--network", "packages.example.org", *here
        )
        assert "npm ci … with network: packages.example.org" in added.stdout, added.stderr
        shown = json.loads((await asyncio.to_thread(cli, hub.state_dir, "list", "--json", *here)).stdout)
        [rule] = shown["workspace"]
        assert (rule["program"], rule["words"], rule["network"]) == ("npm", ["ci"], ["packages.example.org"])
        wrong = await asyncio.to_thread(cli, hub.state_dir, "remove", "nothing", *here)
        assert wrong.returncode != 0
        assert "No rule begins with nothing" in wrong.stderr
        gone = await asyncio.to_thread(cli, hub.state_dir, "remove", rule["id"], *here)
        assert gone.stdout.startswith("No rules:"), gone.stderr
