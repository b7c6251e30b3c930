"""What is decided, from nothing but the log: no clock, no file, no chance."""
