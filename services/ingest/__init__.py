"""Ingest: readings, warnings and tips in, events out."""
