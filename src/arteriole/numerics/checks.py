"""What every method on fields asks of its input."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def check_field(
    field: NDArray[Any], mask: NDArray[np.bool_], voxel_size_mm: tuple[float, float, float]
) -> None:
    """Raise ValueError unless a 3-D field and its mask fit and the field is finite inside."""
    if field.ndim != 3 or mask.shape != field.shape:
        raise ValueError(f"field {field.shape} and mask {mask.shape} must share one 3-D shape")
    if mask.dtype != np.bool_:
        raise ValueError(f"a mask is boolean, not {mask.dtype}")
    if not min(voxel_size_mm) > 0:
        raise ValueError(f"voxel sizes are three positive lengths, not {voxel_size_mm} mm")
    if not mask.any():
        raise ValueError("the mask is empty")
    if not np.isfinite(field[mask]).all():
        raise ValueError("the field is not finite everywhere in the mask")
