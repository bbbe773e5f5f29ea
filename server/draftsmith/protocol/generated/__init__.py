"""Made by `python -m draftsmith.protocol.generate` from `protocol/runner.proto`."""
