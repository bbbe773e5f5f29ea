"""The runner executes the pipeline and owns the drafts. It knows one address, the hub's.

It keeps nothing that cannot be made anew from the hub: killed at any moment, another takes its sessions.
"""
