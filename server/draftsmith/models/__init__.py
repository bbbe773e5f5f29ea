"""Language models: adapters of `draftsmith.ports.models`, discovery, recording and replay.

The only package that imports LiteLLM, and it does so in one module, late. Nothing here knows sessions or drafts.
"""
