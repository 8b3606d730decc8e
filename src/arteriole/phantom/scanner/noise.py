"""Receiver noise: complex, Gaussian, white over the k-space that is acquired."""

from __future__ import annotations

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from arteriole.numerics.threads import threads
from arteriole.phantom import tissue
from arteriole.phantom.painting.scene import WHITE_MAGNITUDE
from arteriole.phantom.scanner.receive import line_weights
from arteriole.phantom.scanner.sequence import Protocol
from arteriole.phantom.tissue import TISSUES


def noise_sigma(protocol: Protocol) -> float:
    """Return the noise's standard deviation in each channel, in the magnitude's unit."""
    r2star = TISSUES[tissue.WHITE].r2star_at(protocol.b0_tesla)
    return float(WHITE_MAGNITUDE * np.exp(-protocol.te_s[0] * r2star) / protocol.snr)


def noise_share(protocol: Protocol) -> float:
    """Return the share of the noise's standard deviation that weights of k-space leave."""
    lines = [line_weights(protocol, a, 0) for a in range(3)]
    left = [1.0 if line is None else float(np.mean(line**2)) for line in lines]
    return float(np.sqrt(np.prod(left)))


def add_noise(
    echoes: NDArray[np.complex64], protocol: Protocol, sigma: float, rng: np.random.Generator
) -> None:
    """Add complex Gaussian noise, weighted as k-space is, in place."""
    scale, shape = np.float32(sigma), protocol.shape
    for e in range(len(echoes)):
        noise = np.empty(shape, dtype=np.complex64)
        noise.real = scale * rng.standard_normal(shape, dtype=np.float32)
        noise.imag = scale * rng.standard_normal(shape, dtype=np.float32)
        for axis in range(3):
            line = line_weights(protocol, axis, e)
            if line is not None:
                space = scipy.fft.fft(noise, axis=axis, workers=threads())
                space *= np.expand_dims(line, tuple(a for a in range(3) if a != axis))
                noise = scipy.fft.ifft(space, axis=axis, workers=threads())
        echoes[e] += noise
