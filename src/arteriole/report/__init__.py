"""One self-contained HTML page a session, made from data."""
