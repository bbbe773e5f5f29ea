"""What an editor starts: it holds the open documents and shows a hub's sessions in the editor's own terms.

A client of the hub like any other. It imports no model library and no database, and starts in milliseconds.
"""
