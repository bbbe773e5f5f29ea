"""The event store on a relational database. Nothing outside this package knows SQL."""
