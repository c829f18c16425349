"""Delivering: lanes, retry decisions, signing, attempts, and the sender that owns all delivery state."""
