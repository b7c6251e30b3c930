"""From a decision to a confirmed human: callouts, chains, calls, acknowledgements, the ledger."""
