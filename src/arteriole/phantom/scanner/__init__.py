"""The digital scanner: field, signal, k-space, and what goes wrong in them."""
