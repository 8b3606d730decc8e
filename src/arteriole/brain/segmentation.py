"""The parts of a head on an image's own grid: masks, tissue, ventricles, nuclei."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from arteriole.brain import classes as c
from arteriole.brain.atlas_prior import lay_atlas
from arteriole.brain.blocks import ct_window, in_blocks, scaled, work_grid
from arteriole.brain.intracranial import brain_with_folds, inside_skull
from arteriole.brain.registration.registration import Registration
from arteriole.brain.tissue import segment_tissue
from arteriole.grid import Grid

Mask = NDArray[np.bool_]
Kind = Literal["mr", "ct"]


@dataclass(frozen=True, eq=False)
class Segmentation:
    """What an image shows of a head, on the image's own grid.

    Parameters
    ----------
    labels : ndarray, uint8, (x, y, z)
        The likeliest part of `arteriole.brain.classes.CLASSES`.
    shares : ndarray, float32, (3, x, y, z)
        Probability of fluid, grey and white matter.
    brain_mask : ndarray, bool, (x, y, z)
        Brain with ventricles and the fluid of its folds, without wide cisterns.
    intracranial_mask : ndarray, bool, (x, y, z)
        All within the skull above the foramen magnum.
    bias : ndarray, float32, (x, y, z)
        Smooth factor in the image, 1 on average.
    to_template : Registration
        From the image's world to MNI152, by the parts of the head.
    certainty : float
        Mean probability of the likelier of fluid, grey and white matter within the skull, 0 to 1.
    """

    labels: NDArray[np.uint8]
    shares: NDArray[np.float32]
    brain_mask: Mask
    intracranial_mask: Mask
    bias: NDArray[np.float32]
    to_template: Registration
    certainty: float


def segment_head(image: NDArray[Any], grid: Grid, *, kind: Kind = "mr") -> Segmentation:
    """Divide an image of a head, of any contrast, into its parts.

    Parameters
    ----------
    image : ndarray, (x, y, z)
        T1w, T2w, FLAIR, gradient-echo magnitude or SWI in any unit; with ``kind="ct"`` HU. With or
        without skull, any orientation and slice thickness; NaN counts as 0.
    grid : Grid
        Where its voxels are.
    kind : {"mr", "ct"}
        CT is cut to the window of brain first.

    Returns
    -------
    Segmentation
        Labels, tissue, masks, bias.

    Raises
    ------
    ValueError
        If the image does not fit its grid, is the same everywhere, or shows no brain.

    Notes
    -----
    The atlas is laid on the image in cubes of 2 mm (`lay_atlas`); a mixture of Gaussians under it
    draws the borders on the image's own voxels (`segment_tissue`). No contrast is assumed.
    """
    signal = ct_window(image) if kind == "ct" else np.asarray(image, np.float32)
    if signal.shape != grid.shape:
        raise ValueError(f"the image has shape {signal.shape}, its grid {grid.shape}")
    signal = np.nan_to_num(signal, nan=0.0, posinf=0.0, neginf=0.0)
    if not signal.max() > signal.min():
        raise ValueError(f"the image is {signal.flat[0]} everywhere: there is no head in it")
    work = work_grid(signal, grid)
    laid = lay_atlas(scaled(in_blocks(signal, grid, work)), work)
    tissue = segment_tissue(signal, grid, laid.prior, work)
    skull = inside_skull(tissue.labels, voxel_size_mm=grid.voxel_size_mm)
    if not skull.any():
        raise ValueError("the image shows no brain: nothing in it looks like one")
    labels = np.where(skull & (tissue.labels == c.OUTSIDE), c.SULCAL, tissue.labels)
    labels = np.where(skull, labels, c.OUTSIDE).astype(np.uint8)
    shares = np.where(skull, tissue.shares, 0).astype(np.float32)
    return Segmentation(
        labels=labels,
        shares=shares,
        brain_mask=brain_with_folds(labels, voxel_size_mm=grid.voxel_size_mm),
        intracranial_mask=skull,
        bias=tissue.bias,
        to_template=laid.to_template,
        certainty=float(shares.max(axis=0)[skull].mean()),
    )
