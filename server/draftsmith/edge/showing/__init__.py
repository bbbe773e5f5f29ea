"""What of the sessions the editor shows: each module one of its means."""
