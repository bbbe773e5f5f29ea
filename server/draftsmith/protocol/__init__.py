"""The client protocol: JSON-RPC 2.0 methods and the entities they speak of.

Pydantic models here are the one source of the schema, the documents and the clients' types.
"""

PROTOCOL_VERSION = 1
"""The version this code speaks best."""

OLDEST_PROTOCOL_VERSION = 1
"""The oldest version that is still spoken: the current and the one before."""
