"""Numbers of regions: chi and R2* by label, large veins and their oxygenation."""
