"""The doors: HTTP, in process, and the page."""
