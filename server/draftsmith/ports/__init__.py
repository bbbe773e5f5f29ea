"""Ports: what the inside needs from an adapter, where there are two adapters or a process border."""
