"""HTTP and WebSocket of the hub, on loopback. Translates; what calls mean is in `hub.handlers`."""
