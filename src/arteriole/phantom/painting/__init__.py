"""From solids, tubes and spheres to tissue values on a grid."""
