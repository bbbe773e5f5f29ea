"""Own time of one agent step, everything but the model, against mini-swe-agent on the same scripted vendor.

Both run the same command in every step. Time is taken from the vendor's request log alone: from the last byte of a
reply to the last byte of the next request.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from bench.method import Line, in_turns
from bench.peers import peers_python
from harness.hub import HubProcess, running_hub
from harness.replies import script_of
from vendor.server import ReceivedRequest, VendorServer, load_script

STEPS = 120
"""Commands of a session: a long one, as real tasks are. The peer's own time grows with every step, since it writes the
whole conversation to its file and takes all of it apart again for each request."""
FEW_STEPS = 40
BAR = 0.5
THINKING_SECONDS = 0.03
"""Before the first token, where the model is not to answer at once: shorter than any real one."""
RUN_SECONDS = 240.0
FILES = 200
LIGHT_MODEL, VENDOR_MODEL = "openai_compatible/gpt-4o", "openai/gpt-4o"
PEER = Path(__file__).parent / "peers" / "mini_agent.py"


def command_of(step: int) -> str:
    """The same work in every step; the comment keeps it from looking like a loop, which Draftsmith would break."""
    return f"head -n 3 package1/module1.py  # {step}"


def lay_out(folder: Path) -> None:
    """A project of `FILES` small files, so that looking for what a command changed is work, as it is in life."""
    for number in range(FILES):
        path = folder / f"package{number % 10}" / f"module{number}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"value_{line} = {line * number}\n" for line in range(60)), encoding="utf-8")


def our_script(steps: int, delay: float) -> list[object]:
    timing = {"chunk_size": 4_000, "delay": delay}
    code = [{"run_command": {"command": command_of(step)}, **timing} for step in range(steps)]
    plan = [{"begin_work": {"title": "Look at the project"}}]
    return list(script_of("gpt-4o", {"plan": plan, "code": [*code, {"finish": {"summary": "Looked at it."}}]}))


def peers_script(steps: int, delay: float) -> list[object]:
    commands = [*map(command_of, range(steps)), "echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT"]
    calls = [[{"name": "bash", "arguments": {"command": command}}] for command in commands]
    return [{"tool_calls": call, "delay": delay} for call in calls]


def own_time(requests: Sequence[ReceivedRequest], tool: str, steps: int) -> float:
    """Milliseconds of a step, from the requests that follow a reply with a command."""
    asked = [one for one in requests if one.asked is not None and tool in one.asked.tools]
    gaps = [(after.arrived_at - before.ended_at) * 1000 for before, after in pairwise(asked)]
    if len(gaps) < steps or any(one.outcome != "answered" for one in asked):
        outcomes = [one.outcome for one in asked]
        raise RuntimeError(f"{len(asked)} requests with {tool} came, {steps + 1} were expected: {outcomes}")
    return statistics.mean(gaps[:steps])


async def run(command: Sequence[str], environment: dict[str, str], folder: Path) -> None:
    """Runs a program to its end. Raises RuntimeError with its output when it fails."""
    process = await asyncio.create_subprocess_exec(
        *command,
        env=environment,
        cwd=folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(RUN_SECONDS):
            output, _ = await process.communicate()
    except BaseException:
        process.kill()
        await process.wait()
        raise
    if process.returncode != 0:
        tail = output.decode("utf-8", "replace")[-2_000:]
        raise RuntimeError(f"{' '.join(command[:4])} … ended with {process.returncode}:\n{tail}")


class Steps:
    """One vendor, one hub and one workspace for all rounds."""

    def __init__(self, place: Path, vendor: VendorServer, hub: HubProcess) -> None:
        self.workspace = place / "project"
        self._place = place
        self._vendor = vendor
        self._hub = hub

    async def ours(self, model: str, steps: int, delay: float = 0.0) -> float:
        """One session watched by the command line, as a user would."""
        first = self._script(our_script(steps, delay))
        environment = {
            **clean_environment(self._place),
            "DRAFTSMITH_STATE_DIR": str(self._hub.state_dir),
            "DRAFTSMITH_BASE_URL": self._vendor.openai_url,
            "OPENAI_BASE_URL": self._vendor.openai_url,
            "OPENAI_API_KEY": "none",
        }
        command = [sys.executable, "-m", "draftsmith.cli.main", "run", "Look at the project.", "--auto"]
        await run([*command, "--model", model, "-w", str(self.workspace)], environment, self.workspace)
        return own_time(self._vendor.requests[first:], "run_command", steps)

    async def peers(self, steps: int, delay: float = 0.0) -> float:
        """mini-swe-agent as its user starts it: the conversation on the screen, the trajectory in a file."""
        address = (
            "-c",
            "model.model_kwargs.api_key=none",
            "-c",
            f"model.model_kwargs.api_base={self._vendor.openai_url}",
        )
        command = [str(peers_python().parent / "mini"), "--yolo", "--exit-immediately", "-t", "Look at the project."]
        command += ["-m", VENDOR_MODEL, "-o", str(self._place / "trajectory.json"), "-c", "mini.yaml", *address]
        return await self._peer(command, steps, delay)

    async def bare_peers(self, steps: int) -> float:
        """Its loop alone, called from a program: no screen, nothing kept."""
        return await self._peer(
            [str(peers_python()), str(PEER), str(self.workspace), VENDOR_MODEL, self._vendor.openai_url], steps
        )

    async def _peer(self, command: Sequence[str], steps: int, delay: float = 0.0) -> float:
        first = self._script(peers_script(steps, delay))
        environment = {
            **clean_environment(self._place),
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
            "MSWEA_SILENT_STARTUP": "1",
            "MSWEA_CONFIGURED": "true",
            "MSWEA_GLOBAL_CONFIG_DIR": str(self._place),
        }
        await run(command, environment, self.workspace)
        return own_time(self._vendor.requests[first:], "bash", steps)

    def _script(self, replies: list[object]) -> int:
        self._vendor.script = load_script(replies)  # pyright: ignore[reportArgumentType] (mappings, checked there)
        return len(self._vendor.requests)


def clean_environment(home: Path) -> dict[str, str]:
    """Nothing of the user's settings or keys reaches either side."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    }


async def measure() -> list[Line]:
    peers_python()  # installs, where it has to, before anything is timed
    with tempfile.TemporaryDirectory(prefix="ds-bench-") as name:
        place = Path(name).resolve()
        lay_out(place / "project")
        async with VendorServer([], models=("gpt-4o",)) as vendor:
            with running_hub(place / "state") as hub:
                steps = Steps(place, vendor, hub)
                long = await in_turns(lambda: steps.ours(LIGHT_MODEL, STEPS), lambda: steps.peers(STEPS))
                few = await in_turns(lambda: steps.ours(LIGHT_MODEL, FEW_STEPS), lambda: steps.peers(FEW_STEPS))
                thinking = await in_turns(
                    lambda: steps.ours(LIGHT_MODEL, FEW_STEPS, THINKING_SECONDS),
                    lambda: steps.peers(FEW_STEPS, THINKING_SECONDS),
                )
                litellm = await in_turns(lambda: steps.ours(VENDOR_MODEL, STEPS), lambda: steps.peers(STEPS))
                bare = await in_turns(lambda: steps.ours(LIGHT_MODEL, STEPS), lambda: steps.bare_peers(STEPS))
    return [
        _line(f"agent step, {STEPS} in a session", "mini-swe-agent", *long, bar=BAR),
        _line(f"agent step, {FEW_STEPS} in a session", "mini-swe-agent", *few),
        _line(f"the same, model thinks {THINKING_SECONDS * 1000:.0f} ms", "mini-swe-agent", *thinking),
        _line(f"agent step through LiteLLM, {STEPS}", "mini-swe-agent", *litellm),
        _line(f"agent step, {STEPS} in a session", "its loop alone", *bare),
    ]


def _line(what: str, peer: str, ours: float, theirs: float, ratio: float, bar: float | None = None) -> Line:
    return Line(what=what, unit="ms", ours=ours, peer=peer, theirs=theirs, ratio=ratio, bar=bar)
