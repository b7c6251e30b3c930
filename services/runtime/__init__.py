"""What every process needs: clock, ids, logs, bus. It knows no hazard."""
