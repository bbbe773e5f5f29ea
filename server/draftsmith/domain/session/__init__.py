"""The session stream: events, state, commands, and the two functions that carry it."""
