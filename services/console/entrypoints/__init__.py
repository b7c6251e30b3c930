"""Pages, live updates, acts and the API."""
