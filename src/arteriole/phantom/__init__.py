"""The digital head and scanner: known truth for every stage."""
