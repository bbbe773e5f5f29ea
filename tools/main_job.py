"""`make run`: the main job on the example project, or on the user's own folder, with the model that is found.

Without a model it plays recorded replies and says so; everything else (edits, tests, gates, apply) is really done.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path

from draftsmith.cli.wrapping import described, prose, room
from draftsmith.domain.errors import DraftsmithError
from draftsmith.models.discovery import FoundModel, discover
from draftsmith.models.exchange import read_recording
from draftsmith.models.prices import cost_nano_usd

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "stockroom"
RECORDING = ROOT / "examples" / "stockroom.recording.jsonl"
WORK = ROOT / ".cache" / "run" / "stockroom"
CLI = [sys.executable, "-m", "draftsmith.cli.main"]
CAP_DOLLARS = "0.25"
"""What a paid model may cost here at the most."""

REQUEST = (
    "A test in tests/test_stock.py fails: fix the cause in the code. Then add a command line option `--low N` that"
    " shows only the parts of which there are fewer than N, with tests and a line in the README."
)


def main() -> int:
    task = os.environ.get("DRAFTSMITH_RUN_TASK", "").strip()
    workspace = os.environ.get("DRAFTSMITH_RUN_WORKSPACE", "").strip()
    try:
        found = asyncio.run(discover(os.environ))
    except DraftsmithError as error:
        print(error, file=sys.stderr)
        return 1
    if task or workspace:
        return own_folder(task, workspace, found)
    return example(found)


def own_folder(task: str, workspace: str, found: tuple[FoundModel, ...]) -> int:
    """The user's task in the user's folder; nothing there changes until hunks are accepted."""
    if not task or not workspace:
        print('Say both: make run TASK="what is to be done" WORKSPACE=folder', file=sys.stderr)
        return 2
    if not found:
        say("There is no model: set OPENAI_API_KEY, ANTHROPIC_API_KEY or GEMINI_API_KEY, or start a local server.")
        return 1
    say_model(found[0])
    limit = [] if found[0].local or found[0].price is None else ["--budget", CAP_DOLLARS]
    return run_cli("run", task, "-w", workspace, "--model", found[0].model, *limit)


def example(found: tuple[FoundModel, ...]) -> int:
    """The example project in a folder of its own: a red test to be fixed, a feature to be added."""
    prepare()
    heading("The project before: one test fails")
    tests()
    heading("The job")
    say(REQUEST, "")
    if found:
        say_model(found[0])
        limit = [] if found[0].local or found[0].price is None else ["--budget", CAP_DOLLARS]
        model = ["--model", found[0].model, *limit]
    else:
        say(
            "No model was found (no key in the environment, no local server): playing RECORDED replies.",
            f"They come from {provenance()}. Plan, edits, commands, gates, review and apply are really done.",
            "",
        )
        model = ["--recording", str(RECORDING)]
    session = started("run", REQUEST, "-w", str(WORK), "--auto", "--no-wait", *model)
    if session is None:
        return 1
    code = run_cli("attach", session)
    if code != 0:
        return code
    heading("What was applied to the project's files")
    git("add", "--intent-to-add", ".")
    git("--no-pager", "diff", "--stat", "-p")
    heading("The project after")
    code = tests()
    heading("What you can type next")
    cli = ".venv/bin/draftsmith"
    following = [
        (f"{cli} show {session}", "what was done, step by step, and what was proved"),
        (f"{cli} undo {session}", "take the change back; what you edited since stays"),
        (f'{cli} message {session} "…"', "ask for more"),
        (f"{cli} hub stop", "end the hub, which else stays ready in the background"),
        ('make run TASK="…" WORKSPACE=folder', "the same on your own code"),
    ]
    print("\n".join(described(following, room())), flush=True)
    return code


def prepare() -> None:
    """A fresh copy of the example under git, away from this repository."""
    shutil.rmtree(WORK, ignore_errors=True)
    shutil.copytree(EXAMPLE, WORK)
    git("init", "-q")
    git("add", "-A")
    git("-c", "user.name=Example", "-c", "user.email=example@localhost", "commit", "-q", "-m", "The project as it was")


def say_model(model: FoundModel) -> None:
    """Which model it is, where it was found, and what the job is likely to cost."""
    say(f"Model: {model.model} ({model.title}, {model.credential.origin}).")
    if model.local:
        say("It runs on this machine and costs nothing.", "")
        return
    if model.price is None:
        say("Its price is not known, so the cost cannot be capped; stop with Ctrl-C twice.", "")
        return
    say(f"Estimate: {estimate(model.model)}; never more than {CAP_DOLLARS} dollars.", "")


def estimate(model: str) -> str:
    """What the recorded run of the example would have cost with this model."""
    recording = read_recording(RECORDING.read_text(encoding="utf-8").split("\n"), source=RECORDING.name)
    costs = [cost_nano_usd(model, exchange.usage) for exchange in recording.exchanges]
    known = [cost for cost in costs if cost is not None]
    return f"about {sum(known) / 1e9:.3f} dollars, as the recorded run used"


def provenance() -> str:
    """Where the recorded replies come from, from the recording itself."""
    known = read_recording(RECORDING.read_text(encoding="utf-8").split("\n"), source=RECORDING.name).provenance
    return f"{known.by} ({known.recorded_at[:10]})"


def tests() -> int:
    """The example's own tests, run as its people would."""
    command = [sys.executable, "-m", "unittest", "discover", "-s", "tests"]
    done = subprocess.run(command, cwd=WORK, capture_output=True, text=True, check=False)
    lines = done.stderr.strip().split("\n")
    shown = [line for line in lines if line.startswith(("FAIL:", "ERROR:", "Ran ", "OK", "FAILED"))]
    say(*shown)
    return done.returncode


def say(*paragraphs: str) -> None:
    """Prose, broken between words."""
    print("\n".join(prose(one, room()) for one in paragraphs), flush=True)


def heading(text: str) -> None:
    print(f"\n=== {text} ===", flush=True)


def run_cli(*arguments: str) -> int:
    return subprocess.run([*CLI, *arguments], check=False).returncode


def started(*arguments: str) -> str | None:
    """The id of the session that the command started; its errors go to the terminal."""
    done = subprocess.run([*CLI, *arguments], stdout=subprocess.PIPE, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else None


def git(*arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=WORK, check=True)


if __name__ == "__main__":
    sys.exit(main())
