"""The index of code: what is defined, used and imported where, over whole trees, kept on disk by content.

Runs in a process of its own (`bootstrap/index.py`); everybody else uses `client.py`, which imports no parser.
"""
