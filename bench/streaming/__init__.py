"""The processes of the benchmark of live streams: the one that feeds, those that receive, the bare peer."""
