"""The proposal at the terminal: hunks as differences, and the walk through them."""
