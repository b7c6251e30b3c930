"""Redis: who owns a district, and the index of its ledger."""
