"""The desk: what is open and due, in memory and in the store."""
