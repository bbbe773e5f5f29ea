"""The pure core: values, events, commands, `decide` and `evolve`.

No I/O, no clock, no randomness, no third-party imports. Time and ids are arguments.
"""
