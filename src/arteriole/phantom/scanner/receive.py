"""From painted fine cells and their field to complex echoes, without noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.phantom.painting.paint import Canvas
from arteriole.phantom.scanner.kspace import Shape3, share_mask, to_image, to_kspace
from arteriole.phantom.scanner.motion import Pose, move
from arteriole.phantom.scanner.readout import displace, sharpening
from arteriole.phantom.scanner.refine import FineBox
from arteriole.phantom.scanner.sequence import Protocol
from arteriole.phantom.scanner.shim import SCALE_MM
from arteriole.phantom.scanner.signal import Coil, echo_signal
from arteriole.phantom.scanner.slices import slice_weights
from arteriole.phantom.tissue import Tissue
from arteriole.units import hz_per_ppm


@dataclass(frozen=True, eq=False)
class Spins:
    """What is there to be read: views of fine cells, axes in the order (slow, readout, other).

    Parameters
    ----------
    signal, r2star_hz, field_hz : ndarray, float32
        Signal at echo time zero, relaxation (1/s) and field (Hz).
    label : ndarray, uint8
        Tissue.
    to_scaled : ndarray, float32, (3, 4)
        From cell indices to world positions over `SCALE_MM`.
    factor : tuple of 3 int
        Cells in a voxel.
    """

    signal: NDArray[np.float32]
    r2star_hz: NDArray[np.float32]
    field_hz: NDArray[np.float32]
    label: NDArray[np.uint8]
    to_scaled: NDArray[np.float32]
    factor: Shape3


def receive(
    protocol: Protocol,
    tissues: tuple[Tissue, ...],
    box: FineBox,
    canvas: Canvas,
    field_hz: NDArray[np.float32],
    coil: Coil,
    *,
    eddy_rad: tuple[float, float] = (0.0, 0.0),
    poses: tuple[Pose, ...] = (),
) -> NDArray[np.complex64]:
    """Return noise-free complex echoes (e, x, y, z) on the scan's grid.

    Parameters
    ----------
    protocol : Protocol
        What the scanner does.
    tissues : tuple of Tissue
        For the chemical shift.
    box : FineBox
        Fine cells.
    canvas : Canvas
        Their signal, relaxation and tissue.
    field_hz : ndarray, float32, (x, y, z)
        Field on the fine cells of the slab.
    coil : Coil
        Phase and sensitivity that all echoes share.
    eddy_rad : tuple of 2 float
        Phase of echoes read forwards against half-way to those read backwards: constant, and
        from the middle of the field of view to its end along the readout.
    poses : tuple of Pose
        Where the head is while k-space is filled.
    """
    order = (1, 0, 2) if protocol.readout == 0 else (0, protocol.readout, 3 - protocol.readout)
    spins = _in_order(box, canvas, field_hz, order)
    back = np.argsort(order)
    ppm = hz_per_ppm(protocol.b0_tesla)
    shift = np.asarray([t.shift_ppm * ppm for t in tissues], dtype=np.float32)
    slices = None
    if protocol.slice_mm is not None:
        slices = slice_weights(
            protocol.shape[2],
            box.factor[2],
            spacing_mm=protocol.voxel_size_mm[2],
            thickness_mm=protocol.slice_mm,
        )
    echoes = np.empty((len(protocol.te_s), *protocol.shape), dtype=np.complex64)
    for e in range(len(protocol.te_s)):
        phase = coil.phase_rad + protocol.polarity(e) * _eddy(protocol, eddy_rad)
        turned = Coil(phase, coil.sensitivity)
        space = _read(spins, protocol, e, shift, turned, slices).transpose(back)
        echoes[e] = _encode(space, protocol, e, poses)
    return echoes


def _in_order(
    box: FineBox, canvas: Canvas, field_hz: NDArray[np.float32], order: tuple[int, int, int]
) -> Spins:
    """Return views of the slab's cells with their axes in an order."""
    signal, r2star = (a[box.inner].transpose(order) for a in (canvas.signal, canvas.r2star_hz))
    matrix = (box.fine_affine[:3] / SCALE_MM).astype(np.float32)
    factor = tuple(box.factor[a] for a in order)
    return Spins(
        signal,
        r2star,
        field_hz.transpose(order),
        canvas.label[box.inner].transpose(order),
        np.ascontiguousarray(matrix[:, [*order, 3]]),
        (factor[0], factor[1], factor[2]),
    )


def _read(
    spins: Spins,
    protocol: Protocol,
    echo: int,
    shift: NDArray[np.float32],
    coil: Coil,
    slices: NDArray[np.float32] | None,
) -> NDArray[np.complex64]:
    """Return the k-space of one echo of a head at rest, axes in the order of the spins."""
    phase, sense = coil.phase_rad.astype(np.float32), coil.sensitivity.astype(np.float32)
    te = protocol.te_s[echo]
    nx, ny, nz = spins.signal.shape
    moved = 0.0
    if protocol.bandwidth_hz is not None:
        moved = protocol.polarity(echo) * spins.factor[1] / protocol.bandwidth_hz

    def slab(rows: slice) -> NDArray[Any]:
        out = np.empty((rows.stop - rows.start, ny, nz), dtype=np.complex64)
        field, label = spins.field_hz[rows], spins.label[rows]
        echo_signal(
            out,
            spins.signal[rows],
            spins.r2star_hz[rows],
            field,
            label,
            shift,
            te,
            phase,
            sense,
            spins.to_scaled,
            rows.start,
        )
        return displace(out, field, label, shift, cells_per_hz=moved) if moved else out

    space = to_kspace(slab, (nx, ny, nz), spins.factor, slices=slices)
    if moved:
        space *= sharpening(space.shape[1], spins.factor[1])[:, None]
    return space


def _encode(
    space: NDArray[np.complex64], protocol: Protocol, echo: int, poses: tuple[Pose, ...]
) -> NDArray[np.complex64]:
    """Return the image of a k-space filled while the head moves, as far as it is filled."""
    flat = protocol.slice_mm is not None
    if poses:
        space = move(space, poses, protocol.grid, axis=protocol.phase_axis, flat=flat)
    for axis in range(3):
        line = line_weights(protocol, axis, echo)
        if line is not None:
            space = space * np.expand_dims(line, tuple(a for a in range(3) if a != axis))
    return to_image(space, flat=flat)


def line_weights(protocol: Protocol, axis: int, echo: int) -> NDArray[np.float32] | None:
    """Return what the lines of an axis weigh, 0 if not acquired, or None when all weigh 1."""
    share = protocol.partial_fourier[axis]
    encoded = axis != 2 or protocol.slice_mm is None
    if share == 1.0 and (protocol.taper == 0.0 or not encoded):
        return None
    n = protocol.shape[axis]
    taper = 1.0 - encoded * protocol.taper * np.sin(np.pi * np.fft.fftfreq(n)) ** 2
    # Spins off resonance by +f appear further along an axis that is read forwards; with the
    # transform's exp(-ikx) that is a readout from positive to negative k.
    from_top = axis == protocol.readout and protocol.polarity(echo) > 0
    return (taper * share_mask(n, share, reverse=from_top)).astype(np.float32)


def _eddy(protocol: Protocol, eddy_rad: tuple[float, float]) -> NDArray[np.float64]:
    """Return constant and readout ramp as a polynomial of the world position (10,)."""
    grid, axis = protocol.grid, protocol.readout
    along = grid.rotation[:, axis]
    reach = 0.5 * grid.shape[axis] * grid.voxel_size_mm[axis]
    slope = eddy_rad[1] / reach * along
    coefficients = np.zeros(10)
    coefficients[1:4] = slope * SCALE_MM
    coefficients[0] = eddy_rad[0] - float(slope @ np.asarray(protocol.centre_mm))
    return coefficients
