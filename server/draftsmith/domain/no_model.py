"""What a person reads who has no usable model: how to get one, in one screen."""

from __future__ import annotations

NO_MODEL = "There is no model that can be used."

GUIDE = """\
Any one of these is enough:
  a key of a vendor     set ANTHROPIC_API_KEY, OPENAI_API_KEY or GEMINI_API_KEY where you start Draftsmith,
                        or keep it in the system's keyring: draftsmith models key set anthropic
  a local server        start Ollama, llama.cpp, LM Studio or vLLM at its usual port; it is found by itself
  another endpoint      draftsmith models add NAME https://… --model MODEL --key   (OpenAI-compatible)
`draftsmith models` shows what is found; a session that stopped goes on with `draftsmith resume`.
Everything but sessions works without a model: the map of the code, symbols, search, facts, reviews of proposals."""
