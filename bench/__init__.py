"""Benchmarks against references, each in the same run. They are never part of the tests."""
