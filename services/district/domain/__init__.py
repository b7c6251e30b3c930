"""The pack's people and policies, and the pure questions one asks of them."""
