"""Real servers on one machine without containers: for tests, benchmarks and `make cluster`."""
