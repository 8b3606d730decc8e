"""From the total field to the local field: removal of what sources outside the brain make."""
