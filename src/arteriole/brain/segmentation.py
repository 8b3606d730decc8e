"""The parts of a head on an image's own grid: masks, tissue, ventricles, nuclei."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from arteriole.brain import classes as c
from arteriole.brain.any_contrast import ct_window, part_probabilities
from arteriole.brain.intracranial import brain_with_folds, inside_skull
from arteriole.brain.tissue import Tissue, segment_tissue
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
    probabilities : ndarray, float32, (18, p, q, r)
        Of each part, by the network, for registration to the atlas.
    work : Grid
        Where the probabilities are: RAS, 2 mm.
    certainty : float
        Mean probability of the likeliest part within the skull, 0 to 1.
    """

    labels: NDArray[np.uint8]
    shares: NDArray[np.float32]
    brain_mask: Mask
    intracranial_mask: Mask
    bias: NDArray[np.float32]
    probabilities: NDArray[np.float32]
    work: Grid
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
    A network tells on cubes of 2 mm where each part may be (`part_probabilities`); a mixture of
    Gaussians on the image's own voxels draws the borders by intensity (`segment_tissue`); the
    skull's inside is the network's alone.
    """
    signal = ct_window(image) if kind == "ct" else np.asarray(image, np.float32)
    signal = np.nan_to_num(signal, nan=0.0, posinf=0.0, neginf=0.0)
    probabilities, work = part_probabilities(signal, grid)
    skull = inside_skull(probabilities, work, grid)
    if not skull.any():
        raise ValueError("the image shows no brain: nothing in it looks like one")
    tissue = segment_tissue(signal, grid, probabilities, work)
    labels = np.where(skull, _inner(tissue, skull), 0).astype(np.uint8)
    within = probabilities[0] < 0.5
    return Segmentation(
        labels=labels,
        shares=np.where(skull, tissue.shares, 0).astype(np.float32),
        brain_mask=brain_with_folds(labels, voxel_size_mm=grid.voxel_size_mm),
        intracranial_mask=skull,
        bias=tissue.bias,
        probabilities=probabilities,
        work=work,
        certainty=float(probabilities.max(axis=0)[within].mean()),
    )


def _inner(tissue: Tissue, skull: Mask) -> NDArray[np.uint8]:
    """Return labels in which what is inside the skull and nothing else is fluid."""
    return np.where(skull & (tissue.labels == c.OUTSIDE), c.SULCAL, tissue.labels).astype(np.uint8)
