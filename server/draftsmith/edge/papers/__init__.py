"""Documents through which people write to Draftsmith and read from it where an editor has nothing but documents."""
