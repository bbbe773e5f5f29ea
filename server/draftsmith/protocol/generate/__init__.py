"""Makes what other languages and readers need from the one source: schema, methods, examples, types, documents.

Run as `python -m draftsmith.protocol.generate [--check]` from a source checkout; nothing imports it at run time.
"""
