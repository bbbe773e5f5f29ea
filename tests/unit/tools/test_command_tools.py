"""run_command and read_output in the real sandbox: the text that the model gets."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import replace

from tests.unit.tools.toolbench import Bench

from draftsmith.tools.command import KEPT_BYTES
from draftsmith.tools.registry import parse_call, run_call
from draftsmith.tools.tool import CommandMeta, ToolResult


def command_meta(result: ToolResult) -> CommandMeta:
    assert isinstance(result.meta, CommandMeta), result.text
    return result.meta


def seconds_hidden(text: str) -> str:
    return re.sub(r"\d+\.\d s", "N s", text)


async def test_stdout_and_stderr_are_apart_and_not_escaped(bench: Bench) -> None:
    result = await bench.call("run_command", command="printf 'a\\tb \"<é>\"\\n'; echo oops >&2; exit 3")
    assert seconds_hidden(result.text) == (
        'Exit code 3 after N s.\n--- stdout: 1 line ---\na\tb "<é>"\n--- stderr: 1 line ---\noops'
    )
    assert (result.kind, command_meta(result).exit_code) == ("ok", 3)


async def test_a_quiet_command_says_so(bench: Bench) -> None:
    assert seconds_hidden((await bench.call("run_command", command="true")).text) == (
        "Exit code 0 after N s.\nstdout: empty\nstderr: empty"
    )


async def test_it_runs_in_a_folder_of_the_draft_with_stdin(bench: Bench) -> None:
    (bench.draft / "sub").mkdir()
    result = await bench.call("run_command", command="pwd; cat > got", cwd="sub", stdin="hé")
    assert f"\n{bench.workspace}/sub\n" in result.text
    assert (bench.draft / "sub" / "got").read_text() == "hé"
    assert (await bench.call("run_command", command="true", cwd="missing")).code == "bad_working_folder"


async def test_long_output_says_what_is_left_out_and_read_output_gives_it(bench: Bench) -> None:
    result = await bench.call("run_command", command="seq 20000")
    assert len(result.text) < KEPT_BYTES + 500
    found = re.search(r'\[… (\d+) lines .*read_output\(output="(c\w+\.stdout)", start=(\d+)\)\]', result.text)
    assert found is not None
    shown = [line for line in result.text.splitlines() if line.isdigit()]
    assert len(shown) + int(found[1]) == 20_000
    page = await bench.call("read_output", output=found[2], start=int(found[3]), lines=2)
    first = int(found[3])
    assert page.text == (
        f"{found[2]}: lines {first} to {first + 1} of 20000; go on with start={first + 2}\n{first}\n{first + 1}"
    )
    assert (await bench.call("read_output", output=found[2], start=20_001)).code == "no_such_line"


async def test_read_output_reads_outputs_only(bench: Bench) -> None:
    bench.context.output_dir.mkdir()
    (bench.context.output_dir / "secret").write_text("x")
    assert (await bench.call("read_output", output="secret")).code == "bad_output"
    assert (await bench.call("read_output", output="../draft/x.stdout")).code == "bad_output"
    assert (await bench.call("read_output", output="c0.stdout")).code == "no_such_output"


async def test_a_time_limit_is_a_limit_with_advice(bench: Bench) -> None:
    result = await bench.call("run_command", command="echo begun; sleep 60", timeout_seconds=1)
    assert (result.kind, result.code) == ("limit", "command_time")
    assert "the time limit of 1 s" in result.text
    assert "begun" in result.text
    assert command_meta(result).exit_code is None


async def test_a_signal_is_named(bench: Bench) -> None:
    assert "Exit code 139 (died of SIGSEGV)" in (await bench.call("run_command", command="kill -SEGV $$")).text


async def test_output_is_streamed_and_cancel_ends_it(bench: Bench) -> None:
    cancel = asyncio.Event()
    pieces: list[str] = []

    def on_output(_: str, text: str) -> None:
        pieces.append(text)
        cancel.set()

    context = replace(bench.context, on_output=on_output, cancel=cancel)
    call = parse_call("run_command", json.dumps({"command": "echo begun; sleep 60"}))
    assert call.title == "run echo begun; sleep 60"
    result = await run_call(call, context)
    assert (pieces, result.code) == (["begun\n"], "command_cancelled")


async def test_commands_see_dependencies_and_every_root(bench: Bench) -> None:
    other = bench.add_root("lib")
    (other / "x").write_text("lib\n")
    result = await bench.call("run_command", command="cat .venv/lib/dep.py ../lib/x; pwd")
    assert f"needle = 1\nlib\n{bench.workspace}\n" in result.text


def test_the_limits_are_in_the_description() -> None:
    description = parse_call("run_command", '{"command": "x"}').tool.description
    for number in ("120 s", "1800", "8,000", "16,000", "50,000,000"):
        assert number in description
