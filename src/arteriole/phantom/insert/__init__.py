"""Lesions put into images that are there already: real ones, or crops for training."""
