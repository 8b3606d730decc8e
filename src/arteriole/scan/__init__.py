"""A raw gradient-echo scan as arrays: magnitude, phase in radians, times, field, grid."""
