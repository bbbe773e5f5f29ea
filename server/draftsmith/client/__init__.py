"""A light client of the hub: one connection, and a view of a session that mends itself.

It must stay quick to import: no Pydantic, database, gRPC or model library, and nothing of the hub.
"""
