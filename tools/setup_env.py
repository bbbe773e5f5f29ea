"""Makes `.venv` exactly as the lock files say, and does nothing when it already is.

Run with the system's Python: standard library only. Downloads nothing but packages, each checked by hash.
A stamp is written last, so an interrupted run is simply run again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "draftsmith-stamp.json"
LOCKS = {"run": "requirements.lock", "dev": "requirements-dev.lock"}
UV_LOCK = "requirements-uv.lock"
STEP_TIMEOUT_S = 1800
WAIT_FOR_OTHER_S = 1800


class SetupFailed(Exception):
    """Says what failed and what to do about it."""


def project_tables(pyproject: str) -> str:
    """What of pyproject.toml changes the installation; settings of linters and tests do not."""
    import tomllib  # not at the top: an older Python must get as far as saying that it is too old

    data = tomllib.loads(pyproject)
    wanted = ("project", "build-system", "dependency-groups")
    parts = [data.get(table) for table in wanted] + [data.get("tool", {}).get("hatch")]
    return json.dumps(parts, sort_keys=True)


def digest(profile: str) -> str:
    """Changes when the environment must be made anew: locks, metadata, place, interpreter."""
    sha = hashlib.sha256()
    for name in (LOCKS[profile], UV_LOCK):
        sha.update((ROOT / name).read_bytes())
    sha.update(project_tables((ROOT / "pyproject.toml").read_text(encoding="utf-8")).encode())
    sha.update(f"{VENV}\0{sys.version_info[:3]}".encode())
    return sha.hexdigest()


def is_current(profile: str) -> bool:
    """Whether the stamp fits; an environment for development also serves `run`."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    if not os.access(PYTHON, os.X_OK):
        return False
    profiles = ("run", "dev") if profile == "run" else ("dev",)
    return any(stamp == {"profile": made, "digest": digest(made)} for made in profiles)


def stamped_profile() -> str:
    """What the present environment was made for; empty when there is none, or it was never finished."""
    try:
        return str(json.loads(STAMP.read_text(encoding="utf-8"))["profile"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def child_environment() -> dict[str, str]:
    """Hands pip's mirror and certificate settings to uv, which reads only its own."""
    environment = dict(os.environ)
    for name in ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "PIP_USER", "PIP_TARGET", "PIP_PREFIX"):
        environment.pop(name, None)
    environment["PYTHONNOUSERSITE"] = "1"
    environment["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    for theirs, ours in (("PIP_INDEX_URL", "UV_DEFAULT_INDEX"), ("PIP_CERT", "SSL_CERT_FILE")):
        if theirs in environment:
            environment.setdefault(ours, environment[theirs])
    return environment


def step(what: str, command: list[str | Path], remedy: str) -> None:
    print(f"setup: {what}", flush=True)
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=child_environment(), stdin=subprocess.DEVNULL, timeout=STEP_TIMEOUT_S
        )
    except subprocess.TimeoutExpired:
        raise SetupFailed(f"{what} took over {STEP_TIMEOUT_S} s and was ended. {remedy}") from None
    except OSError as error:
        raise SetupFailed(f"{what} could not start ({error}). {remedy}") from None
    if done.returncode != 0:
        raise SetupFailed(f"{what} failed with exit code {done.returncode}. {remedy}")


def has_own_pip() -> bool:
    """Whether `.venv` is whole and made by this version of Python; a broken one is made anew."""
    probe = "import sys, pip; print(*sys.version_info[:2])"
    try:
        done = subprocess.run([PYTHON, "-c", probe], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and done.stdout.split() == [str(part) for part in sys.version_info[:2]]


def make_venv() -> None:
    if VENV.exists() and not (VENV / "pyvenv.cfg").exists() and any(VENV.iterdir()):
        raise SetupFailed(f"{VENV} is there and is no Python environment. Move it away and run this again.")
    # The base interpreter: from within an activated .venv, python3 is the one that is about to be replaced.
    interpreter = getattr(sys, "_base_executable", None) or sys.executable
    step(
        "making .venv",
        [interpreter, "-m", "venv", "--clear", VENV],
        "On Debian `python3-venv` may be missing: run `make system-deps`, then this again.",
    )


def install(profile: str) -> None:
    network = (
        "See the lines above. Without a way to the package registry set PIP_INDEX_URL to a mirror you can "
        "reach; then run the same command again, it goes on where it stopped."
    )
    uv = VENV / "bin" / "uv"
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes", "--only-binary", ":all:"]
    step("installing uv", [*pip, "-r", UV_LOCK], network)
    sync = [uv, "pip", "sync", "--quiet", "--compile-bytecode", "--python", PYTHON, "--require-hashes", "--no-build"]
    step(f"installing what {LOCKS[profile]} names", [*sync, LOCKS[profile]], network)
    editable = [uv, "pip", "install", "--quiet", "--python", PYTHON, "--offline", "--no-deps"]
    step(
        "installing draftsmith itself",
        [*editable, "--no-build-isolation", "-e", "."],
        "The message above is from the build; `make clean` and the same command again starts afresh.",
    )


@contextlib.contextmanager
def only_one_at_a_time() -> Iterator[None]:
    """Two makes at once must not build the same folder; the second finds it done."""
    import fcntl  # POSIX only, as the Makefile is

    (ROOT / ".cache").mkdir(exist_ok=True)
    with (ROOT / ".cache" / "setup.lock").open("w") as handle:
        deadline = time.monotonic() + WAIT_FOR_OTHER_S
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise SetupFailed(
                        f"Another setup has held .cache/setup.lock for {WAIT_FOR_OTHER_S} s. "
                        "End it, then run this again."
                    ) from None
                time.sleep(0.2)
        yield


def ensure(profile: str) -> None:
    if is_current(profile):
        return
    with only_one_at_a_time():
        if is_current(profile):
            return
        # A stale environment for development is renewed as one: `make run` must not take a developer's tools away.
        profile = "dev" if stamped_profile() == "dev" else profile
        STAMP.unlink(missing_ok=True)
        if not has_own_pip():
            make_venv()
        install(profile)
        fresh = STAMP.with_suffix(".new")
        fresh.write_text(json.dumps({"profile": profile, "digest": digest(profile)}), encoding="utf-8")
        fresh.replace(STAMP)


def main(arguments: list[str]) -> int:
    if sys.version_info < (3, 11):  # noqa: UP036 - this file is what an older Python meets first
        print(
            f"setup: Python 3.11 or newer is needed and {sys.executable} is {sys.version.split()[0]}. "
            "Install a newer one and name it: make PYTHON=python3.11 …",
            file=sys.stderr,
        )
        return 1
    if len(arguments) != 1 or arguments[0] not in LOCKS:
        print(f"usage: setup_env.py {'|'.join(LOCKS)}", file=sys.stderr)
        return 2
    try:
        ensure(arguments[0])
    except SetupFailed as failure:
        print(f"setup: {failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
