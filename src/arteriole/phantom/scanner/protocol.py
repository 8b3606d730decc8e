"""Gradient-echo protocols as data."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from arteriole.grid import Grid


@dataclass(frozen=True)
class Protocol:
    """What the scanner is told to do.

    Parameters
    ----------
    name : str
        What the protocol is called.
    shape : tuple of 3 int
        Voxels along each axis of the slab.
    voxel_size_mm : tuple of 3 float
        Voxel size, mm.
    te_s : tuple of float
        Echo times, s, increasing.
    tr_s : float
        Repetition time, s, longer than the last echo time.
    flip_deg : float
        Flip angle, degrees.
    b0_tesla : float
        Main field, T.
    tilt_deg, turn_deg : float
        The slab is turned by ``tilt_deg`` about the left-right axis (nodding), then by
        ``turn_deg`` about the bore; the head lies still.
    centre_mm : tuple of 3 float
        World position of the middle of the slab.
    snr : float
        Magnitude of white matter at the first echo over the noise's standard deviation per
        channel.
    kind : {"MEGRE", "T2starw"}
        BIDS suffix of its images.
    cell_mm : float
        Largest size of the cells that the simulation computes on. 0.5 mm is the rule; larger is
        for quick tests.

    Raises
    ------
    ValueError
        For echo times that do not increase, are not positive or reach the repetition time, and
        for sizes, fields, angles or SNR that are not positive.
    """

    name: str
    shape: tuple[int, int, int]
    voxel_size_mm: tuple[float, float, float]
    te_s: tuple[float, ...]
    tr_s: float
    flip_deg: float
    b0_tesla: float = 3.0
    tilt_deg: float = 0.0
    turn_deg: float = 0.0
    centre_mm: tuple[float, float, float] = (0.0, -12.0, 6.0)
    snr: float = 60.0
    kind: Literal["MEGRE", "T2starw"] = "MEGRE"
    cell_mm: float = 0.5

    def __post_init__(self) -> None:
        times = (0.0, *self.te_s, self.tr_s)
        if not self.te_s or not all(a < b for a, b in pairwise(times)):
            raise ValueError(
                f"echo times must be positive, increase and end before the repetition time "
                f"{self.tr_s} s, not {self.te_s}"
            )
        if min(self.shape) < 2 or min(self.voxel_size_mm) <= 0:
            raise ValueError(f"impossible matrix {self.shape} of {self.voxel_size_mm} mm voxels")
        if not self.cell_mm > 0:
            raise ValueError(f"cells have a positive size, not {self.cell_mm} mm")
        if not (self.b0_tesla > 0 and self.snr > 0 and 0 < self.flip_deg <= 90):
            raise ValueError(
                f"field {self.b0_tesla} T and SNR {self.snr} must be positive and the flip angle "
                f"{self.flip_deg} within (0, 90] degrees"
            )

    @property
    def grid(self) -> Grid:
        """Where the voxels are: the turned slab in the world."""
        axes = _turn("z", self.turn_deg) @ _turn("x", self.tilt_deg)
        centred = Grid.from_voxel_size(self.shape, self.voxel_size_mm, axes)
        affine = np.array(centred.affine)
        affine[:3, 3] += self.centre_mm
        return Grid(self.shape, affine)


def _turn(axis: str, degrees: float) -> NDArray[np.float64]:
    """Return the rotation about a world axis."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    if axis == "x":
        return np.array([[1, 0, 0], [0, c, -s], [0, s, c]])
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])


DEMO = Protocol(
    name="demo",
    shape=(180, 216, 72),
    voxel_size_mm=(1.0, 1.0, 2.0),
    te_s=(0.005, 0.012, 0.019, 0.026),
    tr_s=0.032,
    flip_deg=15.0,
    tilt_deg=20.0,
    snr=60.0,
)
"""Small, oblique and anisotropic; four echoes for R2*, phase and SWI."""

MULTI_ECHO_3T = Protocol(
    name="multi-echo 3 T",
    shape=(192, 224, 192),
    voxel_size_mm=(1.0, 1.0, 1.0),
    te_s=(0.004, 0.012, 0.020, 0.028),
    tr_s=0.034,
    flip_deg=15.0,
    snr=50.0,
)
"""Isotropic 1 mm QSM at 3 T, near the ISMRM consensus (Bilgic 2024, doi:10.1002/mrm.30006)."""

UKB_SWI = Protocol(
    name="UK Biobank SWI",
    shape=(256, 288, 48),
    voxel_size_mm=(0.8, 0.8, 3.0),
    te_s=(0.00942, 0.020),
    tr_s=0.027,
    flip_deg=15.0,
    tilt_deg=32.5,
    snr=45.0,
)
"""UK Biobank's two-echo SWI (Miller 2016, doi:10.1038/nn.4393), thick oblique slices."""

SINGLE_ECHO_SWI = Protocol(
    name="single-echo SWI",
    shape=(220, 256, 72),
    voxel_size_mm=(0.9, 0.9, 2.0),
    te_s=(0.020,),
    tr_s=0.028,
    flip_deg=15.0,
    tilt_deg=10.0,
    snr=35.0,
    kind="T2starw",
)
"""A clinical one-echo SWI at 3 T."""

TINY = Protocol(
    name="tiny",
    shape=(48, 56, 44),
    voxel_size_mm=(4.0, 4.0, 4.0),
    te_s=(0.004, 0.010, 0.016),
    tr_s=0.03,
    flip_deg=15.0,
    snr=60.0,
    cell_mm=2.0,
)
"""A whole head in large voxels, for trying things out; nothing fine can be seen in it."""

PROTOCOLS: dict[str, Protocol] = {
    "demo": DEMO,
    "multi-echo-3t": MULTI_ECHO_3T,
    "ukb-swi": UKB_SWI,
    "single-echo-swi": SINGLE_ECHO_SWI,
    "tiny": TINY,
}
"""Protocols by their name on the command line."""
