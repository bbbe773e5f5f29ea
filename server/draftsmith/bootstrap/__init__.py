"""Putting the processes together. Each is imported late, so that one does not load what another needs."""
