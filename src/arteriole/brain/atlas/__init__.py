"""What lies where in MNI152: the template, tissue priors, regions, and schemes of rating."""
