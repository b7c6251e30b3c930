"""What drives the fold: a runner over the bus, and a replay of a recorded log."""
