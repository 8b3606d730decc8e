"""What closed-form inversions share: one filter over the padded box of the mask."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from arteriole.numerics.checks import check_field
from arteriole.numerics.fft import Shape3, good_shape, irfft, padded, rfft
from arteriole.numerics.morphology import bounding_box

Size3 = tuple[float, float, float]
Float32 = NDArray[np.float32]


def filter_field(
    field_ppm: Float32,
    mask: NDArray[np.bool_],
    spectrum: Callable[[Shape3], Float32],
    *,
    voxel_size_mm: Size3,
    pad_mm: float,
) -> Float32:
    """Multiply the masked, zero-padded field's spectrum by ``spectrum(shape)``; mask the result."""
    check_field(field_ppm, mask, voxel_size_mm)
    box = bounding_box(mask)
    field = np.where(mask[box], field_ppm[box], 0).astype(np.float32)
    pad = [int(np.ceil(pad_mm / d)) for d in voxel_size_mm]
    shape = good_shape(field.shape, (pad[0], pad[1], pad[2]))
    product = rfft(padded(field, shape))
    product *= spectrum(shape)
    out = np.zeros(mask.shape, np.float32)
    out[box] = np.where(mask[box], irfft(product, shape, field.shape), np.float32(0))
    return out
