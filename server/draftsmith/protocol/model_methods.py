"""The registry's methods about models: what the user decided, what can be used, what was spent."""

from __future__ import annotations

from draftsmith.protocol.method import Method, method
from draftsmith.protocol.methods import model_report, models

_ASKED = ("no_runner", "runner_silent")
"""Only a runner knows it, and there may be none."""

MODEL_METHODS: tuple[Method, ...] = (
    method(
        "models/settings",
        models.SettingsParams,
        models.ModelSettingsResult,
        "view",
        "What the user decided about models.",
        safe=True,
    ),
    method(
        "models/endpoint",
        models.EndpointInfo,
        models.ModelSettingsResult,
        "own",
        "Adds an OpenAI-compatible endpoint, or changes the one of that name.",
        idempotent=True,
        errors=("bad_model_setting",),
    ),
    method(
        "models/forget",
        models.EndpointName,
        models.ModelSettingsResult,
        "own",
        "Forgets an endpoint.",
        errors=("bad_model_setting",),
    ),
    method(
        "models/facts",
        models.SetFactsParams,
        models.ModelSettingsResult,
        "own",
        "Lays the user's facts of a model over what is known of it.",
        idempotent=True,
        errors=("bad_model_setting",),
    ),
    method(
        "models/order",
        models.SetOrderParams,
        models.ModelSettingsResult,
        "own",
        "Sets which models take a role, and in which order they stand in for each other.",
        idempotent=True,
        errors=("bad_model_setting",),
    ),
    method(
        "models/prefer",
        models.SetPreferenceParams,
        models.ModelSettingsResult,
        "own",
        "Sets what counts when a model is chosen by itself.",
        idempotent=True,
        errors=("bad_model_setting",),
    ),
    method(
        "models/pin",
        models.PinParams,
        models.ModelSettingsResult,
        "own",
        "Pins a model to one version of it, or takes that back.",
        idempotent=True,
        errors=("bad_model_setting",),
    ),
    method(
        "models/limit",
        models.SetLimitParams,
        models.ModelSettingsResult,
        "own",
        "Sets what may be spent in a day, in a month or with a key.",
        idempotent=True,
        errors=("bad_model_setting",),
    ),
    method(
        "models/unpin",
        models.UnpinParams,
        models.ModelSettingsResult,
        "own",
        "Takes the last pin of a model back.",
        errors=("bad_model_setting",),
    ),
    method(
        "models/list",
        model_report.ModelsParams,
        model_report.ModelsResult,
        "view",
        "The models that can be used, with facts, prices, health and record, and which of them each role would get.",
        safe=True,
        errors=_ASKED,
    ),
    method(
        "models/check",
        model_report.CheckEndpointParams,
        model_report.CheckEndpointResult,
        "own",
        "Looks whether an endpoint can be used, and what it serves. Changes nothing.",
        idempotent=True,
        errors=_ASKED,
    ),
    method(
        "credentials/keep",
        model_report.KeepKeyParams,
        model_report.KeptKey,
        "own",
        "Puts a key into the system's keyring.",
        idempotent=True,
        errors=("bad_model_setting", "unknown_key_name"),
    ),
    method(
        "credentials/drop",
        model_report.KeyNameParams,
        model_report.KeptKey,
        "own",
        "Takes a key out of the system's keyring.",
        errors=("bad_model_setting",),
    ),
    method(
        "usage/read",
        model_report.UsageParams,
        model_report.UsageResult,
        "view",
        "Tokens and money by day, model, role, key, workspace or session.",
        safe=True,
    ),
)
