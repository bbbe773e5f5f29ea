"""Handlers of the methods, one file per noun. Each gets a `Call` and its checked parameters."""
