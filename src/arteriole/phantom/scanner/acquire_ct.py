"""The digital CT scanner: a head in Hounsfield units, with its truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import erf

from arteriole.grid import Grid
from arteriole.phantom.head import Head
from arteriole.phantom.painting.paint_head import Look, paint_head
from arteriole.phantom.painting.parts import CLASSES, HeadParts, parts_of
from arteriole.phantom.scanner.ct_image import add_headrest, harden, reconstruct
from arteriole.phantom.scanner.ct_protocol import CtProtocol
from arteriole.phantom.scanner.head_truth import HeadTruth, count_classes, head_truth
from arteriole.phantom.scanner.hounsfield import hounsfield
from arteriole.phantom.scanner.kspace import Shape3
from arteriole.phantom.scanner.pose import checked_pose, in_head
from arteriole.phantom.scanner.refine import rows_of, subdivide
from arteriole.phantom.streams import stream

AT_ONCE_MM = 12.0
"""About how much of the head is painted at a time."""

EDGE_MM = 0.3
"""Standard deviation of the Gaussian that softens the edges of a slice."""

_TEXTURE = 0.3
"""Share of the texture of R2* that CT numbers have; our own estimate."""


@dataclass(frozen=True, eq=False)
class CtScan:
    """One simulated head CT.

    Parameters
    ----------
    data_hu : ndarray, float32, (x, y, z)
        CT numbers, HU, from -1024 to 3071.
    grid : Grid
        Where its voxels are; sheared when the gantry is tilted.
    truth : HeadTruth
        The known answer on the same voxels.
    """

    data_hu: NDArray[np.float32]
    grid: Grid
    truth: HeadTruth


def acquire_ct(
    head: Head,
    protocol: CtProtocol,
    *,
    seed: int,
    pose: ArrayLike | None = None,
    cell_mm: float | None = None,
    noise: bool = True,
    keep_shares: bool = False,
) -> CtScan:
    """Scan a head by CT.

    Parameters
    ----------
    head : Head
        Who lies in the bore; the same head as `acquire` scans by gradient echo.
    protocol : CtProtocol
        What the scanner does.
    seed : int
        Decides the noise.
    pose : array_like, (4, 4), optional
        Takes the head's world to the scanner's (`rigid_pose`).
    cell_mm : float, optional
        Largest size of the cells that are painted, from the protocol unless given.
    noise : bool
        False leaves the noise out.
    keep_shares : bool
        Whether the truth keeps the share of each class in each voxel, 18 bytes a voxel.

    Returns
    -------
    CtScan
        CT numbers and truth.

    Raises
    ------
    ValueError
        If the pose is no rotation and shift, or the cell size is not positive.

    Notes
    -----
    Every tissue has the CT number of `hounsfield`; cells are averaged over the thickness of a
    slice, blurred in the slice by the kernel's transfer, and darkened between thick bones
    (`harden`). Left out: projections and what they do (streaks, photon starvation, scatter),
    spectra, motion, and the partial volume of projections.
    """
    move = checked_pose(pose)
    grid = protocol.grid
    wanted = protocol.cell_mm if cell_mm is None else cell_mm
    cells, factor = subdivide(in_head(grid, move), wanted, least=1)
    parts = parts_of(head.anatomy)
    spread = np.array([t.texture for t in head.tissues], dtype=np.float32)
    gains = np.stack([0.0 * spread, _TEXTURE * spread, 0.0 * spread], axis=1)
    look = Look(hounsfield(kvp=protocol.kvp, haematocrit=head.blood.haematocrit), gains)
    shares = None
    if keep_shares:
        shares = np.zeros((len(CLASSES), *protocol.shape), dtype=np.uint8)
    labels = np.zeros(protocol.shape, dtype=np.uint8)
    data = np.empty(protocol.shape, dtype=np.float32)
    rng = stream(seed, "ct noise") if noise else None
    group = max(1, round(AT_ONCE_MM / protocol.spacing_mm))
    for start in range(0, protocol.shape[2], group):
        some = slice(start, min(start + group, protocol.shape[2]))
        seen = _see(head, parts, look, cells, factor, protocol, some, shares, labels)
        if protocol.headrest:
            _rest(seen, protocol, grid, head, move)
        harden(seen, pixel_mm=protocol.pixel_mm, hu_per_mm=protocol.bar_hu_per_mm)
        data[:, :, some] = reconstruct(
            seen,
            pixel_mm=protocol.pixel_mm,
            kernel=protocol.kernel,
            noise_hu=protocol.noise_hu,
            rng=rng,
        )
    np.clip(data, -1024.0, 3071.0, out=data)
    return CtScan(data, grid, head_truth(head, cells, factor, in_head(grid, move), move, shares,
                                         labels))  # fmt: skip


def _see(
    head: Head,
    parts: HeadParts,
    look: Look,
    cells: Grid,
    factor: Shape3,
    protocol: CtProtocol,
    some: slice,
    shares: NDArray[np.uint8] | None,
    labels: NDArray[np.uint8],
) -> NDArray[np.float32]:
    """Return what some slices see of the cells, and write their truth."""
    f = factor[2]
    reach = int(np.ceil((0.5 * protocol.slice_mm + 3.0 * EDGE_MM) / protocol.spacing_mm * f))
    rows = slice(some.start * f - reach, some.stop * f + reach)
    canvas = paint_head(head, parts, look, rows_of(cells, rows, axis=2))
    own = canvas.code[:, :, reach : reach + (some.stop - some.start) * f]
    # the two faster axes keep their order; the blocks of a slab are whole slices
    part = np.zeros((len(CLASSES), *labels.shape[:2], some.stop - some.start), dtype=np.uint8)
    most = np.zeros(part.shape[1:], dtype=np.uint8)
    count_classes(own, parts.of_class, factor, part, most)
    labels[:, :, some] = most
    if shares is not None:
        shares[..., some] = part
    a, b = factor[:2]
    nx, ny = labels.shape[:2]
    weights = slab_weights(some.stop - some.start, f, reach, protocol)
    flat = canvas.signal.reshape(nx, a, ny, b, -1).mean(axis=(1, 3)) if a * b > 1 else canvas.signal
    out = np.einsum("xyk,sk->xys", flat.reshape(nx, ny, -1), weights, optimize=False)
    return np.ascontiguousarray(out, dtype=np.float32)


def slab_weights(count: int, factor: int, reach: int, protocol: CtProtocol) -> NDArray[np.float32]:
    """Return the weights (slices, cells) of a slab with ``reach`` cells more at either end.

    Notes
    -----
    A box of the slice's thickness with edges softened by a Gaussian; each slice adds up to 1.
    """
    cell = protocol.spacing_mm / factor
    at = (np.arange(count * factor + 2 * reach) - reach + 0.5) * cell
    middle = (np.arange(count) + 0.5) * protocol.spacing_mm
    away = at[None] - middle[:, None]
    half, soft = 0.5 * protocol.slice_mm, EDGE_MM * np.sqrt(2.0)
    weights = erf((away + half) / soft) - erf((away - half) / soft)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), dtype=np.float32)


def _rest(
    seen: NDArray[np.float32],
    protocol: CtProtocol,
    grid: Grid,
    head: Head,
    pose: NDArray[np.float64],
) -> None:
    """Lay the head in its headrest."""
    skin = head.anatomy["skin"]
    inside = np.argwhere(skin.level[::4, ::4, ::4] > 0) * (4 * skin.spacing_mm)
    world = (inside + skin.origin_mm) @ pose[:3, :3].T + pose[:3, 3]
    upper = world[world[:, 2] > np.median(world[:, 2])]
    x = grid.affine[0, 3] + protocol.pixel_mm * np.arange(grid.shape[0])
    y = grid.affine[1, 3] + grid.affine[1, 1] * np.arange(grid.shape[1])
    add_headrest(
        seen, x - float(upper[:, 0].mean()), y, back_mm=float(upper[:, 1].min()), radius_mm=95.0
    )
