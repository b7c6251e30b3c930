"""The means behind the console's ports."""
