"""Images that people read: R2*/T2*, susceptibility-weighted imaging, projections."""
