"""Running the flow over sessions: plan, record, isolate, resume."""
