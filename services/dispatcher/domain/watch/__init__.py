"""The watch on the dispatcher itself."""
