"""From wrapped phase to the total field: offset, unwrapping, quality, weighted fit."""
