"""What several stages share: transforms, kernels, smoothing, shapes. Arrays in, arrays out."""
