"""How a post is asked until somebody confirms: callouts, chains, rungs, answers."""
