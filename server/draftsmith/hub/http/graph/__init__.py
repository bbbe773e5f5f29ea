"""Questions over sessions, tasks, findings, costs and models in GraphQL. Imported when the first one is asked."""
