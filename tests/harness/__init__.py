"""A real hub with its runner, driven by readable cases: scripted models, a user's actions, what must come of it."""
