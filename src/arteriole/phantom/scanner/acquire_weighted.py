"""The digital scanner: T1-, T2- and fluid-attenuated images of a head, with their truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import ArrayLike, NDArray

from arteriole.grid import Grid
from arteriole.numerics.jit import kernel, prange
from arteriole.phantom import tissue
from arteriole.phantom.head import Head
from arteriole.phantom.painting.paint_head import Look, paint_head
from arteriole.phantom.painting.paint_signal import SignalCanvas
from arteriole.phantom.painting.parts import CLASSES, FLUID_CLASSES, HeadParts, parts_of
from arteriole.phantom.scanner.fluid_flow import draw_streams, let_flow
from arteriole.phantom.scanner.head_truth import (
    HeadTruth,
    count_classes,
    head_truth,
)
from arteriole.phantom.scanner.kspace import Shape3, to_image, to_kspace
from arteriole.phantom.scanner.pose import checked_pose, in_head
from arteriole.phantom.scanner.refine import rows_of, subdivide
from arteriole.phantom.scanner.shim import SCALE_MM, polynomial_at
from arteriole.phantom.scanner.signal import draw_coil
from arteriole.phantom.scanner.slices import slice_weights
from arteriole.phantom.scanner.weighted_sequence import WeightedProtocol
from arteriole.phantom.scanner.weighted_values import (
    WHITE_SIGNAL,
    free_fluid,
    texture_gains,
    tissue_signal,
)
from arteriole.phantom.streams import stream

ROWS = 48
"""About how many rows of fine cells are painted at a time."""


@dataclass(frozen=True, eq=False)
class WeightedScan:
    """One simulated image.

    Parameters
    ----------
    data : ndarray, float32, (x, y, z)
        Magnitude, arbitrary unit: white matter near 1000.
    grid : Grid
        Where its voxels are in the scanner's world.
    truth : HeadTruth
        The known answer on the same voxels.
    """

    data: NDArray[np.float32]
    grid: Grid
    truth: HeadTruth

    def stripped(self) -> WeightedScan:
        """Return the scan as a tool leaves it that takes all but the brain away."""
        data = np.where(self.truth.brain_mask, self.data, np.float32(0.0))
        return WeightedScan(data, self.grid, self.truth)


def acquire_weighted(
    head: Head,
    protocol: WeightedProtocol,
    *,
    seed: int,
    pose: ArrayLike | None = None,
    cell_mm: float | None = None,
    noise: bool = True,
) -> WeightedScan:
    """Scan a head by a T1-, T2- or fluid-attenuated protocol.

    Parameters
    ----------
    head : Head
        Who lies in the bore; the same head as `acquire` scans by gradient echo.
    protocol : WeightedProtocol
        What the scanner does.
    seed : int
        Decides noise, coil and flow.
    pose : array_like, (4, 4), optional
        Takes the head's world to the scanner's (`rigid_pose`); it lies as it was made unless given.
    cell_mm : float, optional
        Largest size of the cells that are painted, from the protocol unless given; never more than
        half a voxel along any axis.
    noise : bool
        False leaves the noise out.

    Returns
    -------
    WeightedScan
        Image and truth.

    Raises
    ------
    ValueError
        If the pose is no rotation and shift, or the cell size is not positive.

    Notes
    -----
    Every tissue has the signal of the protocol's equation at its own T1, T2 and water at the
    field; surfaces are blurred over a cell, so that a voxel has the mean of what is in it. The
    receive coil multiplies the cells, their k-space is cropped to the matrix (ringing comes of
    itself) or weighted by the profile of 2-D slices, complex Gaussian noise is added and the
    magnitude taken (Rician). Fluid flows as `let_flow` says. Left out: uneven transmit fields,
    blurring along echo trains, chemical shift, distortion by susceptibility, motion, and what
    folds in from outside the slab.
    """
    move = checked_pose(pose)
    fine, factor = subdivide(protocol.grid, protocol.cell_mm if cell_mm is None else cell_mm)
    parts = parts_of(head.anatomy)
    look = _look(head, parts, protocol, stream(seed, "flow"))
    shares = np.zeros((len(CLASSES), *protocol.shape), dtype=np.uint8)
    labels = np.zeros(protocol.shape, dtype=np.uint8)
    sense = protocol.bias * draw_coil(stream(seed, "coil")).sensitivity
    sense[0] += 1.0 - protocol.bias
    cells = in_head(fine, move)

    def slab(rows: slice) -> NDArray[np.float32]:
        canvas = paint_head(head, parts, look, rows_of(cells, rows))
        at = slice(rows.start // factor[0], rows.stop // factor[0])
        count_classes(canvas.code, parts.of_class, factor, shares[:, at], labels[at])
        matrix = (np.array(rows_of(fine, rows).affine[:3]) / SCALE_MM).astype(np.float32)
        _receive(canvas.signal, sense.astype(np.float32), matrix)
        return canvas.signal

    rng = stream(seed, "noise") if noise else None
    data = _image(slab, fine.shape, factor, protocol, rng)
    return WeightedScan(
        data, protocol.grid, head_truth(head, cells, factor, in_head(protocol.grid, move), move,
                                    shares, labels),
    )  # fmt: skip


def _look(
    head: Head, parts: HeadParts, protocol: WeightedProtocol, rng: np.random.Generator
) -> Look:
    """Return what tissues look like to a protocol, with the flow of one scan."""
    values = tissue_signal(head.tissues, protocol)
    gains = texture_gains(head.tissues, protocol)
    streams = draw_streams(head.anatomy.frame, rng)
    if protocol.flow == 0.0 or protocol.sequence == "prepared gradient echo":
        return Look(values, gains)
    is_fluid = np.isin(parts.of_class, FLUID_CLASSES)
    for code, solid in enumerate(head.anatomy.structures, start=1):
        is_fluid[code] &= solid.tissue != tissue.CHOROID
    dark = protocol.sequence == "spin echo"
    moving = 0.0 if dark else free_fluid(head.tissues, protocol)

    def moved(canvas: SignalCanvas) -> None:
        let_flow(canvas, streams, is_fluid, amount=protocol.flow, moving=moving)

    return Look(values, gains, moved)


def _image(
    slab: Callable[[slice], NDArray[np.float32]],
    shape: Shape3,
    factor: Shape3,
    protocol: WeightedProtocol,
    rng: np.random.Generator | None,
) -> NDArray[np.float32]:
    """Return the magnitude that a matrix sees of fine cells given in slabs."""
    slices = None
    if protocol.slice_mm is not None:
        slices = slice_weights(
            protocol.shape[2],
            factor[2],
            spacing_mm=protocol.voxel_size_mm[2],
            thickness_mm=protocol.slice_mm,
        )
    rows = factor[0] * max(1, ROWS // factor[0])
    space = to_kspace(slab, shape, factor, slices=slices, rows=rows)
    flat = slices is not None
    axes = (0, 1) if flat else (0, 1, 2)
    if rng is not None:
        lines = float(np.prod([space.shape[a] for a in axes]))
        sigma = np.float32(WHITE_SIGNAL / protocol.snr * np.sqrt(lines))
        space.real += sigma * rng.standard_normal(space.shape, dtype=np.float32)
        space.imag += sigma * rng.standard_normal(space.shape, dtype=np.float32)
    if protocol.taper > 0.0:
        for axis in axes:
            n = space.shape[axis]
            line = 1.0 - protocol.taper * np.sin(np.pi * scipy.fft.fftfreq(n)) ** 2
            space *= np.expand_dims(line, tuple(a for a in range(3) if a != axis)).astype("f4")
    return np.asarray(np.abs(to_image(space, flat=flat)), dtype=np.float32)


@kernel(parallel=True)
def _receive(
    signal: NDArray[np.float32], sense: NDArray[np.float32], m: NDArray[np.float32]
) -> None:
    """Multiply cells by the coil's sensitivity, a polynomial that never falls below a tenth."""
    least = np.float32(0.1)
    for i in prange(signal.shape[0]):
        for j in range(signal.shape[1]):
            for k in range(signal.shape[2]):
                if signal[i, j, k] != 0:
                    signal[i, j, k] *= max(polynomial_at(sense, m, i, j, k), least)
