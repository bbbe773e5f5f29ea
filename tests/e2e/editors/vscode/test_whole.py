"""The packaged extension in a real VS Code, driven through the browser as a person does it."""

from __future__ import annotations

from pathlib import Path

import pytest

from . import toolbox
from .servers import install_vsix, settings_files, stopped_hub, use_settings, vscode
from .wheels import build_wheel, offline

HERE = Path(__file__).resolve().parent
DARK = "Default Dark Modern"


@pytest.mark.timeout(600)
@pytest.mark.parametrize("draftsmith_environment", [{"pace": 0.02, "asks": True}], indirect=True)
def test_the_main_job_from_the_packaged_extension(
    place: Path, workspace: Path, chromium: str, draftsmith_environment: dict[str, str]
) -> None:
    toolbox.vscode_server()
    data = place / "vscode"
    use_settings(data, workbench__colorTheme=DARK, security__workspace__trust__enabled=True)
    install_vsix(data, toolbox.package())
    state = Path(draftsmith_environment["DRAFTSMITH_STATE_DIR"])
    with stopped_hub(state), vscode(data, env=draftsmith_environment) as server:
        toolbox.node(
            HERE / "main_job.mjs",
            env=toolbox.environment(
                TOOLS=str(toolbox.TOOLS),
                VSCODE_URL=server.url,
                WORKSPACE=str(workspace),
                DRAFTSMITH_STATE_DIR=str(state),
                SETTINGS=":".join(map(str, settings_files(data))),
                SHOTS=str(toolbox.TOOLS / "shots"),
                CHROMIUM=chromium,
            ),
            within=420,
        )


@pytest.mark.timeout(600)
def test_the_first_use_on_a_machine_without_the_server(place: Path, workspace: Path, chromium: str) -> None:
    toolbox.vscode_server()
    data, state = place / "vscode", place / "state"
    state.mkdir()
    missing = place / "missing" / "draftsmith-0-py3-none-any.whl"
    use_settings(data, workbench__colorTheme=DARK, draftsmith__server__package=str(missing))
    install_vsix(data, toolbox.package())
    # Only what every system has: no draftsmith, no uv.
    env = {"DRAFTSMITH_STATE_DIR": str(state), "PATH": "/usr/bin:/bin", **offline()}
    with stopped_hub(state), vscode(data, env=env) as server:
        toolbox.node(
            HERE / "first_use.mjs",
            env=toolbox.environment(
                TOOLS=str(toolbox.TOOLS),
                VSCODE_URL=server.url,
                WORKSPACE=str(workspace),
                DATA=str(data),
                DRAFTSMITH_STATE_DIR=str(state),
                SETTINGS=":".join(map(str, settings_files(data))),
                SERVER_WHEEL=str(build_wheel(place)),
                SHOTS=str(toolbox.TOOLS / "shots"),
                CHROMIUM=chromium,
            ),
            within=420,
        )
