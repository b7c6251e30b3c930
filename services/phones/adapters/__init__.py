"""What the network talks to, and in which shapes."""
