"""A model's JSON to typed arguments, and what it is told when that fails."""

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from draftsmith.domain.errors import ModelMistake
from draftsmith.domain.plan import plan_defect
from draftsmith.tools.control import Finish, UpdatePlan
from draftsmith.tools.edit import Edit
from draftsmith.tools.files import Read
from draftsmith.tools.registry import TOOLS, parse_call, tool_specs

READ = Read(path="a", start=2)


@pytest.mark.parametrize(
    "text",
    [
        '{"path": "a", "start": 2}',
        '```json\n{"path": "a", "start": 2}\n```',
        '```\n{"path": "a", "start": 2,}\n```\n',
        '{"path": "a", "start": 2,\n}',
        json.dumps('{"path": "a", "start": 2}'),
        ' {"path": "a", "start": "2"} ',
    ],
)
def test_near_misses_are_repaired(text: str) -> None:
    assert parse_call("read", text).arguments == READ


def test_repairs_leave_strings_alone() -> None:
    call = parse_call("edit", '{"path": "a", "old": "[1,]\\",}", "new": "{\\n,}",}')
    assert call.arguments == Edit(path="a", old='[1,]",}', new="{\n,}")


def test_raw_line_breaks_in_strings_are_taken_as_they_are() -> None:
    assert parse_call("edit", '{"path": "a", "old": "x\n\ty", "new": ""}').arguments == Edit(
        path="a", old="x\n\ty", new=""
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"start": 1}', "`path` is missing"),
        ('{"path": "a", "starts": 1}', "Did you mean `start`"),
        ('{"path": "a", "start": 0}', "greater than or equal to 1; it was 0"),
        ('{"path": "a", "start": "x"}', "`start`"),
        ("[1]", "a list"),
        ("null", "null"),
        ('{"path": "a', "cut off"),
        ("{path: a}", "not JSON"),
        ("", "`path` is missing"),
    ],
)
def test_malformed_arguments_say_what_is_wrong_and_show_the_schema(text: str, said: str) -> None:
    with pytest.raises(ModelMistake) as mistake:
        parse_call("read", text)
    assert mistake.value.code == "malformed_arguments"
    assert said in str(mistake.value)
    assert "read(path: string, start: integer = 1, lines: integer = 400)" in str(mistake.value)


def test_an_unknown_tool_is_answered_with_the_names() -> None:
    with pytest.raises(ModelMistake, match=r"no tool 'bash'.*run_command"):
        parse_call("bash", "{}")


@given(st.text(max_size=60))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    for name in ("list", "edit", "update_plan"):
        try:
            parse_call(name, text)
        except ModelMistake as mistake:
            message = str(mistake)
        else:
            message = name
        assert name in message


@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=6),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
        max_leaves=8,
    )
)
def test_repairs_never_change_valid_json(value: Any) -> None:
    text = json.dumps({"path": "a", "old": json.dumps(value), "new": "x"})
    assert parse_call("edit", text).arguments == Edit(path="a", old=json.dumps(value), new="x")


def test_schemas_are_valid_plain_and_closed() -> None:
    for spec in tool_specs():
        schema = json.loads(spec.parameters)
        jsonschema.Draft202012Validator.check_schema(schema)
        assert schema["additionalProperties"] is False
        assert "$ref" not in spec.parameters
    plan = json.loads(next(spec.parameters for spec in tool_specs(("update_plan",))))
    assert "title" in plan["properties"]["tasks"]["items"]["properties"]


def test_control_tools_have_no_executor_and_others_do() -> None:
    assert {"update_plan", "ask_user", "finish"} <= {tool.name for tool in TOOLS.values() if tool.execute is None}
    assert all((tool.effect == "control") == (tool.execute is None) for tool in TOOLS.values())


def test_a_plan_is_made_of_the_arguments() -> None:
    tasks = [{"id": "t1", "title": "one"}, {"id": "t2", "title": "two", "depends_on": ["t1"], "checks": ["pytest"]}]
    arguments = parse_call("update_plan", json.dumps({"tasks": tasks, "reason": "new"})).arguments
    assert isinstance(arguments, UpdatePlan)
    plan = arguments.plan()
    assert plan_defect(plan) is None
    assert [task.title for task in plan.tasks] == ["one", "two"]


def test_finish_carries_what_was_verified() -> None:
    call = parse_call("finish", '{"summary": "done", "verified": ["pytest"]}')
    assert call.arguments == Finish(summary="done", verified=("pytest",))
    assert call.title == "finish: done"
