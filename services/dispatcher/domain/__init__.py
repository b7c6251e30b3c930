"""What is decided about callouts; pure."""
