"""Keeps tests from seeing the machine they run on, and from leaving processes on it.

No vendor's key, no setting of Draftsmith or git and no home of the user reaches a test. What a test starts ends
with it, or the test fails.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import psutil
import pytest

PREFIXES = (
    *("DRAFTSMITH_", "GIT_", "XDG_", "ANTHROPIC_", "OPENAI_", "AZURE_", "AWS_", "GEMINI_", "GOOGLE_"),
    *("VERTEX", "MISTRAL_", "GROQ_", "DEEPSEEK_", "OPENROUTER_", "OLLAMA_", "LITELLM_", "CLAUDE_", "HF_"),
)
SUFFIXES = ("_API_KEY", "_API_BASE", "_API_TOKEN", "_ACCESS_KEY", "_SECRET_KEY", "_AUTH_TOKEN")
LOOPBACK = "127.0.0.1,localhost,::1"
GRACE_S = 3.0
PR_SET_CHILD_SUBREAPER = 36


def leaks(name: str) -> bool:
    """Whether a variable would let the machine change what a test sees."""
    return name.startswith(PREFIXES) or name.endswith(SUFFIXES)


def _make_writable_and_retry(
    function: object, path: str, error: tuple[type[BaseException], BaseException, TracebackType]
) -> None:
    """Tests make folders without rights on purpose; they must not stay behind."""
    for folder in (Path(path).parent, Path(path)):
        with contextlib.suppress(OSError):
            if not folder.is_symlink() and folder != Path(tempfile.gettempdir()):
                folder.chmod(stat.S_IRWXU)
    if callable(function):
        with contextlib.suppress(OSError):
            function(path)


@contextlib.contextmanager
def short_folder(prefix: str) -> Iterator[Path]:
    """A private temporary folder directly under /tmp where there is one, removed afterwards."""
    base = "/tmp" if os.access("/tmp", os.W_OK) else None
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=base)).resolve()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, onerror=_make_writable_and_retry)


def write_identity(home: Path) -> None:
    """A name for the commits that tests make with plain git; the product reads no such file."""
    home.mkdir(exist_ok=True)
    (home / ".gitconfig").write_text(
        "[user]\n\tname = Test\n\temail = test@example.invalid\n[init]\n\tdefaultBranch = main\n",
        encoding="utf-8",
    )


def become_subreaper() -> None:
    """Orphans of a test become children of this process, so that they are seen; Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


_stack = contextlib.ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    for name in [name for name in os.environ if leaks(name)]:
        del os.environ[name]
    home = _stack.enter_context(short_folder("ds-home-"))
    write_identity(home)
    os.environ["HOME"] = str(home)
    for name in ("NO_PROXY", "no_proxy"):
        os.environ[name] = LOOPBACK
    # Scripts of models hold what a test is about; those about short texts and summaries let them be asked for.
    os.environ["DRAFTSMITH_RUNNER_QUICK"] = "off"
    become_subreaper()


def pytest_unconfigure(config: pytest.Config) -> None:
    _stack.close()


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Gives each test a home of its own, and undoes what it did to the environment and the working folder."""
    before, folder = dict(os.environ), Path.cwd()
    with short_folder("ds-home-") as home:
        write_identity(home)
        monkeypatch.setenv("HOME", str(home))
        yield
    monkeypatch.undo()
    os.chdir(folder)
    for name in set(os.environ) - set(before):
        del os.environ[name]
    os.environ.update(before)


@pytest.fixture
def state_dir() -> Iterator[Path]:
    """An empty private folder with a short path: a Unix socket's path may have about 100 bytes."""
    with short_folder("ds-") as folder:
        yield folder


OF_WIDER_FIXTURES: set[int] = set()
"""Processes that a fixture of a wider scope started in the middle of a test, and ends itself."""


def _children() -> dict[int, psutil.Process]:
    return {child.pid: child for child in psutil.Process().children() if child.pid not in OF_WIDER_FIXTURES}


def _describe(process: psutil.Process) -> str:
    with contextlib.suppress(psutil.Error):
        return f"{process.pid}: {' '.join(process.cmdline())[:200] or process.name()}"
    return str(process.pid)


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _end(process: psutil.Process) -> None:
    with contextlib.suppress(psutil.Error):
        for grandchild in process.children(recursive=True):
            grandchild.kill()
        process.kill()
        process.wait(GRACE_S)


@pytest.fixture(autouse=True)
def no_process_left_behind(clean_environment: None) -> Iterator[None]:
    """Fails a test whose processes outlive it; those of wider fixtures are there before it and are left alone."""
    before = set(_children())
    yield
    left = [child for pid, child in _children().items() if pid not in before and _is_alive(child)]
    if not left:
        return
    # What was told to end may need a moment; orphans are reaped here, since nobody else waits for them.
    _, alive = psutil.wait_procs(left, timeout=GRACE_S)
    alive = [process for process in alive if _is_alive(process)]
    if alive:
        described = [_describe(process) for process in alive]
        for process in alive:
            _end(process)
        pytest.fail("processes left behind:\n  " + "\n  ".join(described), pytrace=False)
