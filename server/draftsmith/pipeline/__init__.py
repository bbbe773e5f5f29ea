"""The pipeline: plan, code, gates, critique, repair, proposal. A loop over the fold of the session's log.

It decides what to do next and does it; it knows models, tools and drafts by their ports and no process border.
"""
