"""Small networks that run on any processor: inference here, training in `training/`."""
