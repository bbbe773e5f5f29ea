"""Typing into the terminal of the user who started it all."""

from __future__ import annotations

import os
import pickle
import pty
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from harness.docker_engine import shared_engine
from reliability.escape.attempt import ENGINES, Attempt, attempts
from reliability.escape.engines import command_of
from reliability.escape.ground import Ground
from reliability.escape.terminal_host import Order

[TYPING] = [each for each in attempts("processes") if each.terminal]
TYPED = "touch planted"


def at_a_terminal(ground: Ground, attempt: Attempt, engine: str, environ: dict[str, str], folder: Path) -> str:
    """What a process with a terminal of its own says of the attempt that it made."""
    master, slave = pty.openpty()
    mark = ground.next_mark()
    variables = {"TERMINAL": os.ttyname(slave), "TYPED": TYPED}
    said = folder / "said"
    order = Order(
        engine=engine,
        command=command_of(attempt, ground, mark, variables),
        environ=environ,
        folder=folder / "sandbox",
        said=said,
    )
    (folder / "order").write_bytes(pickle.dumps(order))
    # The terminal's other end is read, as an emulator does: else writing to it would wait.
    reader = threading.Thread(target=drain, args=(master,), daemon=True)
    reader.start()
    try:
        subprocess.run(
            [sys.executable, "-c", BECOME_ITS_OWNER, str(folder / "order")],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            timeout=100,
            check=True,
        )
    finally:
        os.close(slave)
        reader.join(10)
        os.close(master)
    return said.read_text()


BECOME_ITS_OWNER = """
import fcntl, runpy, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from reliability.escape import terminal_host
import pickle, pathlib
terminal_host.main(pickle.loads(pathlib.Path(sys.argv[1]).read_bytes()))
"""


def drain(master: int) -> None:
    try:
        while os.read(master, 4096):
            pass
    except OSError:  # the last one on the other end has left
        return


@pytest.mark.parametrize("engine", ENGINES)
def test_nobody_types_into_the_users_terminal(engine: str, ground: Ground, state_dir: Path) -> None:
    ground.lay_out()
    if engine == "docker":
        with shared_engine() as address:
            said = at_a_terminal(ground, TYPING, engine, {**ground.environ, "DOCKER_HOST": address}, state_dir)
    else:
        said = at_a_terminal(ground, TYPING, engine, ground.environ, state_dir)
    assert "typed: ''" in said
    assert "REACHED" not in said
    assert re.search(TYPING.sign[engine], said)


def test_without_a_sandbox_the_terminal_is_typed_into(ground: Ground, state_dir: Path) -> None:
    said = at_a_terminal(ground, TYPING, "", ground.environ, state_dir)
    assert f"typed: '{TYPED}" in said, said
