"""The whole pipeline: a table of steps, from the raw scan to the report."""
