"""What a plan is likely to take rests on the record where there is one, and says what it rests on."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from draftsmith.cli.models.tasks import TASKS
from draftsmith.domain.conversation import Role
from draftsmith.domain.figures import NOTHING, Figures
from draftsmith.domain.session.events import WorkEstimated
from draftsmith.models.routing import RoutingGateway
from draftsmith.pipeline.desk import ChosenModel
from draftsmith.pipeline.money import ROUGH_INPUT, ROUGH_OUTPUT, _one_task

RECORDING = Path(__file__).parents[3] / "examples" / "stockroom.recording.jsonl"
CODED = Figures(tasks=4, input_tokens=40_000, output_tokens=4_000, model_ms=80_000, tool_ms=40_000, nano_usd=400)
REVIEWED = Figures(tasks=2, input_tokens=6_000, output_tokens=200, model_ms=10_000, nano_usd=20)


def chosen(worked: Figures = NOTHING, recorded: Mapping[Role, Figures] | None = None) -> ChosenModel:
    return ChosenModel(
        gateway=RoutingGateway(), model="openai_compatible/m", credential=None, worked=worked, recorded=recorded or {}
    )


def test_the_rough_figures_are_those_of_the_example_that_is_shipped() -> None:
    read, written, tasks = 0, 0, set[str]()
    for line in RECORDING.read_text("utf-8").splitlines():
        exchange = json.loads(line)
        if exchange.get("role") in ("code", "critique"):
            read += exchange["usage"]["input_tokens"]
            written += exchange["usage"]["output_tokens"]
            tasks.add(exchange["thread"])
    assert (round(read / len(tasks), -1), round(written / len(tasks))) == (ROUGH_INPUT, ROUGH_OUTPUT)
    assert {task.output_tokens for task in TASKS} == {ROUGH_OUTPUT}


def test_the_models_own_record_counts_first_with_a_review_as_reviews_were() -> None:
    one = _one_task(chosen(CODED, {"code": CODED, "critique": REVIEWED}))
    assert (one.basis, one.recorded) == ("record", 4)
    assert (one.input_tokens, one.output_tokens) == (13_000, 1_100)
    assert (one.seconds, one.nano_usd) == (35, 110)
    assert _one_task(chosen(CODED, {"code": CODED})).input_tokens == 10_000


def test_others_count_where_little_is_recorded_of_the_model_but_not_for_its_price() -> None:
    one = _one_task(chosen(Figures(tasks=1, input_tokens=9), {"code": CODED, "critique": REVIEWED}))
    assert (one.basis, one.recorded, one.input_tokens) == ("others", 4, 13_000)
    assert one.nano_usd is None


def test_what_was_not_priced_gives_no_price() -> None:
    unpriced = Figures(tasks=3, input_tokens=3, unpriced_calls=1)
    assert _one_task(chosen(unpriced, {"code": unpriced})).nano_usd is None


def test_without_any_record_the_example_counts_and_that_is_said() -> None:
    assert _one_task(chosen(Figures(tasks=2), {"code": Figures(tasks=2)})).basis == "rough"
    told: dict[str, str] = defaultdict(str)
    for basis in ("record", "others", "rough"):
        told[basis] = WorkEstimated(
            model="p/m",
            tasks=2,
            input_tokens=1_000,
            output_tokens=10,
            nano_usd=None,
            seconds=0 if basis == "rough" else 90,
            basis=basis,
            recorded_tasks=3,
        ).describe()
    assert told["record"] == "About 1,010 tokens, an unknown amount, 2 minutes (from 3 recorded tasks of p/m)."
    assert "from 3 recorded tasks of other models" in told["others"]
    assert "minute" not in told["rough"]
    assert "what an example's tasks took" in told["rough"]
