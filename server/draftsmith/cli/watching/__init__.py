"""Watching a session: what is told as it happens, on a live screen, as plain lines or as JSON lines."""
