from __future__ import annotations

from draftsmith.client.credentials import (
    SECRET_VARIABLES,
    VENDOR_VARIABLES,
    credentials_in,
    model_in,
    without_secrets,
)
from draftsmith.models.providers import PROVIDERS


def test_the_variables_are_those_of_the_model_providers() -> None:
    known = [
        (variable, provider.name, provider.address_variables[0])
        for provider in PROVIDERS.values()
        if provider.default_model is not None
        for variable in provider.key_variables
    ]
    assert sorted(VENDOR_VARIABLES) == sorted(known)


def test_first_key_of_a_provider_counts() -> None:
    found = credentials_in({"GOOGLE_API_KEY": "second", "GEMINI_API_KEY": "first"})
    assert [(one["provider"], one["label"], one["value"]) for one in found] == [("gemini", "GEMINI_API_KEY", "first")]


def test_address_of_a_vendor_goes_with_its_key() -> None:
    (found,) = credentials_in({"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"})
    assert found.get("base_url") == "http://127.0.0.1:9/v1"


def test_blank_key_is_none() -> None:
    assert credentials_in({"OPENAI_API_KEY": "  "}) == []


def test_endpoint_of_the_user_needs_no_key() -> None:
    (found,) = credentials_in({"DRAFTSMITH_BASE_URL": "http://127.0.0.1:1234/v1"})
    assert (found["provider"], found["value"], found.get("base_url")) == (
        "openai_compatible",
        "",
        "http://127.0.0.1:1234/v1",
    )


def test_model_of_an_own_endpoint_gets_its_provider() -> None:
    environ = {"DRAFTSMITH_BASE_URL": "http://127.0.0.1:1234/v1", "DRAFTSMITH_MODEL": "qwen/coder"}
    assert model_in(environ) == "openai_compatible/qwen/coder"
    assert model_in({"DRAFTSMITH_MODEL": "openai/gpt-5.4"}) == "openai/gpt-5.4"
    assert model_in({}) == ""


def test_no_key_is_passed_on_to_a_process() -> None:
    environ = dict.fromkeys(SECRET_VARIABLES, "secret") | {"PATH": "/bin"}
    assert without_secrets(environ) == {"PATH": "/bin"}
