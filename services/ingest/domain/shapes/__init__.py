"""The shapes in which Chinese warnings arrive, one file a family of providers."""
