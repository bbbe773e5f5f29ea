"""What the commands of `draftsmith models` show and ask."""
