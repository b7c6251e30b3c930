"""Where the state of a fold is kept between two processes."""
