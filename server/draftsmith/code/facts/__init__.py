"""What a project's own files say of it: languages, frameworks, managers, commands, packages, rules.

Everything is read as data; nothing of a project is run or imported to find it out.
"""
