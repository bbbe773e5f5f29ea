"""The hub owns sessions: it writes the store, orders events and fans them out.

It never calls a model and never runs a user's command.
"""
