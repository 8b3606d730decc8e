"""What the template's space holds: the template itself, tissue priors, regions and their schemes."""
