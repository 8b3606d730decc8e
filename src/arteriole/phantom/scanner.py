"""The digital scanner: multi-echo gradient echo of a head, with its truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from arteriole.grid import Grid
from arteriole.phantom import tissue
from arteriole.phantom.dipole_field import free_field, periodic_field, sphere_field
from arteriole.phantom.head import Head
from arteriole.phantom.kspace import Shape3, block_mean, sample, sample_real
from arteriole.phantom.lesion import LesionTruth
from arteriole.phantom.paint import Canvas, cover, paint_structure, paint_texture
from arteriole.phantom.protocol import Protocol
from arteriole.phantom.refine import FineBox, add_upsampled, refine, surroundings
from arteriole.phantom.shim import SCALE_MM, fit_shim, subtract_polynomial
from arteriole.phantom.signal import Coil, draw_coil, echo_signal, steady_state
from arteriole.phantom.tissue import CHI_AIR_PPM, TISSUES
from arteriole.phantom.truth import Truth
from arteriole.phantom.tubes import paint_tubes, sphere_cover
from arteriole.scan.gradient_echo import GradientEcho
from arteriole.units import hz_per_ppm

WHITE_MAGNITUDE = 1000.0
"""Magnitude of white matter at echo time zero in the scan's arbitrary units."""

SMALL_CELLS = 3.0
"""Lesions narrower than this many cells get their field from the closed form."""


def acquire(
    head: Head,
    protocol: Protocol,
    *,
    seed: int,
    cell_mm: float = 0.5,
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
    cell_mm : float
        Largest size of the cells that signal and field are computed on; never more than half a
        voxel along any axis. 0.5 mm is the rule; larger is for quick tests.
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
    if not cell_mm > 0:
        raise ValueError(f"cells have a positive size, not {cell_mm} mm")
    box = refine(protocol.grid, cell_mm)
    scene = _paint(head, protocol, box)
    field_hz, local_hz, chi_ppm, mask = _fields(head, protocol, box, scene)
    inside = mask[box.inner][::4, ::4, ::4] > 0.5
    coarse = Grid(inside.shape, box.fine_affine @ np.diag([4.0, 4.0, 4.0, 1.0]))
    shim = fit_shim(field_hz[::4, ::4, ::4], inside, coarse, order=shim_order)
    subtract_polynomial(field_hz, shim, Grid(box.fine_shape, box.fine_affine))
    rng = np.random.default_rng([seed, 7])
    coil = draw_coil(rng)
    echoes = _receive(protocol, box, scene, field_hz, coil)
    if noise:
        _add_noise(echoes, protocol, rng)
    truth = _truth(head, box, scene, field_hz, local_hz, chi_ppm, mask, protocol)
    scan = GradientEcho(
        np.abs(echoes), np.angle(echoes), protocol.te_s, protocol.b0_tesla, protocol.grid
    )
    return scan, truth


@dataclass(frozen=True, eq=False)
class _Scene:
    """A painted head, and the lesions whose field is added in closed form."""

    canvas: Canvas
    small: tuple[LesionTruth, ...]


def tissue_values(protocol: Protocol) -> NDArray[np.float32]:
    """Return per tissue: chi (ppm), R2* (1/s, in proportion to B0), signal, chi offset (ppm)."""
    unit = float(
        steady_state(
            TISSUES[tissue.WHITE].density,
            TISSUES[tissue.WHITE].t1_s,
            tr_s=protocol.tr_s,
            flip_deg=protocol.flip_deg,
        )
    )
    rows = []
    for t in TISSUES:
        s = steady_state(t.density, t.t1_s, tr_s=protocol.tr_s, flip_deg=protocol.flip_deg)
        relaxation = t.r2star_hz * protocol.b0_tesla / 3.0
        rows.append((t.chi_ppm, relaxation, WHITE_MAGNITUDE * s / unit, -CHI_AIR_PPM))
    return np.asarray(rows, dtype=np.float32)


def _paint(head: Head, protocol: Protocol, box: FineBox) -> _Scene:
    """Paint solids, texture, veins and lesions on the fine cells."""
    values = tissue_values(protocol)
    spread = np.asarray([(t.chi_texture_ppm, t.texture) for t in TISSUES], dtype=np.float32)
    canvas = Canvas.blank(box.grid)
    for solid in head.structures:
        paint_structure(canvas, solid, values[solid.tissue])
    paint_texture(canvas, head.texture, spread, rows=slice(0, canvas.grid.shape[0]))
    paint_tubes(canvas, head.veins, values[tissue.VEIN], tissue.VEIN)
    small = []
    for lesion in head.lesions:
        tiny = lesion.source_diameter_mm < SMALL_CELLS * max(box.grid.voxel_size_mm)
        _paint_lesion(canvas, lesion, values, with_chi=not tiny)
        if tiny:
            small.append(lesion)
    return _Scene(canvas, tuple(small))


def _paint_lesion(
    canvas: Canvas, lesion: LesionTruth, values: NDArray[np.float32], *, with_chi: bool
) -> None:
    """Let a lesion replace what lies in its sphere."""
    covered = sphere_cover(canvas.grid, lesion.centre_mm, lesion.source_diameter_mm)
    if covered is None:
        return
    where, f = covered
    kind = tissue.MICROBLEED if lesion.kind == "microbleed" else tissue.CALCIFICATION
    canvas.r2star_hz[where] += f * (values[kind, 1] - canvas.r2star_hz[where])
    canvas.signal[where] += f * (values[kind, 2] - canvas.signal[where])
    canvas.label[where][f >= 0.5] = kind
    if with_chi:
        own = np.float32(lesion.chi_ppm) + values[kind, 3]
        canvas.chi_ppm[where] += f * (own - canvas.chi_ppm[where])


def _fields(
    head: Head, protocol: Protocol, box: FineBox, scene: _Scene
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Return total and local field (Hz) in the slab, the brain's chi (ppm) and the mask there."""
    cell, b0 = box.grid.voxel_size_mm, box.grid.b0_direction
    scale = np.float32(hz_per_ppm(protocol.b0_tesla))
    chi = scene.canvas.chi_ppm
    total = periodic_field(chi, cell_mm=cell, b0_direction=b0)
    around, at = surroundings(head, protocol, box, tissue_values(protocol))
    own = block_mean(chi, box.block)
    around[at] = own
    far = free_field(around, cell_mm=box.coarse_mm, b0_direction=b0)[at]
    far = far - periodic_field(own, cell_mm=box.coarse_mm, b0_direction=b0)
    add_upsampled(total, far, box.block)
    mask = cover(box.grid, head.brain)
    outside = np.ones(box.grid.shape, dtype=bool)
    outside[box.inner] = False
    mask[outside] = 0
    del outside
    chi += np.float32(CHI_AIR_PPM)
    chi *= mask
    local = periodic_field(chi, cell_mm=cell, b0_direction=b0)
    own = block_mean(chi, box.block)
    far = free_field(own, cell_mm=box.coarse_mm, b0_direction=b0)
    far = far - periodic_field(own, cell_mm=box.coarse_mm, b0_direction=b0)
    add_upsampled(local, far, box.block)
    for lesion in scene.small:
        _add_small(total, local, chi, lesion, box.grid)
    total, local = total[box.inner], local[box.inner]
    total *= scale
    local *= scale
    return total, local, chi[box.inner], mask


def _add_small(
    total: NDArray[np.float32],
    local: NDArray[np.float32],
    chi: NDArray[np.float32],
    lesion: LesionTruth,
    grid: Grid,
) -> None:
    """Add the closed-form field, and the chi, of a lesion too small for the cells."""
    covered = sphere_cover(grid, lesion.centre_mm, lesion.source_diameter_mm)
    if covered is None:
        return
    at = grid.to_voxel(lesion.centre_mm)
    middle = tuple(np.clip(np.round(at).astype(int), 0, np.subtract(grid.shape, 1)))
    contrast = lesion.chi_ppm - float(chi[middle])
    reach = 12.0 * lesion.source_diameter_mm / np.asarray(grid.voxel_size_mm)
    low = np.maximum(np.floor(at - reach).astype(int), 0)
    high = np.minimum(np.ceil(at + reach).astype(int) + 1, grid.shape)
    near = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
    axes = [
        (np.arange(a, b) - c) * d
        for a, b, c, d in zip(low, high, at, grid.voxel_size_mm, strict=True)
    ]
    offset = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    field = sphere_field(
        offset,
        radius_mm=lesion.source_diameter_mm / 2.0,
        chi_ppm=contrast,
        b0_direction=grid.b0_direction,
    )
    total[near] += field
    local[near] += field
    where, f = covered
    chi[where] += f * np.float32(contrast)


def _receive(
    protocol: Protocol, box: FineBox, scene: _Scene, field_hz: NDArray[np.float32], coil: Coil
) -> NDArray[np.complex64]:
    """Return noise-free complex echoes on the scan's grid."""
    canvas = scene.canvas
    signal, r2star = canvas.signal[box.inner], canvas.r2star_hz[box.inner]
    label = canvas.label[box.inner]
    ppm = hz_per_ppm(protocol.b0_tesla)
    shift = np.asarray([t.shift_ppm * ppm for t in TISSUES], dtype=np.float32)
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
    r2star = TISSUES[tissue.WHITE].r2star_hz * protocol.b0_tesla / 3.0
    return float(WHITE_MAGNITUDE * np.exp(-protocol.te_s[0] * r2star) / protocol.snr)


def _add_noise(echoes: NDArray[np.complex64], protocol: Protocol, rng: np.random.Generator) -> None:
    """Add white complex Gaussian noise, in place."""
    sigma = np.float32(noise_sigma(protocol))
    for echo in echoes:
        echo.real += sigma * rng.standard_normal(echo.shape, dtype=np.float32)
        echo.imag += sigma * rng.standard_normal(echo.shape, dtype=np.float32)


def _truth(
    head: Head,
    box: FineBox,
    scene: _Scene,
    field_hz: NDArray[np.float32],
    local_hz: NDArray[np.float32],
    chi_ppm: NDArray[np.float32],
    mask: NDArray[np.float32],
    protocol: Protocol,
) -> Truth:
    """Bring the fine truth to the scan's grid."""
    factor: Shape3 = box.factor
    brain = block_mean(mask[box.inner], factor) >= 0.5
    signal = scene.canvas.signal[box.inner]
    weight = block_mean(signal, factor)
    r2star = block_mean(signal * scene.canvas.r2star_hz[box.inner], factor)
    r2star /= np.maximum(weight, 1e-6)
    middle = tuple(slice(f // 2, None, f) for f in factor)
    grid = protocol.grid
    size = np.asarray(grid.shape)
    seen = []
    for lesion in head.lesions:
        at = grid.to_voxel(lesion.centre_mm)
        if (at > -0.5).all() and (at < size - 0.5).all():
            seen.append(lesion)
    return Truth(
        chi_ppm=sample_real(chi_ppm, factor),
        r2star_hz=np.where(weight > 1.0, r2star, 0).astype(np.float32),
        total_field_hz=block_mean(field_hz, factor),
        local_field_hz=sample_real(local_hz, factor),
        brain_mask=brain,
        labels=np.ascontiguousarray(scene.canvas.label[box.inner][middle]),
        lesions=tuple(seen),
    )
