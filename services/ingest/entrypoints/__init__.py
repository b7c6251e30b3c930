"""What comes in: HTTP, and the passing of time."""
