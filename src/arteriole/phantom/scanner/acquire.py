"""The digital scanner: multi-echo gradient echo of a head, with its truth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from arteriole.grid import Grid
from arteriole.phantom import tissue
from arteriole.phantom.head import Head
from arteriole.phantom.painting.scene import WHITE_MAGNITUDE, Scene, paint_scene, tissue_values
from arteriole.phantom.scanner.head_field import HeadField, head_field
from arteriole.phantom.scanner.kspace import Shape3, block_mean, sample
from arteriole.phantom.scanner.protocol import Protocol
from arteriole.phantom.scanner.refine import FineBox, refine
from arteriole.phantom.scanner.shim import SCALE_MM, fit_shim, subtract_polynomial
from arteriole.phantom.scanner.signal import Coil, draw_coil, echo_signal
from arteriole.phantom.scanner.truth import Truth
from arteriole.phantom.tissue import TISSUES, Tissue
from arteriole.scan.gradient_echo import GradientEcho
from arteriole.units import hz_per_ppm


def acquire(
    head: Head,
    protocol: Protocol,
    *,
    seed: int,
    cell_mm: float | None = None,
    noise: bool = True,
    shim_order: int = 2,
) -> tuple[GradientEcho, Truth]:
    """Scan a head.

    Parameters
    ----------
    head : Head
        Who lies in the bore.
    protocol : Protocol
        What the scanner does.
    seed : int
        Decides noise and coil phase; the same head, protocol and seed give the same scan.
    cell_mm : float, optional
        Largest size of the cells that signal and field are computed on, from the protocol unless
        given; never more than half a voxel along any axis.
    noise : bool
        False leaves the noise out.
    shim_order : {0, 1, 2}
        How much of the field the scanner takes out.

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

    Notes
    -----
    Susceptibility is painted on the fine cells, its dipole field computed there, the complex
    signal summed into voxels by cropping k-space: dephasing within voxels and ringing come of
    themselves. The field of what lies outside the slab, and freedom from wrap-around, come from
    a coarse grid of head and trunk. Within one cell the field is taken as constant.
    """
    box = refine(protocol.grid, protocol.cell_mm if cell_mm is None else cell_mm)
    scene = paint_scene(head, protocol, box.grid)
    values = tissue_values(head.tissues, protocol)
    field = head_field(head, scene, box, values, b0_tesla=protocol.b0_tesla)
    _shim(field.total_hz, field.brain, box, shim_order)
    rng = np.random.default_rng([seed, 7])
    coil = draw_coil(rng)
    echoes = _receive(protocol, head.tissues, box, scene, field.total_hz, coil)
    if noise:
        _add_noise(echoes, protocol, rng)
    truth = _truth(head, protocol, box, scene, field)
    scan = GradientEcho(
        np.abs(echoes), np.angle(echoes), protocol.te_s, protocol.b0_tesla, protocol.grid
    )
    return scan, truth


def _shim(
    field_hz: NDArray[np.float32], brain: NDArray[np.float32], box: FineBox, order: int
) -> None:
    """Take the smooth part of the field in the brain out of the field, in place."""
    thin = slice(None, None, 4)
    inside = brain[thin, thin, thin] > 0.5
    nx, ny, nz = inside.shape
    coarse = Grid((nx, ny, nz), box.fine_affine @ np.diag([4.0, 4.0, 4.0, 1.0]))
    coefficients = fit_shim(field_hz[thin, thin, thin], inside, coarse, order=order)
    subtract_polynomial(field_hz, coefficients, Grid(box.fine_shape, box.fine_affine))


def _receive(
    protocol: Protocol,
    tissues: tuple[Tissue, ...],
    box: FineBox,
    scene: Scene,
    field_hz: NDArray[np.float32],
    coil: Coil,
) -> NDArray[np.complex64]:
    """Return noise-free complex echoes on the scan's grid."""
    canvas = scene.canvas
    signal, r2star = canvas.signal[box.inner], canvas.r2star_hz[box.inner]
    label = canvas.label[box.inner]
    ppm = hz_per_ppm(protocol.b0_tesla)
    shift = np.asarray([t.shift_ppm * ppm for t in tissues], dtype=np.float32)
    matrix = (box.fine_affine[:3] / SCALE_MM).astype(np.float32)
    phase, sense = coil.phase_rad.astype(np.float32), coil.sensitivity.astype(np.float32)
    echoes = np.empty((len(protocol.te_s), *protocol.shape), dtype=np.complex64)
    for e, te in enumerate(protocol.te_s):

        def slab(rows: slice, te: float = te) -> NDArray[np.complex64]:
            out = np.empty((rows.stop - rows.start, *box.fine_shape[1:]), dtype=np.complex64)
            echo_signal(
                out,
                signal[rows],
                r2star[rows],
                field_hz[rows],
                label[rows],
                shift,
                te,
                phase,
                sense,
                matrix,
                rows.start,
            )
            return out

        echoes[e] = sample(slab, box.fine_shape, box.factor)
    return echoes


def noise_sigma(protocol: Protocol) -> float:
    """Return the noise's standard deviation in each channel, in the magnitude's unit."""
    r2star = TISSUES[tissue.WHITE].r2star_at(protocol.b0_tesla)
    return float(WHITE_MAGNITUDE * np.exp(-protocol.te_s[0] * r2star) / protocol.snr)


def _add_noise(echoes: NDArray[np.complex64], protocol: Protocol, rng: np.random.Generator) -> None:
    """Add white complex Gaussian noise, in place."""
    sigma = np.float32(noise_sigma(protocol))
    for echo in echoes:
        echo.real += sigma * rng.standard_normal(echo.shape, dtype=np.float32)
        echo.imag += sigma * rng.standard_normal(echo.shape, dtype=np.float32)


def _truth(head: Head, protocol: Protocol, box: FineBox, scene: Scene, field: HeadField) -> Truth:
    """Bring the fine truth to the scan's grid."""
    factor: Shape3 = box.factor
    signal = scene.canvas.signal[box.inner]
    weight = block_mean(signal, factor)
    r2star = block_mean(signal * scene.canvas.r2star_hz[box.inner], factor)
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
        chi_ppm=block_mean(field.chi_ppm, factor),
        r2star_hz=np.where(weight > 1.0, r2star, 0).astype(np.float32),
        total_field_hz=block_mean(field.total_hz, factor),
        local_field_hz=block_mean(field.local_hz, factor),
        brain_mask=block_mean(field.brain, factor) >= 0.5,
        labels=np.ascontiguousarray(scene.canvas.label[box.inner][middle]),
        lesions=tuple(seen),
    )
