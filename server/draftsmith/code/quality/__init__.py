"""What can be said of code without running it: figures per function, duplicates, secrets, known vulnerabilities.

All of it gives the one kind of finding. Nothing here reads a workspace: texts are handed in.
"""
