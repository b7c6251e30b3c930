"""The ways past the phone: people who are sent, loudspeakers, and where phones are dead."""
