"""What disease puts into a head, with its truth."""
