"""What is decided about an input: pure, with `now` as an argument."""
