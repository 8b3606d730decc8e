"""From the local field to susceptibility: dipole inversion and its reference."""
