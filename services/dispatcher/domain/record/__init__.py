"""The ledger: its chain of hashes, its anchors, and the night rebuilt from it."""
