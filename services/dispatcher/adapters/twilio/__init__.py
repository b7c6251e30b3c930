"""The only place that speaks Twilio."""
