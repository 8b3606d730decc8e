"""The template: MNI152, symmetric, 1 mm."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from arteriole.brain.atlas.packed import packed
from arteriole.grid import Grid


def mni152(kind: Literal["t1", "gm", "wm"] = "t1") -> tuple[NDArray[np.uint8], Grid]:
    """Return the MNI152 template (ICBM 2009a, non-linear, symmetric) on its grid of 1 mm.

    Parameters
    ----------
    kind : {"t1", "gm", "wm"}
        T1-weighted signal, or the probability of grey or white matter times 255.

    Returns
    -------
    ndarray, uint8, (x, y, z)
        0 outside the brain: the skull is stripped.
    Grid
        Its grid.

    Raises
    ------
    ValueError
        For another kind.

    References
    ----------
    Fonov 2011, doi:10.1016/j.neuroimage.2010.07.033.
    """
    if kind not in ("t1", "gm", "wm"):
        raise ValueError(f"the template has t1, gm and wm, not {kind!r}")
    arrays = packed(f"mni152_{kind}.npz")
    return arrays["data"], Grid(arrays["data"].shape, arrays["affine"])
