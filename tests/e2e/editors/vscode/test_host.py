"""The extension inside a real extension host: commands, actions, lenses, apply, undo, conflict, recovery."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from . import toolbox
from .servers import stopped_hub, use_settings, vscode

HERE = Path(__file__).resolve().parent


@pytest.mark.timeout(600)
def test_the_extension_does_its_work_inside_the_extension_host(
    place: Path, workspace: Path, chromium: str, draftsmith_environment: dict[str, str]
) -> None:
    toolbox.vscode_server()
    toolbox.bundle()
    data = place / "vscode"
    use_settings(data)
    state = Path(draftsmith_environment["DRAFTSMITH_STATE_DIR"])
    env = {**draftsmith_environment, "ENDPOINT_FILE": "hub/endpoint.json"}
    with stopped_hub(state), vscode(data, "--enable-smoke-test-driver", env=env) as server:
        said = toolbox.node(
            HERE / "host.mjs",
            env=toolbox.environment(
                TOOLS=str(toolbox.TOOLS),
                VSCODE_URL=server.url,
                WORKSPACE=str(workspace),
                EXTENSION=str(toolbox.EXTENSION),
                SHOTS=str(toolbox.TOOLS / "failures"),
                CHROMIUM=chromium,
            ),
            within=420,
        )
    assert re.search(r"\b[1-9]\d* passing", said), said
    print(said)
