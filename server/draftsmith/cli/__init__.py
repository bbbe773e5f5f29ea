"""The terminal: a client of the hub. It holds no truth and decides nothing.

Commands live in files of their own and are imported when they are called, for `draftsmith` must start at once.
"""
