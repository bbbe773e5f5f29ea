"""`make record`: makes the recorded replies of `make run` anew, from a run of the example with a live model.

The recording is kept only when the run ended with the change applied and every gate passed.
`RECORDED_BY="who answered"` says where the replies come from.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys

import main_job
from draftsmith.models.discovery import discover
from draftsmith.models.exchange import read_recording


def main() -> int:
    found = asyncio.run(discover(os.environ))
    if not found:
        print("A recording needs a live model: set a key, or DRAFTSMITH_MODEL and DRAFTSMITH_BASE_URL.")
        return 1
    main_job.prepare()
    session = main_job.started(
        "run", main_job.REQUEST, "-w", str(main_job.WORK), "--auto", "--no-wait", "--model", found[0].model
    )
    if session is None or main_job.run_cli("attach", session) != 0 or main_job.tests() != 0:
        print("The run was not green; the recording is left as it was.")
        return 1
    by = os.environ.get("RECORDED_BY", "a live model")
    command = [*main_job.CLI, "export", session, "--format", "recording", "--by", by]
    made = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    replies = read_recording(made.split("\n"), source="the session").exchanges
    main_job.RECORDING.write_text(made, encoding="utf-8")
    print(f"{main_job.RECORDING.relative_to(main_job.ROOT)}: {len(replies)} replies.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
