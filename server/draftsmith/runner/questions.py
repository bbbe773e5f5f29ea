"""What the hub asks a runner about models: which can be used and how they are, whether an endpoint is one.

Forms are those of the client protocol. It calls no model, but for one token where an endpoint gives no list.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from draftsmith.domain.conversation import Role
from draftsmith.domain.errors import UserError
from draftsmith.domain.figures import Figures
from draftsmith.domain.no_model import GUIDE
from draftsmith.domain.work_record import FORMAT_OF
from draftsmith.models import lineup
from draftsmith.models.book import ModelBook
from draftsmith.models.choice import Candidate
from draftsmith.models.discovery import discover
from draftsmith.models.endpoint_check import check_endpoint
from draftsmith.models.health import EndpointReport
from draftsmith.pipeline.needs import LIKELY_TOKENS, MAX_OUTPUT_TOKENS
from draftsmith.ports.models import Credential, Needs
from draftsmith.protocol.methods import model_report as messages
from draftsmith.runner.choosing import local_servers

ROLES: tuple[Role, ...] = ("plan", "code", "critique", "quick")


async def answer(book: ModelBook, method: str, body: str, credentials: Sequence[Credential]) -> str:
    """The result of a method of the client protocol, as JSON. Raises UserError."""
    match method:
        case "models/list":
            wanted = messages.ModelsParams.model_validate_json(body)
            return (await _listed(book, credentials, wanted)).model_dump_json()
        case "models/check":
            asked = messages.CheckEndpointParams.model_validate_json(body)
            return (await _checked(asked, credentials)).model_dump_json()
        case _:
            raise UserError(f"A runner of this version knows no question {method!r}.", code="unknown_method")


async def _checked(
    params: messages.CheckEndpointParams, credentials: Sequence[Credential]
) -> messages.CheckEndpointResult:
    # The last one under the name: a key given with the question comes after those at hand.
    key = next((one.value for one in reversed(credentials) if one.label == params.name), "")
    found = await check_endpoint(params.base_url, key, params.models)
    return messages.CheckEndpointResult(
        trouble=found.trouble, problem=found.problem, remedy=found.remedy, models=found.models
    )


async def _listed(
    book: ModelBook, credentials: Sequence[Credential], wanted: messages.ModelsParams
) -> messages.ModelsResult:
    servers = local_servers() if wanted.local else None
    named = [one for model in wanted.also for one in book.named(model, credentials)]
    others = book.candidates(credentials, () if servers is None else await discover({}, addresses=servers))
    found = tuple({one.endpoint: one for one in (*named, *others)}.values())
    now = time.monotonic()
    reports = {report.key: report for report in book.health.reports(now)}
    return messages.ModelsResult(
        models=tuple(_model(book, one, reports.get(one.endpoint), now) for one in found),
        choices=tuple(_choice(book, found, role) for role in ROLES),
        guide="" if found else GUIDE,
    )


def _choice(book: ModelBook, found: Sequence[Candidate], role: Role) -> messages.ChoiceInfo:
    needs = Needs(
        role=role,
        input_tokens=LIKELY_TOKENS,
        output_tokens=MAX_OUTPUT_TOKENS,
        abilities=frozenset({"tools"}),
        priced=bool(book.settings.limits),
    )
    choice = book.choose(found, needs)
    if choice.taken is None:
        reason = "; ".join(f"{one.model}: {one.reason}" for one in choice.passed[:5]) or "there is none"
        return messages.ChoiceInfo(role=role, model="", reason=reason)
    label = choice.taken.credential.label if choice.taken.credential else ""
    return messages.ChoiceInfo(role=role, model=choice.taken.model, endpoint=label, reason=choice.reason)


def _model(book: ModelBook, one: Candidate, report: EndpointReport | None, now: float) -> messages.ModelInfo:
    facts, credential = one.facts, one.credential
    named = next((name for name in _names_of(book, one.model) if name != one.model), one.model)
    rates = facts.rates
    return messages.ModelInfo(
        model=named,
        endpoint=credential.label if credential else facts.title,
        origin=credential.origin if credential else "",
        address=(credential.base_url or "") if credential else "",
        vendor=facts.title,
        local=facts.local,
        sent_as=one.model,
        newer=lineup.newer_pins(named, dict(book.settings.pins)),
        context_window=facts.context_window,
        output_limit=facts.output_limit,
        rates=messages.RatesInfo(
            input=rates.input,
            output=rates.output,
            cached=rates.cached,
            cache_write=rates.cache_write,
            reasoning=rates.reasoning,
        ),
        abilities=tuple(messages.AbilityInfo(name=name, has=has) for name, has in facts.abilities.items()),
        facts_from=facts.origin,
        health=_health(report, now),
        record=tuple(_recorded(role, figures) for (model, role), figures in book.figures.items() if model == one.model),
    )


def _names_of(book: ModelBook, sent_as: str) -> list[str]:
    """The names by which the user knows what requests name."""
    lines = [line.model for line in lineup.LINEUP]
    return [name for name in dict.fromkeys((*lines, *book.settings.pins)) if book.sent_as(name) == sent_as]


def _health(report: EndpointReport | None, now: float) -> messages.HealthInfo:
    if report is None:
        return messages.HealthInfo(state="untried")
    return messages.HealthInfo(
        state=report.state,
        allowances=tuple(
            messages.AllowanceInfo(
                unit=window.unit,
                limit=window.limit,
                left=window.left,
                resets_in_ms=max(0, round((window.resets_at - now) * 1000)),
            )
            for window in report.windows
        ),
        failures_in_a_row=report.failures_in_a_row,
        last_failure=report.last_failure or "",
        calls=report.calls,
        failed_calls=report.failed,
    )


def _recorded(role: Role, figures: Figures) -> messages.RecordInfo:
    answered = figures.calls - figures.failed_calls
    writing_ms = figures.model_ms - figures.first_token_ms
    return messages.RecordInfo(
        role=role,
        calls=figures.calls,
        failed_calls=figures.failed_calls,
        tasks=figures.tasks,
        good_tasks=figures.good_tasks,
        gates=figures.gates,
        passed_gates=figures.passed_gates,
        tool_calls=figures.tool_calls,
        invalid_tool_calls=figures.invalid_tool_calls,
        edits=tuple(
            messages.EditRecord(format=name, tried=tried, good=good)
            for name in FORMAT_OF.values()
            for tried, good in [figures.edits(name)]
            if tried
        ),
        first_token_ms=round(figures.first_token_ms / answered) if answered else None,
        tokens_a_minute=round(figures.output_tokens / writing_ms * 60_000) if writing_ms > 0 else None,
        cost_nano_usd=figures.nano_usd,
        unpriced_calls=figures.unpriced_calls,
        input_tokens=figures.input_tokens,
        output_tokens=figures.output_tokens,
    )
