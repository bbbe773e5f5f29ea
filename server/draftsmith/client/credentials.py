"""Keys of this process's own environment, handed to the hub over the authenticated connection.

A value goes into the message and nowhere else: no log, no error text, no child's environment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from draftsmith.client.messages import OfferedCredential

VENDOR_VARIABLES: tuple[tuple[str, str, str], ...] = (
    ("ANTHROPIC_API_KEY", "anthropic", "ANTHROPIC_BASE_URL"),
    ("OPENAI_API_KEY", "openai", "OPENAI_BASE_URL"),
    ("GEMINI_API_KEY", "gemini", "GOOGLE_GEMINI_BASE_URL"),
    ("GOOGLE_API_KEY", "gemini", "GOOGLE_GEMINI_BASE_URL"),
)
"""(variable of the key, provider, variable of the address); of two keys of one provider the first set counts.

The same as in `draftsmith.models.providers`, which a client does not import; a test compares them.
"""

KEY_VARIABLE = "DRAFTSMITH_API_KEY"
URL_VARIABLE = "DRAFTSMITH_BASE_URL"
MODEL_VARIABLE = "DRAFTSMITH_MODEL"
"""The model to use when none is named: `provider/model`."""

SECRET_VARIABLES = frozenset({KEY_VARIABLE, *(variable for variable, _, _ in VENDOR_VARIABLES)})
"""Never passed on in the environment of a process that we start."""

ORIGIN = "environment"
_CUSTOM = "openai_compatible"
"""The provider of an endpoint that the user names."""


def credentials_in(environ: Mapping[str, str]) -> list[OfferedCredential]:
    """What the environment holds, one credential a provider."""
    found: dict[str, OfferedCredential] = {}
    for variable, provider, address_variable in VENDOR_VARIABLES:
        value = environ.get(variable, "").strip()
        if value and provider not in found:
            found[provider] = {
                "provider": provider,
                "label": variable,
                "value": value,
                "base_url": environ.get(address_variable, "").strip() or None,
                "origin": ORIGIN,
            }
    base_url = environ.get(URL_VARIABLE, "").strip()
    if base_url:
        found[_CUSTOM] = {
            "provider": _CUSTOM,
            "label": URL_VARIABLE,
            "value": environ.get(KEY_VARIABLE, "").strip(),
            "base_url": base_url,
            "origin": ORIGIN,
        }
    return list(found.values())


def model_in(environ: Mapping[str, str]) -> str:
    """The model that the environment names, as `provider/model`; empty lets the runner choose."""
    model = environ.get(MODEL_VARIABLE, "").strip()
    if model and environ.get(URL_VARIABLE, "").strip():
        return f"{_CUSTOM}/{model.removeprefix(f'{_CUSTOM}/')}"
    return model


def without_secrets(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment for a process of ours: keys travel over the connection only."""
    return {name: value for name, value in environ.items() if name not in SECRET_VARIABLES}
