"""Simulated studies: a BIDS data set with the truth beside it."""
