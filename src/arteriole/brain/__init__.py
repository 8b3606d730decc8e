"""Where the brain is: its mask, from magnitude alone."""
