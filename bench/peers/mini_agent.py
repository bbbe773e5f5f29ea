"""mini-swe-agent's own loop on an endpoint, as its documentation shows it: run with the peers' Python.

Usage: `mini_agent.py WORKSPACE MODEL BASE_URL`. The leanest it can be: no screen and no trajectory file.
"""

from __future__ import annotations

import sys
from pathlib import Path

import yaml

# The peer has an environment of its own and is not there where types are checked.
from minisweagent import package_dir  # pyright: ignore[reportMissingImports] (only in the environment of the peer)
from minisweagent.agents.default import DefaultAgent  # pyright: ignore[reportMissingImports] (only in the environment of the peer)
from minisweagent.environments.local import LocalEnvironment  # pyright: ignore[reportMissingImports] (only in the environment of the peer)
from minisweagent.models.litellm_model import LitellmModel  # pyright: ignore[reportMissingImports] (only in the environment of the peer)


def main() -> int:
    workspace, model, address = sys.argv[1:]
    settings = yaml.safe_load(Path(package_dir / "config" / "mini.yaml").read_text())
    agent = DefaultAgent(
        LitellmModel(
            model_name=model,
            model_kwargs={"api_base": address, "api_key": "none"},
            observation_template=settings["model"]["observation_template"],
        ),
        LocalEnvironment(cwd=workspace),
        system_template=settings["agent"]["system_template"],
        instance_template=settings["agent"]["instance_template"],
        cost_limit=0,
    )
    ended = agent.run("Look at the project, step by step.")
    return 0 if ended.get("exit_status") == "Submitted" else 1


if __name__ == "__main__":
    sys.exit(main())
