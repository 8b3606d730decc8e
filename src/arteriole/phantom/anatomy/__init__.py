"""Solids of a head: generated from what the package carries, or read from a label map."""
