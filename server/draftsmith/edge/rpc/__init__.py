"""JSON-RPC 2.0 in both directions over standard input and output, framed as LSP frames it.

Our own, because importing pygls and lsprotocol costs more than everything else that an edge does at its start, and
because their writer stops the loop when a client does not read.
"""
