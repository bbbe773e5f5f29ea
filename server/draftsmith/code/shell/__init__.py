"""A parsed view of a shell command line for the policy: programs, arguments, redirections, paths. Runs nothing."""
