"""Veins and arteries of a head, as chains of tubes."""
