"""The district pack: everything that differs between districts, read and checked as a whole."""
