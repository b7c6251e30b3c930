"""Events to decisions: the fold of a district's log."""
