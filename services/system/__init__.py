"""What composes the services: all of them in one process, or each in its own."""
