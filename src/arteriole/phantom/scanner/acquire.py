"""The digital scanner: multi-echo gradient echo of a head, with its truth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from arteriole.grid import Grid
from arteriole.phantom.head import Head
from arteriole.phantom.lesions.apparent import with_apparent
from arteriole.phantom.painting.paint import Canvas
from arteriole.phantom.painting.scene import paint_scene, tissue_values
from arteriole.phantom.scanner.channels import coil_maps
from arteriole.phantom.scanner.head_field import HeadField, head_field
from arteriole.phantom.scanner.kspace import block_mean
from arteriole.phantom.scanner.memory import check_memory
from arteriole.phantom.scanner.motion import Pose, draw_poses
from arteriole.phantom.scanner.noise import add_noise, noise_share, noise_sigma
from arteriole.phantom.scanner.receive import receive
from arteriole.phantom.scanner.refine import FineBox, refine
from arteriole.phantom.scanner.sequence import Protocol
from arteriole.phantom.scanner.shim import fit_shim, polynomial, subtract_polynomial
from arteriole.phantom.scanner.signal import Coil, draw_coil, even_coil
from arteriole.phantom.scanner.transmit import apply_transmit, draw_transmit
from arteriole.phantom.scanner.truth import Disturbance, Truth
from arteriole.phantom.streams import stream
from arteriole.scan.gradient_echo import GradientEcho


def acquire(
    head: Head,
    protocol: Protocol,
    *,
    seed: int,
    cell_mm: float | None = None,
    noise: bool = True,
    shim_order: int = 2,
    memory_limit_mib: float | None = None,
) -> tuple[GradientEcho, Truth]:
    """Scan a head.

    Parameters
    ----------
    head : Head
        Who lies in the bore.
    protocol : Protocol
        What the scanner does.
    seed : int
        Decides noise, coil phase and moves; the same head, protocol and seed give the same scan.
    cell_mm : float, optional
        Largest size of the cells that signal and field are computed on, from the protocol unless
        given; never more than half a voxel along any axis.
    noise : bool
        False leaves the noise out.
    shim_order : {0, 1, 2}
        How much of the field the scanner takes out.
    memory_limit_mib : float, optional
        What the scan may want at its peak, MiB, see `estimate_memory_mib`; all unless given.

    Returns
    -------
    GradientEcho
        Magnitude in arbitrary units (white matter near 1000 at echo time zero), wrapped phase.
    Truth
        The known answer on the same grid.

    Raises
    ------
    ValueError
        If the cell size is not positive.
    MemoryError
        If more memory would be needed than allowed; nothing has been computed then.

    Notes
    -----
    Susceptibility is painted on the fine cells, its dipole field computed there, the complex
    signal summed into voxels by cropping k-space: dephasing within voxels and ringing come of
    themselves. The field of what lies outside the slab, and freedom from wrap-around, come from
    a coarse grid of head and trunk. Within one cell the field is taken as constant. The signal of
    what lies outside the slab is not seen, so that nothing folds in from there. Decay during a
    readout is left out.
    """
    coil = draw_coil(stream(seed, "coil"))
    clean = _scan(head, protocol, seed, coil, cell_mm, shim_order, memory_limit_mib)
    echoes, truth = clean.echoes, clean.truth
    if noise:
        add_noise(echoes, protocol, noise_sigma(protocol), stream(seed, "noise"))
        truth = _with_noise(truth, noise_sigma(protocol) * noise_share(protocol))
    scan = GradientEcho(
        np.abs(echoes), np.angle(echoes), protocol.te_s, protocol.b0_tesla, protocol.grid
    )
    return scan, truth


def acquire_channels(
    head: Head,
    protocol: Protocol,
    *,
    seed: int,
    cell_mm: float | None = None,
    noise: bool = True,
    shim_order: int = 2,
    memory_limit_mib: float | None = None,
) -> tuple[Iterator[NDArray[np.complex64]], Truth]:
    """Scan a head with ``protocol.coils`` receive coils that are not combined.

    Parameters
    ----------
    head, protocol, seed, cell_mm, noise, shim_order, memory_limit_mib
        As `acquire`.

    Returns
    -------
    iterator of ndarray, complex64, (e, x, y, z)
        The echoes of one coil after the other, made when asked for.
    Truth
        Its phase offset is that which is left when each coil's own phase has been removed: none.

    Notes
    -----
    Coils multiply the scan's voxels, not the fine cells: they are smooth. The root sum of squares
    of the sensitivities is 1 on average over the head, and noise is independent from coil to coil.
    """
    clean = _scan(head, protocol, seed, even_coil(), cell_mm, shim_order, memory_limit_mib)
    sigma = noise_sigma(protocol) if noise else 0.0
    truth = _with_noise(clean.truth, sigma * noise_share(protocol))

    def channels() -> Iterator[NDArray[np.complex64]]:
        rng = stream(seed, "noise")
        for sensitivity in coil_maps(protocol.grid, protocol.coils):
            echoes = clean.echoes * sensitivity
            if noise:
                add_noise(echoes, protocol, sigma, rng)
            yield echoes

    return channels(), truth


@dataclass(frozen=True, eq=False)
class _Clean:
    """Echoes without noise, and their truth."""

    echoes: NDArray[np.complex64]
    truth: Truth


def _scan(
    head: Head,
    protocol: Protocol,
    seed: int,
    coil: Coil,
    cell_mm: float | None,
    shim_order: int,
    memory_limit_mib: float | None,
) -> _Clean:
    """Scan a head without noise, and measure what can be seen of its lesions."""
    check_memory(protocol, cell_mm, limit_mib=memory_limit_mib)
    box = refine(protocol.grid, protocol.cell_mm if cell_mm is None else cell_mm)
    clean = _scan_cells(head, protocol, seed, coil, box, shim_order)
    late = np.abs(clean.echoes[-1])
    seen = with_apparent(clean.truth.lesions, late, protocol.grid)
    return replace(clean, truth=replace(clean.truth, lesions=seen))


def _scan_cells(
    head: Head, protocol: Protocol, seed: int, coil: Coil, box: FineBox, shim_order: int
) -> _Clean:
    """Scan a head on fine cells, which are let go when it returns."""
    scene = paint_scene(head, protocol, box.grid)
    values = tissue_values(head.tissues, protocol)
    canvas, small = scene.canvas, scene.small
    del scene
    field = head_field(head, canvas.chi_ppm, small, box, values, b0_tesla=protocol.b0_tesla)
    shim = _shim(field, protocol, box, shim_order)
    _transmit(head, protocol, canvas, stream(seed, "transmit"))
    eddy = _draw_eddy(protocol, stream(seed, "eddy currents"))
    poses = _draw_poses(protocol, stream(seed, "motion"))
    echoes = receive(
        protocol, head.tissues, box, canvas, field.total_hz, coil, eddy_rad=eddy, poses=poses
    )
    added = Disturbance(0.0, polynomial(coil.phase_rad, protocol.grid), shim, eddy, poses)
    return _Clean(echoes, _truth(head, protocol, box, canvas, field, added))


def _shim(field: HeadField, protocol: Protocol, box: FineBox, order: int) -> NDArray[np.float64]:
    """Take the smooth part of the field in the brain out of the field, in place."""
    thin = (slice(None, None, 2),) * 3
    inside = field.brain[thin] > 0.5
    nx, ny, nz = inside.shape
    coarse = Grid((nx, ny, nz), protocol.grid.affine @ np.diag([2.0, 2.0, 2.0, 1.0]))
    seen = block_mean(field.total_hz, box.factor)[thin]
    coefficients = fit_shim(seen, inside, coarse, order=order)
    subtract_polynomial(field.total_hz, coefficients, Grid(box.fine_shape, box.fine_affine))
    return coefficients


def _transmit(head: Head, protocol: Protocol, canvas: Canvas, rng: np.random.Generator) -> None:
    """Let the flip angle vary over the head, in place."""
    if protocol.transmit == 0.0:
        return
    apply_transmit(
        canvas.signal,
        canvas.label,
        canvas.grid,
        relative_flip=draw_transmit(protocol.transmit, rng),
        t1_s=np.array([t.t1_at(protocol.b0_tesla) for t in head.tissues]),
        tr_s=protocol.tr_s,
        flip_deg=protocol.flip_deg,
    )


def _draw_eddy(protocol: Protocol, rng: np.random.Generator) -> tuple[float, float]:
    """Draw constant and ramp (rad) between echoes of opposite polarity."""
    constant, ramp = rng.normal(0.0, (0.2, 0.8)).tolist()
    return (constant, ramp) if protocol.bipolar else (0.0, 0.0)


def _draw_poses(protocol: Protocol, rng: np.random.Generator) -> tuple[Pose, ...]:
    """Draw where the head is while k-space is filled."""
    if protocol.motion is None:
        return ()
    return draw_poses(protocol.motion, protocol.shape[protocol.phase_axis], rng)


def _with_noise(truth: Truth, sigma: float) -> Truth:
    """Return the truth of a scan with noise of a standard deviation."""
    return replace(truth, disturbance=replace(truth.disturbance, noise_sigma=sigma))


def _truth(
    head: Head,
    protocol: Protocol,
    box: FineBox,
    canvas: Canvas,
    field: HeadField,
    added: Disturbance,
) -> Truth:
    """Bring the fine truth to the scan's grid."""
    factor = box.factor
    signal = canvas.signal[box.inner]
    weight = block_mean(signal, factor)
    r2star = block_mean(signal, factor, weight=canvas.r2star_hz[box.inner])
    r2star /= np.maximum(weight, 1e-6)
    middle = tuple(slice(f // 2, None, f) for f in factor)
    grid = protocol.grid
    size = np.asarray(grid.shape)
    seen = []
    for lesion in head.lesions:
        at = grid.to_voxel(lesion.truth.centre_mm)
        if (at > -0.5).all() and (at < size - 0.5).all():
            seen.append(lesion.truth)
    return Truth(
        chi_ppm=field.chi_ppm,
        r2star_hz=np.where(weight > 1.0, r2star, 0).astype(np.float32),
        total_field_hz=block_mean(field.total_hz, factor),
        local_field_hz=field.local_hz,
        brain_mask=field.brain >= 0.5,
        labels=np.ascontiguousarray(canvas.label[box.inner][middle]),
        lesions=tuple(seen),
        disturbance=added,
    )
