"""The means: Twilio, the store, the ledger topic."""
