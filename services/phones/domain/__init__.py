"""The exchange and the people: pure, seeded, on any clock."""
