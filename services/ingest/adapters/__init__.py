"""The means: topic, stores, keys, tables."""
