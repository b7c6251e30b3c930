"""What the pages show, folded from the three topics: pure, like every domain."""
