"""What comes in: decisions, the carrier's webhooks, due timers."""
