"""One file per method that clients call; `draftsmith.edge.routes` says which is which."""
