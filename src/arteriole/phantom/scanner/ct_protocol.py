"""Head CT protocols as data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from arteriole.grid import Grid
from arteriole.phantom.scanner.hounsfield import CALCIUM_BY_KVP

CtKernel = Literal["soft", "bone"]


@dataclass(frozen=True)
class CtProtocol:
    """What the CT scanner does.

    Parameters
    ----------
    name : str
        What the protocol is called.
    shape : tuple of 3 int
        Pixels of a slice, and slices.
    pixel_mm : float
        Width of a pixel.
    spacing_mm : float
        Way of the table from slice to slice.
    slice_mm : float
        Thickness of a slice, 0.5 to 10 mm; more than the spacing overlaps.
    kvp : float
        Tube voltage.
    kernel : {"soft", "bone"}
        Reconstruction.
    noise_hu : float
        Standard deviation of the noise, HU.
    gantry_tilt_deg : float
        Slices lean by this about the left-right axis while the table moves along the world's z:
        the grid is sheared.
    bar_hu_per_mm : float
        Darkening between bones on the left and right, HU per mm of bone, see `harden`.
    headrest : bool
        Whether the head lies in a headrest.
    centre_mm : tuple of 3 float
        World position of the middle of the scan.
    cell_mm : float
        Largest size of the cells that are painted.

    Raises
    ------
    ValueError
        For what no scanner does.
    """

    name: str
    shape: tuple[int, int, int]
    pixel_mm: float
    spacing_mm: float
    slice_mm: float
    kvp: float = 120.0
    kernel: CtKernel = "soft"
    noise_hu: float = 4.0
    gantry_tilt_deg: float = 0.0
    bar_hu_per_mm: float = 0.3
    headrest: bool = True
    centre_mm: tuple[float, float, float] = (0.0, -16.0, 0.0)
    cell_mm: float = 0.5

    def __post_init__(self) -> None:
        if min(self.shape) < 2 or min(self.pixel_mm, self.spacing_mm, self.cell_mm) <= 0:
            raise ValueError(
                f"impossible matrix {self.shape} of {self.pixel_mm} mm pixels, slices "
                f"{self.spacing_mm} mm apart, cells of {self.cell_mm} mm"
            )
        if not 0.5 <= self.slice_mm <= 10.0:
            raise ValueError(f"slices are 0.5 to 10 mm thick, not {self.slice_mm} mm")
        low, high = CALCIUM_BY_KVP[0][0], CALCIUM_BY_KVP[-1][0]
        if not low <= self.kvp <= high:
            raise ValueError(f"the tube voltage lies in [{low:g}, {high:g}] kVp, not {self.kvp}")
        if self.kernel not in ("soft", "bone"):
            raise ValueError(f"the kernel is soft or bone, not {self.kernel!r}")
        if not (0.0 <= self.noise_hu <= 200.0 and 0.0 <= self.bar_hu_per_mm <= 5.0):
            raise ValueError(
                f"noise lies in [0, 200] HU and darkening in [0, 5] HU/mm, not {self.noise_hu}, "
                f"{self.bar_hu_per_mm}"
            )
        if abs(self.gantry_tilt_deg) > 30.0:
            raise ValueError(f"a gantry tilts by at most 30 degrees, not {self.gantry_tilt_deg}")

    @property
    def grid(self) -> Grid:
        """Where the voxels are: slices that lean by the tilt, one above the other."""
        c, s = np.cos(np.radians(self.gantry_tilt_deg)), np.sin(np.radians(self.gantry_tilt_deg))
        affine = np.eye(4)
        affine[:3, 0] = (self.pixel_mm, 0.0, 0.0)
        affine[:3, 1] = (0.0, self.pixel_mm * c, self.pixel_mm * s)
        affine[:3, 2] = (0.0, 0.0, self.spacing_mm)
        middle = (np.asarray(self.shape) - 1) / 2.0
        affine[:3, 3] = np.asarray(self.centre_mm) - affine[:3, :3] @ middle
        return Grid(self.shape, affine)


CT_THIN = CtProtocol(
    name="CT 1 mm", shape=(512, 512, 245), pixel_mm=0.46, spacing_mm=1.0, slice_mm=1.0,
    noise_hu=8.0, centre_mm=(0.0, -16.0, -30.0),
)  # fmt: skip
"""Spiral head CT of 1 mm, soft kernel, down to the skull base and face."""

CT_BONE = replace(CT_THIN, name="CT 1 mm bone", kernel="bone", noise_hu=60.0)
"""The same reconstructed for bone."""

CT_THICK = CtProtocol(
    name="CT 5 mm", shape=(512, 512, 32), pixel_mm=0.46, spacing_mm=5.0, slice_mm=5.0,
    noise_hu=3.5, gantry_tilt_deg=15.0, centre_mm=(0.0, -16.0, 4.0),
)  # fmt: skip
"""Sequential head CT of clinical routine: 5 mm, gantry tilted along the skull base."""

TINY_CT = CtProtocol(
    name="tiny CT", shape=(64, 72, 56), pixel_mm=4.0, spacing_mm=4.0, slice_mm=4.0, cell_mm=2.0,
)  # fmt: skip
"""A whole head in large voxels, for trying things out."""

CT_PROTOCOLS: dict[str, CtProtocol] = {
    "ct-1mm": CT_THIN,
    "ct-1mm-bone": CT_BONE,
    "ct-5mm": CT_THICK,
    "ct-tiny": TINY_CT,
}
"""Protocols by their name on the command line."""
