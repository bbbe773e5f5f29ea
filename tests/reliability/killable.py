"""Hub and runner as tests start them to be killed: `python -m reliability.killable hub|runner ARGUMENTS`.

The state folder of the hub, the runner's below it, and the plan beside it: `FOLDER/state`, `FOLDER/plan.json`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import draftsmith.bootstrap.hub
import draftsmith.bootstrap.runner
from reliability.killing import Plan, Trap, arm_hub, arm_runner

LAUNCHER = Path(__file__).parent / "launcher.py"
PROGRAMS = ("hub", "runner")


def run(program: str, arguments: list[str]) -> None:
    """Runs the product's own main function with traps set. Ends by SystemExit."""
    sys.argv = [program, *arguments]
    state = Path(arguments[arguments.index("--state-dir") + 1])
    if program == "hub":
        trap = Trap(state.parent, "hub")
        _start_runners_like_this(trap.plan)
        arm_hub(trap)
        draftsmith.bootstrap.hub.main()
    else:
        arm_runner(Trap(state.parent.parent, "runner"))
        draftsmith.bootstrap.runner.main()


def _start_runners_like_this(plan: Plan) -> None:
    """The hub's child is this module's runner, with the arguments that the hub would give to its own."""
    command = draftsmith.bootstrap.hub.runner_command

    def killable(grpc_port: int, state_dir: Path) -> list[str]:
        interpreter, *_, flag, hub, folder, path, source = command(grpc_port, state_dir)
        arguments = [flag, hub, folder, path, source]
        if plan.nursery is None:
            return [interpreter, "-m", "reliability.killable", "runner", *arguments]
        return [interpreter, "-I", "-S", str(LAUNCHER), plan.nursery, "runner", *arguments]

    draftsmith.bootstrap.hub.runner_command = killable


if __name__ == "__main__":
    run(sys.argv[1], sys.argv[2:])
