"""What a machine may lack to run a server here; the text says what to do about it."""


class MissingServerError(Exception):
    """The server cannot be had on this machine."""
