"""Lesion-free, noise-free scans that training patches are cut from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from arteriole.phantom.head import Head
from arteriole.phantom.scanner.acquire import acquire
from arteriole.phantom.scanner.dipole_field import Size3
from arteriole.phantom.scanner.protocol import Protocol


@dataclass(frozen=True, eq=False)
class Background:
    """One full simulation without lesions and noise: all arrays, for the caller to keep.

    Parameters
    ----------
    echoes : ndarray, complex64, (e, x, y, z)
        Signal; phase grows with the field.
    total_field_hz, r2star_hz, chi_ppm : ndarray, float32, (x, y, z)
        Truth of the scan, see `arteriole.phantom.scanner.truth.Truth`.
    mask : ndarray of bool, (x, y, z)
        Brain.
    te_s : tuple of float
        Echo times, s.
    tr_s, flip_deg, b0_tesla : float
        Repetition time, flip angle, main field.
    voxel_size_mm, b0_direction : tuple of 3 float
        Voxel sizes, and the main field in voxel axes.

    Raises
    ------
    ValueError
        If the arrays do not fit each other, or the mask is empty.
    """

    echoes: NDArray[np.complex64]
    total_field_hz: NDArray[np.float32]
    r2star_hz: NDArray[np.float32]
    chi_ppm: NDArray[np.float32]
    mask: NDArray[np.bool_]
    te_s: tuple[float, ...]
    tr_s: float
    flip_deg: float
    b0_tesla: float
    voxel_size_mm: Size3
    b0_direction: Size3

    def __post_init__(self) -> None:
        shape = self.mask.shape
        if self.echoes.shape != (len(self.te_s), *shape):
            raise ValueError(
                f"echoes of shape {self.echoes.shape} for {len(self.te_s)} times and mask {shape}"
            )
        for name in ("total_field_hz", "r2star_hz", "chi_ppm"):
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name} has shape {getattr(self, name).shape}, expected {shape}")
        if not self.mask.any():
            raise ValueError("the background's mask is empty")


def make_background(
    head: Head, protocol: Protocol, *, seed: int, cell_mm: float | None = None
) -> Background:
    """Scan a head without its lesions and without noise.

    Parameters
    ----------
    head : Head
        Its lesions are left out, its vessels stay.
    protocol : Protocol
        What the scanner does.
    seed : int
        Decides the coil.
    cell_mm : float, optional
        See `acquire`.
    """
    scan, truth = acquire(head.with_lesions(), protocol, seed=seed, cell_mm=cell_mm, noise=False)
    assert scan.phase is not None
    return Background(
        np.asarray(scan.magnitude * np.exp(1j * scan.phase), dtype=np.complex64),
        truth.total_field_hz,
        truth.r2star_hz,
        truth.chi_ppm,
        truth.brain_mask,
        scan.te_s,
        protocol.tr_s,
        protocol.flip_deg,
        scan.b0_tesla,
        scan.grid.voxel_size_mm,
        scan.b0_direction,
    )
