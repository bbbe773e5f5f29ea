from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import draftsmith
from draftsmith.cli import commands, reference
from draftsmith.cli.app import COMMANDS, app
from draftsmith.cli.commands.decide import chosen_hunks
from draftsmith.cli.exit_codes import MEANINGS, ExitCode, exit_code_of
from draftsmith.cli.markdown import fenced
from draftsmith.client import messages
from draftsmith.domain.errors import UserError
from draftsmith.protocol.registry import BY_NAME
from unit.cli.entities import entity, held

PACKAGE = Path(draftsmith.__file__).parent
TOO_HEAVY = (
    "pydantic",
    "sqlalchemy",
    "grpc",
    "litellm",
    "starlette",
    "rich",
    "structlog",
    "draftsmith.hub",
    "draftsmith.store",
)


def draftsmith_(*arguments: str, folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "draftsmith.cli.main", *arguments],
        cwd=folder,
        env={**os.environ, "DRAFTSMITH_STATE_DIR": str(folder / "state"), "COLUMNS": "100", **environ},
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )


def modules_of(code: str) -> set[str]:
    """The modules in memory after the code ran in a fresh Python."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{code}\nprint('\\n'.join(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return set(done.stdout.split())


def heavy(modules: set[str]) -> set[str]:
    return {name for name in modules if name.startswith(TOO_HEAVY) or name in TOO_HEAVY}


def test_version_is_said_without_importing_anything_of_ours_but_the_entry() -> None:
    modules = modules_of("sys.argv = ['draftsmith', '--version']\nfrom draftsmith.cli.main import main\nmain()")
    assert {name for name in modules if name.startswith(("draftsmith", "click", "asyncio"))} == {
        "draftsmith",
        "draftsmith.cli",
        "draftsmith.cli.main",
    }


def test_listing_sessions_imports_nothing_heavy() -> None:
    modules = modules_of("import draftsmith.cli.app, draftsmith.cli.commands.sessions, draftsmith.client.start")
    assert heavy(modules) == set()


def test_help_of_all_imports_no_command() -> None:
    modules = modules_of("from draftsmith.cli.app import app\napp(['--help'], standalone_mode=False)")
    assert not {name for name in modules if name.startswith("draftsmith.cli.commands")}
    assert "asyncio" not in modules


def test_version_is_the_projects() -> None:
    text = (PACKAGE.parents[1] / "pyproject.toml").read_text()
    assert f'version = "{draftsmith.__version__}"' in text


def test_every_command_of_the_table_exists_with_help_and_json() -> None:
    listed = dict(reference.all_commands(app, ()))
    assert {path[0] for path in listed} == set(COMMANDS)
    for path, command in listed.items():
        assert command.help, path
        if path != ("lsp",):  # it writes nothing but the protocol
            assert "--json" in {name for option in command.params for name in option.opts}, path
        undocumented = [
            one for one in command.params if one.param_type_name == "option" and not getattr(one, "help", "")
        ]
        assert not undocumented, path


def test_every_module_of_commands_is_in_the_table() -> None:
    folder = Path(commands.__file__).parent
    files = {file.stem for file in folder.glob("*.py")} - {"__init__"}
    assert files == {module for module, _ in COMMANDS.values()}


def test_page_of_commands_is_not_stale() -> None:
    assert reference.OUTPUT.read_text() == reference.reference(), "run `make generate`"


def test_every_exit_code_is_documented() -> None:
    assert set(MEANINGS) == set(ExitCode)
    for code, meaning in MEANINGS.items():
        assert f"| {int(code)} | {meaning} |" in reference.reference()


@pytest.mark.parametrize(
    ("code", "adapter", "expected"),
    [
        ("nothing_to_undo", False, ExitCode.NOTHING_TO_DO),
        ("unknown_session", False, ExitCode.USAGE),
        ("illegal_command", False, ExitCode.FAILED),
        ("hub_unavailable", True, ExitCode.UNAVAILABLE),
        ("wrong_token", False, ExitCode.UNAVAILABLE),
    ],
)
def test_errors_have_the_exit_code_of_who_must_act(code: str, adapter: bool, expected: ExitCode) -> None:
    assert exit_code_of(code, adapter=adapter) is expected


def calls_of_the_hub() -> list[tuple[str, str, list[str], str]]:
    """(place, method, types that the parameters are made of, result type) of every call in the source."""
    found: list[tuple[str, str, list[str], str]] = []
    for file in [*(PACKAGE / "cli").rglob("*.py"), *(PACKAGE / "client").rglob("*.py")]:
        for node in ast.walk(ast.parse(file.read_text())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if node.func.attr not in ("call", "acknowledge") or not node.args:
                continue
            if isinstance(node.args[0], ast.Constant):
                made = [
                    one.func.id
                    for one in ast.walk(node.args[1])
                    if isinstance(one, ast.Call) and isinstance(one.func, ast.Name)
                ]
                result = node.args[2].id if len(node.args) > 2 and isinstance(node.args[2], ast.Name) else "Empty"
                found.append((f"{file.name}:{node.lineno}", str(node.args[0].value), made, result))
    return found


def test_every_call_names_the_result_and_parameters_of_its_method() -> None:
    calls = calls_of_the_hub()
    assert len(calls) > 15
    for place, method, made, result in calls:
        assert method in BY_NAME, place
        assert result == BY_NAME[method].result.__name__, place
        assert hasattr(messages, result), place
        assert set(made) <= {BY_NAME[method].params.__name__}, place


def test_mistyped_command_gets_a_suggestion(tmp_path: Path) -> None:
    done = draftsmith_("sesions", folder=tmp_path)
    assert done.returncode == ExitCode.USAGE
    assert "Did you mean `draftsmith sessions`?" in done.stderr


def test_wrong_option_is_json_when_that_was_asked_for(tmp_path: Path) -> None:
    done = draftsmith_("sessions", "--nonsense", "--json", folder=tmp_path)
    error = json.loads(done.stderr)
    assert (done.returncode, error["exit_code"], error["error"]["code"]) == (2, 2, "usage")
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["run", "x", "-w", "no-such-folder"], "unknown_folder"),
        (["run", "x", "-w", "file"], "unknown_folder"),
        (["run", "  "], "empty_task"),
        (["run", "x", "--budget", "a lot"], "bad_budget"),
        (["run", "x", "--recording", "no-such-file"], "unreadable_recording"),
        (["run", "x", "-w", "~"], "workspace_is_home"),
        (["accept"], "no_selection"),
        (["review"], "no_terminal"),
        (["message", "s_1", " "], "empty_message"),
    ],
)
def test_wrong_use_is_refused_before_any_hub_is_started(tmp_path: Path, arguments: list[str], code: str) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "home").mkdir()
    done = draftsmith_(*arguments, "--json", folder=tmp_path, HOME=str(tmp_path / "home"))
    assert done.returncode == ExitCode.USAGE, done.stderr
    error = json.loads(done.stderr)["error"]
    assert error["code"] == code
    assert error["message"]
    assert not (tmp_path / "state").exists()


def test_no_hub_is_started_to_ask_how_it_is(tmp_path: Path) -> None:
    done = draftsmith_("hub", "status", "--json", folder=tmp_path)
    assert (done.returncode, json.loads(done.stdout)) == (ExitCode.NOTHING_TO_DO, {"running": False})
    assert draftsmith_("hub", "stop", folder=tmp_path).returncode == ExitCode.NOTHING_TO_DO
    assert draftsmith_("hub", "logs", folder=tmp_path).returncode == ExitCode.USAGE


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_completes_commands(tmp_path: Path, shell: str) -> None:
    script = draftsmith_("completion", shell, folder=tmp_path)
    assert "_DRAFTSMITH_COMPLETE" in script.stdout
    offered = draftsmith_(
        folder=tmp_path,
        _DRAFTSMITH_COMPLETE=f"{shell}_complete",
        COMP_WORDS="draftsmith se",
        COMP_CWORD="se" if shell == "fish" else "1",
    )
    assert "sessions" in offered.stdout


def hunks() -> list[object]:
    return [
        entity("hunk", "aa1", ordinal=0, path="a.py"),
        entity("hunk", "aa2", ordinal=1, path="a.py", status="on_disk"),
        entity("hunk", "bb1", ordinal=2, path="b.py", status="conflicted"),
        entity("hunk", "bb2", ordinal=3, path="b.py", status="rejected"),
        entity("hunk", "cc1", ordinal=4, path="c.py", status="reverted"),
    ]


@pytest.mark.parametrize(
    ("ids", "paths", "everything", "chosen"),
    [
        ((), (), True, ["aa1", "bb1", "cc1"]),
        ((), ("b.py",), False, ["bb1"]),
        ((), ("c.py",), False, ["cc1"]),
        (("bb2",), (), False, ["bb2"]),
        (("bb2",), ("a.py",), False, ["aa1", "bb2"]),
    ],
)
def test_selection_of_hunks(ids: tuple[str, ...], paths: tuple[str, ...], everything: bool, chosen: list[str]) -> None:
    found = chosen_hunks(hunks(), ids, paths, everything=everything)  # pyright: ignore[reportArgumentType]  entities of a test are plain dicts
    assert [one["id"] for one in found] == chosen


@pytest.mark.parametrize(
    ("ids", "paths", "code"),
    [
        (("zz",), (), "unknown_hunk"),
        (("aa",), (), "ambiguous_hunk"),
        (("",), (), "unknown_hunk"),
        ((), ("d.py",), "unknown_file"),
    ],
)
def test_selection_that_means_nothing_is_refused(ids: tuple[str, ...], paths: tuple[str, ...], code: str) -> None:
    with pytest.raises(UserError) as refused:
        chosen_hunks(hunks(), ids, paths, everything=False)  # pyright: ignore[reportArgumentType]  entities of a test are plain dicts
    assert refused.value.code == code


def test_fence_is_longer_than_any_in_the_text() -> None:
    made = fenced("a\n````\nb\n")
    assert re.match(r"`{5}\n", made)
    assert made.rstrip().endswith("`" * 5)
    assert held() is not None
